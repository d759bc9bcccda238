import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { AccessReviewer } from './authorization.js';
import type { PatchOperation, StateChange } from './state-change.js';

/** The cluster as the subresources need it. Every read is live: a decision on a stale copy would be a wrong answer. */
export interface ClusterStore extends AccessReviewer {
  virtualMachine(namespace: string, name: string): Promise<VirtualMachine | undefined>;
  virtualMachineInstance(namespace: string, name: string): Promise<VirtualMachineInstance | undefined>;
  /** @throws StatusError 409 when the object has changed since it was read, as the patch's tests show */
  patch(
    target: StateChange['target'],
    namespace: string,
    name: string,
    operations: readonly PatchOperation[],
    dryRun: boolean,
  ): Promise<void>;
  /** The address of the agent on this node, if one runs there. */
  agentAddress(node: string): Promise<string | undefined>;
}
