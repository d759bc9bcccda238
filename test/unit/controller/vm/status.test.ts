import assert from 'node:assert/strict';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { timestamp } from '../../../../src/api/timestamp.js';
import { findCondition } from '../../../../src/api/vmi/condition.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { buildInstance, templateHash } from '../../../../src/controller/vm/instance.js';
import { type VmStatusInput, vmiIsSettling, vmStatus } from '../../../../src/controller/vm/status.js';
import { mergePatch } from '../../../../src/kube/client/patch.js';
import { defaultInstance } from '../../../../src/mutators/instance.js';
import { instance, instanceSpec, machine, NOW } from '../objects.js';

const DELETED = { deletionTimestamp: timestamp(NOW) };

/** The VMI of a VM as admission stores it. */
const running = (vm: VirtualMachine): VirtualMachineInstance => ({
  ...defaultInstance(buildInstance(vm, false), {
    config: resolveClusterConfig(),
    newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223',
    now: () => timestamp(NOW),
    refuse: () => assert.fail('refused'),
  }),
  status: { phase: 'Running' },
});

const status = (more: Partial<VmStatusInput> = {}): NonNullable<VirtualMachine['status']> =>
  vmStatus({
    vm: machine(),
    vmi: undefined,
    strategy: 'Always',
    requests: [],
    startFailure: undefined,
    failure: undefined,
    startPending: false,
    config: resolveClusterConfig(),
    now: timestamp(NOW),
    ...more,
  });

describe('status of a VM', () => {
  it('mirrors Ready, says why it is False, and copies the other conditions', () => {
    assert.equal(findCondition(status().conditions, 'Ready')?.reason, 'VMINotExists');
    const starting = status({ vmi: instance({ phase: 'Pending' }) });
    assert.equal(findCondition(starting.conditions, 'Ready')?.reason, 'GuestNotRunning');
    const conditions = [
      { type: 'Ready', status: 'True', lastTransitionTime: timestamp(NOW) },
      { type: 'AgentConnected', status: 'True' },
    ];
    const running = status({ vmi: instance({ phase: 'Running', conditions }) });
    assert.equal(running.ready, true);
    assert.equal(running.created, true);
    assert.deepEqual(
      running.conditions?.map(({ type }) => type),
      ['Ready', 'AgentConnected'],
    );
    const stopped = status({ vm: machine({}, { status: running }) });
    assert.deepEqual(
      stopped.conditions?.map(({ type, reason }) => `${type} ${reason}`),
      ['Ready VMINotExists'],
    );
    assert.equal(
      findCondition(status({ vmi: instance({ phase: 'Running' }) }).conditions, 'Ready')?.reason,
      'VMIConditionMissing',
    );
  });

  it('is not ready from the moment its guest ends, or is told to, whatever the VMI still says', () => {
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: timestamp(NOW) }];
    const cases: [VirtualMachineInstance, boolean, string | undefined][] = [
      [instance({ phase: 'Running', conditions }), true, undefined],
      [instance({ phase: 'Running', conditions }, DELETED), false, 'PodTerminating'],
      [instance({ phase: 'Succeeded', conditions }), false, 'GuestNotRunning'],
      [instance({ phase: 'Failed', conditions }, DELETED), false, 'GuestNotRunning'],
    ];
    for (const [vmi, ready, reason] of cases) {
      const after = status({ vmi });
      const condition = findCondition(after.conditions, 'Ready');
      assert.deepEqual([after.ready, condition?.status === 'True', condition?.reason], [ready, ready, reason]);
    }
  });

  it('does not change when only the times of the VMI’s conditions do', () => {
    const conditions = [{ type: 'AgentConnected', status: 'True', lastProbeTime: timestamp(NOW) }];
    const first = status({ vmi: instance({ phase: 'Running', conditions }) });
    const later = [{ ...conditions[0]!, lastProbeTime: timestamp(NOW + 5_000) }];
    const second = status({
      vm: machine({}, { status: first }),
      vmi: instance({ phase: 'Running', conditions: later }),
      now: timestamp(NOW + 5_000),
    });
    assert.equal(mergePatch(first, second), undefined);
  });

  it('shows a failure while it lasts', () => {
    const failed = status({ failure: { reason: 'FailedCreate', message: 'denied' } });
    assert.equal(findCondition(failed.conditions, 'Failure')?.message, 'denied');
    assert.equal(findCondition(status({ vm: machine({}, { status: failed }) }).conditions, 'Failure'), undefined);
  });

  it('records the strategy from the first VMI on, and keeps what it does not know', () => {
    assert.equal(status().runStrategy, undefined);
    assert.equal(status({ vmi: instance() }).runStrategy, 'Always');
    const vm = machine(
      {},
      { status: { runStrategy: 'Manual', volumeSnapshotStatuses: [{ name: 'a', enabled: true }] } },
    );
    assert.equal(status({ vm }).runStrategy, 'Always');
    assert.equal(status({ vm }).volumeSnapshotStatuses?.length, 1);
  });

  it('asks for a restart when the template differs from what runs, and forgets when it is the same again', () => {
    const vm = machine({}, { metadata: { generation: 4 } });
    const vmi = running(vm);
    assert.equal(vmi.metadata?.annotations?.['kubevirt.io/vm-generation'], '4');
    const same = machine({}, { metadata: { generation: 5 } });
    assert.equal(findCondition(status({ vm: same, vmi }).conditions, 'RestartRequired'), undefined);
    assert.equal(status({ vm: same, vmi }).observedGeneration, 5);
    const changed = machine(
      { template: { spec: { ...instanceSpec(), terminationGracePeriodSeconds: 5 } } },
      { metadata: { generation: 6 } },
    );
    const after = status({ vm: changed, vmi });
    assert.equal(findCondition(after.conditions, 'RestartRequired')?.status, 'True');
    assert.equal(after.observedGeneration, 4);
    assert.equal(after.desiredGeneration, 6);
    assert.match(
      findCondition(after.conditions, 'RestartRequired')?.message ?? '',
      /^a non-live-updatable field was changed .*: spec\.template\.spec\.terminationGracePeriodSeconds$/,
    );
  });

  describe('asks for no restart where the template is written otherwise and means the same', () => {
    const domain = { memory: { guest: '1Gi' }, resources: { requests: { cpu: '2' } }, devices: {} };
    const volumes = [
      { name: 'a', emptyDisk: { capacity: '1Gi' } },
      { name: 'b', emptyDisk: { capacity: '2Gi' } },
    ];
    const disks = ['a', 'b'].map((name) => ({ name, disk: { bus: 'virtio' } }));
    const base = { domain: { ...domain, devices: { disks } }, volumes };
    const message = (spec: object) => {
      const vm = machine({ template: { spec: base } });
      const now = machine({ template: { spec: spec as typeof base } });
      return findCondition(status({ vm: now, vmi: running(vm) }).conditions, 'RestartRequired')?.message;
    };
    const same: [string, object][] = [
      ['1024Mi', { ...base, domain: { ...base.domain, memory: { guest: '1024Mi' } } }],
      ['2000m', { ...base, domain: { ...base.domain, resources: { requests: { cpu: '2000m' }, limits: {} } } }],
      [
        'empty sections',
        { ...base, affinity: {}, nodeSelector: {}, domain: { ...base.domain, cpu: {}, firmware: {} } },
      ],
      ['a default', { ...base, domain: { ...base.domain, machine: { type: 'q35' } }, architecture: 'amd64' }],
      ['volumes in another order', { ...base, volumes: volumes.toReversed() }],
    ];
    for (const [what, spec] of same) it(what, () => assert.equal(message(spec), undefined));
    const other: [string, object][] = [
      ['spec.domain.memory.guest', { ...base, domain: { ...base.domain, memory: { guest: '1025Mi' } } }],
      ['spec.domain.resources', { ...base, domain: { ...base.domain, resources: {} } }],
      ['spec.hostname', { ...base, hostname: 'x' }],
      [
        'spec.domain.devices.disks[0].name',
        { ...base, domain: { ...base.domain, devices: { disks: disks.toReversed() } } },
      ],
    ];
    for (const [field, spec] of other)
      it(`and for one where ${field} differs`, () =>
        assert.ok(message(spec)?.includes(`spec.template.${field}`), message(spec)));
    it('and names few of many', () => {
      const many = { ...base, nodeSelector: Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`k${i}`, 'v'])) };
      const vm = machine({ template: { spec: { ...base, nodeSelector: { a: 'b' } } } });
      const vmi = running(vm);
      const now = machine({ template: { spec: many } });
      const text = findCondition(status({ vm: now, vmi }).conditions, 'RestartRequired')?.message;
      assert.match(text ?? '', /and 86 more$/);
    });
    it('and for a template that cannot be read, which is another one', () => {
      const vm = machine({ template: { spec: base } });
      const odd = machine({ template: { spec: { domain: 7 } as unknown as typeof base } });
      assert.ok(findCondition(status({ vm: odd, vmi: running(vm) }).conditions, 'RestartRequired'));
    });
  });

  it('waits for the VMI controller when the guest has just begun to run', () => {
    const conditions = [{ type: 'Ready', status: 'False', reason: 'GuestNotRunning' }];
    assert.equal(vmiIsSettling(instance({ phase: 'Running', conditions })), true);
    assert.equal(vmiIsSettling(instance({ phase: 'Scheduled', conditions })), false);
    assert.equal(vmiIsSettling(instance({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] })), false);
    assert.equal(vmiIsSettling(undefined), false);
  });
});

describe('the VMI of a VM', () => {
  it('has the VM’s name, the template’s labels, annotations and spec, an owner and the finalizers', () => {
    const vm = machine();
    vm.spec.template.metadata = {
      name: 'ignored',
      labels: { app: 'web' },
      annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    };
    const vmi = buildInstance(vm, false);
    assert.equal(vmi.metadata?.name, 'web');
    assert.equal(vmi.metadata.namespace, 'ns');
    assert.deepEqual(vmi.metadata.labels, { app: 'web' });
    assert.deepEqual(vmi.metadata.annotations, {
      note: 'x',
      'kubevirt.io/vm-generation': '1',
      'kubevirt.io/vm-template-hash': templateHash(vm),
    });
    assert.deepEqual(vmi.metadata.finalizers, [
      'kubevirt.io/foregroundDeleteVirtualMachine',
      'kubevirt.io/virtualMachineControllerFinalize',
    ]);
    const [owner] = vmi.metadata.ownerReferences!;
    assert.deepEqual([owner?.kind, owner?.uid, owner?.controller], ['VirtualMachine', 'vm-uid', true]);
    assert.deepEqual(vmi.spec, instanceSpec());
    assert.equal(buildInstance(vm, true).spec.startStrategy, 'Paused');
    assert.throws(() => buildInstance(machine({ template: {} }), false), /spec\.template\.spec is missing/);
  });

  it('hashes the template whatever the order of its keys', () => {
    const one = machine({ template: { spec: { domain: { devices: {}, memory: { guest: '1Gi' } } } } });
    const two = machine({ template: { spec: { domain: { memory: { guest: '1Gi' }, devices: {} } } } });
    assert.equal(templateHash(one), templateHash(two));
  });

  it('hashes what a guest is made from: of the annotations Virtlet’s only', () => {
    const hash = (annotations?: Record<string, string>): string =>
      templateHash(machine({ template: { metadata: { annotations }, spec: { domain: { devices: {} } } } }));
    assert.equal(hash({ note: 'x' }), hash());
    assert.notEqual(hash({ VirtletVCPUCount: '2' }), hash());
    assert.notEqual(hash({ VirtletVCPUCount: '2' }), hash({ VirtletVCPUCount: '3' }));
  });
});
