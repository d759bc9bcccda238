import { isDeepStrictEqual } from 'node:util';
import { resolveClusterConfig, type ClusterConfig } from '../../api/settings/cluster-config.js';
import { foreignSources, type ForeignSource } from '../../api/access/foreign-source.js';
import type {
  KubeVirt,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '../../api/schema/kinds.js';
import { isVirtletKey } from '../../api/virtlet/annotations.js';
import { matchesWarning, WARNING_SWITCHES } from '../../api/settings/warning-switch.js';
import { expansionOf } from '../expansion.js';
import { isOurProgram } from '../our-programs.js';
import type { AdmissionContext, AdmissionRequest } from '../types.js';
import { bootWarnings } from './boot.js';
import { cloudInitWarnings } from './cloud-init.js';
import { configurationWarnings } from './configuration.js';
import { cpuWarnings } from './cpu.js';
import { deprecationWarnings } from './deprecations.js';
import { diskWarnings } from './disks.js';
import { evictionWarnings } from './eviction.js';
import { instancetypeWarnings } from './instancetypes.js';
import { kubevirtAnnotationWarnings } from './kubevirt-annotations.js';
import { machineWarnings } from './machine.js';
import { memoryWarnings, qosWarnings } from './memory.js';
import { noEffectWarnings } from './no-effect.js';
import { probeWarnings } from './probes.js';
import { RESTART_WARNING } from './restart.js';
import { sourceWarnings } from './sources.js';
import { virtletWarnings } from './virtlet.js';
import type { AdmissionWarning, InstanceSubject, Warning, WarningSubject } from './warning.js';

/** All warnings, in the order in which they are given. */
export const WARNINGS: readonly Warning[] = [
  ...deprecationWarnings,
  ...evictionWarnings,
  ...cloudInitWarnings,
  ...machineWarnings,
  ...diskWarnings,
  ...sourceWarnings,
  ...virtletWarnings,
  ...kubevirtAnnotationWarnings,
  ...bootWarnings,
  ...noEffectWarnings,
  ...instancetypeWarnings,
  ...probeWarnings,
  ...cpuWarnings,
  ...memoryWarnings,
  ...qosWarnings,
  ...configurationWarnings(() => [...WARNINGS.map(({ id }) => id), RESTART_WARNING]),
];

export type WarningContext = Pick<
  AdmissionContext,
  'config' | 'installNamespace' | 'asksForRights' | 'atApply' | 'instancetypes'
>;

const templateOf = ({
  spec: { template },
}: VirtualMachine | VirtualMachineInstanceReplicaSet): InstanceSubject | undefined =>
  template.spec && {
    path: 'spec.template.spec',
    metadataPath: 'spec.template.metadata',
    metadata: template.metadata ?? {},
    spec: template.spec,
  };

const elsewhere = (vm: VirtualMachine, namespace: string | undefined): readonly ForeignSource[] => {
  const own = namespace || (vm.metadata?.namespace ?? '');
  return foreignSources(vm.spec.dataVolumeTemplates, own).filter((source) => source.namespace !== own);
};

export const subjectOf = ({ kind, object, namespace }: AdmissionRequest, context: WarningContext): WarningSubject => {
  const { config, asksForRights } = context;
  const { apiVersion = '', metadata = {} } = object as VirtualMachineInstance;
  const base = { apiVersion, metadata, config };
  switch (kind) {
    case 'VirtualMachineInstance': {
      const { spec } = object as VirtualMachineInstance;
      return { ...base, instance: { path: 'spec', metadataPath: 'metadata', metadata, spec } };
    }
    case 'VirtualMachine': {
      const vm = object as VirtualMachine;
      const foreign = asksForRights === true ? undefined : elsewhere(vm, namespace);
      const expansion = expansionOf(vm, namespace, context);
      const template = templateOf(expansion?.vm ?? vm);
      const instance = template && { ...template, isSized: expansion?.applied.instancetype !== undefined };
      const { missing } = expansion ?? {};
      return { ...base, instance, running: vm.spec.running, matchers: vm.spec, missing, elsewhere: foreign };
    }
    case 'VirtualMachineInstanceReplicaSet':
      return { ...base, instance: templateOf(object as VirtualMachineInstanceReplicaSet) };
    case 'KubeVirt': {
      const kubevirt = object as KubeVirt;
      // What it switches off, it switches off for itself too.
      return { ...base, kubevirt, config: resolveClusterConfig(kubevirt) };
    }
  }
};

/** Ours and KubeVirt's own, in any case. */
const KUBEVIRT_KEY = /kubevirt\.io\//i;

/** The annotations that a warning may be about. */
const annotationsOf = (object: unknown): [string, string][] =>
  Object.entries((object as VirtualMachineInstance).metadata?.annotations ?? {})
    .filter(([key]) => isVirtletKey(key) || KUBEVIRT_KEY.test(key) || WARNING_SWITCHES.some((one) => one === key))
    .sort();

/** An update of labels, a scaling, a start: what needed a warning was reported when it was written. */
const saysNothingNew = ({ kind, operation, object, oldObject }: AdmissionRequest): boolean => {
  if (operation === 'CREATE') return false;
  // A VMI's spec does not change; nor do the annotations that matter.
  if (kind === 'VirtualMachineInstance') return true;
  if (typeof oldObject !== 'object' || oldObject === null) return false;
  const [now, before] = [object as { spec: unknown }, oldObject as { spec?: unknown }];
  return isDeepStrictEqual(now.spec, before.spec) && isDeepStrictEqual(annotationsOf(now), annotationsOf(oldObject));
};

/** The API server passes on 4 KiB of all warnings together. */
const MAX_WARNINGS = 100;

const isWanted = (
  { id, told }: Warning,
  { disabledWarnings, warningsAtApply }: ClusterConfig,
  atApply: boolean,
): boolean => {
  const isAmong = (patterns: readonly string[]): boolean => patterns.some((each) => matchesWarning(id, each));
  return !isAmong(disabledWarnings) && (!atApply || told === 'apply' || isAmong(warningsAtApply));
};

const given = (
  request: AdmissionRequest,
  context: WarningContext,
  warnings: readonly Warning[],
): AdmissionWarning[] => {
  if (isOurProgram(request.user?.username, context.installNamespace) || saysNothingNew(request)) return [];
  const subject = subjectOf(request, context);
  return warnings
    .filter((one) => one.kinds.includes(request.kind) && isWanted(one, subject.config, context.atApply === true))
    .flatMap(({ id, check }) => check(subject).map((remark) => ({ id, ...remark })))
    .slice(0, MAX_WARNINGS);
};

const OF_WHAT_IS_WRITTEN = WARNINGS.filter(({ ofWhatIsWritten }) => ofWhatIsWritten === true);
const OF_WHAT_IS_STORED = WARNINGS.filter(({ ofWhatIsWritten }) => ofWhatIsWritten !== true);

/**
 * Warnings of an object that no rule refuses, in the order of {@link WARNINGS}, without those that the cluster has
 * switched off. None for our own programs: nobody reads their answers, and the user heard it when the VM was written.
 */
export const warningsOf = (request: AdmissionRequest, context: WarningContext): AdmissionWarning[] =>
  given(request, context, request.kind === 'VirtualMachineInstance' ? OF_WHAT_IS_STORED : WARNINGS);

/** What has to be said of a VMI before its defaults are written. The object must have the shape of its kind. */
export const warningsBeforeDefaults = (request: AdmissionRequest, context: WarningContext): AdmissionWarning[] =>
  request.kind === 'VirtualMachineInstance' ? given(request, context, OF_WHAT_IS_WRITTEN) : [];

/** The API server cuts what is longer, in the middle of a word. */
export const MAX_WARNING = 256;

/** A warning as kubectl prints it after "Warning: ", within {@link MAX_WARNING} characters, its id included. */
export const renderWarning = ({ id, field, message }: AdmissionWarning): string => {
  const end = ` [${id}]`;
  const text = `${field}: ${message}`;
  const room = MAX_WARNING - end.length;
  return (text.length <= room ? text : `${text.slice(0, room - 1)}…`) + end;
};
