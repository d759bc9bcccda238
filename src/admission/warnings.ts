import type { VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet } from '../api/schema/kinds.js';
import type { AdmissionRequest } from './types.js';

/*
 * What is admitted and yet worth a word: kubectl prints each as "Warning: …". Only for objects that no rule refuses.
 */

const RUNNING_IS_DEPRECATED = 'spec.running is deprecated: write spec.runStrategy: Always or Halted instead.';

/** Strategies that stand for a live migration, which does not exist here yet (spec/admission.md §13). */
const MIGRATING = ['LiveMigrate', 'LiveMigrateIfPossible', 'External'];

const templateOf = ({
  kind,
  object,
}: AdmissionRequest): [path: string, spec: VirtualMachineInstance['spec'] | undefined] => {
  if (kind === 'VirtualMachineInstance') return ['spec', (object as VirtualMachineInstance).spec];
  if (kind === 'KubeVirt') return ['spec', undefined];
  const { spec } = object as VirtualMachine | VirtualMachineInstanceReplicaSet;
  return ['spec.template.spec', spec.template.spec];
};

const evictionWarnings = (request: AdmissionRequest): string[] => {
  const [path, spec] = templateOf(request);
  const strategy = spec?.evictionStrategy;
  if (strategy === undefined || !MIGRATING.includes(strategy)) return [];
  return [
    `${path}.evictionStrategy is ${strategy}, but VMs are not migrated yet: an eviction shuts the guest down within its ` +
      'grace period. Write None to say that this is meant.',
  ];
};

/** Warnings of an admitted object, in a fixed order. */
export const warningsOf = (request: AdmissionRequest): string[] => [
  ...(request.kind === 'VirtualMachine' && (request.object as VirtualMachine).spec.running !== undefined
    ? [RUNNING_IS_DEPRECATED]
    : []),
  ...evictionWarnings(request),
];
