import assert from 'node:assert/strict';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { defaultInstance, INSTANCE_DEFAULTS } from '../../../src/mutators/instance.js';
import { defaultPullPolicy } from '../../../src/mutators/volumes.js';
import type { Change } from '../../../src/validators/rule/examples.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import { schemaOf } from '../../../src/api/schema-check/check-schema.js';
import { valueOf } from '../../support/schema-values.js';

const defaulted = (change: Change, configuration: object = {}, metadata: object = {}) => {
  const refused: string[] = [];
  const vmi = defaultInstance(manifest(change) as unknown as VirtualMachineInstance, {
    config: resolveClusterConfig({ metadata, spec: { configuration } }),
    newUuid: () => 'uuid',
    now: () => '2026-01-01T00:00:00Z',
    refuse: ({ message }) => refused.push(message),
  });
  return { ...vmi, domain: vmi.spec.domain, refused };
};
const CPU = 'spec.domain.cpu';
const RES = 'spec.domain.resources';

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};

describe('defaults of a VMI', () => {
  it('write into nothing that the submitted object keeps', () => {
    // A write into a frozen object throws, and so would one into what the draft shares with the object.
    for (const whole of [2, 3, 4, 6, 12]) {
      for (const index of [0, 1, 2]) {
        for (const architecture of ['amd64', 'arm64', 's390x', '']) {
          const object = valueOf(schemaOf('VirtualMachineInstance'), { whole, index }) as VirtualMachineInstance;
          for (const [change, value] of [
            ['', ''],
            ['features', {}],
            ['cpu', {}],
            ['memory', {}],
          ] as const) {
            const vmi = structuredClone({ ...object, spec: { ...object.spec, architecture } });
            if (change !== '') Object.assign(vmi.spec.domain, { [change]: value });
            const context = { newUuid: () => 'uuid', now: () => '', refuse: () => undefined };
            const draft = defaultInstance(frozen(vmi), { ...context, config: resolveClusterConfig() });
            assert.notEqual(draft, vmi);
          }
        }
      }
    }
  });
  it('have unique ids', () => {
    assert.equal(new Set(INSTANCE_DEFAULTS.map(({ id }) => id)).size, INSTANCE_DEFAULTS.length);
  });
  it('architecture and machine come from the cluster', () => {
    assert.equal(defaulted({ 'spec.architecture': '' }).spec.architecture, 'amd64');
    assert.equal(defaulted({ 'spec.architecture': 'arm64' }).domain.machine?.type, 'virt');
    assert.equal(defaulted({}, { machineType: 'pc-q35-8.2' }).domain.machine?.type, 'pc-q35-8.2');
    assert.equal(defaulted({ 'spec.domain.machine.type': 'q35x' }).domain.machine?.type, 'q35x');
  });
  it('CPUs come from the limit, rounded up, else from the request, else one', () => {
    assert.equal(defaulted({}).domain.cpu?.sockets, 1);
    assert.equal(defaulted({ [`${RES}.requests.cpu`]: '2200m' }).domain.cpu?.sockets, 3);
    const limited = defaulted({ [`${RES}.limits.cpu`]: 4, [`${RES}.requests`]: { memory: '1Gi' } });
    assert.equal(limited.domain.cpu?.sockets, 4);
    assert.equal(limited.domain.resources?.requests?.['cpu'], 4);
    assert.deepEqual(defaulted({ [`${CPU}.cores`]: 4 }).domain.cpu, { cores: 4 });
    assert.equal(defaulted({}, { cpuRequest: '200m' }).domain.resources?.requests?.['cpu'], '200m');
    assert.equal(defaulted({}, { cpuRequest: '100m' }).domain.resources?.requests?.['cpu'], undefined);
  });
  it('Virtlet’s annotations become the fields they stand for, where those are not set', () => {
    const ANN = 'metadata.annotations';
    const cpu = (annotations: object, change: Change = {}) => {
      const { sockets, cores, threads } = defaulted({ [ANN]: annotations, ...change }).domain.cpu ?? {};
      return [sockets, cores, threads];
    };
    assert.deepEqual(cpu({ VirtletVCPUCount: '4' }), [4, 1, 1]);
    assert.deepEqual(cpu({ VirtletVCPUCount: '0' }), [1, 1, 1]);
    // The vCPU count and the CPU limit are two things, as they were in Virtlet.
    assert.deepEqual(cpu({ VirtletVCPUCount: '4' }, { [`${RES}.limits.cpu`]: '2' }), [4, 1, 1]);
    assert.deepEqual(cpu({ VirtletVCPUCount: '4' }, { [`${CPU}.cores`]: 2 }), [undefined, 2, undefined]);
    assert.deepEqual(cpu({ VirtletVCPUCount: 'four' }), [1, 1, 1]);
    assert.deepEqual(cpu({ VirtletLibvirtCPUSetting: 'topology: {sockets: 2, cores: 4, threads: 1}' }), [2, 4, 1]);
    const uuid = (change: Change) => defaulted(change).domain.firmware?.uuid;
    const annotated = { [ANN]: { VirtletSystemUUID: 'urn:uuid:53008994-44C0-4017-AD44-9C49758083DA' } };
    assert.equal(uuid(annotated), '53008994-44c0-4017-ad44-9c49758083da');
    assert.equal(uuid({ ...annotated, 'spec.domain.firmware.uuid': 'mine' }), 'mine');
    assert.equal(uuid({ [ANN]: { VirtletSystemUUID: 'x' } }), 'uuid');
    const arm = { 'spec.architecture': 'arm64' };
    assert.equal(defaulted(arm).domain.cpu?.model, 'host-passthrough');
    assert.equal(
      defaulted({ ...arm, [ANN]: { VirtletLibvirtCPUSetting: 'mode: maximum' } }).domain.cpu?.model,
      undefined,
    );
  });
  it('the misspelt autottachGraphicsDevice stands for the right one', () => {
    const devices = (change: Change) => defaulted(change).domain.devices;
    const misspelt = { 'spec.domain.devices.autottachGraphicsDevice': false };
    assert.equal(devices(misspelt).autoattachGraphicsDevice, false);
    assert.equal(devices({}).autoattachGraphicsDevice, undefined);
    const right = { ...misspelt, 'spec.domain.devices.autoattachGraphicsDevice': true };
    assert.equal(devices(right).autoattachGraphicsDevice, true);
  });
  it('room for hotplug is four times the size, within 512 vCPUs', () => {
    assert.equal(defaulted({}).domain.cpu?.maxSockets, 4);
    const many = { [CPU]: { sockets: 100, cores: 2, threads: 1 } };
    assert.equal(defaulted(many).domain.cpu?.maxSockets, 256);
    assert.equal(defaulted({ [CPU]: { sockets: 300, cores: 2, threads: 1 } }).domain.cpu?.maxSockets, 300);
    assert.equal(defaulted(many, { liveUpdateConfiguration: { maxCpuSockets: 8 } }).domain.cpu?.maxSockets, 100);
    assert.equal(defaulted({}, { vmRolloutStrategy: 'Stage' }).domain.cpu?.maxSockets, undefined);
    assert.equal(defaulted({ 'spec.architecture': 'arm64' }).domain.memory?.maxGuest, undefined);
  });
  it('memory comes from request, limit or one huge page; maxGuest only where hotplug can be', () => {
    assert.deepEqual(defaulted({}).domain.memory, { guest: '1Gi', maxGuest: '4Gi' });
    assert.equal(defaulted({ [RES]: { limits: { memory: '2Gi' } } }).domain.memory?.guest, '2Gi');
    assert.equal(defaulted({ [RES]: {}, 'spec.domain.memory.hugepages.pageSize': '2Mi' }).domain.memory?.guest, '2Mi');
    assert.deepEqual(defaulted({ [RES]: {} }).domain.memory, {});
    assert.equal(defaulted({ [`${RES}.requests.memory`]: '1023Mi' }).domain.memory?.maxGuest, undefined);
    assert.equal(defaulted({}, { liveUpdateConfiguration: { maxGuest: '2Gi' } }).domain.memory?.maxGuest, '2Gi');
  });
  it('images are pulled again where their tag may move', () => {
    const policies = ['a', 'a:latest', 'a:v1', 'a@sha256:0', 'host:5000/a'].map(defaultPullPolicy);
    assert.deepEqual(policies, ['Always', 'Always', 'IfNotPresent', 'IfNotPresent', 'IfNotPresent']);
  });
  it('a VM without a network gets the cluster’s, unless it wants none', () => {
    assert.deepEqual(defaulted({}).spec.networks, [{ name: 'default', pod: {} }]);
    assert.deepEqual(defaulted({}, { network: { defaultNetworkInterface: 'masquerade' } }).domain.devices.interfaces, [
      { name: 'default', masquerade: {} },
    ]);
    assert.equal(defaulted({ 'spec.domain.devices.autoattachPodInterface': false }).spec.networks, undefined);
    assert.equal(defaulted({}, { network: { permitBridgeInterfaceOnPodNetwork: false } }).refused.length, 1);
    assert.equal(defaulted({}, { network: { defaultNetworkInterface: 'slirp' } }).refused.length, 1);
  });
  it('volumes without a disk get one, disks a target and a bus, CD-ROMs a closed tray', () => {
    const { devices } = defaulted({ 'spec.domain.devices.disks': [{ name: 'init', cdrom: {} }] }).domain;
    assert.deepEqual(devices.disks, [
      { name: 'init', cdrom: { bus: 'sata', readonly: true, tray: 'closed' } },
      { name: 'root', disk: { bus: 'sata' } },
    ]);
    assert.equal(
      defaulted({ 'spec.architecture': 's390x', 'spec.domain.devices.disks': [] }).domain.devices.disks?.[0]?.disk?.bus,
      'virtio',
    );
  });
  it('a disk without a bus gets one that admission accepts', () => {
    const busOf = (disk: object, more: Change = {}) => {
      const change = { 'spec.domain.devices.disks[0]': { name: 'root', ...disk }, ...more };
      const [first] = defaulted(change).domain.devices.disks ?? [];
      return first?.disk?.bus ?? first?.cdrom?.bus ?? first?.lun?.bus;
    };
    const block = (logical: number) => ({ blockSize: { custom: { logical, physical: 4096 } } });
    assert.equal(busOf({ disk: {} }), 'sata');
    assert.equal(busOf({ disk: { readonly: false }, dedicatedIOThread: false, ...block(512) }), 'sata');
    assert.equal(busOf({ disk: { readonly: true } }), 'virtio');
    assert.equal(busOf({ disk: { pciAddress: '0000:81:01.0' } }), 'virtio');
    assert.equal(busOf({ dedicatedIOThread: true }), 'virtio');
    assert.equal(busOf({ disk: {}, ...block(4096) }), 'virtio');
    assert.equal(busOf({}, { 'spec.volumes[0]': { name: 'root', downwardMetrics: {} } }), 'virtio');
    // What the user wrote stays, whatever admission says.
    assert.equal(busOf({ disk: { bus: 'sata', readonly: true } }), 'sata');
    assert.equal(busOf({ cdrom: {} }), 'sata');
    assert.equal(busOf({ lun: {}, dedicatedIOThread: true }), 'scsi');
    assert.equal(busOf({ lun: { bus: 'sata' } }), 'sata');
    for (const architecture of ['arm64', 's390x']) {
      const on = { 'spec.architecture': architecture };
      assert.equal(busOf({ cdrom: {} }, on), 'scsi');
      assert.equal(busOf({ disk: {} }, on), 'virtio');
      assert.equal(busOf({ lun: {} }, on), 'scsi');
    }
  });
  it('Hyper-V enlightenments bring what they need, unless it was switched off', () => {
    const hyperv = (features: object) => defaulted({ 'spec.domain.features.hyperv': features });
    const timer = hyperv({ synictimer: {} }).domain.features?.hyperv;
    assert.ok(timer?.synic?.enabled && timer.vpindex?.enabled);
    assert.deepEqual(hyperv({ evmcs: {} }).domain.cpu?.features, [{ name: 'vmx', policy: 'require' }]);
    assert.equal(hyperv({ evmcs: {}, vapic: { enabled: false } }).domain.cpu?.features, undefined);
    assert.equal(hyperv({ spinlocks: {} }).domain.features?.hyperv?.spinlocks?.spinlocks, 4096);
  });
  it('architectures have their own watchdog, firmware, CPU and ACPI', () => {
    const watchdog = { 'spec.domain.devices.watchdog': { name: 'w' } };
    assert.deepEqual(defaulted(watchdog).domain.devices.watchdog, { name: 'w', i6300esb: { action: 'reset' } });
    assert.deepEqual(defaulted({ ...watchdog, 'spec.architecture': 's390x' }).domain.devices.watchdog?.diag288, {
      action: 'reset',
    });
    const arm = defaulted({ 'spec.architecture': 'arm64' }).domain;
    assert.deepEqual(arm.firmware, { uuid: 'uuid', bootloader: { efi: { secureBoot: false } } });
    assert.equal(arm.cpu?.model, 'host-passthrough');
    assert.equal(defaulted({ 'spec.architecture': 's390x' }).domain.features?.acpi?.enabled, false);
  });
  it('probes, inputs, timers and the rest are completed', () => {
    const { spec, domain } = defaulted({
      'spec.readinessProbe': { guestAgentPing: {}, timeoutSeconds: 0, failureThreshold: 7 },
      'spec.domain.devices.inputs': [{ name: 'i', type: '' }],
      'spec.domain.clock': { timer: { hpet: {}, rtc: { present: false } } },
      'spec.domain.devices.disks[0].blockSize': { matchVolume: {} },
      'spec.domain.devices.gpus': [{ name: 'g', virtualGPUOptions: { display: { ramFB: {} } } }],
    });
    assert.deepEqual(spec.readinessProbe, {
      guestAgentPing: {},
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 7,
    });
    assert.deepEqual(domain.devices.inputs, [{ name: 'i', type: 'tablet', bus: 'usb' }]);
    assert.deepEqual(domain.clock?.timer, { hpet: { present: true }, rtc: { present: false } });
    assert.equal(domain.devices.disks?.[0]?.blockSize?.matchVolume?.enabled, true);
    assert.equal(domain.devices.gpus?.[0]?.virtualGPUOptions?.display?.ramFB?.enabled, true);
  });
  it('even parity of emulator threads comes from the KubeVirt object', () => {
    const key = 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity';
    const gate = { developerConfiguration: { featureGates: ['AlignCPUs'] } };
    const annotated = (change: Change, configuration: object, kubevirt: object) =>
      defaulted(change, configuration, kubevirt).metadata?.annotations?.[key];
    const isolated = { [CPU]: { dedicatedCpuPlacement: true, isolateEmulatorThread: true } };
    const wanted = { annotations: { [key]: '' } };
    assert.equal(annotated(isolated, gate, wanted), '');
    assert.equal(annotated(isolated, {}, wanted), undefined);
    assert.equal(annotated(isolated, gate, {}), undefined);
    assert.equal(annotated({}, gate, wanted), undefined);
  });
  it('a VM with TDX gets the cluster’s quote socket, not one of its own', () => {
    const key = 'kubevirt.io/qgs-socket-path';
    const theirs = { 'metadata.annotations': { [key]: '/etc/shadow' } };
    const tdx = { 'spec.domain.launchSecurity.tdx': {} };
    const socket = (qgsSocketPath: string) => ({ confidentialCompute: { tdx: { attestation: { qgsSocketPath } } } });
    assert.equal(defaulted(tdx).metadata?.annotations?.[key], '/var/run/tdx-qgs/qgs.socket');
    assert.equal(defaulted({ ...tdx, ...theirs }, socket('/run/qgs')).metadata?.annotations?.[key], '/run/qgs');
    assert.equal(defaulted(tdx, socket('')).metadata?.annotations?.[key], undefined);
    assert.equal(defaulted({ 'spec.domain.launchSecurity.snp': {} }).metadata?.annotations?.[key], undefined);
  });
  it('begins its life Pending, held by a finalizer, with the PCI layout of its machine', () => {
    const { status, metadata } = defaulted({});
    assert.equal(status?.phase, 'Pending');
    assert.equal(status.runtimeUser, 107);
    assert.deepEqual(status.currentCPUTopology, { sockets: 1, cores: 1, threads: 1 });
    assert.equal(status.memory?.guestAtBoot, '1Gi');
    assert.deepEqual(metadata?.finalizers, ['kubevirt.io/foregroundDeleteVirtualMachine']);
    assert.deepEqual(metadata.annotations, { 'kubevirt.io/pci-topology-version': 'v3' });
    assert.equal(defaulted({ 'spec.architecture': 's390x' }).metadata?.annotations, undefined);
  });
});
