import type {
  KubeVirt,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '../api/schema/kinds.js';
import { kubevirtWarnings } from './kubevirt-warnings.js';
import type { AdmissionRequest } from './types.js';

/*
 * What is admitted and yet worth a word: kubectl prints each as "Warning: …". Only for objects that no rule refuses.
 */

const RUNNING_IS_DEPRECATED = 'spec.running is deprecated: write spec.runStrategy: Always or Halted instead.';

/** What an eviction does where the strategy asks for more than a shutdown (spec/admission.md §13): VMs are not migrated yet. */
const EVICTIONS: ReadonlyMap<string, string> = new Map([
  [
    'LiveMigrate',
    'but VMs are not migrated yet: an eviction is refused, and a node drain waits until the VM is stopped. ' +
      'Write None to have the guest shut down instead.',
  ],
  [
    'LiveMigrateIfPossible',
    'but VMs are not migrated yet: an eviction shuts the guest down within its grace period. ' +
      'Write None to say that this is meant.',
  ],
  [
    'External',
    'so an eviction is refused and only marks the VM (status.evacuationNodeName): without a controller of yours that ' +
      'moves or stops it, a node drain never ends.',
  ],
]);

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
  const strategy = spec?.evictionStrategy ?? '';
  const effect = EVICTIONS.get(strategy);
  return effect === undefined ? [] : [`${path}.evictionStrategy is ${strategy}, ${effect}`];
};

/** Warnings of an admitted object, in a fixed order. */
export const warningsOf = (request: AdmissionRequest): string[] => [
  ...(request.kind === 'VirtualMachine' && (request.object as VirtualMachine).spec.running !== undefined
    ? [RUNNING_IS_DEPRECATED]
    : []),
  ...evictionWarnings(request),
  ...(request.kind === 'KubeVirt' ? kubevirtWarnings(request.object as KubeVirt) : []),
];
