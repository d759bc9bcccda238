import { namespacePath, resourceQuotaPath } from '../../kube/client/resources.js';
import type { LauncherContext } from '../../launcher/index.js';
import type { ControllerContext } from '../context.js';

interface Quota {
  spec?: { hard?: Record<string, string> };
}

export const nodeLabels = ({ nodes }: Pick<ControllerContext['caches'], 'nodes'>): Record<string, string>[] =>
  nodes.list().map(({ metadata }) => metadata?.labels ?? {});

/** What a launcher pod of this namespace depends on besides its VMI and the claims; two reads. */
export const launcherContext = async (
  { client, settings, config, caches }: Pick<ControllerContext, 'client' | 'settings' | 'config' | 'caches'>,
  namespace: string,
): Promise<Omit<LauncherContext, 'claims'>> => {
  const [{ items: quotas }, owner] = await Promise.all([
    client.list<Quota>(resourceQuotaPath(namespace)),
    client.get<{ metadata?: { labels?: Record<string, string> } }>(namespacePath(namespace)),
  ]);
  const limits = (resource: string): boolean =>
    quotas.some(({ spec }) => spec?.hard?.[`limits.${resource}`] !== undefined);
  return {
    config: config(),
    launcherImage: settings.launcherImage,
    imagePullPolicy: settings.imagePullPolicy,
    namespaceHasMemoryQuota: limits('memory'),
    namespaceHasCpuQuota: limits('cpu'),
    namespaceLabels: owner.metadata?.labels ?? {},
    unprivilegedPortsSysctl: settings.unprivilegedPortsSysctl,
    nodes: nodeLabels(caches),
  };
};
