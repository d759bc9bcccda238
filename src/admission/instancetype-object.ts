import { isDeepStrictEqual } from 'node:util';
import { childPath, shortened, type Cause } from '../api/cause.js';
import { INSTANCETYPE_RESOURCES, type InstancetypeKind } from '../api/instancetype/instancetype-kinds.js';
import { INSTANCETYPE_SCHEMAS } from '../api/instancetype/instancetype-schema.js';
import { tryQuantity } from '../api/quantity.js';
import { isRecord } from '../api/record.js';
import type { VirtualMachineInstancetypeSpec } from '../api/schema/instancetype.js';
import type { VirtualMachinePreferenceSpec } from '../api/schema/preference.js';
import { errorsBySchema } from '../api/schema-check/check-schema.js';
import { withoutNulls } from '../api/schema-check/without-nulls.js';
import { MAX_SPEC } from '../instancetypes/read-object.js';
import { actsOnPods } from '../api/vmi/pod-annotations.js';
import { isReservedAnnotation } from '../instancetypes/reserved-annotations.js';
import { OLD_TOPOLOGIES, SPREADS, TOPOLOGIES } from '../instancetypes/topology.js';
import { isQualifiedName, KEY_REMEDY } from '../validators/rule/names.js';
import { oneOf, show } from '../validators/rule/wording.js';
import type { AdmissionWarning } from './warnings/warning.js';

/*
 * Admission of instance types and preferences themselves. What they make of a VM is checked with the VM; here is what
 * can be said without one.
 */

/** What is checked, by the id that stands behind the message. */
export const INSTANCETYPE_RULES = {
  'instancetype.size': `Refuses an instance type or preference whose spec has more than ${MAX_SPEC} characters: each VM keeps a copy.`,
  'instancetype.guest': 'Refuses an instance type without vCPUs or memory.',
  'instancetype.overcommit':
    'Refuses an `overcommitPercent` outside of 0 to 100, and one beside huge pages, which are there or not.',
  'instancetype.annotations':
    'Refuses annotations that are no names, and those by which the programs of this project know what they did.',
  'preference.topology': 'Refuses a preferred topology that does not exist.',
  'preference.spread': 'Refuses spread options that do not exist, and a ratio of `CoresThreads` other than 2.',
} as const;
type RuleId = keyof typeof INSTANCETYPE_RULES;

/** What is allowed and should still be changed. */
export const INSTANCETYPE_WARNINGS = {
  'W-INST-2':
    'Warns of a deprecated word of an instance type or preference, and of preferredVirtualGPUOptions, which has no effect.',
} as const;

export interface InstancetypeRequest {
  readonly kind: InstancetypeKind;
  readonly object: unknown;
  /** On an update, the object as it is stored. */
  readonly oldObject?: unknown;
}

export interface InstancetypeOutcome {
  readonly causes: readonly Cause[];
  readonly warnings: readonly AdmissionWarning[];
}

const invalid = (rule: RuleId, field: string, message: string): Cause => ({
  type: 'FieldValueInvalid',
  field,
  message: shortened(`${field} ${message}`),
  rule,
});

const specOf = (object: unknown): unknown => (isRecord(object) ? object['spec'] : undefined);

const sizeCauses = (spec: unknown): Cause[] => {
  const size = JSON.stringify(spec).length;
  if (size <= MAX_SPEC) return [];
  const text = `has ${size} characters; the most that are allowed is ${MAX_SPEC}, as each VM keeps a copy: write less`;
  return [invalid('instancetype.size', 'spec', text)];
};

const annotationCauses = (annotations: Readonly<Record<string, string>> | undefined): Cause[] =>
  Object.keys(annotations ?? {}).flatMap((key) => {
    const field = childPath('spec.annotations', key);
    if (actsOnPods(key))
      return [
        invalid(
          'instancetype.annotations',
          field,
          'acts on pods, and who uses this is asked for no right to it: write it into the template of the VM instead',
        ),
      ];
    if (isReservedAnnotation(key))
      return [
        invalid('instancetype.annotations', field, 'is written by the programs of this project alone: remove it'),
      ];
    if (isQualifiedName(key)) return [];
    return [invalid('instancetype.annotations', field, `is no name of an annotation: ${KEY_REMEDY}`)];
  });

const guestCauses = ({ cpu, memory }: VirtualMachineInstancetypeSpec): Cause[] => [
  ...(cpu.guest > 0
    ? []
    : [invalid('instancetype.guest', 'spec.cpu.guest', 'is 0: write how many vCPUs a VM gets, 1 or more')]),
  ...((tryQuantity(memory.guest)?.sign() ?? 0) > 0
    ? []
    : [invalid('instancetype.guest', 'spec.memory.guest', `is ${show(memory.guest)}: write an amount such as 2Gi`)]),
];

const overcommitCauses = ({ memory }: VirtualMachineInstancetypeSpec): Cause[] => {
  const { overcommitPercent: percent, hugepages } = memory;
  const field = 'spec.memory.overcommitPercent';
  if (percent === undefined) return [];
  if (percent < 0 || percent > 100)
    return [invalid('instancetype.overcommit', field, `is ${percent}: write a number from 0 to 100`)];
  if (hugepages === undefined) return [];
  return [
    invalid('instancetype.overcommit', field, 'is set beside hugepages, which are all there: remove one of both'),
  ];
};

const topologyCauses = ({ cpu }: VirtualMachinePreferenceSpec): Cause[] => {
  const word = cpu?.preferredCPUTopology;
  if (!word || Object.hasOwn(OLD_TOPOLOGIES, word) || TOPOLOGIES.some((known) => known === word)) return [];
  const text = `is ${show(word)}, which is no topology: ${oneOf(word, TOPOLOGIES)}`;
  return [invalid('preference.topology', 'spec.cpu.preferredCPUTopology', text)];
};

const spreadCauses = ({ cpu, preferSpreadSocketToCoreRatio }: VirtualMachinePreferenceSpec): Cause[] => {
  const { across, ratio } = cpu?.spreadOptions ?? {};
  if (across && !SPREADS.some((known) => known === across))
    return [
      invalid('preference.spread', 'spec.cpu.spreadOptions.across', `is ${show(across)}: ${oneOf(across, SPREADS)}`),
    ];
  const cores = ratio || preferSpreadSocketToCoreRatio;
  if (across !== 'CoresThreads' || !cores || cores === 2) return [];
  return [
    invalid(
      'preference.spread',
      ratio ? 'spec.cpu.spreadOptions.ratio' : 'spec.preferSpreadSocketToCoreRatio',
      `is ${cores}, and a core has 2 threads: with across: CoresThreads write 2, or remove it`,
    ),
  ];
};

const warning = (field: string, message: string): AdmissionWarning => ({ id: 'W-INST-2', field, message });

const sizeWarnings = ({ launchSecurity }: VirtualMachineInstancetypeSpec): AdmissionWarning[] =>
  launchSecurity === undefined
    ? []
    : [warning('spec.launchSecurity', 'deprecated in an instance type: write it into the VM')];

const wishWarnings = ({ cpu, devices, firmware, ...spec }: VirtualMachinePreferenceSpec): AdmissionWarning[] => {
  const word = cpu?.preferredCPUTopology ?? '';
  const instead = Object.hasOwn(OLD_TOPOLOGIES, word) ? OLD_TOPOLOGIES[word] : undefined;
  return [
    ...(instead === undefined
      ? []
      : [warning('spec.cpu.preferredCPUTopology', `${word} is deprecated: write ${instead}`)]),
    ...(spec.preferSpreadSocketToCoreRatio === undefined
      ? []
      : [warning('spec.preferSpreadSocketToCoreRatio', 'deprecated: write cpu.spreadOptions.ratio')]),
    ...(firmware?.preferredUseEfi === undefined
      ? []
      : [warning('spec.firmware.preferredUseEfi', 'deprecated: write preferredEfi: {}')]),
    ...(firmware?.preferredUseSecureBoot === undefined
      ? []
      : [warning('spec.firmware.preferredUseSecureBoot', 'deprecated: write preferredEfi: {secureBoot: true}')]),
    ...(devices?.preferredVirtualGPUOptions === undefined
      ? []
      : [warning('spec.devices.preferredVirtualGPUOptions', 'no effect, as in KubeVirt: write it into the VM')]),
  ];
};

const rulesOf = (kind: InstancetypeKind, spec: unknown): InstancetypeOutcome => {
  if (INSTANCETYPE_RESOURCES[kind].role === 'preference') {
    const wish = spec as VirtualMachinePreferenceSpec;
    const causes = [...annotationCauses(wish.annotations), ...topologyCauses(wish), ...spreadCauses(wish)];
    return { causes, warnings: wishWarnings(wish) };
  }
  const size = spec as VirtualMachineInstancetypeSpec;
  const causes = [...guestCauses(size), ...overcommitCauses(size), ...annotationCauses(size.annotations)];
  return { causes, warnings: sizeWarnings(size) };
};

/**
 * What is wrong with an instance type or preference. A write that leaves the spec as it is stored is never refused: its
 * labels and finalizers must be writable, whatever was stored before today's rules. Pure.
 */
export const checkInstancetype = ({ kind, object, oldObject }: InstancetypeRequest): InstancetypeOutcome => {
  if (oldObject !== undefined && isDeepStrictEqual(specOf(object), specOf(oldObject)))
    return { causes: [], warnings: [] };
  const schema = INSTANCETYPE_SCHEMAS[kind];
  const wrong = errorsBySchema(schema, object);
  if (wrong.length > 0) return { causes: wrong, warnings: [] };
  const spec = specOf(withoutNulls(schema, object));
  const { causes, warnings } = rulesOf(kind, spec);
  const all = [...sizeCauses(spec), ...causes];
  return { causes: all, warnings: all.length > 0 ? [] : warnings };
};
