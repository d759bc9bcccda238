/** Evictions as kubectl drain makes them, pod by pod: a drain of the only node would take everything with it. */
import { kubectl, type Outcome, run } from './kubectl.js';

interface ResourceList {
  readonly resources: readonly { readonly name: string; readonly version?: string }[];
}

/** policy/v1 from Kubernetes 1.22 on. */
const evictionVersion = async (): Promise<string> => {
  const { resources } = JSON.parse(await kubectl(['get', '--raw', '/api/v1'])) as ResourceList;
  return resources.find(({ name }) => name === 'pods/eviction')?.version ?? 'v1';
};

/** A refusal is an outcome, not an error. */
export const evict = async (namespace: string, pod: string): Promise<Outcome> => {
  const apiVersion = `policy/${await evictionVersion()}`;
  const eviction = { apiVersion, kind: 'Eviction', metadata: { name: pod, namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`;
  return run('kubectl', ['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
};
