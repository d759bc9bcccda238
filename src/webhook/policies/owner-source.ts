import { accountName } from '../../agent-api/token.js';
import { GROUP } from '../../api/names.js';
import type { AdmissionRequest } from '../../admission/types.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { ifFound } from '../../kube/client/if-found.js';
import { vmirsPath, vmPath } from '../../kube/client/resources.js';
import type { Log } from '../../kube/program/log.js';
import type { KubernetesObject } from '../../kube/types.js';

/** What a VMI is made of, as it is stored. */
export interface Owner {
  readonly kind: 'VirtualMachine' | 'VirtualMachineInstanceReplicaSet';
  readonly object: KubernetesObject;
}

const PATHS = { VirtualMachine: vmPath, VirtualMachineInstanceReplicaSet: vmirsPath } as const;
const READ_MS = 2_000;

/** Whether virt-controller makes a VMI of what is stored. */
export const isMadeOfStored = (
  { kind, operation, user }: Pick<AdmissionRequest, 'kind' | 'operation' | 'user'>,
  installNamespace: string,
): boolean =>
  kind === 'VirtualMachineInstance' &&
  operation === 'CREATE' &&
  user?.username === accountName(installNamespace, 'virt-controller');

/**
 * Reads the owner that a VMI names. Asked only where the VMI would be refused: on all other ways there is no call.
 * Undefined where there is none of that uid, or it cannot be read: then the VMI is judged as any.
 */
export const ownerOf = async (
  client: Pick<KubeClient, 'get'>,
  vmi: unknown,
  namespace: string,
  log: Log,
): Promise<Owner | undefined> => {
  const { metadata } = vmi as KubernetesObject;
  const reference = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  const { kind, name = '', uid } = reference ?? {};
  if (kind !== 'VirtualMachine' && kind !== 'VirtualMachineInstanceReplicaSet') return undefined;
  if (reference?.apiVersion.startsWith(`${GROUP}/`) !== true || name === '' || !uid) return undefined;
  try {
    const object = await ifFound(client.get<KubernetesObject>(PATHS[kind](namespace, name), { timeoutMs: READ_MS }));
    return object === undefined || object.metadata?.uid !== uid ? undefined : { kind, object };
  } catch (error) {
    log.warn({ namespace, name, error: errorMessage(error) }, 'the owner of a VMI could not be read');
    return undefined;
  }
};
