import { chownSync, closeSync, fstatSync, readFileSync } from 'node:fs';
import { GUEST_ID } from '../api/pod-layout.js';
import { isInPod } from './pod-process.js';
import { openPath, SocketPathError } from './sockets.js';

/** misc major, and the minor of /dev/kvm in it. Source: the kernel's admin-guide/devices.txt. */
const KVM_DEVICE = { major: 10, minor: 232 } as const;

/** glibc's gnu_dev_major and gnu_dev_minor for the numbers in use here. */
const major = (rdev: number): number => (rdev >>> 8) & 0xfff;
const minor = (rdev: number): number => (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);

/**
 * Gives the /dev/kvm of a container to the guest's uid; the runtime makes it for root. Nothing of the pod is executed for
 * it, as this needs root: the node is opened step by step without following symlinks, and changed only when it is KVM.
 * @param proc The host's /proc; a test gives its own.
 * @returns whether there is one
 * @throws SocketPathError when something else stands there, Error when the process is not the pod's (any more)
 */
export const claimKvmDevice = (pid: number, podUid: string, proc = '/proc'): boolean => {
  // A descriptor of the process's directory stays with this very process, whatever its pid means by the next line.
  const task = openPath(`${proc}/${pid}`, []);
  try {
    if (!isInPod(readFileSync(`/proc/self/fd/${task}/cgroup`, 'utf8'), podUid))
      throw new Error(`process ${pid} is not one of the launcher pod`);
    return chownKvm(`/proc/self/fd/${task}/root/.`);
  } finally {
    closeSync(task);
  }
};

const chownKvm = (root: string): boolean => {
  let node: number;
  try {
    node = openPath(root, ['dev', 'kvm']);
  } catch (error) {
    if (error instanceof SocketPathError && error.missing) return false;
    throw error;
  }
  try {
    const stat = fstatSync(node);
    if (!stat.isCharacterDevice() || major(stat.rdev) !== KVM_DEVICE.major || minor(stat.rdev) !== KVM_DEVICE.minor)
      throw new SocketPathError(false, '/dev/kvm in the launcher pod is not the KVM device');
    if (stat.uid !== GUEST_ID) chownSync(`/proc/self/fd/${node}`, GUEST_ID, GUEST_ID);
    return true;
  } finally {
    closeSync(node);
  }
};
