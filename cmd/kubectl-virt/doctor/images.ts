import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import { ok, warning, type Check } from './check.js';
import type { Reader } from './reader.js';

interface Container {
  readonly image?: string;
  readonly args?: readonly string[];
}
interface Workload {
  readonly spec?: {
    readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } };
  };
}

const WORKLOADS = ['deployments/virt-webhook', 'deployments/virt-controller', 'daemonsets/virt-agent'];

const LAUNCHER = '--launcher-image=';

/** Whether all programs are of one image, as after a rollout that was done in full. Undefined: one may not see them. */
export const checkImages = async (reader: Reader): Promise<Check | undefined> => {
  const images: string[] = [];
  let launcher: string | undefined;
  for (const workload of WORKLOADS) {
    const read = await reader.get<Workload>(`/apis/apps/v1/namespaces/${INSTALL_NAMESPACE}/${workload}`);
    const [container] = read.is === 'there' ? (read.content.spec?.template?.spec?.containers ?? []) : [];
    if (container?.image === undefined) return undefined;
    images.push(container.image);
    launcher ??= container.args?.find((arg) => arg.startsWith(LAUNCHER))?.slice(LAUNCHER.length);
  }
  const different = [...new Set(images)];
  return different.length === 1
    ? ok('images', `programs of ${different[0] ?? ''}, launcher pods of ${launcher ?? 'the default'}`)
    : warning(
        'images',
        `webhook, controller and agents are of different images: ${different.join(', ')}`,
        'Apply the manifests of one version: kubectl virt preflight says which.',
      );
};
