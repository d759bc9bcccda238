import { posix } from 'node:path';
import { credentialSecrets, credentialVolume } from '../api/vmi/access-credentials.js';
import { claimNameOf } from '../api/vmi/claim-use.js';
import {
  FILESYSTEM_SOCKETS,
  PERSISTENT_STATE,
  podPaths,
  PodVolume,
  SERIAL_LOG,
  SHARED_DIRECTORY,
} from '../api/pod-layout.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { isOnlyShared, sharedVolumes } from '../api/vmi/filesystems.js';
import { keepsState, stateClaimName } from '../api/vmi/persistent-state.js';
import { logsSerialConsole } from '../api/vmi/serial-log.js';
import type { Volume } from '../api/schema/volumes.js';
import { volumeSourceKind } from '../api/vmi/volume-source.js';
import { isMounted, type MountedSource } from '../api/vmi/volume-sources.js';
import * as content from './content.js';
import type { LauncherContext } from './pod-input.js';
import { emptyDirLimits } from './storage.js';
import { volumeLabel } from './volume-label.js';
import {
  SECRET_MODE,
  type VolumeMount,
  type VolumeDevice,
  type PodVolumeSource,
  type Parts,
  type Subject,
} from './volume-parts.js';

/** The Secrets a cloud-init volume names, as one directory: user data and network data have keys of different names. */
const cloudInit = ({ volume, paths }: Subject): Parts[] => {
  const source = volume.cloudInitNoCloud ?? volume.cloudInitConfigDrive;
  const refs = [source?.secretRef?.name, source?.networkDataSecretRef?.name];
  const secrets = [...new Set(refs)].filter((ref): ref is string => ref !== undefined && ref !== '');
  if (secrets.length === 0) return [];
  const name = volumeLabel('volume', volume.name);
  return [
    {
      volume: {
        name,
        projected: {
          defaultMode: SECRET_MODE,
          sources: secrets.map((secret) => ({ secret: { name: secret } })),
        },
      },
      mount: { name, mountPath: paths.secret(volume.name), readOnly: true },
    },
  ];
};

/** A claim in filesystem mode is a directory, one in block mode a device. A copy-on-write base is mounted read-only. */
const claim = ({ volume, paths, context }: Subject): Parts[] => {
  const claimName = claimNameOf(volume);
  if (claimName === undefined) return [];
  const name = volumeLabel('volume', volume.name);
  const source = { name, persistentVolumeClaim: { claimName } };
  if (context.claims?.get(claimName)?.volumeMode === 'Block')
    return [{ volume: source, device: { name, devicePath: paths.blockDevice(volume.name) } }];
  const readOnly = volume.ephemeral !== undefined || volume.persistentVolumeClaim?.readOnly === true;
  const mountPath = paths.persistentVolume(volume.name);
  return [{ volume: source, mount: { name, mountPath, ...(readOnly ? { readOnly } : {}) } }];
};

/** The directory of the disk on the node; which file it is the agent knows (docs/reference/domain.md §6.4). */
const hostDisk = ({ volume, paths }: Subject): Parts[] => {
  if (volume.hostDisk === undefined) return [];
  const name = volumeLabel('volume', volume.name);
  const type = volume.hostDisk.type === 'Disk' ? 'Directory' : 'DirectoryOrCreate';
  return [
    {
      volume: { name, hostPath: { path: posix.dirname(volume.hostDisk.path), type } },
      mount: { name, mountPath: paths.persistentVolume(volume.name) },
    },
  ];
};

/** All but the sources that add no volume to the pod. */
const SOURCES: Readonly<Record<MountedSource, (subject: Subject) => Parts[]>> = {
  cloudInitConfigDrive: cloudInit,
  cloudInitNoCloud: cloudInit,
  configMap: content.configMap,
  downwardAPI: content.downwardAPI,
  secret: content.secret,
  serviceAccount: content.serviceAccount,
  sysprep: content.sysprep,
  dataVolume: claim,
  ephemeral: claim,
  hostDisk,
  persistentVolumeClaim: claim,
};

/** Keys and passwords, which kubelet keeps as the Secret has them. */
const credentials = ({ spec, metadata }: VirtualMachineInstance): Parts[] =>
  credentialSecrets(spec).map((secretName) => {
    const name = credentialVolume(secretName);
    return {
      volume: { name, secret: { secretName, defaultMode: SECRET_MODE } },
      mount: { name, mountPath: podPaths(metadata?.uid ?? '').accessCredential(name), readOnly: true },
    };
  });

const partsOf = (subject: Subject): Parts[] => {
  const kind = volumeSourceKind(subject.volume);
  return isMounted(kind) ? SOURCES[kind](subject) : [];
};

const parts = (vmi: VirtualMachineInstance, context: LauncherContext): Parts[] => {
  const paths = podPaths(vmi.metadata?.uid ?? '');
  return (vmi.spec.volumes ?? []).flatMap((volume) => partsOf({ volume, paths, context }));
};

/** A volume that is a file system and no disk is none of QEMU's business. */
const computeParts = (vmi: VirtualMachineInstance, context: LauncherContext): Parts[] => {
  const paths = podPaths(vmi.metadata?.uid ?? '');
  return (vmi.spec.volumes ?? [])
    .filter(({ name }) => !isOnlyShared(vmi.spec, name))
    .flatMap((volume) => partsOf({ volume, paths, context }));
};

/** The one volume that a container shares with the guest. */
export const sharedMount = (vmi: VirtualMachineInstance, volume: Volume, context: LauncherContext): VolumeMount[] =>
  partsOf({ volume, paths: podPaths(vmi.metadata?.uid ?? ''), context }).flatMap(({ mount }) =>
    mount === undefined ? [] : { ...mount, mountPath: SHARED_DIRECTORY },
  );

const stateVolume = (vmi: VirtualMachineInstance): PodVolumeSource[] =>
  keepsState(vmi.spec)
    ? [{ name: PERSISTENT_STATE.name, persistentVolumeClaim: { claimName: stateClaimName(vmi) } }]
    : [];

export const podVolumes = (vmi: VirtualMachineInstance, context: LauncherContext): PodVolumeSource[] => [
  ...Object.entries(emptyDirLimits(vmi, context)).map(([name, sizeLimit]) => ({ name, emptyDir: { sizeLimit } })),
  ...[...parts(vmi, context), ...credentials(vmi)].map(({ volume }) => volume),
  ...stateVolume(vmi),
];

/** Where compute sees them: all but the directory of the helper binary. */
export const computeMounts = (vmi: VirtualMachineInstance, context: LauncherContext): VolumeMount[] => [
  ...Object.values<{ readonly name: string; readonly path: string }>(PodVolume)
    .filter((volume) => volume !== PodVolume.bin)
    .concat(sharedVolumes(vmi.spec).length > 0 ? [FILESYSTEM_SOCKETS] : [])
    .concat(logsSerialConsole(vmi.spec.domain.devices) ? [SERIAL_LOG] : [])
    .concat(keepsState(vmi.spec) ? [PERSISTENT_STATE] : [])
    .map(({ name, path }) => ({ name, mountPath: path })),
  ...[...computeParts(vmi, context), ...credentials(vmi)].flatMap(({ mount }) => mount ?? []),
];

/** Block devices of the node that compute gets. */
export const computeDevices = (vmi: VirtualMachineInstance, context: LauncherContext): VolumeDevice[] =>
  computeParts(vmi, context).flatMap(({ device }) => device ?? []);
