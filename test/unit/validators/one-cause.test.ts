import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import type { Cause } from '../../../src/api/cause.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { KubeVirt } from '../../../src/api/schema/kinds.js';
import { EXAMPLES } from '../../../src/validators/examples.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import { iface, type Change, type Examples } from '../../../src/validators/rule/examples.js';

const contextOf = ({ gates = [], config = {} }: Partial<Examples> = {}): AdmissionContext => ({
  config: resolveClusterConfig({
    spec: { configuration: { developerConfiguration: { featureGates: gates }, ...config } },
  } as unknown as KubeVirt),
  newUuid: () => '00000000-0000-4000-8000-000000000000',
});

const causesOf = (object: unknown, context: AdmissionContext): readonly Cause[] =>
  admit({ kind: 'VirtualMachineInstance', operation: 'CREATE', object, user: { username: 'alice' } }, context).causes;

const DEV = 'spec.domain.devices';
const BOOT = 'spec.domain.firmware.bootloader';
const onMultus: Change = { 'spec.networks': [{ name: 'default', multus: { networkName: 'x' } }] };
const onClaim: Change = { 'spec.networks': [{ name: 'default', resourceClaim: { claimName: 'c', requestName: 'r' } }] };

const listed: Change = { 'spec.resourceClaims': [{ name: 'c', resourceClaimName: 'stored' }] };
const plugin = { name: 'p', deviceName: 'vendor/gpu' };
const claim = (claimName: string, requestName: string) => ({ claimName, requestName });
const claimed = (claimName: string, requestName: string) => ({
  name: `g${requestName}`,
  ...claim(claimName, requestName),
});
const gpus = (...list: readonly object[]): Change => ({ [`${DEV}.gpus`]: list });

/** Mistakes that several rules could report, and the one that does. */
const MISTAKES: Readonly<
  Record<string, readonly [change: Change, rule: string | readonly string[], cluster?: Partial<Examples>]>
> = {
  'a name that no disk may have is no name of a volume either': [
    { [`${DEV}.disks[0].name`]: 'a.b' },
    'disk.name-label',
  ],
  'a disk named twice lacks its volume once': [
    { [`${DEV}.disks[2]`]: { name: 'x' }, [`${DEV}.disks[3]`]: { name: 'x' } },
    ['disk.no-volume', 'disk.name-unique'],
  ],
  'an interface named twice lacks its network once': [
    {
      [`${DEV}.interfaces`]: ['default', 'x', 'x'].map((name) => ({ name, bridge: {} })),
      'spec.networks': [{ name: 'default', pod: {} }],
    },
    ['if.name-unique', 'if.no-network'],
  ],
  'a network named twice lacks its interface once': [
    {
      [`${DEV}.interfaces`]: [{ name: 'default', bridge: {} }],
      'spec.networks': [
        { name: 'default', pod: {} },
        ...['x', 'x'].map((name) => ({ name, multus: { networkName: 'n' } })),
      ],
    },
    ['net.name-unique', 'net.no-iface'],
  ],
  'EFI beside BIOS has secure boot, which goes with it': [{ [BOOT]: { bios: {}, efi: {} } }, 'fw.bios-and-efi'],
  'on arm64 only EFI can be kept': [{ [BOOT]: { bios: {}, efi: {} }, 'spec.architecture': 'arm64' }, 'arch.arm64-bios'],
  'SNP excludes the secure boot that lacks SMM': [
    { [`${BOOT}.efi`]: {}, 'spec.domain.launchSecurity.snp': {} },
    'ls.secureboot',
  ],
  'launch security without EFI has no secure boot either': [{ 'spec.domain.launchSecurity.sev': {} }, 'ls.ovmf'],
  'an ACPI table in a volume without a source': [
    { 'spec.domain.firmware.acpi.slicNameRef': 'x', 'spec.volumes[2]': { name: 'x' } },
    'vol.one-source',
  ],
  'an absent interface of another binding on the pod network': [iface({ state: 'absent' }), 'if.state-absent-bridge'],
  'an interface without a binding cannot be unplugged': [
    iface({ masquerade: undefined, state: 'absent' }),
    'if.one-binding',
  ],
  'an interface without a binding has no port ranges': [
    iface({ masquerade: undefined, portRanges: [{ start: 1, end: 2, protocol: 'TCP' }] }),
    'if.one-binding',
    { gates: ['PortRangesSpec'] },
  ],
  'port ranges without their gate are not looked at': [
    iface({ portRanges: [{ start: 9, end: 2, protocol: 'x' }], ports: [{ port: 80 }] }),
    'if.pr-gate',
  ],
  'masquerade on a network of no kind': [{ ...iface({}), 'spec.networks': [{ name: 'default' }] }, 'net.source'],
  'masquerade on a network of multus': [{ ...iface({}), ...onMultus }, 'if.pod-binding'],
  'masquerade on a network of a claim': [
    { ...iface({}), ...onClaim, ...listed },
    'net.dra-binding',
    { gates: ['NetworkDevicesWithDRA'] },
  ],
  'an interface without a binding on a network of a claim': [
    { ...iface({ masquerade: undefined }), ...onClaim, ...listed },
    'if.one-binding',
    { gates: ['NetworkDevicesWithDRA'] },
  ],
  'a discontinued binding, its gate listed': [
    iface({ masquerade: undefined, passt: {} }),
    'if.passt-gone',
    { gates: ['Passt'] },
  ],
  'two private DHCP options that do not exist': [
    iface({
      dhcpOptions: {
        privateOptions: [
          { option: 240, value: 'a' },
          { option: 5, value: 'b' },
        ],
      },
    }),
    'if.dhcp-range',
  ],
  'a wrong sound card on arm64': [
    { [`${DEV}.sound`]: { name: '', model: 'sb16' }, 'spec.architecture': 'arm64' },
    'arch.arm64-sound',
  ],
  'a wrong panic device on s390x': [
    { [`${DEV}.panicDevices`]: [{ model: 'x' }], 'spec.architecture': 's390x' },
    'panic.s390x',
  ],
  'the IDE bus on arm64': [{ [`${DEV}.disks[0].disk.bus`]: 'ide', 'spec.architecture': 'arm64' }, 'disk.bus-ide'],
  'two resource claims of one name': [
    { 'spec.resourceClaims': ['a', 'b'].map((resourceClaimName) => ({ name: 'c', resourceClaimName })) },
    'schema.duplicate',
  ],
  'downwardMetrics as a lun': [
    {
      [`${DEV}.disks[0]`]: { name: 'root', lun: { bus: 'scsi' } },
      'spec.volumes[0]': { name: 'root', downwardMetrics: {} },
    },
    'disk.dm-target',
    { gates: ['DownwardMetrics'] },
  ],
  'a GPU of a plugin and a claim, the claim not listed': [gpus({ ...plugin, ...claim('c', 'r') }), 'dra.dev-both'],
  'such a GPU beside one of a claim is not mixed': [
    { ...gpus(claimed('c', 'r'), { ...plugin, ...claim('c', 's') }), ...listed },
    'dra.dev-both',
  ],
  'a GPU of nothing beside one of a claim is not mixed': [
    { ...gpus(claimed('c', 'r'), { name: 'g' }), ...listed },
    'dra.dev-empty',
  ],
  'claims of mixed GPUs are not looked at': [gpus(claimed('c', 'r'), claimed('c', 'r'), plugin), 'dra.gpu-mixed'],
  'claims of GPUs without their gate are not looked at': [
    gpus({ name: 'g', requestName: 'r' }),
    'dra.gate',
    { config: { developerConfiguration: { disabledFeatureGates: ['GPUsWithDRA'] } } },
  ],
  'nor whether they are listed': [
    gpus(claimed('c', 'r')),
    'dra.gate',
    { config: { developerConfiguration: { disabledFeatureGates: ['GPUsWithDRA'] } } },
  ],
  'a claim that two GPUs use and the VM does not have': [
    gpus(claimed('c', 'r'), claimed('c', 's')),
    'dra.claims-listed',
  ],
  'two GPUs without a request are no twins': [
    { ...gpus(claimed('c', ''), claimed('c', '')), ...listed },
    ['dra.dev-request', 'dra.dev-request'],
  ],
  'two bindings on a network of a claim': [
    { ...iface({ masquerade: undefined, sriov: {}, bridge: {} }), ...onClaim, ...listed },
    'if.one-binding',
    { gates: ['NetworkDevicesWithDRA'] },
  ],
  'evmcs whose vapic is off gets no vmx': [
    { 'spec.domain.features.hyperv': { evmcs: {}, vapic: { enabled: false } } },
    'hv.dep',
  ],
};

type Json = Record<string, unknown>;

/** Removes the field at a path such as `spec.disks[0].tag`. */
const remove = (object: Json, path: string): void => {
  const steps = path.split(/[.[\]]+/).filter(Boolean);
  const parent = steps.slice(0, -1).reduce<Json | undefined>((at, step) => at?.[step] as Json | undefined, object);
  // What was defaulted (EFI on arm64) cannot be removed.
  if (parent) Reflect.deleteProperty(parent, steps.at(-1) ?? '');
};

const isNotActedOn = ({ rule }: Cause): boolean => rule === 'field.not-acted-on';
/** Not the message: what to write instead may be another bus on another architecture. */
const key = ({ rule, field }: Cause): string => `${rule} ${field}`;

describe('one mistake', () => {
  describe('has one cause', () => {
    for (const [name, [change, rule, cluster]] of Object.entries(MISTAKES)) {
      it(name, () => {
        const causes = causesOf(manifest(change), { ...contextOf(cluster), allowNotActedOn: true });
        assert.deepEqual(
          causes.map((cause) => cause.rule),
          [rule].flat(),
          JSON.stringify(causes),
        );
      });
    }
  });

  describe('is told with what to write in that place', () => {
    const firstCause = (change: Change, gates: readonly string[] = []) =>
      causesOf(manifest(change), { ...contextOf({ gates }), allowNotActedOn: true })[0];
    const message = (change: Change, gates?: readonly string[]) => firstCause(change, gates)?.message ?? '';
    it('a discontinued binding: that its gate does nothing, where it is listed', () => {
      const change = iface({ masquerade: undefined, macvtap: {} });
      assert.match(message(change, ['Macvtap']), /feature gate Macvtap does nothing/);
      assert.doesNotMatch(message(change), /feature gate/);
    });
    it('a bus on arm64: the one that the target can be on', () => {
      const on = { 'spec.architecture': 'arm64' };
      assert.match(message({ ...on, [`${DEV}.disks[0].disk.bus`]: 'sata' }), /write virtio or scsi$/);
      assert.match(message({ ...on, [`${DEV}.disks[0]`]: { name: 'root', cdrom: { bus: 'sata' } } }), /write scsi$/);
    });
    it('a CD-ROM on virtio: the buses that the architecture has', () => {
      const cdrom = { [`${DEV}.disks[0]`]: { name: 'root', cdrom: { bus: 'virtio' } } };
      assert.match(message(cdrom), /write sata or scsi$/);
      assert.match(message({ ...cdrom, 'spec.architecture': 's390x' }), /write scsi$/);
    });
    it('launch security: none or several, and the EFI that each technology can have', () => {
      assert.match(message({ 'spec.domain.launchSecurity': {} }), /^says nothing/);
      assert.match(message({ 'spec.domain.launchSecurity': { sev: {}, snp: {} } }), /^is sev and snp at once/);
      assert.match(message({ 'spec.domain.launchSecurity.snp': {} }), /efi: \{secureBoot: false\}$/);
      assert.match(message({ 'spec.domain.launchSecurity.tdx': {} }, ['WorkloadEncryptionTDX']), /efi: \{\}$/);
    });
    it('ports: none is missing, one too high is wrong; ranges: the protocol they share', () => {
      assert.equal(firstCause(iface({ ports: [{ port: 0 }] }))?.type, 'FieldValueRequired');
      assert.equal(firstCause(iface({ ports: [{ port: 65_536 }] }))?.type, 'FieldValueInvalid');
      const ranges = [1, 2].map((start) => ({ start, end: 9, protocol: 'UDP' }));
      assert.match(message(iface({ portRanges: ranges }), ['PortRangesSpec']), /the UDP ports 2-9 overlap/);
    });
  });

  it('that is a field not acted on has no other: what is said stays when that field is removed', () => {
    const repeated: string[] = [];
    for (const [id, examples] of Object.entries(EXAMPLES)) {
      // The volume's name is the disk's mistake, as soon as its filesystem has gone.
      if (id === 'vol.name-label') continue;
      // An interface of a refused network has to go with it: its own refusal is not said beside.
      if (id === 'if.state-sriov' || id === 'if.state-absent-bridge') continue;
      if (examples.kind !== undefined || examples.old !== undefined) continue;
      for (const [change] of examples.refuses) {
        const context = contextOf(examples);
        const object = manifest(change);
        const before = causesOf(object, context);
        if (!before.some(isNotActedOn)) continue;
        for (const { field } of before.filter(isNotActedOn)) remove(object, field);
        const after = causesOf(object, context).map(key);
        const gone = before.filter((cause) => !isNotActedOn(cause) && !after.includes(key(cause)));
        repeated.push(...gone.map((cause) => `${id}: ${key(cause)}`));
      }
    }
    assert.deepEqual(repeated, []);
  });
});
