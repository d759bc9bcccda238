import { podPaths, PodVolume } from '../api/pod-layout.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';

export interface VolumeMount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
}
interface SecretProjection {
  secret: { name: string; optional?: boolean; items?: { key: string; path: string }[] };
}
export type PodVolumeSource = { name: string } & (
  | { emptyDir: Record<string, never> }
  | { projected: { defaultMode: number; sources: SecretProjection[] } }
  | { persistentVolumeClaim: { claimName: string; readOnly?: boolean } }
);

/** Secrets hold passwords: readable by the pod's own uid (through fsGroup) and nobody else. */
const SECRET_MODE = 0o440;

const emptyDirs = (): PodVolumeSource[] => Object.values(PodVolume).map(({ name }) => ({ name, emptyDir: {} }));

/** The Secrets a cloud-init volume names, as one directory: user data and network data have keys of different names. */
const cloudInitSecrets = (vmi: VirtualMachineInstance): { volume: string; podVolume: string; secrets: string[] }[] =>
  (vmi.spec.volumes ?? []).flatMap(({ name, cloudInitNoCloud }, index) => {
    const refs = [cloudInitNoCloud?.secretRef?.name, cloudInitNoCloud?.networkDataSecretRef?.name];
    const secrets = [...new Set(refs.filter((ref) => ref !== undefined && ref !== ''))] as string[];
    return secrets.length === 0 ? [] : [{ volume: name, podVolume: `cloud-init-secret-${index}`, secrets }];
  });

export const podVolumes = (vmi: VirtualMachineInstance): PodVolumeSource[] => [
  ...emptyDirs(),
  ...cloudInitSecrets(vmi).map(({ podVolume, secrets }) => ({
    name: podVolume,
    projected: { defaultMode: SECRET_MODE, sources: secrets.map((name) => ({ secret: { name } })) },
  })),
];

/** Where compute sees them: all but the directory of the helper binary. */
export const computeMounts = (vmi: VirtualMachineInstance): VolumeMount[] => {
  const paths = podPaths(vmi.metadata?.uid ?? '');
  const own = Object.values(PodVolume).filter((volume) => volume !== PodVolume.bin);
  return [
    ...own.map(({ name, path }) => ({ name, mountPath: path })),
    ...cloudInitSecrets(vmi).map(({ volume, podVolume }) => ({
      name: podVolume,
      mountPath: paths.secret(volume),
      readOnly: true,
    })),
  ];
};
