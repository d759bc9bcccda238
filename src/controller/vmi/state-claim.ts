import { isDeleting, phaseOf } from '../../api/vmi/phase.js';
import { keepsState, machineOf, STATE_LABEL, STATE_VOLUME, stateClaimName } from '../../api/vmi/persistent-state.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { ApiError, isAlreadyExists, isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { API_VERSION, pvcPath, storageClassPath } from '../../kube/client/resources.js';
import type { KubernetesObject, PersistentVolumeClaim } from '../../kube/types.js';
import type { ControllerContext } from '../context.js';
import { isOwnerGone } from '../owner-key.js';
import { isOwnedBy } from '../vm/instance.js';

/** Why a VMI's pod is not made yet. */
export interface StateProblem {
  readonly reason: 'StateClaimTaken' | 'StateClaimDeleted' | 'StateClaimRefused' | 'NoStorageClass' | 'StateOwnerGone';
  readonly message: string;
}

/** Of storage classes and quotas nobody tells: a VM that waits for one looks again. */
const AGAIN_MS = 30_000;
export interface StateWait extends StateProblem {
  readonly requeueAfterMs: number;
}

interface Question {
  readonly vmi: VirtualMachineInstance;
  /** As the cache has it. */
  readonly claim: (name: string) => PersistentVolumeClaim | undefined;
  /** The VirtualMachine that the VMI names as its controller is not there. */
  readonly ownerGone: boolean;
  /** `configuration.vmStateStorageClass`. */
  readonly storageClass: string | undefined;
  readonly client: Pick<KubeClient, 'get' | 'list' | 'create'>;
}

/** A UEFI's variables are half a MiB, a TPM's state some KiB. */
const SIZE = '10Mi';

/** Which class is the cluster's for this, by the annotations that say so; the first wins. */
const DEFAULTS = [
  'storageclass.kubevirt.io/is-default-virt-class',
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
] as const;

const defaultClass = async (client: Question['client']): Promise<string | undefined> => {
  const { items } = await client.list<KubernetesObject>(storageClassPath());
  for (const annotation of DEFAULTS) {
    // Of several the newest, as Kubernetes itself chooses.
    const marked = items
      .filter(({ metadata }) => metadata?.annotations?.[annotation] === 'true')
      .toSorted((a, b) => ((a.metadata?.creationTimestamp ?? '') < (b.metadata?.creationTimestamp ?? '') ? 1 : -1));
    if (marked[0]?.metadata?.name !== undefined) return marked[0].metadata.name;
  }
  return undefined;
};

/** The claim that is made for a VM's state; it is deleted with the VM. Pure. */
export const buildStateClaim = (vmi: VirtualMachineInstance, storageClassName: string): PersistentVolumeClaim => {
  const { name = '', namespace, uid = '' } = vmi.metadata ?? {};
  const machine = machineOf(vmi);
  const owner =
    machine === undefined
      ? { kind: 'VirtualMachineInstance', name, uid }
      : { kind: 'VirtualMachine', name: machine.name, uid: machine.uid };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: stateClaimName(vmi),
      namespace,
      labels: { [STATE_LABEL]: name.slice(0, 63).replace(/[-.]+$/, '') },
      ownerReferences: [{ apiVersion: API_VERSION, ...owner, controller: true, blockOwnerDeletion: true }],
    },
    spec: {
      // One node at a time has the VM.
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Filesystem',
      storageClassName,
      resources: { requests: { storage: SIZE } },
    },
  };
};

/** One that somebody else has made is not the VM's, whatever it is called and labelled. */
const problemOf = (vmi: VirtualMachineInstance, found: PersistentVolumeClaim): StateProblem | undefined => {
  const name = found.metadata?.name ?? '';
  const uid = machineOf(vmi)?.uid ?? vmi.metadata?.uid;
  if (uid === undefined || !isOwnedBy(found, uid))
    return {
      reason: 'StateClaimTaken',
      message: `PersistentVolumeClaim ${name} is not this VM's (its controller is another, or none), so its firmware and TPM get no state from it: delete the claim, or give it back to the VM by ownerReferences`,
    };
  return isDeleting(found)
    ? {
        reason: 'StateClaimDeleted',
        message: `PersistentVolumeClaim ${name}, with the state of firmware and TPM, is being deleted: the VM starts with an empty one when it is gone`,
      }
    : undefined;
};

/** A quota, or a policy of the cluster's. */
const isRefusal = (error: unknown): error is ApiError =>
  error instanceof ApiError && (error.code === 403 || error.code === 422);

/**
 * Finds the claim of a VM's firmware and TPM, or makes it.
 * @returns what keeps the VM from having it; undefined: it has it, or needs none
 */
export const ensureStateClaim = async (question: Question): Promise<StateProblem | undefined> => {
  const { vmi, claim, client } = question;
  if (!keepsState(vmi.spec)) return undefined;
  if (machineOf(vmi) !== undefined && question.ownerGone)
    return {
      reason: 'StateOwnerGone',
      message: `the VirtualMachine ${machineOf(vmi)?.name ?? ''}, which the state of firmware and TPM belongs to, is not there`,
    };
  const name = stateClaimName(vmi);
  const { namespace } = vmi.metadata ?? {};
  // The cache may be behind what we have just made; what the API server has decides.
  const found = claim(name) ?? (await live(client, namespace, name));
  if (found !== undefined) return problemOf(vmi, found);
  const storageClass = question.storageClass || (await defaultClass(client));
  if (storageClass === undefined)
    return {
      reason: 'NoStorageClass',
      message: `${STATE_VOLUME} needs a claim of ${SIZE}, and no StorageClass is the default: set spec.configuration.vmStateStorageClass in the KubeVirt object, or annotate one with ${DEFAULTS[0]}: "true"`,
    };
  try {
    await client.create(pvcPath(namespace), buildStateClaim(vmi, storageClass));
    return undefined;
  } catch (error) {
    if (isRefusal(error))
      return { reason: 'StateClaimRefused', message: `PersistentVolumeClaim ${name} cannot be made: ${error.message}` };
    if (!isAlreadyExists(error)) throw error;
    const other = await live(client, namespace, name);
    return other && problemOf(vmi, other);
  }
};

const live = async (
  client: Question['client'],
  namespace: string | undefined,
  name: string,
): Promise<PersistentVolumeClaim | undefined> => {
  try {
    return await client.get<PersistentVolumeClaim>(pvcPath(namespace, name));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

/** Of a VMI that has no pod yet; see {@link ensureStateClaim}. */
export const stateProblem = async (
  { caches, client, config }: ControllerContext,
  vmi: VirtualMachineInstance,
): Promise<StateWait | undefined> => {
  if (phaseOf(vmi) !== 'Pending' || isDeleting(vmi)) return undefined;
  const problem = await ensureStateClaim({
    vmi,
    claim: (name) => caches.claims.get(`${vmi.metadata?.namespace ?? ''}/${name}`),
    ownerGone: isOwnerGone(caches.vms, vmi),
    storageClass: config().vmStateStorageClass,
    client,
  });
  return problem && { ...problem, requeueAfterMs: AGAIN_MS };
};
