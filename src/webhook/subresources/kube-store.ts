import { Label } from '../../api/names.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import { isTrue } from '../../api/vmi/condition.js';
import { reasonOf, type StatusReason } from '../../api/status.js';
import { ApiError, isNotFound, isPatchTestFailed } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { podPath, subjectAccessReviewPath, vmPath, vmiPath } from '../../kube/client/resources.js';
import type { Pod } from '../../kube/types.js';
import type { SubjectAccessReview } from './authorization.js';
import type { PatchOperation, StateChange } from './state-change-patches.js';
import { StatusError, type Resource } from '../../agent-api/status-error.js';
import { ChangedMeanwhile, type ClusterStore } from './store.js';

/** Longer than any healthy read of one object, shorter than the patience of kubectl. */
const TIMEOUT_MS = 10_000;

/**
 * Which of the API server's refusals the caller may see. One by a webhook or the schema, of the patched object, the
 * caller can correct, and its message says how.
 */
const reasonForCaller = ({ code }: ApiError): StatusReason | undefined => {
  const reason = reasonOf(code);
  if (reason === 'Invalid') return 'BadRequest';
  const isCallers = ['BadRequest', 'Forbidden', 'NotFound', 'Conflict'].includes(reason ?? '');
  return isCallers ? reason : undefined;
};

/** The cluster through the webhook's own service account. */
export class KubeStore implements ClusterStore {
  constructor(
    private readonly client: KubeClient,
    /** Where the agents' pods are. */
    private readonly installNamespace: string,
  ) {}

  virtualMachine(namespace: string, name: string): Promise<VirtualMachine | undefined> {
    return this.read<VirtualMachine>(vmPath(namespace, name));
  }

  virtualMachineInstance(namespace: string, name: string): Promise<VirtualMachineInstance | undefined> {
    return this.read<VirtualMachineInstance>(vmiPath(namespace, name));
  }

  async patch(
    target: StateChange['target'],
    namespace: string,
    name: string,
    operations: readonly PatchOperation[],
    dryRun: boolean,
  ): Promise<void> {
    const path =
      target === 'vmi' ? vmiPath(namespace, name) : vmPath(namespace, name, target === 'vm' ? undefined : 'status');
    const query = dryRun ? { dryRun: 'All' } : {};
    try {
      await this.client.patch(path, operations, 'json', { query, timeoutMs: TIMEOUT_MS });
    } catch (error) {
      throw this.explain(error, target === 'vmi' ? 'virtualmachineinstances' : 'virtualmachines', name);
    }
  }

  async agentAddress(node: string): Promise<string | undefined> {
    const { items } = await this.client.list<Pod>(podPath(this.installNamespace), {
      query: { labelSelector: `${Label.app}=virt-agent`, fieldSelector: `spec.nodeName=${node}` },
      timeoutMs: TIMEOUT_MS,
    });
    const ready = items.find(({ status }) => isTrue(status?.conditions, 'Ready'));
    return ready?.status?.podIP;
  }

  async review(review: SubjectAccessReview): Promise<{ allowed: boolean; reason?: string }> {
    const answer = await this.client.create<{ status?: { allowed?: boolean; reason?: string } }>(
      subjectAccessReviewPath(),
      review,
      { timeoutMs: TIMEOUT_MS },
    );
    const reason = answer.status?.reason;
    return { allowed: answer.status?.allowed === true, ...(reason ? { reason } : {}) };
  }

  private async read<T>(path: string): Promise<T | undefined> {
    try {
      return await this.client.get<T>(path, { timeoutMs: TIMEOUT_MS });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  private explain(error: unknown, resource: Resource, name: string): unknown {
    if (isPatchTestFailed(error)) return new ChangedMeanwhile(resource, name);
    const reason = error instanceof ApiError ? reasonForCaller(error) : undefined;
    return error instanceof ApiError && reason !== undefined ? new StatusError(reason, error.message) : error;
  }
}
