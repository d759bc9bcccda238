import { INSTANCETYPE_ANNOTATIONS } from '../api/instancetype/instancetype-kinds.js';
import { Annotation } from '../api/names.js';
import { actsOnPods } from '../api/vmi/pod-annotations.js';

/**
 * Annotations by which our programs know what they did: an instance type or a preference that could set one would speak
 * in their name in every VM that uses it. `kubectl-virt.io` is ours altogether.
 */
const RESERVED: ReadonlySet<string> = new Set([
  ...Object.values(Annotation),
  ...Object.values(INSTANCETYPE_ANNOTATIONS),
  'kubevirt.io/vm-template-hash',
  'kubectl.kubernetes.io/last-applied-configuration',
]);

export const isReservedAnnotation = (key: string): boolean => {
  const [prefix = ''] = key.split('/');
  // Those are a matter of rights, which are asked of who writes them into a VM.
  return RESERVED.has(key) || actsOnPods(key) || prefix === 'kubectl-virt.io' || prefix.endsWith('.kubectl-virt.io');
};

/** What may be put on an instance. */
export const freeAnnotations = (annotations: Readonly<Record<string, string>> | undefined): [string, string][] =>
  Object.entries(annotations ?? {}).filter(([key]) => !isReservedAnnotation(key));
