/*
 * Examples of the rules: at least one manifest that each accepts, two that it refuses, and what lies on its boundary (an
 * accepting example at the edge). A change is written as dotted paths set on one valid VMI.
 */

export type Change = Readonly<Record<string, unknown>>;
export interface Examples {
  readonly accepts: readonly Change[];
  /** The change, and the field of the one cause that this rule gives. */
  readonly refuses: readonly (readonly [change: Change, field: string])[];
  readonly gates?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
}

const D = 'spec.domain.devices.disks[0]';
const DEV = 'spec.domain.devices';
const V = 'spec.volumes[0]';
const REQ = 'spec.domain.resources.requests';
const LIM = 'spec.domain.resources.limits';
const CPU = 'spec.domain.cpu';
const CI = 'spec.volumes[1].cloudInitNoCloud';
const image = { image: 'registry.example/disk:v1' };
const root = { name: 'root', containerDisk: image };
const label64 = 'a'.repeat(64);
const pinned = { [`${CPU}.dedicatedCpuPlacement`]: true };
const cpus = (request: unknown, limit: unknown) => ({ ...pinned, [`${REQ}.cpu`]: request, [`${LIM}.cpu`]: limit });
const extra = (volume: object) => ({ 'spec.volumes[2]': { name: 'x', ...volume } });
const iface = (more: object) => ({
  [`${DEV}.interfaces`]: [{ name: 'default', masquerade: {}, ...more }],
  'spec.networks': [{ name: 'default', pod: {} }],
});
const IF = `${DEV}.interfaces[0]`;
const custom = (sizes: object) => ({ [`${D}.blockSize`]: { custom: sizes } });
const dns = (config: object) => ({ 'spec.dnsConfig': config });
const lun = (volume: object) => ({ [D]: { name: 'root', lun: { bus: 'scsi' } }, [V]: { name: 'root', ...volume } });

export const EXAMPLES: Readonly<Record<string, Examples>> = {
  'id.hostname': {
    accepts: [{ 'spec.hostname': 'a'.repeat(63) }],
    refuses: [
      [{ 'spec.hostname': label64 }, 'spec.hostname'],
      [{ 'spec.hostname': 'a.b' }, 'spec.hostname'],
    ],
  },
  'id.subdomain': {
    accepts: [{ 'spec.subdomain': 'a.b' }],
    refuses: [
      [{ 'spec.subdomain': 'A' }, 'spec.subdomain'],
      [{ 'spec.subdomain': 'a..b' }, 'spec.subdomain'],
    ],
  },
  'id.service-account': {
    accepts: [{ 'spec.serviceAccountName': 'sa.one' }],
    refuses: [
      [{ 'spec.serviceAccountName': 'SA' }, 'spec.serviceAccountName'],
      [{ 'spec.serviceAccountName': '-a' }, 'spec.serviceAccountName'],
    ],
  },
  'id.service-account-volume': {
    accepts: [{ 'spec.serviceAccountName': 'a', ...extra({ serviceAccount: { serviceAccountName: 'a' } }) }],
    refuses: [
      [
        { 'spec.serviceAccountName': 'a', ...extra({ serviceAccount: { serviceAccountName: 'b' } }) },
        'spec.serviceAccountName',
      ],
      [
        { 'spec.serviceAccountName': 'c', ...extra({ serviceAccount: { serviceAccountName: 'b' } }) },
        'spec.serviceAccountName',
      ],
    ],
  },
  'dns.none-needs-config': {
    accepts: [{ 'spec.dnsPolicy': 'None', ...dns({ nameservers: ['10.0.0.1'] }) }],
    refuses: [
      [{ 'spec.dnsPolicy': 'None' }, 'spec.dnsConfig'],
      [{ 'spec.dnsPolicy': 'None', ...dns({}) }, 'spec.dnsConfig.nameservers'],
    ],
  },
  'dns.nameserver-count': {
    accepts: [dns({ nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] })],
    refuses: [
      [dns({ nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] }), 'spec.dnsConfig.nameservers'],
      [dns({ nameservers: ['::1', '::2', '::3', '::4', '::5'] }), 'spec.dnsConfig.nameservers'],
    ],
  },
  'dns.nameserver-ip': {
    accepts: [dns({ nameservers: ['010.000.000.001', 'fd00::10'] })],
    refuses: [
      [dns({ nameservers: ['10.0.0.256'] }), 'spec.dnsConfig.nameservers[0]'],
      [dns({ nameservers: ['10.0.0.1', 'dns'] }), 'spec.dnsConfig.nameservers[1]'],
    ],
  },
  'dns.search-count': {
    accepts: [dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f'] })],
    refuses: [
      [dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }), 'spec.dnsConfig.searches'],
      [dns({ searches: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] }), 'spec.dnsConfig.searches'],
    ],
  },
  'dns.search-length': {
    accepts: [
      dns({
        searches: Array<string>(4)
          .fill('a'.repeat(63))
          .concat('b'.repeat(0) || 'c')
          .slice(0, 4),
      }),
    ],
    refuses: [
      [
        dns({ searches: ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(63), 'e'] }),
        'spec.dnsConfig.searches',
      ],
      [
        dns({ searches: [`${'a'.repeat(63)}.${'b'.repeat(63)}`, `${'c'.repeat(63)}.${'d'.repeat(63)}`, 'ef'] }),
        'spec.dnsConfig.searches',
      ],
    ],
  },
  'dns.search-name': {
    accepts: [dns({ searches: ['example.com'] })],
    refuses: [
      [dns({ searches: ['example.com.'] }), 'spec.dnsConfig.searches[0]'],
      [dns({ searches: ['Example.com'] }), 'spec.dnsConfig.searches[0]'],
    ],
  },
  'dns.option-name': {
    accepts: [dns({ options: [{ name: 'ndots', value: '5' }] })],
    refuses: [
      [dns({ options: [{ value: '5' }] }), 'spec.dnsConfig.options[0].name'],
      [dns({ options: [{ name: 'a' }, { name: '' }] }), 'spec.dnsConfig.options[1].name'],
    ],
  },
  'mem.request-negative': {
    accepts: [{ [`${REQ}.memory`]: '1M' }],
    refuses: [
      [{ [`${REQ}.memory`]: '-1Gi' }, `${REQ}.memory`],
      [{ [`${REQ}.memory`]: -1 }, `${REQ}.memory`],
    ],
  },
  'mem.request-min': {
    accepts: [{ [`${REQ}.memory`]: '1M' }],
    refuses: [
      [{ [`${REQ}.memory`]: '999999' }, `${REQ}.memory`],
      [{ [`${REQ}.memory`]: 1 }, `${REQ}.memory`],
    ],
  },
  'mem.limit-negative': {
    accepts: [{ [`${LIM}.memory`]: '1Gi' }],
    refuses: [
      [{ [`${LIM}.memory`]: '-1' }, `${LIM}.memory`],
      [{ [`${LIM}.memory`]: '-5Gi' }, `${LIM}.memory`],
    ],
  },
  'mem.request-over-limit': {
    accepts: [{ [`${LIM}.memory`]: '1Gi' }],
    refuses: [
      [{ [`${LIM}.memory`]: '1023Mi' }, `${REQ}.memory`],
      [{ [`${LIM}.memory`]: '1G' }, `${REQ}.memory`],
    ],
  },
  'mem.guest-positive': {
    accepts: [{ 'spec.domain.memory.guest': '1' }],
    refuses: [
      [{ 'spec.domain.memory.guest': '0' }, 'spec.domain.memory.guest'],
      [{ 'spec.domain.memory.guest': '-1Gi' }, 'spec.domain.memory.guest'],
    ],
  },
  'mem.hugepages-format': {
    accepts: [{ 'spec.domain.memory.hugepages.pageSize': '2Mi' }],
    refuses: [
      [{ 'spec.domain.memory.hugepages.pageSize': 'big' }, 'spec.domain.memory.hugepages.pageSize'],
      [{ 'spec.domain.memory.hugepages': {} }, 'spec.domain.memory.hugepages.pageSize'],
    ],
  },
  'mem.hugepages-larger': {
    accepts: [{ 'spec.domain.memory.hugepages.pageSize': '1Gi' }],
    refuses: [
      [{ 'spec.domain.memory.hugepages.pageSize': '2Gi' }, `${REQ}.memory`],
      [{ 'spec.domain.memory.hugepages.pageSize': '1025Mi' }, `${REQ}.memory`],
    ],
  },
  'mem.hugepages-multiple': {
    accepts: [{ 'spec.domain.memory.hugepages.pageSize': '512Mi' }],
    refuses: [
      [{ 'spec.domain.memory.hugepages.pageSize': '3Mi' }, `${REQ}.memory`],
      [{ 'spec.domain.memory.hugepages.pageSize': '1000Mi' }, `${REQ}.memory`],
    ],
  },
  'mem.guest-over-limit': {
    config: { vmRolloutStrategy: 'Stage' },
    accepts: [{ 'spec.domain.memory.guest': '1Gi', [`${LIM}.memory`]: '1Gi' }],
    refuses: [
      [{ 'spec.domain.memory.guest': '2Gi', [`${LIM}.memory`]: '1Gi' }, 'spec.domain.memory.guest'],
      [{ 'spec.domain.memory.guest': '1025Mi', [`${LIM}.memory`]: '1Gi' }, 'spec.domain.memory.guest'],
    ],
  },
  'mem.reserved-overhead-gate': {
    accepts: [{}],
    refuses: [
      [{ 'spec.domain.memory.reservedOverhead': {} }, 'spec.domain.memory.reservedOverhead'],
      [{ 'spec.domain.memory.reservedOverhead': { memLock: 'Required' } }, 'spec.domain.memory.reservedOverhead'],
    ],
  },
  'mem.none': {
    accepts: [{ 'spec.domain.resources': {}, 'spec.domain.memory.guest': '1Gi' }],
    refuses: [
      [{ 'spec.domain.resources': {} }, 'spec.domain.memory.guest'],
      [{ 'spec.domain.resources': { requests: { memory: '0' } } }, 'spec.domain.memory.guest'],
    ],
  },
  'arch.unknown': {
    accepts: [{ 'spec.architecture': 's390x' }],
    refuses: [
      [{ 'spec.architecture': 'ppc64le' }, 'spec.architecture'],
      [{ 'spec.architecture': 'x86_64' }, 'spec.architecture'],
    ],
  },
  'machine.type': {
    accepts: [{ 'spec.domain.machine.type': 'pc-q35-7.2' }],
    refuses: [
      [{ 'spec.domain.machine.type': 'pc' }, 'spec.domain.machine.type'],
      [{ 'spec.domain.machine.type': 'pc-i440fx-7.2' }, 'spec.domain.machine.type'],
    ],
  },
  'fw.bios-and-efi': {
    accepts: [{ 'spec.domain.firmware.bootloader.bios': {} }],
    refuses: [
      [{ 'spec.domain.firmware.bootloader': { bios: {}, efi: {} } }, 'spec.domain.firmware.bootloader'],
      [
        { 'spec.domain.firmware.bootloader': { bios: { useSerial: true }, efi: { secureBoot: false } } },
        'spec.domain.firmware.bootloader',
      ],
    ],
  },
  'start.strategy': {
    accepts: [{ 'spec.startStrategy': 'Paused' }],
    refuses: [
      [{ 'spec.startStrategy': 'paused' }, 'spec.startStrategy'],
      [{ 'spec.startStrategy': '' }, 'spec.startStrategy'],
    ],
  },
  'start.liveness': {
    accepts: [{ 'spec.startStrategy': 'Paused' }],
    refuses: [
      [{ 'spec.startStrategy': 'Paused', 'spec.livenessProbe': { guestAgentPing: {} } }, 'spec.startStrategy'],
      [{ 'spec.startStrategy': 'Paused', 'spec.livenessProbe': { exec: { command: ['a'] } } }, 'spec.startStrategy'],
    ],
  },
  'eviction.strategy': {
    accepts: [{ 'spec.evictionStrategy': 'External' }],
    refuses: [
      [{ 'spec.evictionStrategy': 'Migrate' }, 'spec.evictionStrategy'],
      [{ 'spec.evictionStrategy': 'none' }, 'spec.evictionStrategy'],
    ],
  },
  'input.device': {
    accepts: [{ [`${DEV}.inputs`]: [{ name: 'i', type: 'tablet', bus: 'virtio' }] }],
    refuses: [
      [{ [`${DEV}.inputs`]: [{ name: 'i', type: 'keyboard', bus: 'usb' }] }, `${DEV}.inputs[0].type`],
      [{ [`${DEV}.inputs`]: [{ name: 'i', type: 'tablet', bus: 'ps2' }] }, `${DEV}.inputs[0].bus`],
    ],
  },
  'iothreads.policy': {
    accepts: [
      { 'spec.domain.ioThreadsPolicy': 'supplementalPool', 'spec.domain.ioThreads.supplementalPoolThreadCount': 1 },
    ],
    refuses: [
      [{ 'spec.domain.ioThreadsPolicy': 'exclusive' }, 'spec.domain.ioThreadsPolicy'],
      [{ 'spec.domain.ioThreadsPolicy': 'supplementalPool' }, 'spec.domain.ioThreads.supplementalPoolThreadCount'],
    ],
  },
  'video.no-graphics': {
    accepts: [{ [`${DEV}.video.type`]: 'vga' }],
    refuses: [
      [{ [`${DEV}.video.type`]: 'vga', [`${DEV}.autoattachGraphicsDevice`]: false }, `${DEV}.video`],
      [{ [`${DEV}.video.type`]: 'bochs', [`${DEV}.autoattachGraphicsDevice`]: false }, `${DEV}.video`],
    ],
  },
  'video.type': {
    accepts: [{ [`${DEV}.video.type`]: 'bochs' }],
    refuses: [
      [{ [`${DEV}.video.type`]: 'qxl' }, `${DEV}.video.type`],
      [{ [`${DEV}.video`]: {} }, `${DEV}.video.type`],
    ],
  },
  'cpu.request-negative': {
    accepts: [{ [`${REQ}.cpu`]: '0' }],
    refuses: [
      [{ [`${REQ}.cpu`]: '-1m' }, `${REQ}.cpu`],
      [{ [`${REQ}.cpu`]: -2 }, `${REQ}.cpu`],
    ],
  },
  'cpu.limit-negative': {
    accepts: [{ [`${LIM}.cpu`]: '1m' }],
    refuses: [
      [{ [`${LIM}.cpu`]: '-1m' }, `${LIM}.cpu`],
      [{ [`${LIM}.cpu`]: -2 }, `${LIM}.cpu`],
    ],
  },
  'cpu.request-over-limit': {
    accepts: [{ [`${REQ}.cpu`]: '1', [`${LIM}.cpu`]: '1' }],
    refuses: [
      [{ [`${REQ}.cpu`]: '1001m', [`${LIM}.cpu`]: '1' }, `${REQ}.cpu`],
      [{ [`${REQ}.cpu`]: 4, [`${LIM}.cpu`]: 2 }, `${REQ}.cpu`],
    ],
  },
  'cpu.isolate-emulator': {
    accepts: [{ ...pinned, [`${CPU}.isolateEmulatorThread`]: true }],
    refuses: [
      [{ [`${CPU}.isolateEmulatorThread`]: true }, `${CPU}.isolateEmulatorThread`],
      [{ [`${CPU}.isolateEmulatorThread`]: true, [`${CPU}.cores`]: 2 }, `${CPU}.isolateEmulatorThread`],
    ],
  },
  'cpu.feature-policy': {
    accepts: [{ [`${CPU}.features`]: [{ name: 'vmx', policy: 'force' }, { name: 'apic' }] }],
    refuses: [
      [{ [`${CPU}.features`]: [{ name: 'vmx', policy: 'on' }] }, `${CPU}.features[0].policy`],
      [{ [`${CPU}.features`]: [{ name: 'a' }, { name: 'b', policy: 'Require' }] }, `${CPU}.features[1].policy`],
    ],
  },
  'cpu.max-sockets': {
    accepts: [{ [`${CPU}.sockets`]: 2, [`${CPU}.maxSockets`]: 2 }],
    refuses: [
      [{ [`${CPU}.sockets`]: 3, [`${CPU}.maxSockets`]: 2 }, `${CPU}.sockets`],
      [{ [`${CPU}.sockets`]: 9, [`${CPU}.maxSockets`]: 1 }, `${CPU}.sockets`],
    ],
  },
  'cpu.realtime-dedicated': {
    accepts: [{ ...pinned, [`${CPU}.realtime`]: {} }],
    refuses: [
      [{ [`${CPU}.realtime`]: {} }, `${CPU}.dedicatedCpuPlacement`],
      [{ [`${CPU}.realtime`]: { mask: '0' } }, `${CPU}.dedicatedCpuPlacement`],
    ],
  },
  'cpu.realtime-numa': {
    accepts: [{ [`${CPU}.realtime`]: {}, [`${CPU}.numa.guestMappingPassthrough`]: {} }],
    refuses: [
      [{ [`${CPU}.realtime`]: {} }, `${CPU}.numa.guestMappingPassthrough`],
      [{ ...pinned, [`${CPU}.realtime`]: {}, [`${CPU}.numa`]: {} }, `${CPU}.numa.guestMappingPassthrough`],
    ],
  },
  'cpu.numa-dedicated': {
    accepts: [{ ...pinned, [`${CPU}.numa.guestMappingPassthrough`]: {} }],
    refuses: [
      [{ [`${CPU}.numa.guestMappingPassthrough`]: {} }, `${CPU}.numa.guestMappingPassthrough`],
      [{ [`${CPU}.numa.guestMappingPassthrough`]: {}, [`${CPU}.cores`]: 2 }, `${CPU}.numa.guestMappingPassthrough`],
    ],
  },
  'cpu.numa-hugepages': {
    accepts: [{ [`${CPU}.numa.guestMappingPassthrough`]: {}, 'spec.domain.memory.hugepages.pageSize': '2Mi' }],
    refuses: [
      [{ [`${CPU}.numa.guestMappingPassthrough`]: {} }, `${CPU}.numa.guestMappingPassthrough`],
      [{ ...pinned, [`${CPU}.numa.guestMappingPassthrough`]: {} }, `${CPU}.numa.guestMappingPassthrough`],
    ],
  },
  'pin.request-integer': {
    accepts: [cpus('2000m', 2)],
    refuses: [
      [cpus('1500m', 2), `${REQ}.cpu`],
      [cpus('1001m', '1001m'), `${REQ}.cpu`],
    ],
  },
  'pin.limit-integer': {
    accepts: [cpus(2, '2000m')],
    refuses: [
      [cpus(1, '1500m'), `${LIM}.cpu`],
      [cpus('1001m', '1001m'), `${LIM}.cpu`],
    ],
  },
  'pin.memory-equal': {
    accepts: [{ ...pinned, [`${LIM}.memory`]: '1024Mi' }],
    refuses: [
      [{ ...pinned, [`${LIM}.memory`]: '2Gi' }, `${REQ}.memory`],
      [{ ...pinned, [`${LIM}.memory`]: '1025Mi' }, `${REQ}.memory`],
    ],
  },
  'pin.cpu-equal': {
    accepts: [cpus(2, 2)],
    refuses: [
      [cpus(1, 2), `${CPU}.dedicatedCpuPlacement`],
      [cpus(2, 4), `${CPU}.dedicatedCpuPlacement`],
    ],
  },
  'pin.cpu-vs-topology': {
    accepts: [{ ...cpus(4, 4), [`${CPU}.cores`]: 2, [`${CPU}.sockets`]: 2 }],
    refuses: [
      [{ ...cpus(4, 4), [`${CPU}.cores`]: 2 }, `${CPU}.dedicatedCpuPlacement`],
      [{ ...cpus(2, 2), [`${CPU}.cores`]: 3 }, `${CPU}.dedicatedCpuPlacement`],
    ],
  },
  'pin.arm-threads': {
    accepts: [{ ...pinned, 'spec.architecture': 'arm64', [`${CPU}.threads`]: 1 }],
    refuses: [
      [{ ...pinned, 'spec.architecture': 'arm64', [`${CPU}.threads`]: 2 }, `${CPU}.threads`],
      [{ ...pinned, 'spec.architecture': 'arm64', [`${CPU}.threads`]: 3 }, `${CPU}.threads`],
    ],
  },
  'pin.threads': {
    accepts: [{ ...pinned, [`${CPU}.threads`]: 2 }],
    refuses: [
      [{ ...pinned, [`${CPU}.threads`]: 3 }, `${CPU}.threads`],
      [{ ...pinned, [`${CPU}.threads`]: 8 }, `${CPU}.threads`],
    ],
  },
  'net.pod-single': {
    accepts: [iface({})],
    refuses: [
      [
        {
          'spec.networks': [
            { name: 'a', pod: {} },
            { name: 'b', pod: {} },
          ],
        },
        'spec.networks[1].pod',
      ],
      [
        {
          'spec.networks': [
            { name: 'a', multus: { networkName: 'x' } },
            { name: 'b', pod: {} },
            { name: 'c', pod: {} },
          ],
        },
        'spec.networks[2].pod',
      ],
    ],
  },
  'net.source': {
    accepts: [iface({})],
    refuses: [
      [{ 'spec.networks': [{ name: 'a' }] }, 'spec.networks[0]'],
      [{ 'spec.networks': [{ name: 'a', pod: {}, multus: { networkName: 'x' } }] }, 'spec.networks[0]'],
    ],
  },
  'net.multus-name': {
    accepts: [{ 'spec.networks': [{ name: 'a', multus: { networkName: 'x' } }] }],
    refuses: [
      [{ 'spec.networks': [{ name: 'a', multus: { networkName: '' } }] }, 'spec.networks[0].multus.networkName'],
      [
        {
          'spec.networks': [
            { name: 'a', pod: {} },
            { name: 'b', multus: { networkName: '' } },
          ],
        },
        'spec.networks[1].multus.networkName',
      ],
    ],
  },
  'net.name-unique': {
    accepts: [iface({})],
    refuses: [
      [
        {
          'spec.networks': [
            { name: 'a', pod: {} },
            { name: 'a', multus: { networkName: 'x' } },
          ],
        },
        'spec.networks[1].name',
      ],
      [{ 'spec.networks': [{ name: 'a' }, { name: 'b' }, { name: 'b' }] }, 'spec.networks[2].name'],
    ],
  },
  'net.no-iface': {
    accepts: [iface({})],
    refuses: [
      [{ 'spec.networks': [{ name: 'a', pod: {} }] }, 'spec.networks[0].name'],
      [{ ...iface({}), 'spec.networks[1]': { name: 'b', multus: { networkName: 'x' } } }, 'spec.networks[1].name'],
    ],
  },
  'if.slirp-gone': {
    accepts: [iface({})],
    refuses: [
      [iface({ masquerade: undefined, slirp: {} }), `${IF}.slirp`],
      [iface({ slirp: {} }), `${IF}.slirp`],
    ],
  },
  'if.passt-gone': {
    accepts: [iface({ masquerade: undefined, passtBinding: {} })],
    refuses: [
      [iface({ masquerade: undefined, passt: {} }), `${IF}.passt`],
      [iface({ passt: {} }), `${IF}.passt`],
    ],
  },
  'if.macvtap-gone': {
    accepts: [iface({})],
    refuses: [
      [iface({ masquerade: undefined, macvtap: {} }), `${IF}.macvtap`],
      [iface({ macvtap: {} }), `${IF}.macvtap`],
    ],
  },
  'if.one-binding': {
    accepts: [iface({})],
    refuses: [
      [iface({ masquerade: undefined }), IF],
      [iface({ bridge: {} }), IF],
    ],
  },
  'if.pod-binding': {
    accepts: [iface({})],
    refuses: [
      [{ ...iface({}), 'spec.networks': [{ name: 'default', multus: { networkName: 'x' } }] }, `${IF}.name`],
      [
        {
          ...iface({ masquerade: undefined, passtBinding: {} }),
          'spec.networks': [{ name: 'default', multus: { networkName: 'x' } }],
        },
        `${IF}.name`,
      ],
    ],
  },
  'if.masq-mac': {
    accepts: [iface({ macAddress: '02:00:00:00:00:01' })],
    refuses: [
      [iface({ macAddress: '02:00:00:00:00:00' }), `${IF}.macAddress`],
      [{ ...iface({ macAddress: '02:00:00:00:00:00', model: 'virtio' }) }, `${IF}.macAddress`],
    ],
  },
  'if.bridge-pod': {
    config: { network: { permitBridgeInterfaceOnPodNetwork: false, defaultNetworkInterface: 'masquerade' } },
    accepts: [iface({})],
    refuses: [
      [iface({ masquerade: undefined, bridge: {} }), `${IF}.bridge`],
      [iface({ bridge: {} }), `${IF}.bridge`],
    ],
  },
  'if.passt-gate': {
    config: { developerConfiguration: { disabledFeatureGates: ['PasstBinding'] } },
    accepts: [iface({})],
    refuses: [
      [iface({ masquerade: undefined, passtBinding: {} }), `${IF}.passtBinding`],
      [iface({ passtBinding: {} }), `${IF}.passtBinding`],
    ],
  },
  'if.name-unique': {
    accepts: [iface({})],
    refuses: [
      [{ ...iface({}), [`${DEV}.interfaces[1]`]: { name: 'default', bridge: {} } }, `${DEV}.interfaces[1].name`],
      [{ ...iface({}), [`${DEV}.interfaces[1]`]: { name: 'default', masquerade: {} } }, `${DEV}.interfaces[1].name`],
    ],
  },
  'if.no-network': {
    accepts: [iface({})],
    refuses: [
      [iface({ name: 'other' }), `${IF}.name`],
      [iface({ name: 'Default' }), `${IF}.name`],
    ],
  },
  'if.name-format': {
    accepts: [iface({ name: 'a_B-1' })],
    refuses: [
      [iface({ name: 'a.b' }), `${IF}.name`],
      [iface({ name: '' }), `${IF}.name`],
    ],
  },
  'if.model': {
    accepts: [iface({ model: 'e1000e' })],
    refuses: [
      [iface({ model: 'vmxnet3' }), `${IF}.model`],
      [iface({ model: 'VIRTIO' }), `${IF}.model`],
    ],
  },
  'if.mac': {
    accepts: [iface({ macAddress: 'de-ad-00-00-be-af' })],
    refuses: [
      [iface({ macAddress: 'de:ad:00:00:be:af:be' }), `${IF}.macAddress`],
      [iface({ macAddress: 'x' }), `${IF}.macAddress`],
    ],
  },
  'if.pci': {
    accepts: [iface({ pciAddress: '0000:81:01.7' })],
    refuses: [
      [iface({ pciAddress: '0000:81:01.8' }), `${IF}.pciAddress`],
      [iface({ pciAddress: '81:01.0' }), `${IF}.pciAddress`],
    ],
  },
  'if.ports': {
    accepts: [iface({ ports: [{ port: 1 }, { port: 65535, protocol: 'UDP' }] })],
    refuses: [
      [iface({ ports: [{ port: 65536 }] }), `${IF}.ports[0].port`],
      [
        iface({
          ports: [
            { port: 80, name: 'a' },
            { port: 81, name: 'a' },
          ],
        }),
        `${IF}.ports[1].name`,
      ],
      [iface({ ports: [{ port: 80, protocol: 'SCTP' }] }), `${IF}.ports[0].protocol`],
    ],
  },
  'disk.no-volume': {
    accepts: [{ [`${DEV}.disks[2]`]: { name: 'cd', cdrom: {} } }],
    refuses: [
      [{ [`${DEV}.disks[2]`]: { name: 'nothing', disk: {} } }, `${DEV}.disks[2].name`],
      [{ [`${D}.name`]: 'other' }, `${D}.name`],
    ],
  },
  'disk.empty-cdrom-gate': {
    config: { developerConfiguration: { disabledFeatureGates: ['DeclarativeHotplugVolumes'] } },
    accepts: [{ [D]: { name: 'root', cdrom: {} } }],
    refuses: [
      [{ [`${DEV}.disks[2]`]: { name: 'cd', cdrom: {} } }, `${DEV}.disks[2].name`],
      [{ [`${DEV}.disks[2]`]: { name: 'dvd', cdrom: { bus: 'sata' } } }, `${DEV}.disks[2].name`],
    ],
  },
  'disk.lun-source': {
    accepts: [lun({ persistentVolumeClaim: { claimName: 'c' } }), lun({ dataVolume: { name: 'd' } })],
    refuses: [
      [lun({ containerDisk: image }), `${D}.lun`],
      [lun({ emptyDisk: { capacity: '1Gi' } }), `${D}.lun`],
      [lun({ cloudInitNoCloud: { userData: 'x' } }), `${D}.lun`],
    ],
  },
  'disk.dm-target': {
    gates: ['DownwardMetrics'],
    accepts: [{ [D]: { name: 'root', disk: { bus: 'virtio' } }, [V]: { name: 'root', downwardMetrics: {} } }],
    refuses: [
      [{ [D]: { name: 'root', cdrom: {} }, [V]: { name: 'root', downwardMetrics: {} } }, `${D}.disk`],
      [{ [D]: { name: 'root', lun: {} }, [V]: { name: 'root', downwardMetrics: {} } }, `${D}.disk`],
    ],
  },
  'disk.dm-bus': {
    gates: ['DownwardMetrics'],
    accepts: [{ [D]: { name: 'root', disk: { bus: 'virtio' } }, [V]: { name: 'root', downwardMetrics: {} } }],
    refuses: [
      [{ [D]: { name: 'root', disk: { bus: 'sata' } }, [V]: { name: 'root', downwardMetrics: {} } }, `${D}.disk.bus`],
      [{ [D]: { name: 'root' }, [V]: { name: 'root', downwardMetrics: {} } }, `${D}.disk.bus`],
    ],
  },
  'pr.gate': {
    accepts: [lun({ persistentVolumeClaim: { claimName: 'c' } })],
    refuses: [
      [
        { ...lun({ persistentVolumeClaim: { claimName: 'c' } }), [`${D}.lun.reservation`]: true },
        `${D}.lun.reservation`,
      ],
      [{ ...lun({ dataVolume: { name: 'c' } }), [`${D}.lun.reservation`]: true }, `${D}.lun.reservation`],
    ],
  },
  'disk.boot-order-dup': {
    accepts: [{ [`${D}.bootOrder`]: 1, [`${DEV}.disks[1].bootOrder`]: 2 }],
    refuses: [
      [{ [`${D}.bootOrder`]: 1, [`${DEV}.disks[1].bootOrder`]: 1 }, `${DEV}.disks[1].bootOrder`],
      [{ [`${D}.bootOrder`]: 2, ...iface({ bootOrder: 2 }) }, `${IF}.bootOrder`],
    ],
  },
  'iface.boot-order-min': {
    accepts: [iface({ bootOrder: 1 })],
    refuses: [
      [iface({ bootOrder: 0 }), `${IF}.bootOrder`],
      [iface({ bootOrder: -1 }), `${IF}.bootOrder`],
    ],
  },
  'disk.floppy': {
    accepts: [{ [D]: { name: 'root', cdrom: {} } }],
    refuses: [
      [{ [D]: { name: 'root', floppy: {} } }, `${D}.floppy`],
      [{ [D]: { name: 'root', floppy: { readonly: true, tray: 'open' } } }, `${D}.floppy`],
    ],
  },
  'disk.name-unique': {
    accepts: [{}],
    refuses: [
      [{ [`${DEV}.disks[2]`]: { name: 'root', disk: {} } }, `${DEV}.disks[2].name`],
      [{ [`${DEV}.disks[1].name`]: 'root' }, `${DEV}.disks[1].name`],
    ],
  },
  'disk.name-label': {
    accepts: [{ [`${D}.name`]: 'a'.repeat(63), [`${V}.name`]: 'a'.repeat(63) }],
    refuses: [
      [{ [`${D}.name`]: label64, [`${V}.name`]: label64 }, `${D}.name`],
      [{ [`${D}.name`]: 'Root', [`${V}.name`]: 'Root' }, `${D}.name`],
    ],
  },
  'disk.one-target': {
    accepts: [{ [D]: { name: 'root' } }],
    refuses: [
      [{ [D]: { name: 'root', disk: {}, cdrom: {} } }, D],
      [{ [D]: { name: 'root', disk: {}, lun: {}, cdrom: {} } }, D],
    ],
  },
  'disk.pci-bus': {
    accepts: [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:01.0' } }],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'scsi', pciAddress: '0000:81:01.0' } }, `${D}.disk.pciAddress`],
      [{ [`${D}.disk`]: { pciAddress: '0000:81:01.0' } }, `${D}.disk.pciAddress`],
    ],
  },
  'disk.pci-format': {
    accepts: [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: 'ABCD:ef:01.7' } }],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:01.8' } }, `${D}.disk.pciAddress`],
      [{ [`${D}.disk`]: { bus: 'virtio', pciAddress: '0000:81:01:0' } }, `${D}.disk.pciAddress`],
    ],
  },
  'disk.boot-order-min': {
    accepts: [{ [`${D}.bootOrder`]: 1 }],
    refuses: [
      [{ [`${D}.bootOrder`]: 0 }, `${D}.bootOrder`],
      [{ [`${D}.bootOrder`]: -1 }, `${D}.bootOrder`],
    ],
  },
  'disk.bus-ide': {
    accepts: [{ [`${D}.disk.bus`]: 'sata' }],
    refuses: [
      [{ [`${D}.disk.bus`]: 'ide' }, `${D}.disk.bus`],
      [{ [D]: { name: 'root', cdrom: { bus: 'ide' } } }, `${D}.cdrom.bus`],
    ],
  },
  'disk.bus-unknown': {
    accepts: [{ [`${D}.disk.bus`]: 'usb' }],
    refuses: [
      [{ [`${D}.disk.bus`]: 'nvme' }, `${D}.disk.bus`],
      [{ [`${D}.disk.bus`]: 'VIRTIO' }, `${D}.disk.bus`],
    ],
  },
  'disk.bus-cdrom-virtio': {
    accepts: [{ [D]: { name: 'root', cdrom: { bus: 'scsi' } } }],
    refuses: [
      [{ [D]: { name: 'root', cdrom: { bus: 'virtio' } } }, `${D}.cdrom.bus`],
      [{ [D]: { name: 'root', cdrom: {} }, 'spec.architecture': 's390x' }, `${D}.cdrom.bus`],
    ],
  },
  'disk.bus-sata-readonly': {
    accepts: [{ [`${D}.disk`]: { bus: 'virtio', readonly: true } }],
    refuses: [
      [{ [`${D}.disk`]: { bus: 'sata', readonly: true } }, `${D}.disk.bus`],
      [{ [`${D}.disk`]: { readonly: true } }, `${D}.disk.bus`],
    ],
  },
  'disk.iothread-bus': {
    accepts: [{ [`${D}.dedicatedIOThread`]: true }],
    refuses: [
      [{ [`${D}.dedicatedIOThread`]: true, [`${D}.disk.bus`]: 'scsi' }, `${D}.dedicatedIOThread`],
      [{ [`${D}.dedicatedIOThread`]: true, [`${D}.disk`]: {} }, `${D}.dedicatedIOThread`],
    ],
  },
  'disk.serial-chars': {
    accepts: [{ [`${D}.serial`]: 'A-Za_z0.9+' }],
    refuses: [
      [{ [`${D}.serial`]: 'a b' }, `${D}.serial`],
      [{ [`${D}.serial`]: 'a/b' }, `${D}.serial`],
    ],
  },
  'disk.serial-length': {
    accepts: [{ [`${D}.serial`]: 'a'.repeat(256) }],
    refuses: [
      [{ [`${D}.serial`]: 'a'.repeat(257) }, `${D}.serial`],
      [{ [`${D}.serial`]: 'a'.repeat(999) }, `${D}.serial`],
    ],
  },
  'disk.cache': {
    accepts: [{ [`${D}.cache`]: 'writeback' }],
    refuses: [
      [{ [`${D}.cache`]: 'unsafe' }, `${D}.cache`],
      [{ [`${D}.cache`]: 'None' }, `${D}.cache`],
    ],
  },
  'disk.io': {
    accepts: [{ [`${D}.io`]: 'native' }],
    refuses: [
      [{ [`${D}.io`]: 'default' }, `${D}.io`],
      [{ [`${D}.io`]: 'io_uring' }, `${D}.io`],
    ],
  },
  'disk.error-policy': {
    accepts: [{ [`${D}.errorPolicy`]: 'enospace' }],
    refuses: [
      [{ [`${D}.errorPolicy`]: 'panic' }, `${D}.errorPolicy`],
      [{ [`${D}.errorPolicy`]: 'Stop' }, `${D}.errorPolicy`],
    ],
  },
  'disk.block-both': {
    accepts: [{ [`${D}.blockSize`]: { custom: { logical: 512, physical: 512 }, matchVolume: { enabled: false } } }],
    refuses: [
      [{ [`${D}.blockSize`]: { custom: { logical: 512, physical: 512 }, matchVolume: {} } }, `${D}.blockSize`],
      [{ [`${D}.blockSize`]: { custom: {}, matchVolume: { enabled: true } } }, `${D}.blockSize`],
    ],
  },
  'disk.block-size': {
    accepts: [custom({ logical: 512, physical: 2097152 })],
    refuses: [
      [custom({ logical: 4096, physical: 512 }), `${D}.blockSize.custom.logical`],
      [custom({ logical: 256, physical: 512 }), `${D}.blockSize.custom.logical`],
      [custom({ logical: 512, physical: 4194304 }), `${D}.blockSize.custom.physical`],
      [custom({ logical: 512, physical: 1000 }), `${D}.blockSize.custom.physical`],
      [custom({ logical: 4096, physical: 4096, discardGranularity: 512 }), `${D}.blockSize.custom.discardGranularity`],
      [{ ...custom({ logical: 4096, physical: 4096 }), [`${D}.disk.bus`]: 'sata' }, `${D}.blockSize.custom.logical`],
    ],
  },
  'disk.multiqueue-cpu': {
    accepts: [
      { [`${DEV}.blockMultiQueue`]: true, [`${REQ}.cpu`]: '1m' },
      { [`${DEV}.blockMultiQueue`]: true, [`${LIM}.cpu`]: 2 },
      { [`${DEV}.blockMultiQueue`]: false },
    ],
    refuses: [
      [{ [`${DEV}.blockMultiQueue`]: true }, `${DEV}.blockMultiQueue`],
      [{ [`${DEV}.blockMultiQueue`]: true, [`${REQ}.cpu`]: '0' }, `${DEV}.blockMultiQueue`],
      [{ [`${DEV}.blockMultiQueue`]: true, [`${CPU}.cores`]: 4 }, `${DEV}.blockMultiQueue`],
    ],
  },
  'vol.name-unique': {
    accepts: [{}],
    refuses: [
      [{ 'spec.volumes[2]': root }, 'spec.volumes[2].name'],
      [{ 'spec.volumes[1].name': 'root' }, 'spec.volumes[1].name'],
    ],
  },
  'vol.name-label': {
    accepts: [extra({ emptyDisk: { capacity: '1Gi' } })],
    refuses: [
      [
        {
          'spec.volumes[2]': { name: 'X', memoryDump: { claimName: 'c' } },
          [`${DEV}.filesystems`]: [{ name: 'X', virtiofs: {} }],
        },
        'spec.volumes[2].name',
      ],
      [
        {
          'spec.volumes[2]': { name: 'a.b', configMap: { name: 'c' } },
          [`${DEV}.filesystems`]: [{ name: 'a.b', virtiofs: {} }],
        },
        'spec.volumes[2].name',
      ],
    ],
  },
  'vol.one-source': {
    accepts: [{}],
    refuses: [
      [{ [V]: { name: 'root' } }, V],
      [{ [V]: { ...root, emptyDisk: { capacity: '1Gi' } } }, V],
    ],
  },
  'vol.dv-name': {
    accepts: [extra({ dataVolume: { name: 'd' } })],
    refuses: [
      [extra({ dataVolume: { name: '' } }), 'spec.volumes[2].dataVolume.name'],
      [{ [V]: { name: 'root', dataVolume: { name: '' } } }, `${V}.dataVolume.name`],
    ],
  },
  'vol.claim-name': {
    accepts: [extra({ persistentVolumeClaim: { claimName: 'c' } })],
    refuses: [
      [extra({ persistentVolumeClaim: { claimName: '' } }), 'spec.volumes[2].persistentVolumeClaim.claimName'],
      [{ [V]: { name: 'root', persistentVolumeClaim: { claimName: '' } } }, `${V}.persistentVolumeClaim.claimName`],
    ],
  },
  'vol.container-image': {
    accepts: [{}],
    refuses: [
      [{ [`${V}.containerDisk.image`]: '' }, `${V}.containerDisk.image`],
      [{ [`${V}.containerDisk.image`]: ' ' }, `${V}.containerDisk.image`],
    ],
  },
  'disk.container-path': {
    accepts: [{ [`${V}.containerDisk.path`]: '/disk/a.img' }, { [`${V}.containerDisk.path`]: '/disk/a/' }],
    refuses: [
      [{ [`${V}.containerDisk.path`]: '/' }, `${V}.containerDisk.path`],
      [{ [`${V}.containerDisk.path`]: 'disk/a' }, `${V}.containerDisk.path`],
      [{ [`${V}.containerDisk.path`]: '/disk/../a' }, `${V}.containerDisk.path`],
    ],
  },
  'vol.empty-capacity': {
    accepts: [extra({ emptyDisk: { capacity: 1 } })],
    refuses: [
      [extra({ emptyDisk: { capacity: '0' } }), 'spec.volumes[2].emptyDisk.capacity'],
      [extra({ emptyDisk: { capacity: '-1Gi' } }), 'spec.volumes[2].emptyDisk.capacity'],
    ],
  },
  'vol.hostdisk-gate': {
    accepts: [{}],
    refuses: [
      [extra({ hostDisk: { path: '/a', type: 'Disk' } }), 'spec.volumes[2].hostDisk'],
      [{ [V]: { name: 'root', hostDisk: { path: '/a', type: 'DiskOrCreate' } } }, `${V}.hostDisk`],
    ],
  },
  'vol.hostdisk-path': {
    gates: ['HostDisk'],
    accepts: [extra({ hostDisk: { path: '/a', type: 'Disk' } })],
    refuses: [
      [extra({ hostDisk: { path: '', type: 'Disk' } }), 'spec.volumes[2].hostDisk.path'],
      [{ [V]: { name: 'root', hostDisk: { path: '', type: 'Disk' } } }, `${V}.hostDisk.path`],
    ],
  },
  'vol.hostdisk-type': {
    gates: ['HostDisk'],
    accepts: [extra({ hostDisk: { path: '/a', type: 'DiskOrCreate', capacity: '1Gi' } })],
    refuses: [
      [extra({ hostDisk: { path: '/a', type: 'disk' } }), 'spec.volumes[2].hostDisk.type'],
      [extra({ hostDisk: { path: '/a', type: '' } }), 'spec.volumes[2].hostDisk.type'],
    ],
  },
  'vol.hostdisk-capacity': {
    gates: ['HostDisk'],
    accepts: [extra({ hostDisk: { path: '/a', type: 'Disk', capacity: '0' } })],
    refuses: [
      [extra({ hostDisk: { path: '/a', type: 'Disk', capacity: '1' } }), 'spec.volumes[2].hostDisk.capacity'],
      [extra({ hostDisk: { path: '/a', type: 'Disk', capacity: '1Gi' } }), 'spec.volumes[2].hostDisk.capacity'],
    ],
  },
  'vol.configmap-name': {
    accepts: [extra({ configMap: { name: 'c' } })],
    refuses: [
      [extra({ configMap: {} }), 'spec.volumes[2].configMap.name'],
      [extra({ configMap: { name: '' } }), 'spec.volumes[2].configMap.name'],
    ],
  },
  'vol.secret-name': {
    accepts: [extra({ secret: { secretName: 's' } })],
    refuses: [
      [extra({ secret: {} }), 'spec.volumes[2].secret.secretName'],
      [extra({ secret: { secretName: '' } }), 'spec.volumes[2].secret.secretName'],
    ],
  },
  'vol.sa-name': {
    accepts: [extra({ serviceAccount: { serviceAccountName: 's' } })],
    refuses: [
      [extra({ serviceAccount: {} }), 'spec.volumes[2].serviceAccount.serviceAccountName'],
      [extra({ serviceAccount: { serviceAccountName: '' } }), 'spec.volumes[2].serviceAccount.serviceAccountName'],
    ],
  },
  'vol.dm-gate': {
    accepts: [{}],
    refuses: [
      [extra({ downwardMetrics: {} }), 'spec.volumes[2].downwardMetrics'],
      [{ [V]: { name: 'root', downwardMetrics: {} } }, `${V}.downwardMetrics`],
    ],
  },
  'vol.sa-max': {
    accepts: [extra({ serviceAccount: { serviceAccountName: 's' } })],
    refuses: [
      [
        {
          ...extra({ serviceAccount: { serviceAccountName: 's' } }),
          [V]: { name: 'root', serviceAccount: { serviceAccountName: 's' } },
        },
        'spec.volumes',
      ],
      [{ ...extra({ serviceAccount: {} }), [V]: { name: 'root', serviceAccount: {} } }, 'spec.volumes'],
    ],
  },
  'vol.dm-max': {
    accepts: [extra({ downwardMetrics: {} })],
    refuses: [
      [{ ...extra({ downwardMetrics: {} }), [V]: { name: 'root', downwardMetrics: {} } }, 'spec.volumes'],
      [{ ...extra({ downwardMetrics: {} }), 'spec.volumes[1]': { name: 'init', downwardMetrics: {} } }, 'spec.volumes'],
    ],
  },
  'vol.memdump-max': {
    accepts: [extra({ memoryDump: { claimName: 'a' } })],
    refuses: [
      [
        { ...extra({ memoryDump: { claimName: 'a' } }), [V]: { name: 'root', memoryDump: { claimName: 'a' } } },
        'spec.volumes',
      ],
      [
        {
          ...extra({ memoryDump: { claimName: 'a' } }),
          'spec.volumes[1]': { name: 'init', memoryDump: { claimName: 'b' } },
        },
        'spec.volumes',
      ],
    ],
  },
  'vol.utility-on-create': {
    accepts: [{}],
    refuses: [
      [{ 'spec.utilityVolumes': [] }, 'spec.utilityVolumes'],
      [{ 'spec.utilityVolumes': [{ name: 'u', claimName: 'c' }] }, 'spec.utilityVolumes'],
    ],
  },
  'map.containerpath': {
    accepts: [{ ...extra({ containerPath: { path: '/a' } }), [`${DEV}.filesystems`]: [{ name: 'x', virtiofs: {} }] }],
    refuses: [
      [extra({ containerPath: { path: '/a' } }), 'spec.volumes[2]'],
      [{ [V]: { name: 'root', containerPath: { path: '/b' } } }, V],
    ],
  },
  'map.containerpath-reserved': {
    accepts: [extra({ containerPath: { path: '/var/run/other' } })],
    refuses: [
      [extra({ containerPath: { path: '/var/run/kubevirt' } }), 'spec.volumes[2].containerPath.path'],
      [extra({ containerPath: { path: '/var/run/libvirt/x' } }), 'spec.volumes[2].containerPath.path'],
    ],
  },
  'ci.user-base64': {
    accepts: [{ [CI]: { userDataBase64: 'aGVsbG8=' } }],
    refuses: [
      [{ [CI]: { userDataBase64: 'aGVsbG8' } }, `${CI}.userDataBase64`],
      [{ [CI]: { userDataBase64: 'hell o' } }, `${CI}.userDataBase64`],
    ],
  },
  'ci.user-one': {
    accepts: [{ [CI]: { secretRef: { name: 's' } } }],
    refuses: [
      [{ [CI]: { userData: 'a', secretRef: { name: 's' } } }, CI],
      [{ [CI]: { userData: 'a', userDataBase64: 'aGVsbG8=' } }, CI],
    ],
  },
  'ci.user-size': {
    accepts: [{ [CI]: { userData: 'a'.repeat(2048) } }],
    refuses: [
      [{ [CI]: { userData: 'a'.repeat(2049) } }, `${CI}.userData`],
      [{ [CI]: { userData: 'ä'.repeat(1025) } }, `${CI}.userData`],
      [{ [CI]: { userDataBase64: Buffer.alloc(2049).toString('base64') } }, `${CI}.userDataBase64`],
    ],
  },
  'ci.net-base64': {
    accepts: [{ [CI]: { networkDataBase64: 'aGVsbG8=' } }],
    refuses: [
      [{ [CI]: { networkDataBase64: '=' } }, `${CI}.networkDataBase64`],
      [{ [CI]: { networkDataBase64: 'ä' } }, `${CI}.networkDataBase64`],
    ],
  },
  'ci.net-one': {
    accepts: [{ [CI]: { networkDataSecretRef: { name: 's' } } }],
    refuses: [
      [{ [CI]: { networkData: 'a', networkDataSecretRef: { name: 's' } } }, CI],
      [{ [CI]: { networkData: 'a', networkDataBase64: 'aGVsbG8=' } }, CI],
    ],
  },
  'ci.net-size': {
    accepts: [{ [CI]: { networkData: 'a'.repeat(2048) } }],
    refuses: [
      [{ [CI]: { networkData: 'a'.repeat(2049) } }, `${CI}.networkData`],
      [{ [CI]: { networkDataBase64: Buffer.alloc(2049).toString('base64') } }, `${CI}.networkDataBase64`],
    ],
  },
  'ci.none': {
    accepts: [{ [CI]: { networkData: 'a' } }],
    refuses: [
      [{ [CI]: {} }, CI],
      [{ [CI]: { userData: '' } }, CI],
    ],
  },
  'meta.labels': {
    accepts: [{ 'metadata.labels': { 'kubevirt.io/vm': 'a' } }],
    refuses: [
      [{ 'metadata.labels': { 'kubevirt.io/nodeName': 'n' } }, 'metadata.labels[kubevirt.io/nodeName]'],
      [{ 'metadata.labels': { 'kubevirt.io/created-by': '' } }, 'metadata.labels[kubevirt.io/created-by]'],
    ],
  },
  'meta.ignition': {
    accepts: [{ 'metadata.annotations': { 'kubevirt.io/ignitiondata': '' } }],
    refuses: [
      [
        { 'metadata.annotations': { 'kubevirt.io/ignitiondata': '{}' } },
        'metadata.annotations[kubevirt.io/ignitiondata]',
      ],
      [
        { 'metadata.annotations': { a: 'b', 'kubevirt.io/ignitiondata': 'x' } },
        'metadata.annotations[kubevirt.io/ignitiondata]',
      ],
    ],
  },
  'meta.sidecar': {
    accepts: [{ 'metadata.annotations': { 'hooks.kubevirt.io/other': 'x' } }],
    refuses: [
      [
        { 'metadata.annotations': { 'hooks.kubevirt.io/hookSidecars': '[]' } },
        'metadata.annotations[hooks.kubevirt.io/hookSidecars]',
      ],
      [
        { 'metadata.annotations': { a: 'b', 'hooks.kubevirt.io/hookSidecars': 'x' } },
        'metadata.annotations[hooks.kubevirt.io/hookSidecars]',
      ],
    ],
  },
};
