import { vmPath } from '../../../../src/kube/client/resources.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import type { KubeClient } from '../../../../src/kube/client/client.js';
import { namespacePath } from '../../../../src/kube/client/resources.js';
import type { KubernetesObject } from '../../../../src/kube/types.js';

/** Namespaces that are watched one by one, two watches each. */
const MOST_NAMESPACES = 50;
const PAGE = 500;
/** Namespaces that are asked for at a time. */
const AT_A_TIME = 10;

const isForbidden = (error: unknown): boolean => error instanceof ApiError && error.code === 403;

/** Whether the user may list VMs there. @throws every answer but yes and no */
const mayList = async (client: Pick<KubeClient, 'list'>, namespace?: string): Promise<boolean> => {
  try {
    await client.list(vmPath(namespace), { query: { limit: 1 } });
    return true;
  } catch (error) {
    if (isForbidden(error)) return false;
    throw error;
  }
};

/** Those where he may, in order, and no more than are watched. */
const allowedOf = async (client: Pick<KubeClient, 'list'>, names: readonly string[]): Promise<string[]> => {
  const found: string[] = [];
  for (let from = 0; from < names.length && found.length < MOST_NAMESPACES; from += AT_A_TIME) {
    const some = names.slice(from, from + AT_A_TIME);
    const answers = await Promise.all(some.map((name) => mayList(client, name)));
    found.push(...some.filter((_, index) => answers[index]));
  }
  return found.slice(0, MOST_NAMESPACES);
};

/**
 * The namespaces whose VMs the user may list. Undefined: all of the cluster.
 * @param wanted the one that `-n` names
 * @param home that of the kubeconfig, which is all that is known to a user who may not list namespaces
 * @param say told what takes its time: each namespace is asked for
 */
export const namespacesToWatch = async (
  client: Pick<KubeClient, 'list'>,
  wanted: string | undefined,
  home: string,
  say: (text: string) => void = () => undefined,
): Promise<readonly string[] | undefined> => {
  if (wanted !== undefined) return [wanted];
  if (await mayList(client)) return undefined;
  let names: string[];
  try {
    const { items } = await client.list<KubernetesObject>(namespacePath(), { query: { limit: PAGE } });
    names = items.flatMap(({ metadata }) => metadata?.name ?? []);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return [home];
  }
  const others = names.filter((each) => each !== home);
  say(`You may not list the VMs of all namespaces: asking for each of ${others.length + 1} …`);
  const found = await allowedOf(client, [home, ...others]);
  // What the home namespace refuses is shown as a problem, which says more than an empty page.
  return found.length === 0 ? [home] : found;
};
