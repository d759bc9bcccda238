import { join } from 'node:path';
import { isContainers, isPodStep } from './cgroup-paths.js';
import { procText } from './proc-text.js';
import { ProcessScan } from './process-scan.js';

/**
 * A container of a pod, by what its runtime calls it (`status.launcherPod` of the VMI). Names and environments can be
 * chosen by any user.
 */
export interface ContainerIdentity {
  readonly podUid: string;
  readonly name: string;
  readonly id: string;
}

/** A container's first process, as the host numbers it and as its pod does. */
export interface ContainerProcess {
  readonly pid: number;
  /** The pid inside the pod's shared PID namespace; under `/proc` there, its `root` is the container's file system. */
  readonly podPid: number;
  /**
   * When it started, in the kernel's clock ticks since boot: with the pid, this very process and no later one of its
   * number.
   */
  readonly startTime: bigint;
}

/** Several processes may be a container's first one. */
class AmbiguousContainerError extends Error {
  constructor({ name, id, podUid }: ContainerIdentity, pids: readonly number[]) {
    super(
      `the container ${name} (${id}) of pod ${podUid} has several first processes that are equally old (${pids.join(', ')}): none is believed`,
    );
    this.name = 'AmbiguousContainerError';
  }
}

/**
 * Whether a line set of `/proc/<pid>/cgroup` belongs to the pod with this uid: `…/pod<uid>/…` (cgroupfs driver) or
 * `…-pod<uid with underscores>.slice/…` (systemd driver); v1 has a line per controller, v2 one, and in a cgroup
 * namespace paths of other pods begin with `/../`. Either way the pod is one whole step of the path.
 */
export const isInPod = (cgroups: string, podUid: string): boolean =>
  cgroups.split('\n').some((line) => line.split('/').some((step) => isPodStep(step, podUid)));

interface ProcessStatus {
  readonly parent: number;
  /** It has ended, and nobody has asked how. */
  readonly ended: boolean;
  /** The process' number in each PID namespace, from ours to its own. */
  readonly namespacePids: readonly number[];
}

/** Reads the fields of `/proc/<pid>/status` that are needed. */
export const parseStatus = (text: string): ProcessStatus | undefined => {
  const parent = /^PPid:\s+(\d+)$/m.exec(text)?.[1];
  const pids = /^NSpid:((?:\s+\d+)+)$/m.exec(text)?.[1]?.trim().split(/\s+/);
  return parent === undefined || pids === undefined
    ? undefined
    : { parent: Number(parent), ended: /^State:\s+[ZX]/m.test(text), namespacePids: pids.map(Number) };
};

/** Field 22 of `/proc/<pid>/stat`; the second, the program's name, may hold blanks and parentheses. */
export const parseStartTime = (text: string): bigint | undefined => {
  const field = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .at(22 - 3);
  return field !== undefined && /^\d+$/.test(field) ? BigInt(field) : undefined;
};

/**
 * The first process of a container: the oldest in its cgroup that was put into the pod's PID namespace from outside.
 * The runtime puts there the first process, and later those of `kubectl exec` (and we our own commands); whatever a
 * guest's process starts or orphans has its parent inside, and nobody in the pod can move a process between cgroups or
 * start one before the first.
 * @param proc The host's /proc (the agent shares the host's PID namespace); a test gives its own.
 * @throws AmbiguousContainerError when two are equally old
 */
export const firstProcess = async (
  container: ContainerIdentity,
  proc = '/proc',
): Promise<ContainerProcess | undefined> => {
  const pids = await scanOf(proc).pidsOf(container.podUid, container.id);
  const found = (await Promise.all(pids.map((pid) => candidate(container, pid, proc))))
    .filter((process) => process !== undefined)
    // Processes that have ended are included: where the first one has ended, the container has, whatever other
    // processes are left in it.
    .toSorted((a, b) => (a.startTime < b.startTime ? -1 : 1));
  const [first, second] = found;
  if (first !== undefined && first.startTime === second?.startTime)
    throw new AmbiguousContainerError(container, [first.pid, second.pid]);
  return first === undefined || first.ended ? undefined : first;
};

const scans = new Map<string, ProcessScan>();

/** The one of a directory, so that all who search share its passes. */
const scanOf = (proc: string): ProcessScan => {
  const scan = scans.get(proc) ?? new ProcessScan(proc);
  scans.set(proc, scan);
  return scan;
};

/** Whether a container's first process, once found, is still there. A process that came later is never taken for it. */
export const isStillThere = async (
  container: ContainerIdentity,
  known: ContainerProcess,
  proc = '/proc',
): Promise<boolean> => {
  const now = await candidate(container, known.pid, proc);
  return now !== undefined && !now.ended && now.startTime === known.startTime;
};

const candidate = async (
  { podUid, id }: ContainerIdentity,
  pid: number,
  proc: string,
): Promise<(ContainerProcess & { readonly ended: boolean }) | undefined> => {
  const read = (of: number, file: string): Promise<string> => procText(join(proc, String(of), file));
  if (!isContainers(await read(pid, 'cgroup'), podUid, id)) return undefined;
  const status = parseStatus(await read(pid, 'status'));
  // Two numbers: ours, and that in the pod's namespace. A third would belong to a namespace that was created within the
  // pod.
  if (status?.namespacePids.length !== 2) return undefined;
  const parent = parseStatus(await read(status.parent, 'status'));
  const startTime = parseStartTime(await read(pid, 'stat'));
  const podPid = status.namespacePids[1];
  // PPid 0: the parent is in no namespace that we see.
  const isFromOutside = status.parent === 0 || parent?.namespacePids.length === 1;
  if (startTime === undefined || podPid === undefined || !isFromOutside) return undefined;
  return { pid, podPid, startTime, ended: status.ended };
};
