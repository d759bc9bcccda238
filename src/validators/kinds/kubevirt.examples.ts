import type { Change, ExampleTable } from '../rule/examples.js';

const kind = 'KubeVirt' as const;
const C = 'spec.configuration';
const DEVELOPER = `${C}.developerConfiguration`;
const set = (path: string, value: unknown): Change => ({ [`${C}.${path}`]: value });
const field = (path: string): string => `${C}.${path}`;
/** One setting: values that work, and values that do not. */
const setting = (path: string, accepted: readonly unknown[], refused: readonly unknown[]) => ({
  kind,
  accepts: accepted.map((value) => set(path, value)),
  refuses: refused.map((value) => [set(path, value), field(path)] as const),
});

export const kubevirtExamples: ExampleTable = {
  'kv.place': {
    why: 'Nothing reads the object there, and its settings would seem to work.',
    kind,
    accepts: [{ 'metadata.namespace': 'kubevirt' }, { 'metadata.namespace': undefined }],
    refuses: [
      [{ 'metadata.namespace': 'default' }, 'metadata.namespace'],
      [{ 'metadata.namespace': 'vms' }, 'metadata.namespace'],
    ],
  },
  'kv.one': {
    why: 'Which of the two holds would be chance.',
    kind,
    settingsObject: 'kubevirt',
    accepts: [{ 'metadata.name': 'kubevirt' }],
    refuses: [
      [{ 'metadata.name': 'second' }, 'metadata.name'],
      [{ 'metadata.name': 'kubevirt-2' }, 'metadata.name'],
    ],
  },
  'kv.gate-twice': {
    kind,
    accepts: [{ [DEVELOPER]: { featureGates: ['HostDisk'], disabledFeatureGates: ['Snapshot'] } }],
    refuses: [
      [
        { [DEVELOPER]: { featureGates: ['HostDisk'], disabledFeatureGates: ['Snapshot', 'HostDisk'] } },
        `${DEVELOPER}.disabledFeatureGates[1]`,
      ],
      [
        { [DEVELOPER]: { featureGates: ['Unknown'], disabledFeatureGates: ['Unknown'] } },
        `${DEVELOPER}.disabledFeatureGates[0]`,
      ],
    ],
  },
  'kv.overhead-ratio': setting(
    'additionalGuestMemoryOverheadRatio',
    ['1', '1.25', '10'],
    ['0.9', 'much', '-1', '', '1e1'],
  ),
  'kv.cpu-allocation-ratio': setting('developerConfiguration.cpuAllocationRatio', [1, 10], [0, -1]),
  'kv.memory-overcommit': setting('developerConfiguration.memoryOvercommit', [1, 100, 150], [0, -100]),
  'kv.hotplug-ratio': setting('liveUpdateConfiguration.maxHotplugRatio', [1, 4], [0, -4]),
  'kv.hotplug-sockets': setting('liveUpdateConfiguration.maxCpuSockets', [1, 8], [0, -8]),
  'kv.balloon-period': setting('memBalloonStatsPeriod', [0, 10], [-1, -10]),
  'kv.pvc-reserve': setting('developerConfiguration.minimumReservePVCBytes', [0, 131072], [-1, -131072]),
  'kv.pvc-tolerance': setting('developerConfiguration.pvcTolerateLessSpaceUpToPercent', [0, 10, 100], [101, -1]),
  'kv.cpu-request': setting('cpuRequest', ['1m', '100m', 1], ['0', '-100m']),
  'kv.verification-memory': setting(
    'developerConfiguration.diskVerification.memoryLimit',
    ['64Mi', '2000Mi'],
    ['2000', '0', '-1Gi'],
  ),
  'kv.hotplug-guest': setting('liveUpdateConfiguration.maxGuest', ['2Mi', '64Gi'], ['0', '3Mi', '-2Gi']),
  'kv.rollout-strategy': setting('vmRolloutStrategy', ['LiveUpdate', 'Stage', ''], ['liveUpdate', 'Staged']),
  'kv.eviction-strategy': setting('evictionStrategy', ['None', 'LiveMigrate'], ['none', 'Evict']),
  'kv.default-network': setting('network.defaultNetworkInterface', ['bridge', 'masquerade'], ['slirp', 'Bridge']),
  'kv.default-architecture': setting(
    'architectureConfiguration.defaultArchitecture',
    ['amd64', 'arm64', 's390x'],
    ['x86_64', 'ppc64le'],
  ),
  'kv.machine-type': {
    kind,
    accepts: [
      set('machineType', 'pc-q35-9.2'),
      { ...set('machineType', 'pc-i440fx-9.2'), ...set('emulatedMachines', ['pc-i440fx*', 'q35']) },
      set('architectureConfiguration.arm64', { machineType: 'virt-9.2' }),
    ],
    refuses: [
      [set('machineType', 'pc'), field('machineType')],
      [set('machineType', 'q35s'), field('machineType')],
      [set('emulatedMachines', []), field('emulatedMachines')],
      [
        set('architectureConfiguration.arm64', { machineType: 'q35' }),
        field('architectureConfiguration.arm64.machineType'),
      ],
      [
        set('architectureConfiguration.s390x', { emulatedMachines: ['x'] }),
        field('architectureConfiguration.s390x.emulatedMachines'),
      ],
    ],
  },
  'kv.smbios': {
    kind,
    accepts: [set('smbios', { product: 'a b' }), set('smbios', { manufacturer: 'Größe & Söhne', product: 'VM' })],
    refuses: [
      [set('smbios', { product: 'a\nb' }), field('smbios.product')],
      [set('smbios', { family: 'a\u0000' }), field('smbios.family')],
    ],
  },
};
