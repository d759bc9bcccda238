import { pullPolicy } from '../api/images.js';
import { FILESYSTEM_SOCKETS, GUEST_ID, podPaths, SHARED_DIRECTORY } from '../api/pod-layout.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { sharedVolumes } from '../api/vmi/filesystems.js';
import { CONFINED, nameOf, type Container } from './containers.js';
import type { LauncherContext } from './pod-input.js';
import { sharingResources } from './resources.js';
import { volumeLabel } from './volume-label.js';
import { sharedMount } from './volumes.js';

/** The container that shares a volume's directory with the guest. */
const sharingContainer = (volume: string): string => volumeLabel('virtiofs-', volume);

/** The containers of a VM's file systems, and the volume of each as messages call it. */
export const sharedDirectories = ({
  spec,
}: VirtualMachineInstance): { readonly container: string; readonly owner: string }[] =>
  sharedVolumes(spec).map(({ name }) => ({ container: sharingContainer(name), owner: `volume ${name}` }));

/** Every id, as virtiofsd counts them. */
const ALL_IDS = 2n ** 32n - 1n;
/** Whoever owns a file in the guest, here it is ours; to change the owner does nothing, rather than fail. */
const SQUASHED = `squash-guest:0:${GUEST_ID}:${ALL_IDS}`;

/**
 * Without openat2 virtiofsd says nothing and opens what the guest names, `..` too: then it is not started. 437 on every
 * architecture; the last of the three numbers is RESOLVE_IN_ROOT. perl is part of every Debian.
 */
const HELD = `/usr/bin/perl -e 'my ($path, $how) = (".", pack("Q3", 0, 0, 16)); exit(syscall(437, -100, $path, $how, 24) < 0)'`;
const NOT_HELD =
  'openat2 is refused on this node, and without it nothing holds the guest in the directory: that takes Linux 5.6 and ' +
  'a seccomp profile that knows the call (containerd 1.5, runc 1.0)';

/**
 * virtiofsd ends when its QEMU does, or fails to start: it is started again for the next, until the entrypoint has
 * written that there is none (entrypoint.sh). SIGTERM is ignored, because kubelet sends it to all containers at once,
 * and a guest that shuts down still writes. What is started again for nobody, the entrypoint ends by SIGUSR1 (128 +
 * 10).
 */
const SCRIPT = [
  `trap '' TERM`,
  `${HELD} || { echo "${NOT_HELD}" >&2; exit 1; }`,
  `while [ ! -e ${FILESYSTEM_SOCKETS.path}/ended ]; do "$0" "$@" || [ $? -eq 138 ] || exit 1; done`,
].join('; ');

/**
 * virtiofsd without a sandbox of its own, which an unprivileged process cannot make: the container is the sandbox. It
 * has the volume, the directory of the sockets, and no right that QEMU lacks.
 */
const command = (socket: string): string[] => [
  '/bin/sh',
  '-c',
  SCRIPT,
  '/usr/libexec/virtiofsd',
  `--socket-path=${socket}`,
  `--shared-dir=${SHARED_DIRECTORY}`,
  '--sandbox=none',
  '--cache=auto',
  `--translate-uid=${SQUASHED}`,
  `--translate-gid=${SQUASHED}`,
  '--log-level=error',
];

/** One container per file system of the guest, in the order of the volumes. */
export const sharingContainers = (vmi: VirtualMachineInstance, context: LauncherContext): Container[] => {
  const paths = podPaths(vmi.metadata?.uid ?? '');
  return sharedVolumes(vmi.spec).map((volume) => {
    const name = sharingContainer(volume.name);
    return {
      name,
      image: context.launcherImage,
      imagePullPolicy: pullPolicy(context.launcherImage, context.imagePullPolicy ?? context.config.imagePullPolicy),
      command: command(paths.filesystemSocket(volume.name)),
      env: [nameOf(name)],
      resources: sharingResources(vmi, context),
      volumeMounts: [
        { name: FILESYSTEM_SOCKETS.name, mountPath: FILESYSTEM_SOCKETS.path },
        ...sharedMount(vmi, volume, context),
      ],
      securityContext: CONFINED,
      terminationMessagePolicy: 'FallbackToLogsOnError',
    };
  });
};
