import type { Cause } from '../api/cause.js';
import type { ClusterConfig } from '../api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';

/** What a mutator may use besides the object: nothing else is read, so the same arguments give the same object. */
export interface MutationContext {
  readonly config: ClusterConfig;
  /** Makes a random UUID (version 4). Passed in because randomness is not a function of the object. */
  readonly newUuid: () => string;
  /** The time of the request, RFC 3339. Passed in for the same reason. */
  readonly now: () => string;
  /** Collects what makes defaulting impossible, such as a default network type that the cluster does not permit. */
  readonly refuse: (cause: Cause) => void;
}

/**
 * One default, one place in the order of docs/reference/admission.md §4.2. Steps change the draft they are given,
 * nothing else. They write into it (`(domain.cpu ??= {}).model = …`): `domain.cpu = { ...domain.cpu, model }` takes V8
 * 4 µs for each member that is added.
 */
export interface MutationStep {
  /** The id of the default in docs/reference/admission.md §4.2, as documentation and tests name it. */
  readonly id: string;
  readonly summary: string;
  readonly apply: (vmi: VirtualMachineInstance, context: MutationContext) => void;
}
