import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseDocument } from 'yaml';
import { admit } from '../../../src/admission/admit.js';
import { permissionsOf } from '../../../src/admission/permissions/index.js';
import { WARNING_EXAMPLES } from '../../../src/admission/warnings/examples.js';
import { WARNINGS } from '../../../src/admission/warnings/index.js';
import type { AdmissionWarning } from '../../../src/admission/warnings/warning.js';
import { CLOUD_CONFIG_KEYS } from '../../../src/api/cloud-init/keys.js';
import { isDeprecatedMachineType } from '../../../src/api/machine-types.js';
import { cpuSpread } from '../../../src/api/vmi/cpu-spread.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { FEATURE_GATES, type GateState } from '../../../src/api/settings/feature-gates.js';
import { matchesWarning } from '../../../src/api/settings/warning-switch.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { sized } from '../../../src/controller/vm/instancetypes.js';
import { shippedSource } from '../../../src/instancetypes/shipped/index.js';
import type { InstancetypeSource } from '../../../src/instancetypes/source.js';
import type { KubeVirtConfiguration } from '../../../src/api/schema/kubevirt-configuration.js';
import { NOT_ACTED_ON_ANNOTATIONS, SWITCH_ANNOTATIONS } from '../../../src/api/vmi/kubevirt-annotations.js';
import { effectiveRunStrategy } from '../../../src/api/vmi/run-strategy.js';
import { networkWish } from '../../../src/agent/network/vm-network.js';
import { attachments } from '../../../src/launcher/attachments.js';
import { parseQuantity } from '../../../src/api/quantity.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';
import { decideEviction } from '../../../src/webhook/eviction/decision.js';
import type { XmlElement } from '../../../src/domain/xml.js';
import { all, one } from '../domain/read-xml.js';
import { admissionContext, factsOf, qosClassOf, render, textOf, type Rendered } from './rendered.js';

/*
 * Whenever a warning is given, what it says is true of the pod and the domain that the VM becomes; and whenever it is
 * true, the warning is given. Every id is in one of the tables below: a new warning without a check fails this test.
 */

type Written = Record<string, unknown> & { spec: VirtualMachineInstance['spec'] };
interface Case {
  readonly written: Written;
  readonly configuration: KubeVirtConfiguration;
  readonly rendered: Rendered;
}

const RES = 'spec.domain.resources';
const IMAGE = { containerDisk: { image: 'registry.example/disk:v1' } };
const DISKS = [
  { name: 'root', disk: { bus: 'virtio' } },
  { name: 'init', disk: { bus: 'virtio' } },
  { name: 'dvd', cdrom: { bus: 'sata' } },
] as const;

/** The same manifest with something written otherwise. */
const otherwise = ({ written, configuration }: Case, change: (spec: Written['spec'], object: Written) => void) => {
  const copy = structuredClone(written);
  change(copy.spec, copy);
  return render(copy, configuration);
};

const maybe = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const MEMORY = ['512Mi', '1Gi', '1024Mi', '1500M', '4Gi', '0'] as const;
const CPU: readonly (string | number)[] = ['250m', '1', 1, '1500m', '4', '0'];

const arbitraryCase: fc.Arbitrary<Case> = fc
  .record({
    guest: maybe('512Mi', '1Gi', '4Gi', '1500M'),
    requestedMemory: maybe(...MEMORY),
    limitedMemory: maybe(...MEMORY),
    requestedCpu: maybe(...CPU),
    limitedCpu: maybe(...CPU),
    overcommit: maybe(true, false),
    cpu: maybe<object>(
      { cores: 1 },
      { cores: 4 },
      { sockets: 2, threads: 2 },
      { cores: 2, dedicatedCpuPlacement: true },
      { cores: 4, maxSockets: 3 },
      { maxSockets: 1 },
    ),
    maxGuest: maybe('4Gi', '8Gi'),
    policy: maybe('shared', 'auto', 'supplementalPool'),
    threads: maybe(1, 3),
    annotations: maybe<Record<string, string>>(
      { VirtletVCPUCount: '0' },
      { VirtletVCPUCount: '-3' },
      { VirtletVCPUCount: '4' },
    ),
    orders: fc.tuple(maybe(1), maybe(2), maybe(3), maybe(4)),
    configuration: fc.constantFrom<KubeVirtConfiguration>(
      {},
      { cpuRequest: '250m' },
      { developerConfiguration: { cpuAllocationRatio: 1 } },
      { developerConfiguration: { cpuAllocationRatio: 3, memoryOvercommit: 150 } },
    ),
  })
  .map((given) => {
    const changes: Change = {
      'spec.domain.memory': { guest: given.guest, maxGuest: given.maxGuest },
      [RES]: {
        requests: { memory: given.requestedMemory, cpu: given.requestedCpu },
        limits: { memory: given.limitedMemory, cpu: given.limitedCpu },
        overcommitGuestOverhead: given.overcommit,
      },
      'spec.domain.cpu': given.cpu,
      'spec.domain.ioThreadsPolicy': given.policy,
      ...(given.threads === undefined
        ? {}
        : { 'spec.domain.ioThreads': { supplementalPoolThreadCount: given.threads } }),
      ...(given.annotations === undefined ? {} : { 'metadata.annotations': given.annotations }),
      'spec.domain.devices.disks': DISKS.map((disk, index) => ({ ...disk, bootOrder: given.orders[index] })),
      'spec.domain.devices.interfaces': [{ name: 'default', masquerade: {}, bootOrder: given.orders[3] }],
      'spec.networks': [{ name: 'default', pod: {} }],
      'spec.volumes': [
        { name: 'root', ...IMAGE },
        { name: 'init', cloudInitNoCloud: { userData: '#cloud-config' } },
        { name: 'dvd', ...IMAGE },
      ],
    };
    const written = JSON.parse(JSON.stringify(manifest(changes))) as Written;
    const rendered = render(written, given.configuration);
    const text = JSON.stringify([written, given.configuration]);
    return { written, configuration: given.configuration, rendered, [fc.toStringMethod]: () => text };
  })
  .filter((one): one is typeof one & Case => one.rendered !== undefined);

const writtenResource = ({ written }: Case, kind: 'requests' | 'limits', name: string): bigint => {
  const text = written.spec.domain.resources?.[kind]?.[name];
  return text === undefined ? 0n : parseQuantity(text).milliValue();
};

/** Guaranteed by the same CPU in requests and limits: the remedy. */
const equalCpu = (spec: Written['spec']): void => {
  const resources = (spec.domain.resources ??= {});
  const cpu =
    [resources.requests?.['cpu'], resources.limits?.['cpu']].find((amount) => amount && amount !== '0') ?? '2';
  // Else there would be more sockets than it allows.
  delete spec.domain.cpu?.maxSockets;
  resources.requests = { ...resources.requests, cpu };
  resources.limits = { ...resources.limits, cpu };
};

interface Check {
  /** What the warning says, of pod and domain. */
  readonly isTrue: (one: Case, warning: AdmissionWarning) => boolean;
  /** When it has to be given; by what was written only where the fact is what somebody wrote. */
  readonly isDue: (one: Case) => boolean;
}

const memoryIsMentioned = (one: Case): boolean =>
  writtenResource(one, 'requests', 'memory') > 0n || writtenResource(one, 'limits', 'memory') > 0n;
const isKilled = ({ rendered }: Case): boolean => {
  const { guest, memoryLimit, overhead } = factsOf(rendered);
  return memoryLimit !== undefined && guest > memoryLimit - overhead;
};
const isDedicated = ({ written }: Case): boolean => written.spec.domain.cpu?.dedicatedCpuPlacement === true;
const overcommits = ({ written }: Case): boolean => written.spec.domain.resources?.overcommitGuestOverhead === true;
/** The pod’s limit of memory is what the VM requests, the overhead aside. */
const isLimitedToRequest = ({ rendered, ...one }: Case): boolean => {
  const { memoryRequest, memoryLimit, overhead } = factsOf(rendered);
  const own = overcommits({ rendered, ...one }) ? memoryRequest : memoryRequest - overhead;
  return memoryLimit !== undefined && memoryLimit - overhead === own;
};
const bootOrders = ({ rendered }: Case) => {
  const orderOf = (name: string) =>
    [...all(rendered.domain, 'disk'), ...all(rendered.domain, 'interface')]
      .filter((device) => one(device, 'alias')?.attributes['name'] === `ua-${name}`)
      .map((device) => one(device, 'boot')?.attributes['order'])[0];
  return { root: orderOf('root'), others: ['init', 'dvd', 'default'].map(orderOf).filter((order) => order) };
};

/** Of VMIs, checked with generated ones. */
const OF_INSTANCES: Readonly<Record<string, Check>> = {
  'W-CPU-0': {
    isTrue: ({ rendered }) => factsOf(rendered).vcpus === 1,
    isDue: ({ rendered }) => /^(0|-\d+)$/.test(rendered.vmi.metadata?.annotations?.['VirtletVCPUCount'] ?? ''),
  },
  'W-CPU-1': {
    isTrue: ({ rendered }, { message }) => {
      const { vcpus, poolThreads, cpuRequest } = factsOf(rendered);
      const pool = poolThreads === 0 ? '' : ` and ${poolThreads} I/O thread${poolThreads === 1 ? '' : 's'}`;
      return message.startsWith(`${vcpus} vCPUs${pool} share ${cpuRequest} of CPU;`);
    },
    isDue: (one) => {
      const { vcpus, poolThreads, cpuRequest } = factsOf(one.rendered);
      const wanted = BigInt(vcpus + poolThreads) * 1000n;
      return vcpus > 1 && !isDedicated(one) && parseQuantity(cpuRequest).milliValue() < wanted;
    },
  },
  'W-CPU-3': {
    isTrue: ({ rendered }) => factsOf(rendered).cpuLimit === undefined,
    isDue: (one) => {
      const { cpuRequest, cpuLimit } = factsOf(one.rendered);
      const byUser = writtenResource(one, 'requests', 'cpu') > 0n;
      return byUser && cpuLimit === undefined && one.rendered.config.cpuRequest?.toString() !== cpuRequest;
    },
  },
  'W-MEM-1': {
    isTrue: (one) => {
      const { memoryRequest } = factsOf(one.rendered);
      const plain = otherwise(one, (spec) => delete spec.domain.resources!.overcommitGuestOverhead)!;
      // A VM that is Guaranteed without it has a margin more.
      return memoryRequest < factsOf(plain).memoryRequest;
    },
    isDue: overcommits,
  },
  'W-MEM-2': {
    isTrue: ({ rendered }) => {
      const { guest, memoryRequest } = factsOf(rendered);
      return qosClassOf(rendered) === 'Burstable' && guest > memoryRequest - factsOf(rendered).overhead;
    },
    isDue: (one) => {
      const { guest, memoryRequest, overhead } = factsOf(one.rendered);
      const own = overcommits(one) ? memoryRequest : memoryRequest - overhead;
      return memoryIsMentioned(one) && guest > own && !isKilled(one);
    },
  },
  'W-MEM-5': { isTrue: isKilled, isDue: isKilled },
  'W-QOS-1': {
    isTrue: (one) => qosClassOf(one.rendered) === 'Burstable' && qosClassOf(otherwise(one, equalCpu)!) === 'Guaranteed',
    isDue: (one) => isLimitedToRequest(one) && !overcommits(one) && qosClassOf(one.rendered) === 'Burstable',
  },
  'W-QOS-2': {
    isTrue: (one, { message }) => {
      const better = otherwise(one, (spec) => {
        delete spec.domain.resources!.overcommitGuestOverhead;
        if (message.endsWith('and write the same CPU in requests and limits')) equalCpu(spec);
      })!;
      return qosClassOf(one.rendered) === 'Burstable' && qosClassOf(better) === 'Guaranteed';
    },
    isDue: (one) => isLimitedToRequest(one) && overcommits(one),
  },
  'W-BOOT-1': {
    isTrue: (one, { field }) => field.endsWith('.disks[0].bootOrder') && bootOrders(one).root === undefined,
    isDue: (one) => bootOrders(one).root === undefined && bootOrders(one).others.length > 0,
  },
  'W-HOT-1': {
    isTrue: (one, { field }) => {
      const without = otherwise(one, (spec) => {
        if (field.endsWith('maxSockets')) delete spec.domain.cpu!.maxSockets;
        else delete spec.domain.memory!.maxGuest;
      })!;
      return textOf(without) === textOf(one.rendered);
    },
    isDue: ({ written, rendered }) => {
      const { maxSockets = 0 } = written.spec.domain.cpu ?? {};
      const maxGuest = written.spec.domain.memory?.maxGuest;
      const { sockets } = one(one(rendered.domain, 'cpu')!, 'topology')!.attributes;
      const grows = maxGuest !== undefined && parseQuantity(maxGuest).value() > factsOf(rendered).guest;
      return maxSockets > Number(sockets) || grows;
    },
  },
  'W-IOT-1': {
    isTrue: (one) => textOf(otherwise(one, (spec) => delete spec.domain.ioThreads)!) === textOf(one.rendered),
    isDue: ({ written: { spec } }) =>
      spec.domain.ioThreads?.supplementalPoolThreadCount !== undefined &&
      spec.domain.ioThreadsPolicy !== 'supplementalPool',
  },
};

const rendering = (change: Change): Rendered => {
  const rendered = render(manifest(change));
  assert.ok(rendered, `is refused: ${JSON.stringify(change)}`);
  return rendered;
};
const exampleOf = (id: string): Change => WARNING_EXAMPLES[id]!.warns[0];
const changesNothing = (id: string): void => {
  assert.equal(textOf(rendering(exampleOf(id))), textOf(rendering({})));
};
const configurationOf = (id: string): KubeVirtConfiguration =>
  (manifest(exampleOf(id), 'KubeVirt')['spec'] as { configuration: KubeVirtConfiguration }).configuration;
const GATE_STATES = (...states: readonly GateState[]) =>
  [...FEATURE_GATES].filter(([, state]) => states.includes(state));

const sources = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return sources(path);
    return path.endsWith('.ts') && !path.endsWith('settings/feature-gates.ts') ? [path] : [];
  });

/** Those about what is no number of a VMI. */
const usedMachine = (domain: XmlElement): string => one(one(domain, 'os')!, 'type')?.attributes.machine ?? '';
const machineOf = (change: Change): unknown => change['spec.domain.machine.type'];

const USER_DATA = 'spec.volumes[1].cloudInitNoCloud.userData';
/** INCLUSION_TYPES_MAP of cloud-init 25.2, cloudinit/handlers/__init__.py. */
const INCLUSIONS =
  '#include-once #include #! #cloud-config-archive #cloud-config-jsonp #cloud-config #part-handler #cloud-boothook'.split(
    ' ',
  );
const isKnownToCloudInit = (text: string): boolean =>
  [...INCLUSIONS, '## template: jinja'].some((known) => text.toLowerCase().trimStart().startsWith(known));

const OTHERS: Readonly<Record<string, () => void>> = {
  'W-DEP-1': () => {
    for (const running of [true, false])
      assert.equal(
        effectiveRunStrategy({ running }),
        effectiveRunStrategy({ runStrategy: running ? 'Always' : 'Halted' }),
      );
  },
  'W-DEP-2': () => changesNothing('W-DEP-2'),
  'W-DEP-3': () => changesNothing('W-DEP-3'),
  'W-DEP-4': () => {
    const configuration = configurationOf('W-DEP-4');
    assert.equal(render(manifest({ 'spec.architecture': 'ppc64le' }), configuration), undefined);
    assert.equal(textOf(render(manifest({}), configuration)!), textOf(rendering({})));
  },
  'W-ROM-1': () => {
    for (const cdrom of [{ readOnly: false }, { readOnly: true }, { readonly: false }]) {
      const disks = [{ name: 'root', cdrom: { bus: 'sata', ...cdrom } }];
      const volumes = [{ name: 'root', ...IMAGE }];
      const { domain } = rendering({ 'spec.domain.devices.disks': disks, 'spec.volumes': volumes });
      // QEMU's CD-ROM drive writes to nothing, whatever libvirt is told.
      assert.equal(one(domain, 'disk')?.attributes['device'], 'cdrom');
    }
  },
  'W-GFX-1': () => {
    const spelt = (name: string) => textOf(rendering({ [`spec.domain.devices.${name}`]: false }));
    assert.equal(spelt('autottachGraphicsDevice'), spelt('autoattachGraphicsDevice'));
  },
  'W-EVC-3': () => {
    const pod = {
      metadata: {
        uid: 'p',
        labels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': 'v' },
        annotations: { 'kubevirt.io/domain': 'web' },
      },
      spec: { nodeName: 'n' },
      status: { phase: 'Running' as const },
    };
    const decided = (evictionStrategy: string) =>
      decideEviction(
        {
          uid: 'r',
          namespace: 'ns',
          name: 'virt-launcher-web-x',
          dryRun: false,
          eviction: { dryRun: false, requestedBy: undefined },
        },
        {
          pod,
          vmi: {
            metadata: { name: 'web', namespace: 'ns', uid: 'v' },
            spec: { evictionStrategy },
            status: { phase: 'Running', nodeName: 'n', launcherPod: { name: 'virt-launcher-web-x', uid: 'p' } },
          },
        },
        { cachesFilled: true, callerKnown: true, clusterStrategy: 'None' },
      );
    const said = (strategy: string) => rendering({ 'spec.evictionStrategy': strategy }).warnings[0]?.message ?? '';
    assert.match(said('LiveMigrate'), /an eviction is refused/);
    assert.equal(decided('LiveMigrate').do, 'deny');
    assert.match(said('LiveMigrateIfPossible'), /an eviction shuts the guest down/);
    assert.equal(decided('LiveMigrateIfPossible').do, 'allow');
    assert.match(said('External'), /refused and only marks the VM \(status\.evacuationNodeName\)/);
    assert.equal(decided('External').do, 'mark');
    assert.equal(decided('None').do, 'allow');
    assert.equal(said('None'), '');
  },
  'W-SRC-1': () => {
    const object = manifest(exampleOf('W-SRC-1'), 'VirtualMachine');
    const request = { kind: 'VirtualMachine', operation: 'CREATE', object, user: { username: 'alice' } } as const;
    const asked = permissionsOf({ ...request, namespace: 'default' }, { ...admissionContext(), asksForRights: true });
    assert.match(JSON.stringify(asked), /"golden"/);
  },
  'W-ANN-1': () => {
    const warned = (annotations: Record<string, string>) =>
      admit(
        {
          kind: 'VirtualMachine',
          operation: 'CREATE',
          object: manifest({ 'metadata.annotations': annotations }, 'VirtualMachine'),
        },
        admissionContext(),
      ).warnings.filter(({ id }) => id === 'W-ANN-1');
    // The instance is made of the template; see test/unit/controller for that nothing else goes into it.
    for (const key of ['VirtletVCPUCount', ...SWITCH_ANNOTATIONS, ...Object.keys(NOT_ACTED_ON_ANNOTATIONS)])
      if (!/ignition|hookSidecars/.test(key)) assert.equal(warned({ [key]: 'true' }).length, 1, key);
    assert.deepEqual(warned({ 'vm.kubevirt.io/os': 'x', 'kubevirt.io/immediate-data-volume-creation': 'true' }), []);
  },
  'W-ANN-2': () => changesNothing('W-ANN-2'),
  'W-ANN-3': () => changesNothing('W-ANN-3'),
  'W-ANN-4': () => {
    const plain = textOf(rendering({}));
    const gates = { developerConfiguration: { featureGates: ['ExperimentalIgnitionSupport', 'Sidecar'] } };
    const tried = (key: string, value: string) => {
      const object = manifest({ 'metadata.annotations': { [key]: value } });
      const rendered = render(object, gates);
      assert.ok(rendered, key);
      return { warned: rendered.warnings.some(({ id }) => id === 'W-ANN-4'), same: textOf(rendered) === plain };
    };
    // What is warned about does nothing.
    for (const key of Object.keys(NOT_ACTED_ON_ANNOTATIONS))
      assert.deepEqual(tried(key, 'true'), { warned: true, same: true }, key);
    // A switch does something, or leaves off what is off, or is warned about.
    for (const key of SWITCH_ANNOTATIONS) {
      // The agent does it while the guest runs (test/unit/agent/vm/liveness.test.ts).
      const same = key === 'kubevirt.io/pause-guest-agent-probes';
      assert.deepEqual(tried(key, 'true'), { warned: false, same }, key);
      assert.deepEqual(tried(key, 'false'), { warned: false, same: true }, key);
      assert.deepEqual(tried(key, 'yes'), { warned: true, same: true }, key);
    }
    assert.deepEqual(tried('kubevirt.io/placePciDevicesOnRootComplx', 'true'), { warned: true, same: true });
    assert.deepEqual(tried('kubevirt.io/memfd', 'false'), { warned: false, same: true });
  },
  'W-NET-3': () => {
    const annotations = (change: Change) => attachments(rendering(change).vmi);
    assert.match(annotations(exampleOf('W-NET-3'))['k8s.v1.cni.cncf.io/networks'] ?? '', /vlan10/);
  },
  'W-NET-2': () => {
    const { vmi, domain } = rendering(exampleOf('W-NET-2'));
    assert.deepEqual(networkWish(vmi)?.wish?.ports, [], 'every port is the guest’s');
    assert.equal(one(one(domain, 'interface')!, 'portForward'), undefined);
    const masquerade = {
      'spec.domain.devices.interfaces': [{ name: 'default', masquerade: {}, ports: [{ port: 80 }] }],
    };
    const instead = rendering({ ...exampleOf('W-NET-2'), ...masquerade });
    assert.deepEqual(networkWish(instead.vmi)?.wish?.ports, [{ protocol: 'TCP', start: 80, end: 80 }]);
  },
  'W-PRB-1': () => {
    const { vmi } = rendering(exampleOf('W-PRB-1'));
    assert.deepEqual(networkWish(vmi)?.wish?.ports, [{ protocol: 'TCP', start: 80, end: 80 }]);
    const { pod } = rendering(exampleOf('W-PRB-1'));
    assert.equal(pod.spec.containers[0]?.livenessProbe?.periodSeconds, 10, 'kubelet asks, at 8080');
  },
  'W-MACH-1': () => {
    const { domain, warnings } = rendering(exampleOf('W-MACH-1'));
    const used = usedMachine(domain);
    assert.notEqual(used, machineOf(exampleOf('W-MACH-1')));
    assert.ok(
      warnings.some(({ id, message }) => id === 'W-MACH-1' && message.includes(`uses its nearest, ${used}, instead`)),
    );
  },
  'W-MACH-2': () => {
    // Deprecated, it runs all the same.
    const { domain } = rendering(exampleOf('W-MACH-2'));
    assert.equal(usedMachine(domain), machineOf(exampleOf('W-MACH-2')));
  },
  'W-MACH-3': () => {
    const { machineType, architectureConfiguration } = configurationOf('W-MACH-3');
    const type = machineType ?? architectureConfiguration?.amd64?.machineType ?? '';
    const { domain } = render(manifest({}), configurationOf('W-MACH-3'))!;
    const used = usedMachine(domain);
    assert.ok(used !== type || isDeprecatedMachineType(type), `${type} is used, and is not deprecated`);
  },
  'W-DSK-1': () => {
    // QEMU gets it whole and cuts it: seen in a guest, test/e2e/disks.test.ts.
    const disks = all(rendering(exampleOf('W-DSK-1')).domain, 'disk');
    const long = disks.filter((disk) =>
      one(disk, 'serial')?.children.some((text) => typeof text === 'string' && text.length > 20),
    );
    assert.deepEqual(
      long.map((disk) => one(disk, 'target')?.attributes.bus),
      ['virtio'],
    );
  },
  'W-INF-1': () => {
    // With the labels known there is nothing left to infer, and no warning; without, the matcher stays as it is.
    const labels = { 'instancetype.kubevirt.io/default-preference': 'fedora' };
    const source = { ...shippedSource, isComplete: true, volume: () => ({ labels }) };
    const tried = (instancetypes: InstancetypeSource) => {
      const object = manifest(exampleOf('W-INF-1'), 'VirtualMachine');
      const context = { ...admissionContext(), instancetypes };
      const outcome = admit({ kind: 'VirtualMachine', operation: 'CREATE', object }, context);
      const { preference } = (outcome.object as VirtualMachine).spec;
      return { preference, warns: outcome.warnings.some(({ id }) => id === 'W-INF-1') };
    };
    assert.deepEqual(tried(source), { preference: { name: 'fedora' }, warns: false });
    assert.deepEqual(tried(shippedSource), { preference: { inferFromVolume: 'data' }, warns: true });
  },
  'W-INST-1': () => {
    // It does not start, and does as soon as there is one.
    const vm = manifest(exampleOf('W-INST-1'), 'VirtualMachine') as unknown as VirtualMachine;
    const { config } = admissionContext();
    assert.equal(sized(vm, shippedSource, config).problem?.reason, 'FailedFindPreference');
    assert.equal(sized(vm, { ...shippedSource, object: () => ({ spec: {} }) }, config).problem, undefined);
  },
  'W-CLD-1': () => {
    // Another reader of YAML says so too.
    for (const change of [exampleOf('W-CLD-1'), { [USER_DATA]: '#cloud-config\nusers: [' }]) {
      const { errors } = parseDocument(String(change[USER_DATA]), { version: '1.1' });
      assert.ok(errors.length > 0, JSON.stringify(change));
      assert.ok(rendering(change).warnings.some(({ id }) => id === 'W-CLD-1'));
    }
  },
  'W-CLD-2': () => {
    const [first, key = ''] = String(exampleOf('W-CLD-2')[USER_DATA]).split(/[\n:]/);
    assert.deepEqual([first, CLOUD_CONFIG_KEYS.has(key)], ['#cloud-config', false]);
  },
  'W-CLD-3': () => {
    assert.ok(!isKnownToCloudInit(String(exampleOf('W-CLD-3')[USER_DATA])));
  },
  'W-CLD-4': () => {
    assert.ok(!isKnownToCloudInit(String(exampleOf('W-CLD-4')[USER_DATA])));
  },
  'W-CPU-4': () => {
    const { cpuTuning } = resolveClusterConfig({ spec: { configuration: configurationOf('W-CPU-4') } });
    const { vcpu, emulator } = cpuSpread(2000, 4, 1, cpuTuning);
    assert.deepEqual([vcpu, emulator], [50_000, undefined]);
  },
  'W-CPU-5': () => {
    const object = manifest({ 'spec.domain.cpu': { cores: 16 } });
    assert.equal(parseQuantity(factsOf(render(object, configurationOf('W-CPU-5'))!).cpuRequest).toString(), '1');
  },
  'W-CPU-6': () => {
    const configuration = configurationOf('W-CPU-6');
    const { developerConfiguration, ...without } = configuration;
    assert.ok(developerConfiguration);
    for (const cores of [1, 4]) {
      const object = manifest({ 'spec.domain.cpu': { cores } });
      assert.equal(textOf(render(object, configuration)!), textOf(render(object, without)!));
    }
  },
  'W-MEM-3': () => {
    const object = manifest({ 'spec.domain.memory.guest': '1510Mi', [RES]: {} });
    const { memoryRequest, overhead } = factsOf(render(object, configurationOf('W-MEM-3'))!);
    assert.equal(memoryRequest - overhead, 1000n * 1024n * 1024n);
  },
  'W-GATE-1': () => {
    // Nothing asks for them, so that removing them changes nothing.
    const texts = sources('src').map((path) => readFileSync(path, 'utf8'));
    for (const [name] of GATE_STATES('Deprecated', 'Discontinued'))
      assert.ok(!texts.some((text) => text.includes(`hasFeatureGate('${name}')`)), name);
  },
  'W-GATE-2': () => {
    for (const [name] of GATE_STATES('GA')) {
      if (name === 'PersistentReservation') continue;
      for (const list of ['featureGates', 'disabledFeatureGates'])
        assert.equal(
          admissionContext({ developerConfiguration: { [list]: [name] } }).config.hasFeatureGate(name),
          admissionContext().config.hasFeatureGate(name),
          name,
        );
    }
  },
  'W-GATE-3': () => {
    const { config } = admissionContext({ developerConfiguration: { featureGates: ['Snapshots'] } });
    for (const name of ['Snapshots', ...FEATURE_GATES.keys()])
      assert.equal(config.hasFeatureGate(name), admissionContext().config.hasFeatureGate(name), name);
  },
  'W-NET-1': () => {
    const configuration = configurationOf('W-NET-1');
    assert.equal(render(manifest({}), configuration), undefined);
    const network = { ...configuration.network, defaultNetworkInterface: 'masquerade' };
    assert.ok(render(manifest({}), { ...configuration, network }));
  },
  'W-SET-2': () => {
    const kubevirt = manifest(exampleOf('W-SET-2'), 'KubeVirt') as Parameters<typeof resolveClusterConfig>[0];
    const without = manifest({}, 'KubeVirt') as Parameters<typeof resolveClusterConfig>[0];
    // Feature gates are asked by a function, which is another each time.
    const facts = (object: typeof kubevirt) => ({ ...resolveClusterConfig(object), hasFeatureGate: undefined });
    assert.deepEqual(facts(kubevirt), facts(without), 'it is acted on');
  },
  'W-SET-1': () => {
    const kubevirt = manifest(exampleOf('W-SET-1'), 'KubeVirt') as Parameters<typeof resolveClusterConfig>[0];
    const patterns = resolveClusterConfig(kubevirt).disabledWarnings;
    assert.deepEqual(
      patterns.filter((pattern) => !WARNINGS.some(({ id }) => matchesWarning(id, pattern))),
      ['W-MEM-9'],
    );
  },
};

describe('what warnings say', function () {
  this.timeout(120_000);

  it('is checked for every warning there is: add a new one to a table of this file', () => {
    assert.deepEqual(
      [...Object.keys(OF_INSTANCES), ...Object.keys(OTHERS)].sort(),
      WARNINGS.map(({ id }) => id).sort(),
    );
  });

  it('is true of pod and domain, and is said whenever it is true', () => {
    fc.assert(
      fc.property(arbitraryCase, (subject) => {
        for (const [id, { isTrue, isDue }] of Object.entries(OF_INSTANCES)) {
          const given = subject.rendered.warnings.filter((warning) => warning.id === id);
          for (const warning of given) assert.ok(isTrue(subject, warning), `lies: ${warning.message} [${id}]`);
          assert.equal(given.length > 0, isDue(subject), `${id} is ${given.length > 0 ? '' : 'not '}given`);
        }
      }),
      { numRuns: 200 },
    );
  });
  it('is true of the example of each', () => {
    for (const [id, { isTrue }] of Object.entries(OF_INSTANCES)) {
      const written = manifest(exampleOf(id)) as Written;
      const one = { written, configuration: {}, rendered: rendering(exampleOf(id)) };
      const given = one.rendered.warnings.filter((warning) => warning.id === id);
      assert.equal(given.length, 1, id);
      for (const warning of given) assert.ok(isTrue(one, warning), id);
    }
  });

  for (const [id, check] of Object.entries(OTHERS)) it(`holds: ${id}`, check);

  it('of a limit below the guest’s memory is that it is killed, not that it is Burstable', () => {
    const rendered = rendering({ 'spec.domain.memory.guest': '4Gi', [RES]: { limits: { memory: '1Gi' } } });
    assert.equal(qosClassOf(rendered), 'Guaranteed');
    assert.deepEqual(
      rendered.warnings.map(({ id, field, message }) => [id, field, message]),
      [
        [
          'W-MEM-5',
          'spec.domain.memory.guest',
          'the guest sees 4Gi, its pod may use 1Gi and the overhead: the VM is killed when the guest uses its memory; write 1Gi or less, or raise the limit to 4Gi',
        ],
      ],
    );
  });
});
