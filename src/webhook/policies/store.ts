import { POLICY_RESOURCES, type PolicyResourceKind } from '../../api/policy/policy-kinds.js';
import type { KubeClient } from '../../kube/client/client.js';
import { ifFound } from '../../kube/client/if-found.js';
import { namespacePath, policyPath } from '../../kube/client/resources.js';
import type { KubernetesObject } from '../../kube/types.js';

/*
 * What the admission of policies asks of the API server itself, not of a copy: it is rare, and a copy may be late.
 */

/** The API server gives up on us after 5 s; a right is asked for besides. */
const TIMEOUT_MS = 1_500;

export interface PolicyStore {
  policy(kind: PolicyResourceKind, namespace: string, name: string): Promise<object | undefined>;
  /** How many there are, of a namespace or of the cluster. */
  count(kind: PolicyResourceKind, namespace: string): Promise<number>;
  /** Those of a namespace, of which there are few. */
  list(kind: PolicyResourceKind, namespace: string): Promise<readonly KubernetesObject[]>;
  isNamespaceEnding(namespace: string): Promise<boolean>;
}

const PAGE = 25;

const slim = (name: string | undefined, spec: unknown): KubernetesObject & { readonly spec: unknown } => ({
  metadata: { name },
  spec,
});

export class KubePolicyStore implements PolicyStore {
  constructor(private readonly client: Pick<KubeClient, 'get' | 'list'>) {}

  policy(kind: PolicyResourceKind, namespace: string, name: string): Promise<object | undefined> {
    const at = POLICY_RESOURCES[kind].isNamespaced ? namespace : undefined;
    return ifFound(this.client.get<object>(policyPath(kind, at, name), { timeoutMs: TIMEOUT_MS }));
  }

  async count(kind: PolicyResourceKind, namespace: string): Promise<number> {
    const at = POLICY_RESOURCES[kind].isNamespaced ? namespace : undefined;
    // One object, and how many more there are: a thousand policies may have a hundred megabytes.
    const { items, metadata } = await this.client.list<object>(policyPath(kind, at), {
      query: { limit: 1 },
      timeoutMs: TIMEOUT_MS,
    });
    return items.length + (metadata?.remainingItemCount ?? 0);
  }

  async list(kind: PolicyResourceKind, namespace: string): Promise<readonly KubernetesObject[]> {
    const found: KubernetesObject[] = [];
    let next: string | undefined;
    do {
      // Annotations may be 256 KiB of each: some at a time, and no more kept of them than is asked for.
      const query = { limit: PAGE, continue: next };
      const page = await this.client.list<KubernetesObject & { spec?: unknown }>(policyPath(kind, namespace), {
        query,
        timeoutMs: TIMEOUT_MS,
      });
      for (const { metadata, spec } of page.items) found.push(slim(metadata?.name, spec));
      next = page.metadata?.continue;
    } while (next !== undefined && next !== '');
    return found;
  }

  async isNamespaceEnding(namespace: string): Promise<boolean> {
    const found = await ifFound(this.client.get<KubernetesObject>(namespacePath(namespace), { timeoutMs: TIMEOUT_MS }));
    return found?.metadata?.deletionTimestamp !== undefined;
  }
}
