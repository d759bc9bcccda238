import type { VmPaths } from '../api/pod-layout.js';
import type { DownwardAPIVolumeFile } from '../api/schema/core.js';
import type { Volume } from '../api/schema/volumes.js';
import type { LauncherContext } from './pod-input.js';

/** Secrets hold passwords: readable by the pod's own uid (through fsGroup) and nobody else. */
export const SECRET_MODE = 0o440;

export interface VolumeMount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
}
export interface VolumeDevice {
  name: string;
  devicePath: string;
}
interface Projected {
  name: string;
  optional?: boolean;
  items?: { key: string; path: string }[];
}
type Projection =
  | { secret: Projected }
  | { configMap: Projected }
  | { downwardAPI: { items: DownwardAPIVolumeFile[] } }
  | { serviceAccountToken: { path: string; expirationSeconds: number } };
/** The one field beside `name` in a volume of the pod. */
export type PodVolumeContent =
  | { emptyDir: { sizeLimit: string } }
  | { projected: { defaultMode: number; sources: Projection[] } }
  | { configMap: { name: string; optional?: boolean } }
  | { secret: { secretName: string; defaultMode: number; optional?: boolean } }
  | { downwardAPI: { items: DownwardAPIVolumeFile[] } }
  | { persistentVolumeClaim: { claimName: string; readOnly?: boolean } }
  | { hostPath: { path: string; type: 'Directory' | 'DirectoryOrCreate' } };
export type PodVolumeSource = { name: string } & PodVolumeContent;

/** What one volume of the VMI adds to the pod: a volume of the pod's and how compute sees it. Most add nothing. */
export interface Parts {
  readonly volume: PodVolumeSource;
  readonly mount?: VolumeMount;
  readonly device?: VolumeDevice;
}

export interface Subject {
  readonly volume: Volume;
  readonly paths: VmPaths;
  readonly context: LauncherContext;
}
