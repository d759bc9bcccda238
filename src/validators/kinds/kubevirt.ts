import { resolveClusterConfig, type Architecture } from '../../api/settings/cluster-config.js';
import { schemaOf } from '../../api/schema-check/check-schema.js';
import type { KubeVirtConfiguration } from '../../api/schema/kubevirt-configuration.js';
import { isQuantity, parseQuantity } from '../../api/quantity.js';
import { suggest } from '../../api/schema-check/suggest.js';
import { ARCHITECTURES, EVICTION_STRATEGIES, matchesMachine } from '../machine/machine.js';
import { isLabelValue, isQualifiedName } from '../rule/names.js';
import {
  forbidden,
  inEach,
  invalid,
  NOTHING,
  required,
  show,
  type Finding,
  type KubeVirtSubject,
  type Rule,
} from '../rule/rule.js';

/*
 * The KubeVirt object: every setting that is read must be one that works, because a wrong one would show only at the next
 * start of some VM. Settings that nothing reads are refused by name (src/api/settings/acted-on.ts).
 */

const ROOT = 'spec.configuration';
const GATES = `${ROOT}.developerConfiguration.featureGates`;
const DISABLED = `${ROOT}.developerConfiguration.disabledFeatureGates`;
const OWN = 'none: the setting would not work';

const kubevirtRule = (
  id: string,
  field: string,
  source: string,
  summary: string,
  check: (configuration: KubeVirtConfiguration, subject: KubeVirtSubject) => readonly Finding[],
): Rule<KubeVirtSubject> => ({
  id,
  kinds: ['KubeVirt'],
  field,
  source,
  since: '0.1',
  summary,
  check: (subject) => check(subject.kubevirt.spec.configuration ?? {}, subject),
});

/** A member of the configuration by its path below it. The object fits the schema, and the paths are of the schema. */
const read = (configuration: KubeVirtConfiguration, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], configuration);

/** A whole number that must not be below `minimum`. */
const numberRule = (id: string, path: string, minimum: number, meaning: string): Rule<KubeVirtSubject> =>
  kubevirtRule(id, `${ROOT}.${path}`, OWN, `a value of \`${path}\` below ${minimum}`, (configuration) => {
    const value = read(configuration, path);
    return typeof value !== 'number' || value >= minimum
      ? []
      : [invalid(`${ROOT}.${path}`, `${value} cannot be ${meaning}: write ${minimum} or more, or leave it out`)];
  });

/** A text that must be one of a few words. Absent and empty stand for the default. */
const wordRule = (id: string, path: string, words: readonly string[]): Rule<KubeVirtSubject> =>
  kubevirtRule(id, `${ROOT}.${path}`, OWN, `a value of \`${path}\` that does not exist`, (configuration) => {
    const value = read(configuration, path);
    if (typeof value !== 'string' || value === '' || words.includes(value)) return [];
    const near = suggest(value, words);
    const hint = near === undefined ? '' : ` (did you mean "${near}"?)`;
    return [invalid(`${ROOT}.${path}`, `${show(value)} does not exist here: write one of ${words.join(', ')}${hint}`)];
  });

/** A quantity that must not be below `least`. */
const quantityRule = (id: string, path: string, least: string, meaning: string): Rule<KubeVirtSubject> =>
  kubevirtRule(id, `${ROOT}.${path}`, OWN, `a value of \`${path}\` below ${least}`, (configuration) => {
    const value = read(configuration, path);
    if (!isQuantity(value) || parseQuantity(value).nanos >= parseQuantity(least).nanos) return [];
    return [invalid(`${ROOT}.${path}`, `${show(value)} is too little for ${meaning}: write ${least} or more`)];
  });

/** As src/launcher/overhead.ts reads it. */
const RATIO = /^\d{1,6}(?:\.\d{1,9})?$/;
const CPU_MODEL = /^[A-Za-z0-9_.+-]+$/;
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

const memoryBlock = parseQuantity('2Mi').value();

const cpuModelFinding = (model: string | undefined, path: string): Finding[] =>
  !model || CPU_MODEL.test(model)
    ? []
    : [
        invalid(
          path,
          `${show(model)} cannot be a CPU model: write a name that libvirt knows, such as "Skylake-Server"`,
        ),
      ];

const nodeConfigFindings = ({ nodeConfigs }: KubeVirtConfiguration): readonly Finding[] =>
  inEach(nodeConfigs, `${ROOT}.nodeConfigs`, ({ cpuModel, nodeSelector = {} }, path) => {
    const labels = Object.entries(nodeSelector).flatMap(([key, value]) =>
      isQualifiedName(key) && isLabelValue(value)
        ? []
        : [
            invalid(
              `${path}.nodeSelector[${key}]`,
              `no node can have the label ${show(`${key}=${value}`)}: correct it`,
            ),
          ],
    );
    const model = cpuModel
      ? cpuModelFinding(cpuModel, `${path}.cpuModel`)
      : [
          required(
            `${path}.cpuModel`,
            'is empty: write the CPU model of these nodes, or remove the entry: it says nothing else',
          ),
        ];
    return [...labels, ...model];
  });

const machineFindings = (configuration: KubeVirtConfiguration, { kubevirt }: KubeVirtSubject): Finding[] => {
  const { defaultArchitecture, machineTypes, emulatedMachines } = resolveClusterConfig(kubevirt);
  const arch = configuration.architectureConfiguration ?? {};
  const findings = (architecture: Architecture, field: string): Finding[] => {
    const [type, globs] = [machineTypes[architecture], emulatedMachines[architecture]];
    return globs.some((glob) => matchesMachine(glob, type))
      ? []
      : [
          invalid(
            field,
            `VMs of ${architecture} that name no machine get ${show(type)}, which matches none of emulatedMachines (${globs.join(', ')}): change one of the two`,
          ),
        ];
  };
  const known = ARCHITECTURES.find((name) => name === defaultArchitecture) as Architecture | undefined;
  if (configuration.machineType || configuration.emulatedMachines) {
    // Both hold for every architecture, so no pair could fit all: the one of most VMs counts.
    return findings(known ?? 'amd64', `${ROOT}.${configuration.machineType ? 'machineType' : 'emulatedMachines'}`);
  }
  return (ARCHITECTURES as readonly Architecture[]).flatMap((name) => {
    const { machineType, emulatedMachines: own } = arch[name] ?? {};
    if (!machineType && own === undefined) return [];
    return findings(
      name,
      `${ROOT}.architectureConfiguration.${name}.${machineType ? 'machineType' : 'emulatedMachines'}`,
    );
  });
};

const smbiosNames = Object.keys(
  schemaOf('KubeVirt').properties?.['spec']?.properties?.['configuration']?.properties?.['smbios']?.properties ?? {},
) as (keyof NonNullable<KubeVirtConfiguration['smbios']>)[];

export const kubevirtRules: readonly Rule<KubeVirtSubject>[] = [
  kubevirtRule(
    'kv.place',
    'metadata.namespace',
    'spec/admission.md §14.6',
    'a KubeVirt object in a namespace other than that of the product',
    (_configuration, { kubevirt, namespace, installNamespace }) => {
      const own = kubevirt.metadata?.namespace || namespace;
      return !own || installNamespace === undefined || own === installNamespace
        ? []
        : [
            invalid(
              'metadata.namespace',
              `settings are read in namespace ${show(installNamespace)} only, not in ${show(own)}: create the object there`,
            ),
          ];
    },
  ),
  kubevirtRule(
    'kv.one',
    'metadata.name',
    'spec/admission.md §14.6',
    'a second KubeVirt object',
    (_configuration, { kubevirt, operation, settingsObject }) => {
      const name = kubevirt.metadata?.name;
      return operation === 'UPDATE' || !settingsObject || name === settingsObject
        ? []
        : [
            forbidden(
              'metadata.name',
              `the settings of this cluster are in the KubeVirt object ${show(settingsObject)} already: change that one`,
            ),
          ];
    },
  ),
  kubevirtRule(
    'kv.gate-twice',
    DISABLED,
    'spec/admission.md §14.6',
    'a feature gate that is switched on and off at once',
    ({ developerConfiguration: { featureGates, disabledFeatureGates } = {} }) => {
      const on = new Set(featureGates);
      return inEach(disabledFeatureGates, DISABLED, (gate, field) =>
        on.has(gate)
          ? [forbidden(field, `${show(gate)} is in featureGates too: remove it from one of the lists`)]
          : NOTHING,
      );
    },
  ),
  kubevirtRule(
    'kv.overhead-ratio',
    `${ROOT}.additionalGuestMemoryOverheadRatio`,
    'spec/admission.md §14.6',
    'a factor on the memory overhead that is not a decimal number of 1 or more',
    ({ additionalGuestMemoryOverheadRatio: ratio }) =>
      ratio === undefined || (RATIO.test(ratio) && Number(ratio) >= 1)
        ? []
        : [
            invalid(
              `${ROOT}.additionalGuestMemoryOverheadRatio`,
              `${show(ratio)} is no factor of 1 or more: write a decimal number such as "1.25"`,
            ),
          ],
  ),
  numberRule('kv.cpu-allocation-ratio', 'developerConfiguration.cpuAllocationRatio', 1, 'a number of vCPUs per CPU'),
  numberRule(
    'kv.memory-overcommit',
    'developerConfiguration.memoryOvercommit',
    1,
    'a percentage of the requested memory',
  ),
  numberRule('kv.hotplug-ratio', 'liveUpdateConfiguration.maxHotplugRatio', 1, 'a factor to grow by'),
  numberRule('kv.hotplug-sockets', 'liveUpdateConfiguration.maxCpuSockets', 1, 'a number of sockets'),
  numberRule('kv.balloon-period', 'memBalloonStatsPeriod', 0, 'a number of seconds'),
  numberRule('kv.pvc-reserve', 'developerConfiguration.minimumReservePVCBytes', 0, 'a number of bytes to leave free'),
  kubevirtRule(
    'kv.pvc-tolerance',
    `${ROOT}.developerConfiguration.pvcTolerateLessSpaceUpToPercent`,
    'spec/seed-features.md S-043',
    'a tolerance of less space that is no percentage',
    ({ developerConfiguration: { pvcTolerateLessSpaceUpToPercent: percent = 0 } = {} }) =>
      percent >= 0 && percent <= 100
        ? []
        : [
            invalid(
              `${ROOT}.developerConfiguration.pvcTolerateLessSpaceUpToPercent`,
              `${percent} is not a percentage: write 0 (no disk may be smaller than asked) to 100, or leave it out for 10`,
            ),
          ],
  ),
  quantityRule('kv.cpu-request', 'cpuRequest', '1m', 'a CPU request'),
  quantityRule(
    'kv.verification-memory',
    'developerConfiguration.diskVerification.memoryLimit',
    '64Mi',
    'the program that reads the header of a disk image',
  ),
  kubevirtRule(
    'kv.hotplug-guest',
    `${ROOT}.liveUpdateConfiguration.maxGuest`,
    'spec/admission.md §9.5',
    'a `maxGuest` that no VM could be grown to',
    ({ liveUpdateConfiguration: { maxGuest } = {} }) => {
      if (!isQuantity(maxGuest)) return [];
      const bytes = parseQuantity(maxGuest).value();
      return bytes > 0n && bytes % memoryBlock === 0n
        ? []
        : [
            invalid(
              `${ROOT}.liveUpdateConfiguration.maxGuest`,
              `${show(maxGuest)} is not what a guest can be grown to: write a multiple of 2Mi`,
            ),
          ];
    },
  ),
  wordRule('kv.rollout-strategy', 'vmRolloutStrategy', ['LiveUpdate', 'Stage']),
  wordRule('kv.eviction-strategy', 'evictionStrategy', EVICTION_STRATEGIES),
  wordRule('kv.default-network', 'network.defaultNetworkInterface', ['bridge', 'masquerade']),
  wordRule('kv.default-architecture', 'architectureConfiguration.defaultArchitecture', ARCHITECTURES),
  kubevirtRule(
    'kv.machine-type',
    `${ROOT}.{machineType,emulatedMachines}`,
    OWN,
    'a default machine type that the cluster does not allow',
    machineFindings,
  ),
  kubevirtRule('kv.cpu-model', `${ROOT}.cpuModel`, OWN, 'a name that no CPU model has', ({ cpuModel }) =>
    cpuModelFinding(cpuModel, `${ROOT}.cpuModel`),
  ),
  kubevirtRule(
    'kv.node-configs',
    `${ROOT}.nodeConfigs[]`,
    OWN,
    'an entry for nodes that sets nothing, or for labels that no node can have',
    nodeConfigFindings,
  ),
  kubevirtRule('kv.smbios', `${ROOT}.smbios`, OWN, 'control characters in SMBIOS texts', ({ smbios }) =>
    smbiosNames.flatMap((name) =>
      CONTROL_CHARACTER.test(smbios?.[name] ?? '')
        ? [
            invalid(
              `${ROOT}.smbios.${name}`,
              `${show(smbios?.[name])} has a line break or another control character: write one line of text`,
            ),
          ]
        : [],
    ),
  ),
];

export const KUBEVIRT_GATE_LISTS = { on: GATES, off: DISABLED } as const;
