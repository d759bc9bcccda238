import assert from 'node:assert/strict';
import type { VirtualMachine, VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { findCondition } from '../../src/api/vmi/condition.js';
import { get, patch } from './support/api.js';
import { GuestShell } from './support/guest.js';
import { kubectl, plugin, run, until } from './support/kubectl.js';
import { tinySpec, untilEvent, untilPhase, useNamespace } from './support/machines.js';

const apiVersion = 'instancetype.kubevirt.io/v1beta1';

describe('instance types and preferences, in a cluster', function () {
  this.timeout(900_000);
  // Each test goes on from what the one before has made.
  this.bail(true);
  const namespace = useNamespace('e2e-instance-types');
  const kind = 'VirtualMachineInstancetype';

  const write = async (object: object): Promise<string> => {
    const { code, stdout, stderr } = await run('kubectl', ['apply', '-f', '-'], JSON.stringify(object));
    assert.equal(code, 0, stderr);
    return stdout + stderr;
  };
  const size = (name: string, guest: number, memory: string) => ({
    ...{ apiVersion, kind, metadata: { name, namespace } },
    spec: { cpu: { guest }, memory: { guest: memory } },
  });
  const wish = {
    ...{ apiVersion, kind: 'VirtualMachinePreference', metadata: { name: 'wish', namespace } },
    spec: { cpu: { preferredCPUTopology: 'cores' }, devices: { preferredDiskBus: 'virtio' } },
  };
  const machine = (): object => {
    const { domain, ...spec } = tinySpec();
    const devices = { ...domain.devices, disks: [{ name: 'root' }] };
    return {
      ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata: { name: 'sized', namespace } },
      spec: {
        runStrategy: 'Always',
        instancetype: { name: 'small', kind },
        preference: { name: 'wish', kind: 'virtualmachinepreference' },
        template: { spec: { ...spec, domain: { devices } } },
      },
    };
  };
  const vm = (): Promise<VirtualMachine | undefined> => get<VirtualMachine>(namespace, 'vm', 'sized');
  const condition = async (type: string) => findCondition((await vm())?.status?.conditions, type);

  it('has the set of the product, under the names of the common one', async () => {
    await until(
      'u1.small',
      () => kubectl(['get', 'virtualmachineclusterinstancetype', 'u1.small']).catch(() => false),
      {
        seconds: 180,
      },
    );
    const preferences = 'virtualmachineclusterpreference';
    await until('fedora', () => kubectl(['get', preferences, 'fedora', 'windows.11']).catch(() => false), {
      seconds: 120,
    });
  });

  it('does not start a VM whose instance type is missing, says so, and starts it when that comes', async () => {
    assert.match(await write(machine()), /Warning: spec\.instancetype\.name: .*small.* does not exist/);
    await untilEvent(namespace, 'sized', 'FailedFindInstancetype');
    // The event comes first.
    const isSaid = async () => (await condition('Failure'))?.reason === 'FailedFindInstancetype';
    await until('the condition says it too', isSaid, { namespace });
    assert.equal(await get(namespace, 'vmi', 'sized'), undefined);
    await write(wish);
    await write(size('small', 2, '160Mi'));
    await untilPhase(namespace, 'sized', 'Running');
    const vmi = await get<VirtualMachineInstance>(namespace, 'vmi', 'sized');
    const { cores, sockets } = vmi?.spec.domain.cpu ?? {};
    assert.deepEqual([sockets, cores, vmi?.spec.domain.memory?.guest], [1, 2, '160Mi']);
    assert.equal(vmi?.metadata?.annotations?.['kubevirt.io/instancetype-name'], 'small');
    const revision = (await vm())?.status?.instancetypeRef?.controllerRevisionRef?.name ?? '';
    assert.ok(await get(namespace, 'controllerrevision', revision), revision);
  });

  it('gives the guest the vCPUs and the memory', async () => {
    const guest = await GuestShell.open(namespace, 'sized', 300);
    try {
      assert.equal(await guest.run('grep -c ^processor /proc/cpuinfo'), '2');
      const kibibytes = Number(/MemTotal: +(\d+)/.exec(await guest.run('grep MemTotal /proc/meminfo'))?.[1]);
      assert.ok(kibibytes > 100 * 1024 && kibibytes < 160 * 1024, String(kibibytes));
    } finally {
      await guest.close();
    }
  });

  it('expands the VM for who asks: by its name, by what he sends, and by the plugin', async () => {
    const subresources = '/apis/subresources.kubevirt.io/v1/namespaces';
    const expanded = (text: string) => {
      const { spec } = (JSON.parse(text) as VirtualMachine).spec.template;
      assert.ok(spec, text);
      return spec.domain;
    };
    const stored = await kubectl(['get', '--raw', `${subresources}/${namespace}/virtualmachines/sized/expand-spec`]);
    const { cpu, memory, devices } = expanded(stored);
    assert.deepEqual([cpu?.sockets, cpu?.cores, memory?.guest], [1, 2, '160Mi']);
    assert.equal(devices.disks?.[0]?.disk?.bus, 'virtio');
    assert.equal((JSON.parse(stored) as VirtualMachine).spec.instancetype, undefined);
    const { code, stdout, stderr } = await run(
      'kubectl',
      ['replace', '--raw', `${subresources}/${namespace}/expand-vm-spec`, '-f', '-'],
      JSON.stringify(machine()),
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(expanded(stdout).cpu, cpu);
    const byPlugin = await plugin(['expand', '--vm', 'sized', '-n', namespace, '-o', 'json']);
    assert.deepEqual(expanded(byPlugin.stdout), expanded(stored), byPlugin.stderr);
  });

  it('takes the names from what a volume says of itself: a claim, and a DataVolume', async () => {
    const says = {
      'instancetype.kubevirt.io/default-instancetype': 'small',
      'instancetype.kubevirt.io/default-instancetype-kind': kind,
      'instancetype.kubevirt.io/default-preference': 'wish',
      'instancetype.kubevirt.io/default-preference-kind': 'VirtualMachinePreference',
    };
    const pvc = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } };
    await write({
      ...{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'disk', namespace, labels: says } },
      spec: { ...pvc, storageClassName: 'nobody-makes-it' },
    });
    await write({
      ...{ apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'DataVolume' },
      metadata: { name: 'filled', namespace, labels: says },
      spec: { source: { blank: {} }, pvc: { ...pvc, storageClassName: 'nobody-makes-it' } },
    });
    const sources = {
      disk: { persistentVolumeClaim: { claimName: 'disk' } },
      filled: { dataVolume: { name: 'filled' } },
    };
    for (const [name, source] of Object.entries(sources)) {
      const { domain, ...spec } = tinySpec();
      const inferFromVolume = 'root';
      await write({
        ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata: { name, namespace } },
        spec: {
          runStrategy: 'Halted',
          instancetype: { inferFromVolume },
          preference: { inferFromVolume },
          template: { spec: { ...spec, domain: { devices: domain.devices }, volumes: [{ name: 'root', ...source }] } },
        },
      });
      const stored = (await get<VirtualMachine>(namespace, 'vm', name))?.spec;
      assert.deepEqual([stored?.instancetype?.name, stored?.instancetype?.kind], ['small', kind], name);
      assert.deepEqual(
        [stored?.preference?.name, stored?.preference?.kind],
        ['wish', 'VirtualMachinePreference'],
        name,
      );
    }
  });

  it('lets the VM be when the instance type changes, and asks for a restart when the VM names another', async () => {
    await write(size('small', 4, '192Mi'));
    await write(size('large', 3, '192Mi'));
    await patch(namespace, 'vm', 'sized', { spec: { instancetype: { name: 'large' } } });
    const message = await until('a restart is asked for', async () => (await condition('RestartRequired'))?.message, {
      namespace,
    });
    assert.match(message, /domain\.cpu\.cores/);
    assert.equal((await get<VirtualMachineInstance>(namespace, 'vmi', 'sized'))?.spec.domain.cpu?.cores, 2);
  });

  it('refuses what conflicts, what is of another namespace, and a broken instance type', async () => {
    const refused = async (object: object): Promise<string> => {
      const { code, stderr } = await run('kubectl', ['apply', '--dry-run=server', '-f', '-'], JSON.stringify(object));
      assert.notEqual(code, 0);
      return stderr;
    };
    const vmWith = machine() as { spec: { template: { spec: { domain: object } } } };
    vmWith.spec.template.spec.domain = { devices: {}, cpu: { cores: 2 } };
    assert.match(await refused(vmWith), /spec\.template\.spec\.domain\.cpu\.cores.*gives the number of vCPUs/);
    const broken = {
      ...size('broken', 1, '1Gi'),
      spec: { cpu: { guest: 1 }, memory: { guest: '1Gi', overcommitPercent: 101 } },
    };
    assert.match(await refused(broken), /overcommitPercent is 101/);
  });
});
