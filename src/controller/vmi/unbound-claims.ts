import { claimUses } from '../../api/vmi/claim-use.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { isNotFound } from '../../kube/client/api-error.js';
import type { KubeClient } from '../../kube/client/client.js';
import { storageClassPath } from '../../kube/client/resources.js';
import type { PersistentVolumeClaim } from '../../kube/types.js';

/* A pod that no node takes because a claim is not bound: which claim, of which storage class, and what it waits for. */

export interface UnboundClaim {
  readonly reason: 'StorageClassNotFound' | 'ClaimNotBound' | 'ClaimLost';
  readonly message: string;
}

interface StorageClass {
  readonly provisioner?: string;
  readonly volumeBindingMode?: string;
}

/** Of a pass; a VM with more of them is told of the first anyway. */
const MOST_ASKED = 4;

interface Question {
  readonly vmi: VirtualMachineInstance;
  readonly claim: (name: string) => PersistentVolumeClaim | undefined;
  readonly client: Pick<KubeClient, 'get'>;
}

/** The first claim that nothing binds; one that waits for its first consumer, the pod, is as it should be. */
export const unboundClaim = async ({ vmi, claim, client }: Question): Promise<UnboundClaim | undefined> => {
  const unbound = claimUses(vmi).flatMap(({ volume, claimName: name }) => {
    const found = claim(name);
    if (found === undefined || found.status?.phase === 'Bound') return [];
    const isDataVolume = vmi.spec.volumes?.some((each) => each.name === volume && each.dataVolume !== undefined);
    const owner = isDataVolume === true ? `DataVolume ${name}: its ` : '';
    return [{ found, of: `volume ${volume}: ${owner}PersistentVolumeClaim ${name}` }];
  });
  for (const { found, of } of unbound.slice(0, MOST_ASKED)) {
    const problem = problemOf(found, of, await storageClass(client, found.spec?.storageClassName));
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const storageClass = async (
  client: Question['client'],
  name: string | undefined,
): Promise<StorageClass | 'missing' | undefined> => {
  if (!name) return undefined;
  try {
    return await client.get<StorageClass>(storageClassPath(name));
  } catch (error) {
    if (isNotFound(error)) return 'missing';
    throw error;
  }
};

const problemOf = (
  { spec, status }: PersistentVolumeClaim,
  of: string,
  known: StorageClass | 'missing' | undefined,
): UnboundClaim | undefined => {
  if (status?.phase === 'Lost') {
    const message = `${of} has lost its PersistentVolume ${spec?.volumeName ?? ''}: restore that, or make the claim again from a copy`;
    return { reason: 'ClaimLost', message };
  }
  const name = spec?.storageClassName ?? '';
  const size = spec?.resources?.requests?.['storage'] ?? 'its size';
  if (known === undefined) {
    const none = name === '' ? 'has no storage class, and the cluster no default one for it' : `has class ${name}`;
    const message = `${of} ${none}: name a class in a new claim (kubectl get storageclass), or make a PersistentVolume of ${size} for it`;
    return { reason: 'ClaimNotBound', message };
  }
  if (known === 'missing') {
    const message = `${of} asks for StorageClass ${name}, which does not exist: make the claim again with one that does (kubectl get storageclass), or create it`;
    return { reason: 'StorageClassNotFound', message };
  }
  if (known.volumeBindingMode === 'WaitForFirstConsumer') return undefined;
  const message = `${of} of StorageClass ${name} is not bound: its provisioner ${known.provisioner ?? ''} has made no volume of ${size} yet; its events say why (kubectl describe pvc)`;
  return { reason: 'ClaimNotBound', message };
};
