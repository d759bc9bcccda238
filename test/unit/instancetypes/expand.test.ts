import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { InstancetypeKind } from '../../../src/api/instancetype/instancetype-kinds.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstancetypeSpec } from '../../../src/api/schema/instancetype.js';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import type { VirtualMachinePreferenceSpec } from '../../../src/api/schema/preference.js';
import type { DomainSpec } from '../../../src/api/schema/virtualmachineinstance.js';
import { expandMachine, originAnnotations } from '../../../src/instancetypes/expand.js';

const config = resolveClusterConfig();
const found = <Spec>(kind: InstancetypeKind, spec: Spec) => ({ kind, name: 'mine', spec, object: { spec } });
const size = (more: Partial<VirtualMachineInstancetypeSpec> = {}): VirtualMachineInstancetypeSpec => ({
  cpu: { guest: 4 },
  memory: { guest: '4Gi' },
  ...more,
});
const machine = (
  domain: Partial<DomainSpec> = {},
  more: Partial<NonNullable<VirtualMachine['spec']['template']['spec']>> = {},
  annotations?: Record<string, string>,
): VirtualMachine => ({
  metadata: { name: 'web', namespace: 'a', uid: 'u' },
  spec: {
    runStrategy: 'Halted',
    template: {
      ...(annotations === undefined ? {} : { metadata: { annotations } }),
      spec: {
        domain: { devices: { disks: [{ name: 'root' }] }, ...domain },
        volumes: [{ name: 'root', containerDisk: { image: 'x' } }],
        ...more,
      },
    },
  },
});
const expand = (
  vm: VirtualMachine,
  instancetype?: VirtualMachineInstancetypeSpec,
  preference?: VirtualMachinePreferenceSpec,
) =>
  expandMachine(
    vm,
    {
      instancetype: instancetype && found('VirtualMachineClusterInstancetype', instancetype),
      preference: preference && found('VirtualMachinePreference', preference),
    },
    config,
  );
const pathsOf = (vm: VirtualMachine, instancetype: VirtualMachineInstancetypeSpec): string[] =>
  expand(vm, instancetype).conflicts.map(({ path }) => path);
const domainOf = (vm: VirtualMachine): DomainSpec => vm.spec.template.spec!.domain;

describe('instancetypes/expand: instance types', () => {
  it('gives vCPUs, memory and what goes with them', () => {
    const given = size({
      annotations: { note: 'x' },
      cpu: {
        guest: 4,
        model: 'host-model',
        dedicatedCPUPlacement: true,
        isolateEmulatorThread: true,
        numa: { guestMappingPassthrough: {} },
        realtime: { mask: '0' },
        maxSockets: 8,
      },
      memory: { guest: '4Gi', hugepages: { pageSize: '2Mi' }, maxGuest: '8Gi' },
      ioThreadsPolicy: 'auto',
      ioThreads: { supplementalPoolThreadCount: 2 },
      nodeSelector: { a: 'b' },
      schedulerName: 'mine',
      gpus: [{ name: 'gpu', deviceName: 'nvidia.com/x' }],
      hostDevices: [{ name: 'dev', deviceName: 'intel.com/x' }],
      launchSecurity: {},
    });
    const { vm, conflicts } = expand(machine(), given, { cpu: { preferredCPUTopology: 'cores' } });
    assert.deepEqual(conflicts, []);
    const { cpu, memory, ...domain } = domainOf(vm);
    assert.deepEqual(cpu, {
      sockets: 1,
      cores: 4,
      threads: 1,
      model: 'host-model',
      dedicatedCpuPlacement: true,
      isolateEmulatorThread: true,
      numa: { guestMappingPassthrough: {} },
      realtime: { mask: '0' },
      maxSockets: 8,
    });
    assert.deepEqual(memory, { guest: '4Gi', hugepages: { pageSize: '2Mi' }, maxGuest: '8Gi' });
    assert.equal(domain.ioThreadsPolicy, 'auto');
    assert.deepEqual(domain.ioThreads, { supplementalPoolThreadCount: 2 });
    assert.deepEqual(domain.launchSecurity, {});
    assert.equal(domain.devices.gpus?.[0]?.name, 'gpu');
    assert.equal(domain.devices.hostDevices?.[0]?.name, 'dev');
    const { metadata, spec } = vm.spec.template;
    assert.deepEqual(metadata?.annotations, { note: 'x' });
    assert.deepEqual([spec!.nodeSelector, spec!.schedulerName], [{ a: 'b' }, 'mine']);
  });

  it('requests less of the node than the guest sees, by its percentage', () => {
    const requestOf = (guest: string, overcommitPercent: number): unknown =>
      domainOf(expand(machine(), size({ memory: { guest, overcommitPercent } })).vm).resources?.requests?.['memory'];
    assert.equal(requestOf('4Gi', 50), '2Gi');
    assert.equal(requestOf('512Mi', 15), String(Math.floor((512 * 1024 ** 2 * 85) / 100)));
    assert.equal(requestOf('4Gi', 0), undefined);
  });

  const everything = size({
    annotations: { note: 'x' },
    cpu: {
      guest: 2,
      model: 'host-model',
      dedicatedCPUPlacement: true,
      isolateEmulatorThread: true,
      numa: {},
      realtime: {},
      maxSockets: 4,
    },
    memory: { guest: '4Gi', hugepages: {}, maxGuest: '8Gi' },
    gpus: [{ name: 'a' }],
    hostDevices: [{ name: 'a' }],
    ioThreads: {},
    ioThreadsPolicy: 'auto',
    launchSecurity: {},
    nodeSelector: { a: 'b' },
    schedulerName: 'x',
  });
  const D = 'spec.domain.';
  const conflicts: readonly (readonly [string, VirtualMachine, readonly string[]])[] = [
    ['sockets', machine({ cpu: { sockets: 1 } }), [`${D}cpu.sockets`]],
    ['cores and threads', machine({ cpu: { cores: 1, threads: 1 } }), [`${D}cpu.cores`, `${D}cpu.threads`]],
    ['a CPU request', machine({ resources: { requests: { cpu: '1' } } }), [`${D}resources.requests.cpu`]],
    ['a CPU limit', machine({ resources: { limits: { cpu: 1 } } }), [`${D}resources.limits.cpu`]],
    ['a model', machine({ cpu: { model: 'Haswell' } }), [`${D}cpu.model`]],
    ['dedicated CPUs', machine({ cpu: { dedicatedCpuPlacement: true } }), [`${D}cpu.dedicatedCpuPlacement`]],
    ['an emulator CPU', machine({ cpu: { isolateEmulatorThread: true } }), [`${D}cpu.isolateEmulatorThread`]],
    ['NUMA', machine({ cpu: { numa: {} } }), [`${D}cpu.numa`]],
    ['realtime', machine({ cpu: { realtime: {} } }), [`${D}cpu.realtime`]],
    ['memory', machine({ memory: { guest: '1Gi' } }), [`${D}memory.guest`]],
    [
      'memory, said once',
      machine({ memory: { guest: '1Gi', hugepages: {} }, resources: { requests: { memory: '1Gi' } } }),
      [`${D}memory.guest`],
    ],
    ['a memory request', machine({ resources: { requests: { memory: '1Gi' } } }), [`${D}resources.requests.memory`]],
    ['huge pages', machine({ memory: { hugepages: {} } }), [`${D}memory.hugepages`]],
    ['the most memory', machine({ memory: { maxGuest: '1Gi' } }), [`${D}memory.maxGuest`]],
    ['I/O threads', machine({ ioThreads: {}, ioThreadsPolicy: 'shared' }), [`${D}ioThreads`, `${D}ioThreadsPolicy`]],
    ['launch security', machine({ launchSecurity: {} }), [`${D}launchSecurity`]],
    ['GPUs', machine({ devices: { gpus: [{ name: 'x' }] } }), [`${D}devices.gpus`]],
    ['host devices', machine({ devices: { hostDevices: [{ name: 'x' }] } }), [`${D}devices.hostDevices`]],
    ['node labels', machine({}, { nodeSelector: { c: 'd' } }), ['spec.nodeSelector']],
    ['a scheduler', machine({}, { schedulerName: 'y' }), ['spec.schedulerName']],
    ['an annotation', machine({}, {}, { note: 'y' }), ['metadata.annotations.note']],
    ['the same annotation', machine({}, {}, { note: 'x' }), []],
    ['zeros and what is off', machine({ cpu: { sockets: 0, dedicatedCpuPlacement: false, model: '' } }), []],
    ['more sockets later', machine({ cpu: { maxSockets: 2 } }), []],
  ];
  for (const [name, vm, paths] of conflicts) {
    it(`conflicts with ${name}: ${paths.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(pathsOf(vm, everything), paths);
      // What it does not set it leaves alone.
      const always = paths.filter(
        (path) => /sockets|cores|threads$|cpu$|memory|guest$/.test(path) && !/ioThreads|hugepages|maxGuest/.test(path),
      );
      assert.deepEqual(pathsOf(vm, size()), always);
    });
  }

  it('leaves what conflicts as the template has it, and applies no preference then', () => {
    const { vm } = expand(machine({ cpu: { cores: 3 } }), size(), { devices: { preferredDiskBus: 'scsi' } });
    assert.deepEqual(domainOf(vm).cpu, { cores: 3 });
    assert.equal(domainOf(vm).memory?.guest, '4Gi');
    assert.equal(domainOf(vm).devices.disks?.[0]?.disk, undefined);
  });

  it('changes neither the VM nor the instance type that it is given', () => {
    const freeze = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      Object.freeze(value);
      Object.values(value).forEach(freeze);
    };
    const [vm, given] = [machine({ cpu: {} }, {}, { a: 'b' }), size({ annotations: { note: 'x' } })];
    const preference = { features: { preferredHyperv: { relaxed: {} } }, firmware: { preferredEfi: {} } };
    for (const one of [vm, given, preference]) freeze(one);
    const { vm: made } = expand(vm, given, preference);
    domainOf(made).features!.hyperv!.relaxed!.enabled = true;
    domainOf(made).firmware!.bootloader!.efi!.secureBoot = true;
  });

  it('says nothing in the name of our programs', () => {
    const forged = {
      'kubevirt.io/vm-generation': '9',
      'kubevirt.io/eviction-source': 'descheduler',
      'kubevirt.io/cluster-instancetype-name': 'u1.large',
      'kubectl-virt.io/requested-by': 'root',
      'policies.kubectl-virt.io/paused-until': '2099-01-01T00:00:00Z',
      note: 'x',
    };
    const given = expand(machine(), size({ annotations: forged }), { annotations: forged }).vm;
    assert.deepEqual(given.spec.template.metadata?.annotations, { note: 'x' });
  });

  it('keeps a key of a map a key, whatever it is called', () => {
    const annotations = JSON.parse('{"__proto__": "x"}') as Record<string, string>;
    const { vm } = expand(machine(), size({ annotations }));
    assert.equal(Object.getPrototypeOf(vm.spec.template.metadata!.annotations), Object.prototype);
    assert.deepEqual(Object.keys(vm.spec.template.metadata!.annotations!), ['__proto__']);
  });

  it('conflicts if and only if the template has what it sets', () => {
    const values: Readonly<Record<string, unknown>> = { cores: 2, sockets: 1, threads: 1 };
    fc.assert(
      fc.property(fc.subarray(Object.keys(values)), fc.boolean(), fc.boolean(), (names, hasMemory, hasPolicy) => {
        const vm = machine({
          cpu: Object.fromEntries(names.map((name) => [name, values[name]])),
          ...(hasMemory ? { memory: { guest: '1Gi' } } : {}),
          ...(hasPolicy ? { ioThreadsPolicy: 'auto' } : {}),
        });
        assert.equal(pathsOf(vm, size()).length > 0, names.length > 0 || hasMemory);
        const withPolicy = pathsOf(vm, size({ ioThreadsPolicy: 'auto' }));
        assert.equal(withPolicy.length > 0, names.length > 0 || hasMemory || hasPolicy);
      }),
    );
  });
});

describe('instancetypes/expand: preferences', () => {
  const domain = (wished: VirtualMachinePreferenceSpec, given: Partial<DomainSpec> = {}): DomainSpec =>
    domainOf(expand(machine(given), undefined, wished).vm);

  it('gives buses, models and modes to devices that have none, those of defaults too', () => {
    const wished: VirtualMachinePreferenceSpec = {
      devices: {
        preferredDiskBus: 'virtio',
        preferredCdromBus: 'scsi',
        preferredLunBus: 'scsi',
        preferredDiskCache: 'none',
        preferredDiskIO: 'native',
        preferredDiskBlockSize: { matchVolume: {} },
        preferredDiskDedicatedIoThread: true,
        preferredInterfaceModel: 'e1000e',
        preferredInputBus: 'virtio',
        preferredInputType: 'tablet',
        preferredAutoattachInputDevice: true,
      },
    };
    const vm = machine({
      devices: {
        disks: [
          { name: 'root' },
          { name: 'sata', disk: { bus: 'sata' }, cache: 'writeback' },
          { name: 'cd', cdrom: {} },
          { name: 'lun', lun: {} },
        ],
      },
    });
    vm.spec.template.spec!.volumes!.push({ name: 'unnamed', emptyDisk: { capacity: '1Gi' } });
    const { devices } = domainOf(expand(vm, undefined, wished).vm);
    const plain = { disk: { bus: 'virtio' }, cache: 'none', io: 'native', blockSize: { matchVolume: {} } };
    assert.deepEqual(devices.disks, [
      { name: 'root', ...plain, dedicatedIOThread: true },
      { name: 'sata', disk: { bus: 'sata' }, cache: 'writeback', io: 'native', blockSize: { matchVolume: {} } },
      { name: 'cd', cdrom: { bus: 'scsi' } },
      { name: 'lun', lun: { bus: 'scsi' } },
      { name: 'unnamed', ...plain, dedicatedIOThread: true },
    ]);
    assert.deepEqual(devices.interfaces, [{ name: 'default', bridge: {}, model: 'e1000e' }]);
    assert.deepEqual(devices.inputs, [{ name: 'default-0', type: 'tablet', bus: 'virtio' }]);
  });

  it('gives no interface to a guest that prefers none', () => {
    const { devices } = domain({ devices: { preferredAutoattachPodInterface: false } });
    assert.equal(devices.autoattachPodInterface, false);
    assert.equal(devices.interfaces, undefined);
  });

  it('gives masquerade to an interface of the pod network without a binding alone', () => {
    const vm = machine(
      { devices: { interfaces: [{ name: 'a' }, { name: 'b', bridge: {} }, { name: 'c' }] } },
      {
        networks: [
          { name: 'a', pod: {} },
          { name: 'b', pod: {} },
          { name: 'c', multus: { networkName: 'x' } },
        ],
      },
    );
    const wished = { devices: { preferredInterfaceMasquerade: {} } };
    assert.deepEqual(domainOf(expand(vm, undefined, wished).vm).devices.interfaces, [
      { name: 'a', masquerade: {} },
      { name: 'b', bridge: {} },
      { name: 'c' },
    ]);
  });

  it('gives whole devices and flags', () => {
    const { devices } = domain(
      {
        devices: {
          preferredUseVirtioTransitional: true,
          preferredBlockMultiQueue: true,
          preferredNetworkInterfaceMultiQueue: true,
          preferredRng: {},
          preferredTPM: { persistent: true },
          preferredVideoType: 'virtio',
          preferredPanicDeviceModel: 'hyperv',
          preferredSoundModel: 'ac97',
          preferredDisableHotplug: true,
          preferredAutoattachMemBalloon: false,
          preferredAutoattachGraphicsDevice: false,
          preferredAutoattachSerialConsole: false,
          preferredVirtualGPUOptions: {},
        },
      },
      { devices: { sound: { name: 'a' }, disableHotplug: false } },
    );
    assert.deepEqual(
      { ...devices, disks: undefined, interfaces: undefined },
      {
        disks: undefined,
        interfaces: undefined,
        sound: { name: 'a', model: 'ac97' },
        disableHotplug: true,
        autoattachGraphicsDevice: false,
        autoattachMemBalloon: false,
        autoattachSerialConsole: false,
        useVirtioTransitional: true,
        blockMultiQueue: true,
        networkInterfaceMultiqueue: true,
        rng: {},
        tpm: { persistent: true },
        video: { type: 'virtio' },
        panicDevices: [{ model: 'hyperv' }],
      },
    );
    assert.equal(domain({ devices: { preferredSoundModel: 'ac97' } }).devices.sound, undefined);
  });

  it('gives a clock, features, Hyper-V one by one, and a CPU feature that is not named', () => {
    const wished: VirtualMachinePreferenceSpec = {
      clock: { preferredClockOffset: { utc: {} }, preferredTimer: { hpet: { present: false } } },
      cpu: { preferredCPUFeatures: [{ name: 'vmx', policy: 'require' }, { name: 'svm' }] },
      features: {
        preferredAcpi: { enabled: true },
        preferredApic: {},
        preferredKvm: { hidden: true },
        preferredPvspinlock: {},
        preferredSmm: {},
        preferredHyperv: { relaxed: {}, vapic: {} },
      },
      machine: { preferredMachineType: 'q35' },
    };
    const made = domain(wished, {
      cpu: { features: [{ name: 'vmx', policy: 'disable' }] },
      clock: { timezone: 'Europe/Berlin' },
      features: { hyperv: { vapic: { enabled: false } }, acpi: { enabled: false } },
    });
    assert.deepEqual(made.clock, { timezone: 'Europe/Berlin', timer: { hpet: { present: false } } });
    assert.deepEqual(made.cpu?.features, [{ name: 'vmx', policy: 'disable' }, { name: 'svm' }]);
    assert.deepEqual(made.features, {
      acpi: { enabled: true },
      apic: {},
      kvm: { hidden: true },
      pvspinlock: {},
      smm: {},
      hyperv: { relaxed: {}, vapic: { enabled: false } },
    });
    assert.equal(made.machine?.type, 'q35');
    assert.deepEqual(domain({ clock: { preferredClockOffset: { timezone: 'UTC' } } }).clock, { timezone: 'UTC' });
  });

  const bootloader = (wished: VirtualMachinePreferenceSpec['firmware'], given?: DomainSpec['firmware']): unknown =>
    domain({ firmware: wished }, given === undefined ? {} : { firmware: given }).firmware?.bootloader;

  it('gives a boot loader where there is none, by the new words before the old', () => {
    assert.deepEqual(bootloader({ preferredUseBios: true, preferredUseBiosSerial: true }), {
      bios: { useSerial: true },
    });
    assert.deepEqual(bootloader({ preferredUseBiosSerial: true }), undefined);
    assert.deepEqual(bootloader({ preferredEfi: { persistent: true }, preferredUseSecureBoot: true }), {
      efi: { persistent: true },
    });
    assert.deepEqual(bootloader({ preferredUseEfi: true, preferredUseSecureBoot: true }), {
      efi: { secureBoot: true },
    });
    assert.deepEqual(bootloader({ preferredUseSecureBoot: true }, { bootloader: { efi: {} } }), {
      efi: { secureBoot: true },
    });
    assert.deepEqual(bootloader({ preferredUseEfi: true }, { bootloader: { bios: {} } }), { bios: {} });
    assert.deepEqual(bootloader({ preferredEfi: {} }, { uuid: 'x' }), { efi: {} });
  });

  it('gives what stands beside the domain, annotations, and storage classes to templates', () => {
    const vm = machine({}, {}, { note: 'mine' });
    const template = (name: string, storageClassName?: string) => ({
      metadata: { name },
      spec: { storage: { ...(storageClassName === undefined ? {} : { storageClassName }) } },
    });
    vm.spec.dataVolumeTemplates = [
      template('a'),
      template('b', 'slow'),
      { metadata: { name: 'c' }, spec: { pvc: {} } },
    ];
    const { vm: made } = expand(vm, undefined, {
      annotations: { note: 'theirs', other: 'theirs' },
      preferredArchitecture: 'amd64',
      preferredSubdomain: 'sub',
      preferredTerminationGracePeriodSeconds: 3600,
      volumes: { preferredStorageClassName: 'fast' },
    });
    assert.deepEqual(made.spec.template.metadata?.annotations, { note: 'mine', other: 'theirs' });
    const { architecture, subdomain, terminationGracePeriodSeconds } = made.spec.template.spec!;
    assert.deepEqual([architecture, subdomain, terminationGracePeriodSeconds], ['amd64', 'sub', 3600]);
    const classes = made.spec.dataVolumeTemplates?.map(
      ({ spec: { storage, pvc } }) => storage?.storageClassName ?? pvc?.storageClassName,
    );
    assert.deepEqual(classes, ['fast', 'slow', 'fast']);
  });

  it('never replaces what the template says, but for the two that it cannot help', () => {
    const leaves = (value: unknown, path = ''): [string, unknown][] => {
      if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [[path, value]];
      return Object.entries(value).flatMap(([key, child]) => leaves(child, `${path}.${key}`));
    };
    const at = (value: unknown, path: string): unknown =>
      path
        .split('.')
        .slice(1)
        .reduce<unknown>((one, step) => (one as Record<string, unknown> | undefined)?.[step], value);
    const wished: VirtualMachinePreferenceSpec = {
      annotations: { note: 'theirs' },
      clock: { preferredClockOffset: { utc: {} }, preferredTimer: { hpet: {} } },
      cpu: { preferredCPUFeatures: [{ name: 'vmx' }] },
      devices: {
        preferredDiskBus: 'virtio',
        preferredDiskCache: 'none',
        preferredInterfaceModel: 'virtio',
        preferredInterfaceMasquerade: {},
        preferredVideoType: 'virtio',
        preferredTPM: {},
        preferredRng: {},
        preferredBlockMultiQueue: true,
        preferredAutoattachMemBalloon: true,
      },
      features: { preferredSmm: {}, preferredHyperv: { relaxed: {} } },
      firmware: { preferredEfi: {} },
      machine: { preferredMachineType: 'q35' },
      preferredSubdomain: 'sub',
      preferredTerminationGracePeriodSeconds: 5,
    };
    const parts: readonly [string, Partial<DomainSpec>][] = [
      ['clock', { clock: { timezone: 'UTC' } }],
      ['cpu', { cpu: { features: [{ name: 'vmx', policy: 'forbid' }] } }],
      ['features', { features: { smm: { enabled: false }, hyperv: { relaxed: { enabled: false } } } }],
      ['firmware', { firmware: { bootloader: { bios: {} } } }],
      ['machine', { machine: { type: 'pc' } }],
      [
        'devices',
        {
          devices: {
            disks: [{ name: 'root', disk: { bus: 'sata' }, cache: 'writeback' }],
            interfaces: [{ name: 'default', bridge: {}, model: 'e1000' }],
            video: { type: 'vga' },
            tpm: { enabled: false },
            blockMultiQueue: false,
            autoattachMemBalloon: false,
          },
        },
      ],
    ];
    fc.assert(
      fc.property(fc.subarray([...parts]), fc.boolean(), (chosen, beside) => {
        const vm = machine(
          Object.assign({}, ...chosen.map(([, part]) => part)),
          beside ? { subdomain: 'own', terminationGracePeriodSeconds: 0 } : {},
          beside ? { note: 'mine' } : undefined,
        );
        const made = expand(vm, undefined, wished).vm;
        for (const [path, value] of leaves(vm.spec.template)) {
          if (typeof value === 'object') assert.notEqual(at(made.spec.template, path), undefined, path);
          else assert.deepEqual(at(made.spec.template, path), value, path);
        }
      }),
    );
  });

  it('names its origin', () => {
    assert.deepEqual(
      originAnnotations({
        instancetype: found('VirtualMachineClusterInstancetype', size()),
        preference: found('VirtualMachinePreference', {}),
      }),
      { 'kubevirt.io/cluster-instancetype-name': 'mine', 'kubevirt.io/preference-name': 'mine' },
    );
  });
});
