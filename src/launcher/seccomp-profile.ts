import { createHash } from 'node:crypto';
import { COMMON_CALLS } from './system-calls.js';

/*
 * The seccomp profile of a compute container with passt, or with memory that is bound to NUMA nodes. The runtime's
 * default does not do: passt always moves itself into a user namespace and away from all files before it reads a byte
 * of the guest's, and has no switch against it (isolation.c of passt). That profile refuses it with "Couldn't create
 * user namespace: Operation not permitted", and the guest would have no network.
 *
 * What passt calls is allowed with exactly the arguments that it has (seen with strace, Debian 13's passt
 * 0.0~git20250503). So no other namespace can be made in the container, above all none of a network, from where most of
 * the kernel's faults of late were reached.
 */

interface Condition {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ';
}
interface Rule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly Condition[];
}

/** clone(2), unshare(2). */
const NEW = {
  mount: 0x0002_0000,
  cgroup: 0x0200_0000,
  uts: 0x0400_0000,
  ipc: 0x0800_0000,
  user: 0x1000_0000,
  pid: 0x2000_0000,
  network: 0x4000_0000,
} as const;
const ALL_NAMESPACES = Object.values(NEW).reduce((sum, flag) => sum + flag, 0);
/**
 * mount(2): MS_REC | MS_UNBINDABLE, for all that there is; MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, for the empty
 * directory.
 */
const MOUNT_FLAGS = [0x4000 + 0x2_0000, 1 + 2 + 4 + 8] as const;
/** umount2(2): MNT_DETACH | UMOUNT_NOFOLLOW. */
const UMOUNT_FLAGS = 2 + 8;
const ENOSYS = 38;

const allowed = (name: string, ...args: readonly Condition[]): Rule => ({
  names: [name],
  action: 'SCMP_ACT_ALLOW',
  args,
});
const equals = (index: number, value: number): Condition => ({ index, value, op: 'SCMP_CMP_EQ' });

const PASST: readonly Rule[] = [
  allowed('unshare', equals(0, NEW.user)),
  allowed('unshare', equals(0, NEW.mount + NEW.uts + NEW.ipc + NEW.pid)),
  ...MOUNT_FLAGS.map((flags) => allowed('mount', equals(3, flags))),
  allowed('pivot_root'),
  allowed('umount2', equals(1, UMOUNT_FLAGS)),
];

/** MPOL_MF_MOVE_ALL: pages that other processes have too. */
const MOVE_ALL = 4;
/**
 * QEMU binds the memory of NUMA passthrough to the node's own cells: mbind(2), which the runtime's default refuses
 * (seen in a pod: "cannot bind memory to host NUMA nodes: Operation not permitted").
 */
const NUMA = allowed('mbind', { index: 5, value: MOVE_ALL, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' });

/**
 * As the OCI runtime specification has it (`linux.seccomp`), for the machine's own architecture. What is not named is
 * refused with EPERM.
 */
const PROFILE = {
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [
    { names: COMMON_CALLS, action: 'SCMP_ACT_ALLOW' },
    // PER_LINUX, PER_LINUX32, both with UNAME26, and the question which it is: as in containerd's.
    ...[0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff].map((persona) => allowed('personality', equals(0, persona))),
    // Processes and threads, but in no namespace of their own.
    allowed('clone', { index: 0, value: ALL_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }),
    // Its flags are in memory, where no filter can see them; the C library falls back to clone on ENOSYS.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    ...PASST,
    NUMA,
  ] satisfies readonly Rule[],
};

/** kubelet's directory for ours, below its own of seccomp profiles. */
export const SECCOMP_DIRECTORY = 'kubectl-virt';

const text = `${JSON.stringify(PROFILE, undefined, 1)}\n`;
/** 128 bits, as hexadecimal digits: a label's value holds 63 characters. */
const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);

/**
 * A name says what is in the file for good: a new version of the profile is a new file, and a pod that waits still gets
 * what it asked for.
 */
export const LAUNCHER_PROFILE = { digest, fileName: `launcher-${digest}.json`, text } as const;
