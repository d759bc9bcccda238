import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import { StatusError, conflict, type Resource } from '../../agent-api/status-error.js';
import type { AccessReviewer } from './authorization.js';
import type { PatchOperation, StateChange } from './state-change-patches.js';

/** The object is not the one that the patch was decided on, as the patch's tests show. Nothing was written. */
export class ChangedMeanwhile extends StatusError {
  constructor(resource: Resource, name: string) {
    const { message, details } = conflict(resource, name, 'it changed meanwhile; try again');
    super('Conflict', message, details);
  }
}

/** The cluster as the subresources need it. Every read is live: a decision on a stale copy would be a wrong answer. */
export interface ClusterStore extends AccessReviewer {
  virtualMachine(namespace: string, name: string): Promise<VirtualMachine | undefined>;
  virtualMachineInstance(namespace: string, name: string): Promise<VirtualMachineInstance | undefined>;
  /** @throws ChangedMeanwhile; StatusError for what the caller may see of the API server's refusal */
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
