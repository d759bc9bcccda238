import { chownSync, closeSync, fstatSync, type Stats } from 'node:fs';
import { GUEST_ID } from '../../api/pod-layout.js';
import type { ContainerIdentity } from './pod-process.js';
import { withPodRoot } from './pod-root.js';
import { openPath, SocketPathError } from './sockets.js';

/** misc major, and the minor of /dev/kvm in it. Source: the kernel's admin-guide/devices.txt. */
const KVM_DEVICE = { major: 10, minor: 232 } as const;

/** glibc's gnu_dev_major and gnu_dev_minor for the numbers in use here. */
const major = (rdev: number): number => (rdev >>> 8) & 0xfff;
const minor = (rdev: number): number => (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);

const isKvm = (stat: Stats): boolean =>
  stat.isCharacterDevice() && major(stat.rdev) === KVM_DEVICE.major && minor(stat.rdev) === KVM_DEVICE.minor;

/**
 * Gives the /dev/kvm of a container to the guest's uid; the runtime makes it for root. Nothing of the pod is executed
 * for it, as this needs root: the node is opened step by step without following symlinks, and changed only when it is
 * KVM.
 * @param proc The host's /proc; a test gives its own.
 * @returns whether there is one
 * @throws SocketPathError when something else stands there, Error when the process is not the container's (any more)
 */
export const claimKvmDevice = (pid: number, container: ContainerIdentity, proc = '/proc'): boolean =>
  withPodRoot(pid, container, proc, (root) => claimNode(root, ['dev', 'kvm'], isKvm, 'the KVM device'));

/**
 * Gives a block device of a container to the guest's uid, in the same way. Whatever is not a block device stays as it
 * is.
 * @param path Absolute, in the pod; none of its steps may be a symlink.
 * @throws SocketPathError when it is missing or something else, Error when the process is not the container's (any
 * more)
 */
export const takeBlockDevice = (pid: number, container: ContainerIdentity, path: string, proc = '/proc'): void =>
  withPodRoot(pid, container, proc, (root) => {
    const steps = path.split('/').slice(1);
    const found = claimNode(root, steps, (stat) => stat.isBlockDevice(), 'a block device');
    if (!found) throw new SocketPathError('missing', `${path} does not exist in the launcher pod`);
  });

const claimNode = (
  root: string,
  steps: readonly string[],
  isWanted: (stat: Stats) => boolean,
  what: string,
): boolean => {
  let node: number;
  try {
    node = openPath(root, steps);
  } catch (error) {
    if (error instanceof SocketPathError && error.missing) return false;
    throw error;
  }
  try {
    const stat = fstatSync(node);
    if (!isWanted(stat)) throw new SocketPathError('wrong', `/${steps.join('/')} in the launcher pod is not ${what}`);
    if (stat.uid !== GUEST_ID) chownSync(`/proc/self/fd/${node}`, GUEST_ID, GUEST_ID);
    return true;
  } finally {
    closeSync(node);
  }
};
