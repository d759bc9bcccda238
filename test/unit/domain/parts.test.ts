import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Disk } from '../../../src/api/schema/disks.js';
import { buildDomain, domainNotices, type DomainContext, type DomainErrorCode } from '../../../src/domain/index.js';
import { config, context, typical, vmi } from './fixtures.js';
import { all, one, readXml } from './read-xml.js';

const domain = (subject: VirtualMachineInstance, changes: Partial<DomainContext> = {}) =>
  readXml(buildDomain(subject, context(changes)));

const fails = (
  subject: VirtualMachineInstance,
  expected: { code?: DomainErrorCode; field?: string; message?: RegExp },
) => {
  assert.throws(() => buildDomain(subject, context()), { name: 'DomainError', ...expected });
};

describe('domain identity', () => {
  it('gives libvirt and SMBIOS the same UUID', () => {
    const root = domain(vmi({}, { firmware: { uuid: '5D307CA9-B3EF-428C-8861-06E72D69F223' } }));
    assert.deepEqual(one(root, 'uuid')?.children, ['5d307ca9-b3ef-428c-8861-06e72d69f223']);
    assert.deepEqual(one(root, 'entry')?.children, ['5d307ca9-b3ef-428c-8861-06e72d69f223']);
    assert.deepEqual(one(root, 'name')?.children, ['shop_web']);
  });

  it('refuses what is no UUID, naming the field', () => {
    fails(vmi({}, { firmware: { uuid: 'x' } }), { code: 'InvalidValue', field: 'spec.domain.firmware.uuid' });
  });

  it('names the accelerator, or the remedy when there is none', () => {
    const emulation = config({ developerConfiguration: { useEmulation: true } });
    assert.equal(domain(vmi()).attributes['type'], 'kvm');
    assert.equal(domain(vmi(), { config: emulation }).attributes['type'], 'kvm');
    assert.equal(domain(vmi(), { config: emulation, kvmAvailable: false }).attributes['type'], 'qemu');
    assert.throws(() => buildDomain(vmi(), context({ kvmAvailable: false })), {
      code: 'KVMUnavailable',
      message: /useEmulation: true/,
    });
  });
});

describe('domain memory', () => {
  for (const [what, memory, resources, bytes] of [
    ['guest memory', { guest: '1Gi' }, { requests: { memory: '2Gi' } }, '1073741824'],
    ['the request', undefined, { requests: { memory: '8192Ki' }, limits: { memory: '1Gi' } }, '8388608'],
    ['the limit', undefined, { limits: { memory: '1G' } }, '1000000000'],
    [
      'the limit when the request is zero',
      undefined,
      { requests: { memory: 0 }, limits: { memory: '1G' } },
      '1000000000',
    ],
    ['1 GiB when nobody says', undefined, undefined, '1073741824'],
    ['a fraction, rounded down', { guest: '1000.5' }, undefined, '1000'],
  ] as const) {
    it(`is ${what}`, () => {
      assert.deepEqual(one(domain(vmi({}, { memory, resources })), 'memory')?.children, [bytes]);
    });
  }

  it('refuses negative memory and what is no quantity', () => {
    fails(vmi({}, { memory: { guest: '-1Gi' } }), { field: 'spec.domain.memory.guest' });
    fails(vmi({}, { memory: { guest: '1 GB' } }), { code: 'InvalidValue', message: /"1 GB"/ });
  });
});

describe('domain CPU', () => {
  for (const [what, cpu, resources, expected] of [
    ['one CPU when nothing is said', undefined, undefined, ['1', '1', '1', '1']],
    ['a product', { sockets: 2, cores: 3, threads: 2 }, undefined, ['12', '2', '3', '2']],
    ['ones for what is missing', { cores: 4 }, undefined, ['4', '1', '4', '1']],
    [
      'a socket per CPU of the limit',
      undefined,
      { limits: { cpu: '2500m' }, requests: { cpu: 1 } },
      ['3', '3', '1', '1'],
    ],
    ['a socket per CPU of the request', {}, { requests: { cpu: '2' } }, ['2', '2', '1', '1']],
  ] as const) {
    it(`has the topology of ${what}`, () => {
      const root = domain(vmi({}, { cpu, resources }));
      const topology = one(root, 'topology')?.attributes;
      assert.deepEqual(
        [...(one(root, 'vcpu')?.children ?? []), topology?.['sockets'], topology?.['cores'], topology?.['threads']],
        expected,
      );
    });
  }

  const nodeConfigs = [
    { nodeSelector: { zone: 'a' }, cpuModel: 'Haswell', priority: 1 },
    { nodeSelector: { zone: 'a' }, cpuModel: 'EPYC', priority: 5 },
  ];
  const inZone = { labels: { zone: 'a' } };
  for (const [what, model, changes, mode, name] of [
    [
      "the VMI's own",
      'Skylake-Server',
      { config: config({ nodeConfigs, cpuModel: 'Nehalem' }), node: inZone },
      'custom',
      'Skylake-Server',
    ],
    [
      "the node's of highest priority",
      undefined,
      { config: config({ nodeConfigs, cpuModel: 'Nehalem' }), node: inZone },
      'custom',
      'EPYC',
    ],
    [
      "the cluster's elsewhere",
      undefined,
      { config: config({ nodeConfigs, cpuModel: 'Nehalem' }) },
      'custom',
      'Nehalem',
    ],
    ['host-model on KVM', undefined, {}, 'host-model', undefined],
    ['host-passthrough', 'host-passthrough', {}, 'host-passthrough', undefined],
  ] as const) {
    it(`takes the model from ${what}`, () => {
      const root = domain(vmi({}, { cpu: { model } }), changes);
      assert.equal(one(root, 'cpu')?.attributes['mode'], mode);
      const modelElement = one(one(root, 'cpu')!, 'model');
      assert.deepEqual(modelElement?.children[0], name);
    });
  }

  it('takes nested virtualization out of the default model, unless it is asked for', () => {
    const policies = (subject: VirtualMachineInstance) =>
      all(domain(subject), 'feature').map(({ attributes }) => `${attributes['policy']} ${attributes['name']}`);
    assert.deepEqual(policies(vmi()), ['disable vmx', 'disable svm']);
    const asked = vmi({}, { cpu: { features: [{ name: 'vmx', policy: 'require' }] } });
    assert.deepEqual(policies(asked), ['require vmx', 'disable svm']);
  });

  const emulated = { config: config({ developerConfiguration: { useEmulation: true } }), kvmAvailable: false };
  it("leaves the model to QEMU under emulation, and names QEMU's default to hang features on", () => {
    assert.equal(one(domain(vmi(), emulated), 'cpu')?.attributes['mode'], undefined);
    const root = domain(vmi({}, { cpu: { features: [{ name: 'avx' }] } }), emulated);
    assert.deepEqual(one(one(root, 'cpu')!, 'model')?.children, ['qemu64']);
  });

  it("tells of a model of the cluster's that this node lacks, and of none that the VM names", () => {
    const node = { labels: { 'cpu-model.node.kubevirt.io/EPYC': 'true' } };
    const told = (cpuModel: string, own?: string, labels = node) => {
      const given = context({ config: config({ cpuModel }), node: labels });
      return domainNotices(vmi({}, own === undefined ? {} : { cpu: { model: own } }), given);
    };
    const [notice] = told('Haswell');
    assert.equal(notice?.reason, 'ConfiguredCpuUnavailable');
    assert.match(notice.message, /^the CPU model Haswell of the cluster's configuration .*spec\.domain\.cpu\.model$/);
    assert.ok(notice.message.length <= 300);
    assert.deepEqual(told('EPYC'), []);
    assert.deepEqual(told('host-model'), []);
    assert.deepEqual(told('Haswell', 'Haswell'), [], 'its own has chosen its node');
    assert.deepEqual(told('Haswell', undefined, { labels: {} } as never), [], 'a node that reports none');
  });

  it("gives an emulated guest that asks for the host's CPU all that the emulation has, and says so", () => {
    const subject = vmi({}, { cpu: { model: 'host-passthrough' } });
    assert.equal(one(domain(subject, emulated), 'cpu')?.attributes['mode'], 'maximum');
    assert.deepEqual(
      domainNotices(subject, context(emulated)).map(({ reason }) => reason),
      ['HostCpuUnavailable'],
    );
  });
});

describe('a domain with CPUs of its own', () => {
  const exclusiveCpus = { cells: [{ cpus: [0, 1].map((id) => ({ id, siblings: [id] })) }], allowed: [0, 1] };
  const own = (cpu: object, changes: object = {}) =>
    domain(vmi({}, { cpu: { cores: 2, dedicatedCpuPlacement: true, ...cpu } }), { exclusiveCpus, ...changes });

  it('tells the guest so, whatever its CPU model', () => {
    for (const model of [undefined, 'host-model', 'host-passthrough', 'maximum', 'Skylake-Server'])
      assert.equal(one(own(model === undefined ? {} : { model }), 'hint-dedicated')?.attributes['state'], 'on', model);
    assert.equal(one(domain(vmi({}, { cpu: { cores: 2 } })), 'hint-dedicated'), undefined);
  });
  it('does not tell an emulated guest: the hint is KVM’s', () => {
    const emulated = { config: config({ developerConfiguration: { useEmulation: true } }), kvmAvailable: false };
    assert.equal(one(own({}, emulated), 'kvm'), undefined);
  });
  it('keeps freed pages, which it would have to wait for', () => {
    assert.equal(one(own({}), 'memballoon')?.attributes['freePageReporting'], 'off');
    assert.equal(one(domain(vmi()), 'memballoon')?.attributes['freePageReporting'], 'on');
  });
});

describe('domain features and clock', () => {
  it('has ACPI unless it is switched off', () => {
    assert.ok(one(domain(vmi()), 'acpi'));
    assert.equal(one(domain(vmi({}, { features: { acpi: { enabled: false } } })), 'acpi'), undefined);
  });

  it('writes Hyper-V enlightenments in the order and with the arguments libvirt wants', () => {
    const hyperv = {
      vendorid: { vendorid: 'me' },
      spinlocks: {},
      relaxed: { enabled: false },
      synictimer: { direct: {} },
    };
    const written = one(domain(vmi({}, { features: { hyperv } })), 'hyperv');
    assert.deepEqual(
      written?.children.map((child) => (typeof child === 'string' ? child : [child.name, child.attributes])),
      [
        ['relaxed', { state: 'off' }],
        ['spinlocks', { state: 'on', retries: '4096' }],
        ['stimer', { state: 'on' }],
        ['vendor_id', { state: 'on', value: 'me' }],
      ],
    );
  });

  for (const [what, clock, expected] of [
    ['UTC', { utc: {} }, { offset: 'utc', adjustment: 'reset' }],
    ['UTC with an offset', { utc: { offsetSeconds: -60 } }, { offset: 'utc', adjustment: '-60' }],
    ['a time zone', { timezone: 'Europe/Berlin' }, { offset: 'timezone', timezone: 'Europe/Berlin' }],
    ['timers alone', { timer: { hpet: { present: false } } }, { offset: 'utc' }],
  ] as const) {
    it(`sets the clock to ${what}`, () => {
      assert.deepEqual(one(domain(vmi({}, { clock })), 'clock')?.attributes, expected);
    });
  }
  it('leaves out what is empty of a timer', () => {
    const clock = { timer: { rtc: { tickPolicy: '', track: '' }, pit: { tickPolicy: 'delay' } } };
    assert.deepEqual(
      all(domain(vmi({}, { clock })), 'timer').map(({ attributes }) => attributes),
      [
        { name: 'rtc', present: 'yes' },
        { name: 'pit', tickpolicy: 'delay', present: 'yes' },
      ],
    );
  });
});

describe('domain disks', () => {
  const withDisks = (disks: Disk[], status?: VirtualMachineInstance['status']): VirtualMachineInstance => {
    const volumes = disks.map(({ name }) => ({ name, emptyDisk: { capacity: '1Gi' } }));
    return { ...vmi({ volumes }, {}, { disks }), status };
  };
  const targets = (subject: VirtualMachineInstance) =>
    all(domain(subject), 'disk').map((d) => one(d, 'target')?.attributes['dev']);

  it('names devices by bus, sata, scsi and usb sharing one series', () => {
    const disks = ['virtio', 'sata', 'scsi', 'virtio', 'usb'].map((bus, i) => ({ name: `d${i}`, disk: { bus } }));
    assert.deepEqual(targets(withDisks(disks)), ['vda', 'sda', 'sdb', 'vdb', 'sdc']);
  });

  it('keeps disks apart whose names differ only in "_" and "-", by alias and by file', () => {
    const disks = ['a_b', 'a-b'].map((name) => ({ name, disk: { bus: 'virtio' } }));
    const root = domain(withDisks(disks));
    const files = all(root, 'disk').map((d) => one(d, 'source')?.attributes['file']);
    const aliases = all(root, 'disk').map((d) => one(d, 'alias')?.attributes['name']);
    assert.deepEqual(aliases, ['ua-a_b', 'ua-a-b']);
    assert.deepEqual(
      files,
      ['a_b', 'a-b'].map((name) => context().paths.emptyDisk(name)),
    );
    assert.notEqual(files[0], files[1]);
  });

  it('goes from z to aa', () => {
    const disks = Array.from({ length: 28 }, (_, i) => ({ name: `d${i}`, disk: { bus: 'virtio' } }));
    assert.deepEqual(targets(withDisks(disks)).slice(25), ['vdz', 'vdaa', 'vdab']);
  });

  it('keeps the names that the status shows', () => {
    const disks = ['a', 'b', 'c'].map((name) => ({ name, disk: { bus: 'virtio' } }));
    const status = {
      volumeStatus: [
        { name: 'c', target: 'vda' },
        { name: 'gone', target: 'vdb' },
      ],
    };
    assert.deepEqual(targets(withDisks(disks, status)), ['vdb', 'vdc', 'vda']);
  });

  it('gives virtio disks a queue per vCPU with blockMultiQueue, and no others', () => {
    const disks = [
      { name: 'a', disk: { bus: 'virtio' } },
      { name: 'b', disk: { bus: 'sata' } },
    ];
    const subject = withDisks(disks);
    subject.spec.domain.devices.blockMultiQueue = true;
    subject.spec.domain.cpu = { cores: 2, threads: 2, sockets: 2, maxSockets: 8 };
    assert.deepEqual(
      all(domain(subject), 'driver').map((d) => d.attributes['queues']),
      ['8', undefined],
    );
  });

  for (const [directIo, cache, expected] of [
    [undefined, undefined, undefined],
    [true, undefined, 'none'],
    [false, undefined, 'writethrough'],
    [false, 'writeback', 'writeback'],
    [true, 'none', 'none'],
  ] as const) {
    it(`with direct I/O ${directIo ?? 'unknown'} and cache ${cache ?? 'unset'} caches ${expected ?? 'as QEMU likes'}`, () => {
      const subject = typical();
      subject.spec.domain.devices.disks![0]!.cache = cache;
      const root = domain(subject, { disks: { root: { format: 'raw', directIo } } });
      assert.equal(one(root, 'driver')?.attributes['cache'], expected);
    });
  }

  it('ends every chain of qcow2 images, so that nothing is probed', () => {
    const chain = one(domain(typical()), 'backingStore');
    assert.deepEqual(one(chain!, 'format')?.attributes, { type: 'qcow2' });
    assert.deepEqual(one(chain!, 'backingStore')?.children, []);
  });

  it('makes a cloud-init disk read-only, but on SATA, where QEMU has no read-only disks', () => {
    const seed = all(domain(typical()), 'disk')[1];
    assert.ok(one(seed!, 'readonly'));
    const subject = typical();
    subject.spec.domain.devices.disks![1] = {
      name: subject.spec.domain.devices.disks![1]!.name,
      disk: { bus: 'sata' },
    };
    assert.equal(one(all(domain(subject), 'disk')[1]!, 'readonly'), undefined);
    subject.spec.domain.devices.disks![1] = {
      ...subject.spec.domain.devices.disks![1],
      disk: undefined,
      cdrom: { bus: 'sata' },
    };
    assert.ok(one(all(domain(subject), 'disk')[1]!, 'readonly'));
  });

  it('takes a local path from the caller', () => {
    const root = domain(typical(), { disks: { root: { format: 'qcow2', path: '/home/me/debian.qcow2' } } });
    assert.equal(one(one(root, 'backingStore')!, 'source')?.attributes['file'], '/home/me/debian.qcow2');
  });

  const disk = (spec: Partial<Disk>) => withDisks([{ name: 'a', ...spec }]);
  const root = 'spec.domain.devices.disks[0]';
  for (const [what, subject, expected] of [
    ['a disk without a volume', vmi({}, {}, { disks: [{ name: 'x', disk: {} }] }), { code: 'NotFound', field: root }],
    ['an unknown cache mode', disk({ cache: 'unsafe' }), { field: `${root}.cache` }],
    ['a cached shareable disk', disk({ shareable: true, cache: 'writeback' }), { field: `${root}.cache` }],
    ['an unknown error policy', disk({ errorPolicy: 'panic' }), { field: `${root}.errorPolicy` }],
    [
      'a crooked PCI address',
      disk({ disk: { bus: 'virtio', pciAddress: '1.0' } }),
      { field: `${root}.disk.pciAddress` },
    ],
    ['a name libvirt would drop', disk({ name: 'a.b' }), { field: `${root}.name` }],
    [
      'a volume of a kind to come',
      vmi({ volumes: [{ name: 'a', memoryDump: { claimName: 'x' } }] }, {}, { disks: [{ name: 'a' }] }),
      { code: 'NotSupported', field: 'spec.volumes[0]' },
    ],
    [
      'an image nobody looked at',
      vmi({ volumes: [{ name: 'new', containerDisk: { image: 'x' } }] }, {}, { disks: [{ name: 'new' }] }),
      { code: 'MissingInput' },
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      fails(subject, expected);
    });
  }
});

describe('domain network', () => {
  const withInterface = (spec: object, network: object = { pod: {} }) =>
    vmi({ networks: [{ name: 'default', ...network }] }, {}, { interfaces: [{ name: 'default', ...spec }] });

  const PASST = { network: { passt: true } };

  it('is the tap that the agent made, with the MTU of the pod', () => {
    const card = one(domain(withInterface({ masquerade: {}, ports: [{ port: 80 }] })), 'interface')!;
    assert.deepEqual(card.attributes, { type: 'ethernet' });
    assert.deepEqual(one(card, 'target')?.attributes, { dev: 'tap0', managed: 'no' });
    assert.deepEqual(one(card, 'mtu')?.attributes, { size: '1450' });
    for (const name of ['backend', 'portForward', 'driver']) assert.equal(one(card, name), undefined, name);
  });

  it('is a tap of its own on a network that Multus attached, with what that gave', () => {
    const subject = withInterface({ bridge: {}, state: 'down' }, { multus: { networkName: 'vlan10' } });
    // sha256("default"), as KubeVirt names the devices of such a network.
    const tap = 'tap37a8eec1ce1';
    const given = one(
      domain(subject, { network: { passt: true, attached: { default: { mac: '02:00:00:00:bb:01', mtu: 1400 } } } }),
      'interface',
    )!;
    assert.equal(given.attributes['type'], 'ethernet');
    assert.deepEqual(one(given, 'target')?.attributes, { dev: tap, managed: 'no' });
    assert.equal(one(given, 'mac')?.attributes['address'], '02:00:00:00:bb:01');
    assert.equal(one(given, 'mtu')?.attributes['size'], '1400');
    assert.equal(one(given, 'link')?.attributes['state'], 'down');
    assert.equal(
      one(one(domain(subject), 'interface')!, 'target')?.attributes['dev'],
      tap,
      'what is not known is left out',
    );
    const instead = withInterface({ bridge: {} }, { multus: { networkName: 'vlan10', default: true } });
    assert.equal(one(one(domain(instead), 'interface')!, 'target')?.attributes['dev'], 'tap0');
    assert.throws(() => domain(subject, { network: { passt: true, attached: 'none' } }), /only a cluster with Multus/);
  });

  it('has a queue for each vCPU where that is asked for, and the card is one that can', () => {
    const queues = (model?: string) => {
      const subject = withInterface({ masquerade: {}, ...(model === undefined ? {} : { model }) });
      subject.spec.domain.cpu = { cores: 3 };
      subject.spec.domain.devices.networkInterfaceMultiqueue = true;
      return one(one(domain(subject), 'interface')!, 'driver')?.attributes['queues'];
    };
    assert.deepEqual([queues(), queues('virtio'), queues('e1000e')], ['3', '3', undefined]);
  });

  it('is passt under its own binding alone', () => {
    const backend = (binding: string) =>
      one(one(domain(withInterface({ [binding]: {} })), 'interface')!, 'backend')?.attributes['type'];
    assert.deepEqual(['passtBinding', 'bridge', 'masquerade'].map(backend), ['passt', undefined, undefined]);
  });

  it('is passt where there is no tap', () => {
    const card = one(domain(withInterface({ masquerade: {} }), PASST), 'interface')!;
    assert.deepEqual(one(card, 'backend')?.attributes, { type: 'passt' });
    const forwards = all(card, 'portForward').map((f) => [
      f.attributes['proto'],
      all(f, 'range').map(({ attributes: r }) => `${r['start']}-${r['end']} ${r['exclude']}`),
    ]);
    const left = ['1024-7999 yes', '8500-65535 yes'];
    assert.deepEqual(forwards, [
      ['tcp', left],
      ['udp', left],
    ]);
  });

  it("is QEMU's own user network elsewhere, which forwards nothing", () => {
    const card = one(domain(withInterface({ ports: [{ port: 80 }] }), { network: { passt: false } }), 'interface')!;
    assert.equal(one(card, 'backend'), undefined);
    assert.equal(one(card, 'portForward'), undefined);
  });

  it('forwards the ports that are listed, by protocol', () => {
    const ports = [{ port: 80 }, { port: 53, protocol: 'UDP' }, { port: 443, protocol: 'TCP' }];
    const card = one(domain(withInterface({ ports, passtBinding: {} })), 'interface')!;
    const forwards = all(card, 'portForward').map((f) => [
      f.attributes['proto'],
      all(f, 'range').map((r) => r.attributes['start']),
    ]);
    assert.deepEqual(forwards, [
      ['tcp', ['80', '443']],
      ['udp', ['53']],
    ]);
  });

  it('keeps a generated address from start to start, and apart from that of other VMs', () => {
    const mac = (subject: VirtualMachineInstance) => one(domain(subject), 'mac')?.attributes['address'];
    const other = withInterface({});
    other.metadata!.name = 'other';
    assert.match(mac(withInterface({}))!, /^02(:[0-9a-f]{2}){5}$/);
    assert.equal(mac(withInterface({})), mac(withInterface({})));
    assert.notEqual(mac(withInterface({})), mac(other));
    assert.equal(mac(withInterface({ macAddress: 'de:ad:00:00:be:af' })), 'de:ad:00:00:be:af');
    // libvirt reads colons alone.
    assert.equal(mac(withInterface({ macAddress: '02-54-00-6A-9A-15' })), '02:54:00:6a:9a:15');
    assert.equal(mac(withInterface({ macAddress: '0254.006a.9a15' })), '02:54:00:6a:9a:15');
  });

  it('leaves out an interface that is to be absent', () => {
    assert.equal(one(domain(withInterface({ state: 'absent' })), 'interface'), undefined);
  });

  for (const [what, subject, code] of [
    ['an interface without a network', vmi({}, {}, { interfaces: [{ name: 'x' }] }), 'NotFound'],
    [
      'a Multus network without bridge',
      withInterface({ masquerade: {} }, { multus: { networkName: 'n' } }),
      'NotSupported',
    ],
    ['SR-IOV', withInterface({ sriov: {} }), 'NotSupported'],
  ] as const) {
    it(`refuses ${what}`, () => {
      fails(subject, { code, field: 'spec.domain.devices.interfaces[0]' });
    });
  }
});

describe('domain devices', () => {
  const absent = (devices: VirtualMachineInstance['spec']['domain']['devices'], ...names: string[]) => {
    const root = domain(vmi({}, {}, devices));
    for (const name of names) assert.equal(one(root, name), undefined, name);
  };

  it('has no graphics, serial console or balloon where they are switched off', () => {
    absent({ autoattachGraphicsDevice: false }, 'graphics', 'video');
    absent({ autoattachSerialConsole: false }, 'serial');
    assert.equal(one(domain(vmi({}, {}, { autoattachMemBalloon: false })), 'memballoon')?.attributes['model'], 'none');
  });

  it('never logs the serial console to a file, which a guest could fill the node with', () => {
    assert.ok(one(domain(vmi()), 'serial'));
    assert.equal(one(domain(vmi()), 'log'), undefined);
  });

  it('lets the guest signal the end of an interrupt when asked', () => {
    const eoi = (endOfInterrupt?: boolean) =>
      one(domain(vmi({}, { features: { apic: { endOfInterrupt } } })), 'apic')?.attributes['eoi'];
    assert.deepEqual([eoi(), eoi(true), eoi(false)], [undefined, 'on', 'off']);
  });

  it('has a rng only when asked, and USB and SCSI controllers only when something needs them', () => {
    absent({}, 'rng');
    const models = (subject: VirtualMachineInstance) =>
      all(domain(subject), 'controller').map(({ attributes }) => `${attributes['type']} ${attributes['model']}`);
    assert.deepEqual(models(vmi()), ['usb none', 'virtio-serial virtio-non-transitional']);
    const busy = vmi(
      { volumes: [{ name: 'a', emptyDisk: { capacity: 1 } }] },
      {},
      {
        inputs: [{ name: 't', type: 'tablet' }],
        disks: [{ name: 'a', disk: { bus: 'scsi' } }],
        useVirtioTransitional: true,
      },
    );
    assert.deepEqual(models(busy), ['usb qemu-xhci', 'scsi virtio-transitional', 'virtio-serial virtio-transitional']);
  });

  it('turns free page reporting and statistics off when told', () => {
    const subject = vmi();
    subject.metadata!.annotations = { 'kubevirt.io/free-page-reporting-disabled': 'true' };
    const balloon = one(domain(subject, { config: config({ memBalloonStatsPeriod: 0 }) }), 'memballoon')!;
    assert.equal(balloon.attributes['freePageReporting'], 'off');
    assert.deepEqual(balloon.children, []);
  });

  it('ends the domain at a reboot when the VM says so', () => {
    assert.deepEqual(one(domain(vmi({}, { rebootPolicy: 'Terminate' })), 'on_reboot')?.children, ['destroy']);
    assert.deepEqual(one(domain(vmi()), 'on_reboot')?.children, ['restart']);
  });
});
