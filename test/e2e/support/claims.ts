/** Claims on storage of the test bed's node, which a test makes and removes. */
import { makeLocalVolume, removeLocalVolume, type LocalVolumeMode } from '../../cluster/local-volumes.js';
import { NODE_NAME } from '../../cluster/settings.js';
import { apply, remove } from './api.js';
import { removeWhole } from './machines.js';

/** Storage classes without a provisioner: a claim is bound to a volume that is there when its first pod comes. */
const storageClassOf = (mode: LocalVolumeMode): string => (mode === 'Block' ? 'local-block' : 'local-fs');

const storageClass = ({ mode, ownClass }: LocalVolume): object => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: ownClass ?? { name: storageClassOf(mode) },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
});

export interface LocalVolume {
  /** Of the PersistentVolume. */
  readonly name: string;
  readonly mode: LocalVolumeMode;
  /** What the storage has. */
  readonly mebibytes: number;
  /** What the PersistentVolume says it has; default: what it has. */
  readonly saysMebibytes?: number;
  readonly accessMode?: 'ReadWriteOnce' | 'ReadWriteMany';
  /** A class that nothing else is of; default: one for all of the mode. */
  readonly ownClass?: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
}

/** Makes storage and a PersistentVolume for it. @returns the directory or device on the node */
export const provideVolume = async (volume: LocalVolume): Promise<string> => {
  const { name, mode, mebibytes, saysMebibytes = mebibytes, accessMode = 'ReadWriteOnce' } = volume;
  // One that a killed run left is Released: nothing would ever be bound to it.
  await removeWhole('', 'persistentvolume', [name], 60);
  const path = await makeLocalVolume(name, mode, mebibytes);
  await apply(storageClass(volume));
  await apply({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: [accessMode],
      capacity: { storage: `${saysMebibytes}Mi` },
      volumeMode: mode,
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: volume.ownClass?.name ?? storageClassOf(mode),
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [NODE_NAME] }] },
          ],
        },
      },
    },
  });
  return path;
};

/** A claim on exactly that volume. */
export const claimOn = (
  { name, mode, mebibytes, saysMebibytes, accessMode }: LocalVolume,
  namespace: string,
): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace },
  spec: {
    accessModes: [accessMode ?? 'ReadWriteOnce'],
    volumeMode: mode,
    storageClassName: storageClassOf(mode),
    volumeName: name,
    resources: { requests: { storage: `${saysMebibytes ?? mebibytes}Mi` } },
  },
});

/** Volume and claim. @returns the directory or device on the node */
export const provideClaim = async (volume: LocalVolume, namespace: string): Promise<string> => {
  const path = await provideVolume(volume);
  await apply(claimOn(volume, namespace));
  return path;
};

/** Removes the volume and what is on it; claims go with their namespace. */
export const withdrawVolume = async (name: string): Promise<void> => {
  await remove('', 'persistentvolume', name);
  await removeLocalVolume(name);
};
