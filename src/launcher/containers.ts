import { pullPolicy } from '../api/images.js';
import { domainName } from '../api/names.js';
import {
  LIBVIRT_CACHE_DIR,
  LIBVIRT_CONFIG_DIR,
  LIBVIRT_HOME_DIR,
  LIBVIRT_RUNTIME_DIR,
  PodVolume,
  podPaths,
} from '../api/pod-layout.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { sharedVolumes } from '../api/vmi/filesystems.js';
import { logsSerialConsole } from '../api/vmi/serial-log.js';
import { gracePeriod } from '../api/vmi/grace-period.js';
import { heldImages } from './held-images.js';
import type { LauncherContext } from './pod-input.js';
import { livenessProbe, readinessProbe, type ContainerProbe } from './probes.js';
import { computeResources, heldImageResources, initResources, type Resources } from './resources.js';
import { RUNTIME_DEFAULT, type SeccompProfile } from './seccomp.js';
import type { VolumeDevice, VolumeMount } from './volume-parts.js';
import { computeDevices, computeMounts } from './volumes.js';

/** In the environment of every container, naming it: how the agent distinguishes their first processes. */
export const CONTAINER_VARIABLE = 'VIRT_CONTAINER';
export const COMPUTE_CONTAINER = 'compute';

export interface ContainerPort {
  containerPort: number;
  protocol: string;
  name?: string;
}
export interface Container {
  name: string;
  image: string;
  imagePullPolicy?: string;
  command?: string[];
  env: { name: string; value: string }[];
  ports?: ContainerPort[];
  readinessProbe?: ContainerProbe;
  livenessProbe?: ContainerProbe;
  resources: Resources;
  volumeMounts: VolumeMount[];
  volumeDevices?: VolumeDevice[];
  securityContext: typeof UNPRIVILEGED & { seccompProfile?: SeccompProfile };
  terminationMessagePolicy?: string;
}

/** The pod's securityContext gives the uid. */
const UNPRIVILEGED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
/** For all but `compute` with passt (`seccomp.ts`). */
export const CONFINED = { ...UNPRIVILEGED, seccompProfile: RUNTIME_DEFAULT };

export const nameOf = (container: string) => ({ name: CONTAINER_VARIABLE, value: container });

/** The ports the guest is reached at: for humans and for Services that name them. passt listens, not the container. */
const ports = (vmi: VirtualMachineInstance): ContainerPort[] => {
  const all = (vmi.spec.domain.devices.interfaces ?? []).flatMap((spec) => spec.ports ?? []);
  return all.map(({ name, port, protocol }) => ({
    containerPort: port,
    protocol: protocol || 'TCP',
    ...(name === undefined || name === '' ? {} : { name }),
  }));
};

/** libvirtd, QEMU and passt, started by the image's entrypoint (entrypoint.sh). */
export const compute = (
  vmi: VirtualMachineInstance,
  context: LauncherContext,
  seccompProfile: SeccompProfile | undefined,
): Container => {
  const { name = '', namespace = 'default', uid = '' } = vmi.metadata ?? {};
  const sockets = sharedVolumes(vmi.spec).map((volume) => podPaths(uid).filesystemSocket(volume.name));
  const environment = {
    VMI_UID: uid,
    DOMAIN_NAME: domainName(namespace, name),
    GRACE_PERIOD_SECONDS: String(gracePeriod(vmi)),
    XDG_RUNTIME_DIR: LIBVIRT_RUNTIME_DIR,
    XDG_CONFIG_HOME: LIBVIRT_CONFIG_DIR,
    XDG_CACHE_HOME: LIBVIRT_CACHE_DIR,
    HOME: LIBVIRT_HOME_DIR,
    ...(livenessProbe(vmi).livenessProbe === undefined ? {} : { LIVENESS_PROBE: 'yes' }),
    ...(logsSerialConsole(vmi.spec.domain.devices) ? { SERIAL_LOG: podPaths(uid).serialLog ?? '' } : {}),
    ...(sockets.length > 0 ? { FILESYSTEM_SOCKETS: sockets.join(' ') } : {}),
  };
  return {
    name: COMPUTE_CONTAINER,
    image: context.launcherImage,
    imagePullPolicy: pullPolicy(context.launcherImage, context.imagePullPolicy ?? context.config.imagePullPolicy),
    env: [nameOf(COMPUTE_CONTAINER), ...Object.entries(environment).map(([key, value]) => ({ name: key, value }))],
    ports: ports(vmi),
    ...readinessProbe(vmi),
    ...livenessProbe(vmi),
    resources: computeResources(vmi, context),
    volumeMounts: computeMounts(vmi, context),
    volumeDevices: computeDevices(vmi, context),
    securityContext: seccompProfile === undefined ? UNPRIVILEGED : { ...UNPRIVILEGED, seccompProfile },
    // The entrypoint writes how the guest ended; where it could not, the end of its log has to do.
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
};

const BUSYBOX = `${PodVolume.bin.path}/busybox`;
const binMount = (readOnly: boolean): VolumeMount => ({
  name: PodVolume.bin.name,
  mountPath: PodVolume.bin.path,
  ...(readOnly ? { readOnly } : {}),
});

/** An image may hold nothing but a disk, so what runs in its container is brought along: one static binary. */
export const copyBusybox = (vmi: VirtualMachineInstance, context: LauncherContext): Container => ({
  name: 'container-disk-binary',
  image: context.launcherImage,
  imagePullPolicy: pullPolicy(context.launcherImage, context.imagePullPolicy ?? context.config.imagePullPolicy),
  command: ['/bin/cp', '/bin/busybox', BUSYBOX],
  env: [nameOf('container-disk-binary')],
  resources: initResources(vmi),
  volumeMounts: [binMount(false)],
  securityContext: CONFINED,
});

/**
 * Stays while the guest runs, ignoring SIGTERM: kubelet sends it to all containers at once, and the disk must outlive
 * the guest's shutdown. compute's entrypoint ends it by SIGUSR1 (128 + 10); they share a PID namespace and a uid. That
 * end is status 0, so that the pod of a guest that powered off is Completed; any other is the failure that it is.
 * @param busybox where it is
 */
export const stay = (busybox: string): string[] => [
  busybox,
  'sh',
  '-c',
  `trap '' TERM; ${busybox} sleep 2147483647; [ $? -eq 138 ]`,
];

/** One container per image that the guest needs while it runs. */
export const imageContainers = (vmi: VirtualMachineInstance, context: LauncherContext): Container[] =>
  heldImages(vmi).map(({ container, image, imagePullPolicy }) => ({
    name: container,
    image,
    ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }),
    command: stay(BUSYBOX),
    env: [nameOf(container)],
    resources: heldImageResources(vmi, context),
    volumeMounts: [binMount(true)],
    securityContext: CONFINED,
  }));
