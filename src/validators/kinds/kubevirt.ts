import { resolveClusterConfig, type Architecture } from '../../api/settings/cluster-config.js';
import { schemaOf } from '../../api/schema-check/check-schema.js';
import type { KubeVirtConfiguration } from '../../api/schema/kubevirt-configuration.js';
import { isQuantity, parseQuantity } from '../../api/quantity.js';
import { ARCHITECTURES, EVICTION_STRATEGIES, machineTypeProblem, matchesMachine } from '../machine/machine.js';
import { forbidden, invalid, NOTHING, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import type { Rule } from '../rule/rule.js';
import type { KubeVirtSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';
import { kubevirtCpuRules } from './kubevirt-cpu.js';
import { kubevirtRule, numberRule, quantityRule, ROOT, wordRule } from './kubevirt-rules.js';

/*
 * The KubeVirt object: every setting that is read must be one that works, because a wrong one would show only at the
 * next start of some VM. Settings that nothing reads are refused by name (src/api/settings/acted-on.ts).
 */

const GATES = `${ROOT}.developerConfiguration.featureGates`;
const DISABLED = `${ROOT}.developerConfiguration.disabledFeatureGates`;

/** As src/launcher/overhead.ts reads it. */
const RATIO = /^\d{1,6}(?:\.\d{1,9})?$/;
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

const memoryBlock = parseQuantity('2Mi').value();

const machineFindings = (configuration: KubeVirtConfiguration, { kubevirt }: KubeVirtSubject): Finding[] => {
  const { defaultArchitecture, machineTypes, emulatedMachines } = resolveClusterConfig(kubevirt);
  const arch = configuration.architectureConfiguration ?? {};
  const findings = (architecture: Architecture, field: string): Finding[] => {
    const [type, globs] = [machineTypes[architecture], emulatedMachines[architecture]];
    const problem = architecture === 'amd64' ? machineTypeProblem(type) : undefined;
    if (globs.some((glob) => matchesMachine(glob, type))) return problem === undefined ? [] : [invalid(field, problem)];
    return [
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
  kubevirtRule({
    id: 'kv.place',
    field: 'metadata.namespace',
    source: 'docs/reference/admission.md §14.6',
    summary: 'a KubeVirt object in a namespace other than that of the product',
    check: (_configuration, { kubevirt, namespace, installNamespace }) => {
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
  }),
  kubevirtRule({
    id: 'kv.one',
    field: 'metadata.name',
    source: 'docs/reference/admission.md §14.6',
    summary: 'a second KubeVirt object',
    check: (_configuration, { kubevirt, operation, settingsObject }) => {
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
  }),
  kubevirtRule({
    id: 'kv.gate-twice',
    field: DISABLED,
    source: 'docs/reference/admission.md §14.6',
    summary: 'a feature gate that is switched on and off at once',
    check: ({ developerConfiguration: { featureGates, disabledFeatureGates } = {} }) => {
      const on = new Set(featureGates);
      return inEach(disabledFeatureGates, DISABLED, (gate, field) =>
        on.has(gate)
          ? [forbidden(field, `${show(gate)} is in featureGates too: remove it from one of the lists`)]
          : NOTHING,
      );
    },
  }),
  kubevirtRule({
    id: 'kv.overhead-ratio',
    field: `${ROOT}.additionalGuestMemoryOverheadRatio`,
    source: 'docs/reference/admission.md §14.6',
    summary: 'a factor on the memory overhead that is not a decimal number of 1 or more',
    check: ({ additionalGuestMemoryOverheadRatio: ratio }) =>
      ratio === undefined || (RATIO.test(ratio) && Number(ratio) >= 1)
        ? []
        : [
            invalid(
              `${ROOT}.additionalGuestMemoryOverheadRatio`,
              `${show(ratio)} is no factor of 1 or more: write a decimal number such as "1.25"`,
            ),
          ],
  }),
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
  kubevirtRule({
    id: 'kv.pvc-tolerance',
    field: `${ROOT}.developerConfiguration.pvcTolerateLessSpaceUpToPercent`,
    source: 'docs/reference/user-guides.md §3.3',
    summary: 'a tolerance of less space that is no percentage',
    check: ({ developerConfiguration: { pvcTolerateLessSpaceUpToPercent: percent = 0 } = {} }) =>
      percent >= 0 && percent <= 100
        ? []
        : [
            invalid(
              `${ROOT}.developerConfiguration.pvcTolerateLessSpaceUpToPercent`,
              `${percent} is not a percentage: write 0 (no disk may be smaller than asked) to 100, or leave it out for 10`,
            ),
          ],
  }),
  quantityRule('kv.cpu-request', 'cpuRequest', '1m', 'a CPU request'),
  quantityRule(
    'kv.verification-memory',
    'developerConfiguration.diskVerification.memoryLimit',
    '64Mi',
    'the program that reads the header of a disk image',
  ),
  kubevirtRule({
    id: 'kv.hotplug-guest',
    field: `${ROOT}.liveUpdateConfiguration.maxGuest`,
    source: 'docs/reference/admission.md §9.5',
    summary: 'a `maxGuest` that no VM could be grown to',
    check: ({ liveUpdateConfiguration: { maxGuest } = {} }) => {
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
  }),
  wordRule('kv.rollout-strategy', 'vmRolloutStrategy', ['LiveUpdate', 'Stage']),
  wordRule('kv.eviction-strategy', 'evictionStrategy', EVICTION_STRATEGIES),
  wordRule('kv.default-network', 'network.defaultNetworkInterface', ['bridge', 'masquerade']),
  wordRule('kv.default-architecture', 'architectureConfiguration.defaultArchitecture', ARCHITECTURES),
  kubevirtRule({
    id: 'kv.machine-type',
    field: `${ROOT}.{machineType,emulatedMachines}`,
    summary: 'a default machine type that does not exist, or that the cluster does not allow',
    check: machineFindings,
  }),
  ...kubevirtCpuRules,
  kubevirtRule({
    id: 'kv.smbios',
    field: `${ROOT}.smbios`,
    summary: 'control characters in SMBIOS texts',
    check: ({ smbios }) =>
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
  }),
];

export const KUBEVIRT_GATE_LISTS = { on: GATES, off: DISABLED } as const;
