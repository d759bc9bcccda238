import assert from 'node:assert/strict';
import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { findCondition } from '../../../../src/api/vmi/condition.js';
import { VirtualMachineReconciler } from '../../../../src/controller/vm/reconciler.js';
import { ApiError, ConnectionError } from '../../../../src/kube/client/api-error.js';
import { FakeApi } from '../fake-api.js';
import { instanceSpec, machine } from '../objects.js';

const SIZES = 'virtualmachineclusterinstancetypes';
const WISHES = 'virtualmachineclusterpreferences';

/** A VM without a size of its own. */
const open = (spec: Partial<VirtualMachine['spec']> = {}): VirtualMachine => {
  const { domain, ...rest } = instanceSpec();
  return machine({
    runStrategy: 'Always',
    instancetype: { name: 'small' },
    template: { spec: { ...rest, domain: { devices: domain.devices } } },
    ...spec,
  });
};

class World {
  readonly api = new FakeApi();
  readonly vms = new VirtualMachineReconciler(this.api.context);

  constructor(vm: VirtualMachine = open()) {
    this.api.put('virtualmachines', vm);
  }

  size(name: string, guest: number, more: object = {}): void {
    const generation = (this.api.objects.get(`${SIZES}//${name}`)?.metadata?.generation ?? 0) + 1;
    const spec = { cpu: { guest }, memory: { guest: '2Gi' }, ...more };
    this.api.put(SIZES, { metadata: { name, uid: `uid-${name}`, generation }, spec });
  }

  get vm(): VirtualMachine {
    return this.api.get<VirtualMachine & { status?: object }>('virtualmachines', 'web')!;
  }

  get vmi(): VirtualMachineInstance | undefined {
    return this.api.get<VirtualMachineInstance & { status?: object }>('virtualmachineinstances', 'web');
  }

  get revisions(): string[] {
    return this.api.all('controllerrevisions').map(({ metadata }) => metadata?.name ?? '');
  }

  get failure(): string | undefined {
    return findCondition(this.vm.status?.conditions, 'Failure')?.reason;
  }

  async quiet(): Promise<void> {
    for (let pass = 0; pass < 20; pass += 1) {
      const before = this.api.writes.length;
      this.api.sync();
      await this.vms.reconcile('ns/web');
      if (this.api.writes.length === before) return;
    }
    assert.fail(`never quiet: ${this.api.writes.slice(-10).join(', ')}`);
  }
}

describe('a VM with an instance type', () => {
  it('starts with what that gives, keeps a copy of it, and says so', async () => {
    const world = new World(open({ preference: { name: 'wish' } }));
    world.size('small', 2);
    const wish = { devices: { preferredDiskBus: 'virtio' }, annotations: { 'kubevirt.io/vm-generation': '99' } };
    world.api.put(WISHES, { metadata: { name: 'wish', uid: 'uid-wish' }, spec: wish });
    await world.quiet();
    const { domain } = world.vmi!.spec;
    assert.deepEqual([domain.cpu?.sockets, domain.memory?.guest], [2, '2Gi']);
    const { annotations } = world.vmi!.metadata!;
    assert.equal(annotations?.['kubevirt.io/cluster-instancetype-name'], 'small');
    assert.equal(annotations['kubevirt.io/cluster-preference-name'], 'wish');
    assert.notEqual(annotations['kubevirt.io/vm-generation'], '99');
    assert.deepEqual(world.revisions.sort(), ['web-small-v1beta1-uid-small-1', 'web-wish-v1beta1-uid-wish-1']);
    assert.deepEqual(world.vm.status?.instancetypeRef, {
      name: 'small',
      kind: 'VirtualMachineClusterInstancetype',
      controllerRevisionRef: { name: 'web-small-v1beta1-uid-small-1' },
    });
    // What the user wrote is as the user wrote it.
    assert.equal(world.vm.spec.template.spec!.domain.memory, undefined);
    const revision = world.api.all('controllerrevisions')[0]!;
    assert.deepEqual(
      revision.metadata?.ownerReferences?.map(({ kind, uid, controller }) => [kind, uid, controller]),
      [['VirtualMachine', world.vm.metadata?.uid, true]],
    );
  });

  it('is not changed by a change of the instance type, and needs no restart for it', async () => {
    const world = new World();
    world.size('small', 2);
    await world.quiet();
    world.size('small', 8);
    await world.quiet();
    assert.equal(world.vmi?.spec.domain.cpu?.sockets, 2);
    assert.equal(findCondition(world.vm.status?.conditions, 'RestartRequired'), undefined);
    world.api.objects.delete(`${SIZES}//small`);
    await world.quiet();
    assert.equal(world.failure, undefined, 'the copy is enough');
  });

  it('needs a restart when it names another one, and keeps no copy of the former', async () => {
    const world = new World();
    world.size('small', 2);
    world.size('large', 8);
    await world.quiet();
    world.api.change('virtualmachineinstances', 'web', { status: { phase: 'Running' } });
    world.api.change('virtualmachines', 'web', { spec: { instancetype: { name: 'large' } } });
    await world.quiet();
    const { message = '' } = findCondition(world.vm.status?.conditions, 'RestartRequired') ?? {};
    assert.match(message, /cpu\.sockets/);
    assert.deepEqual(world.revisions, ['web-large-v1beta1-uid-large-1']);
    // The same size in other words is no change.
    world.size('same', 2);
    world.api.change('virtualmachines', 'web', { spec: { instancetype: { name: 'same' } } });
    await world.quiet();
    assert.equal(findCondition(world.vm.status?.conditions, 'RestartRequired'), undefined);
  });

  it('takes the newest when its copy is deleted', async () => {
    const world = new World(open({ runStrategy: 'Halted' }));
    world.size('small', 2);
    await world.quiet();
    world.size('small', 8);
    world.api.objects.delete('controllerrevisions/ns/web-small-v1beta1-uid-small-1');
    await world.quiet();
    assert.deepEqual(world.revisions, ['web-small-v1beta1-uid-small-2']);
  });

  it('does not start while it is missing, says why once, and starts when it comes', async () => {
    const world = new World();
    await world.quiet();
    await world.quiet();
    assert.deepEqual([world.vmi, world.failure], [undefined, 'FailedFindInstancetype']);
    assert.equal(world.api.events.filter(({ reason }) => reason === 'FailedFindInstancetype').length, 1);
    world.size('small', 2);
    await world.quiet();
    assert.equal(world.vmi?.spec.domain.cpu?.sockets, 2);
    assert.equal(world.failure, undefined);
  });

  it('does not start with one that conflicts by now, that is broken, or without its preference', async () => {
    const conflicting = new World(open({ template: { spec: instanceSpec() } }));
    conflicting.size('small', 2);
    await conflicting.quiet();
    assert.deepEqual([conflicting.vmi, conflicting.failure], [undefined, 'FailedCreate']);
    const { message = '' } = findCondition(conflicting.vm.status?.conditions, 'Failure') ?? {};
    assert.match(message, /spec\.template\.spec\.domain\.\S+ is set/);
    const broken = new World();
    broken.size('small', 2, { annotations: { note: 'x'.repeat(70_000) } });
    await broken.quiet();
    assert.deepEqual([broken.vmi, broken.failure], [undefined, 'FailedFindInstancetype']);
    const wishless = new World(open({ preference: { name: 'none' } }));
    wishless.size('small', 2);
    await wishless.quiet();
    assert.deepEqual([wishless.vmi, wishless.failure], [undefined, 'FailedFindPreference']);
  });

  it('believes no revision that somebody else has written', async () => {
    const world = new World();
    world.size('small', 2);
    await world.quiet();
    const [name = ''] = world.revisions;
    const forged = new World(open({ instancetype: { name: 'small', revisionName: 'forged' } }));
    forged.size('small', 2);
    const made = structuredClone(world.api.get('controllerrevisions', name)) as unknown as {
      metadata: { name: string; ownerReferences: object[] };
      data: { spec: { cpu: object } };
    };
    made.metadata = { ...made.metadata, name: 'forged', ownerReferences: [] };
    made.data.spec.cpu = { guest: 512 };
    forged.api.put('controllerrevisions', made as never);
    await forged.quiet();
    assert.deepEqual([forged.vmi, forged.failure], [undefined, 'FailedFindInstancetype']);
  });

  it('is made again wherever a pass was ended', async () => {
    for (const call of ['POST', 'PATCH', 'GET', 'DELETE']) {
      for (const after of [false, true]) {
        for (let nth = 0; nth < 4; nth += 1) {
          const world = new World(open({ preference: { name: 'wish' } }));
          world.size('small', 2);
          world.api.put(WISHES, { metadata: { name: 'wish', uid: 'uid-wish' }, spec: {} });
          for (let pass = 0; pass < nth; pass += 1) {
            world.api.sync();
            await world.vms.reconcile('ns/web').catch(() => undefined);
          }
          world.api.failures.push({ call, error: new ConnectionError('ECONNRESET', 'ended'), after });
          world.api.sync();
          await world.vms.reconcile('ns/web').catch(() => undefined);
          world.api.failures = [];
          await world.quiet();
          assert.equal(world.vmi?.spec.domain.cpu?.sockets, 2, `${call} ${nth}`);
          assert.equal(world.revisions.length, 2, `${call} ${nth}`);
          assert.notEqual(world.vm.status?.preferenceRef, undefined);
        }
      }
    }
  });

  it('leaves its copies when it names nothing any more', async () => {
    const world = new World(open({ runStrategy: 'Halted' }));
    world.size('small', 2);
    await world.quiet();
    const { spec } = open({ instancetype: undefined, template: { spec: instanceSpec() } });
    world.api.change('virtualmachines', 'web', { spec: { ...spec, instancetype: null } });
    await world.quiet();
    assert.equal(world.vm.status?.instancetypeRef, undefined);
    assert.deepEqual(world.revisions, []);
  });

  const withPolicy = (world: World, policy: 'expand' | 'expandAll'): void => {
    const { config } = world.api.context;
    world.api.context.config = () => ({ ...config(), instancetypeReferencePolicy: policy });
  };

  it('becomes what that makes of it under the policy expand, unless a copy was kept', async () => {
    const world = new World(open({ runStrategy: 'Halted' }));
    withPolicy(world, 'expand');
    world.size('small', 2);
    await world.quiet();
    assert.equal(world.vm.spec.instancetype, undefined);
    assert.equal(world.vm.spec.template.spec!.domain.memory?.guest, '2Gi');
    assert.deepEqual(world.revisions, []);
    const captured = new World(open({ runStrategy: 'Halted' }));
    captured.size('small', 2);
    await captured.quiet();
    withPolicy(captured, 'expand');
    await captured.quiet();
    assert.equal(captured.vm.spec.instancetype?.name, 'small');
    withPolicy(captured, 'expandAll');
    await captured.quiet();
    assert.equal(captured.vm.spec.instancetype, undefined);
    assert.equal(captured.vm.spec.template.spec!.domain.cpu?.sockets, 2);
    assert.deepEqual([captured.revisions, captured.vm.status?.instancetypeRef], [[], undefined]);
  });

  it('says why the VM may not become it, and starts and stops it all the same', async () => {
    const world = new World(open());
    withPolicy(world, 'expand');
    world.size('small', 2);
    const error = new ApiError({ code: 403, reason: 'Forbidden', message: 'a policy refuses it' });
    world.api.failures = [{ call: 'PATCH /apis/kubevirt.io/v1/namespaces/ns/virtualmachines/web', error }];
    world.api.sync();
    await world.vms.reconcile('ns/web');
    world.api.sync();
    assert.equal(world.failure, 'FailedExpand');
    assert.match(findCondition(world.vm.status?.conditions, 'Failure')?.message ?? '', /a policy refuses it/);
    assert.equal(world.vmi?.spec.domain.memory?.guest, '2Gi');
  });

  it('does not start below what its preference requires, unless it has before', async () => {
    const world = new World(open({ preference: { name: 'wish' } }));
    world.size('small', 1);
    const wish = {
      metadata: { name: 'wish', uid: 'uid-wish', generation: 1 },
      spec: { requirements: { cpu: { guest: 2 } } },
    };
    world.api.put(WISHES, wish);
    await world.quiet();
    assert.equal(world.vmi, undefined);
    assert.equal(world.failure, 'FailedCreate');
    const running = new World(open({ preference: { name: 'wish' } }));
    running.size('small', 1);
    running.api.put(WISHES, { ...wish, spec: {} });
    await running.quiet();
    running.api.put(WISHES, { ...wish, metadata: { ...wish.metadata, generation: 2 } });
    await running.quiet();
    assert.equal(running.failure, undefined);
    assert.ok(running.vmi !== undefined);
  });
});
