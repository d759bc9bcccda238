import { chownSync, closeSync, fstatSync, mkdirSync, type Stats } from 'node:fs';
import { GUEST_ID } from '../../api/pod-layout.js';
import type { ContainerIdentity } from './pod-process.js';
import { withPodRoot } from './pod-root.js';
import type { CommandRunner } from '../workspace/command.js';
import { openPath, SocketPathError } from './sockets.js';

/** Devices of the node that a pod's guest may use. Source of the numbers: the kernel's admin-guide/devices.txt. */
const DEVICES = {
  kvm: { path: ['dev', 'kvm'], major: 10, minor: 232, what: 'the KVM device' },
  tun: { path: ['dev', 'net', 'tun'], major: 10, minor: 200, what: 'the device of taps' },
  vhostNet: { path: ['dev', 'vhost-net'], major: 10, minor: 238, what: 'the vhost-net device' },
} as const;
type SharedDevice = keyof typeof DEVICES;

/** glibc's gnu_dev_major and gnu_dev_minor for the numbers in use here. */
const major = (rdev: number): number => (rdev >>> 8) & 0xfff;
const minor = (rdev: number): number => (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);

/**
 * Gives a device of a container, such as /dev/kvm, to the guest's uid; the runtime makes it for root. Nothing of the
 * pod is executed for it, as this needs root: the node is opened step by step without following symlinks, and changed
 * only when it is that device.
 * @param proc The host's /proc; a test gives its own.
 * @returns whether there is one
 * @throws SocketPathError when something else stands there, Error when the process is not the container's (any more)
 */
export const claimDevice = (
  device: SharedDevice,
  pid: number,
  container: ContainerIdentity,
  proc = '/proc',
): boolean => {
  const { path, what, ...number } = DEVICES[device];
  const isIt = (stat: Stats): boolean =>
    stat.isCharacterDevice() && major(stat.rdev) === number.major && minor(stat.rdev) === number.minor;
  return withPodRoot(pid, container, proc, (root) => claimNode(root, path, isIt, what));
};

/**
 * Makes the device of taps in a container that has none: kubelets before 1.29 do not take it from our device plugin.
 * Its directory is root's, so nobody in the pod can have put anything there; whether it may be opened is for the
 * container's devices cgroup to say, and that of every runtime lets it.
 */
export const makeTunDevice = (
  pid: number,
  container: ContainerIdentity,
  run: CommandRunner,
  proc = '/proc',
): Promise<void> =>
  withPodRoot(pid, container, proc, async (root) => {
    const dev = openPath(root, ['dev']);
    try {
      mkdirSync(`/proc/self/fd/${dev}/net`, { recursive: true, mode: 0o755 });
      closeSync(openPath(`/proc/self/fd/${dev}/.`, ['net']));
      const { major: majorNumber, minor: minorNumber } = DEVICES.tun;
      const path = `/proc/${process.pid}/fd/${dev}/net/tun`;
      await run(
        { name: 'mknod', argv: ['mknod', '-m', '0600', path, 'c', String(majorNumber), String(minorNumber)] },
        {},
      );
    } finally {
      closeSync(dev);
    }
  });

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
