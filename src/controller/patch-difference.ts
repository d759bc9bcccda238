import { mergePatch } from '../kube/client/patch.js';
import type { KubernetesObject } from '../kube/types.js';
import type { ControllerContext } from './context.js';

interface Patchable extends KubernetesObject {
  status?: object;
}

/**
 * One merge patch with what differs in metadata and status, or none when nothing does. It names the resource version
 * that the decision was made on, because lists are replaced whole: a writer that came in between makes it a conflict.
 */
export const patchDifference = async <T extends Patchable>(
  context: Pick<ControllerContext, 'client' | 'superseded'>,
  path: string,
  before: T,
  after: T,
): Promise<T> => {
  const difference = mergePatch(
    { metadata: before.metadata, status: before.status },
    { metadata: after.metadata, status: after.status },
  );
  if (!difference) return before;
  const { resourceVersion } = before.metadata ?? {};
  const metadata = { ...(difference.metadata as object | undefined), resourceVersion };
  const result = await context.client.patch<T>(path, { ...difference, metadata }, 'merge');
  if (result.metadata?.resourceVersion !== resourceVersion) context.superseded.mark(before);
  return result;
};
