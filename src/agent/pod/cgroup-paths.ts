/*
 * From what the kernel prints of a process' cgroups and of our mounts to the files by which another process joins them.
 * Pure.
 * Source: the kernel's admin-guide/cgroup-v1/cgroups.rst and cgroup-v2.rst, proc_pid_cgroup(5), proc_pid_mountinfo(5).
 */

/** A line of `/proc/<pid>/cgroup`: one hierarchy and the process' place in it. */
export interface CgroupLine {
  /** v1: what the hierarchy controls, or `name=…`. v2: none. */
  readonly controllers: readonly string[];
  /** From the root of the reader's cgroup namespace; begins with `/..` where the process is outside of it. */
  readonly path: string;
}

/** A file to which a process writes 0 to join a cgroup. */
export interface CgroupFile {
  /** What the hierarchy controls, for messages: `memory`, `cpu,cpuacct`, `v2`. */
  readonly controller: string;
  readonly file: string;
}

/** Cgroups that cannot be joined, or do not confine. */
export class CgroupError extends Error {
  constructor(
    readonly controller: string,
    message: string,
  ) {
    super(message);
    this.name = 'CgroupError';
  }
}

/** @throws CgroupError for a line that is none */
export const parseCgroups = (text: string): CgroupLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
      const [, controllers, path] = match ?? [];
      if (controllers === undefined || path === undefined)
        throw new CgroupError('?', `${JSON.stringify(line)} is not a line of /proc/<pid>/cgroup`);
      return { controllers: controllers === '' ? [] : controllers.split(','), path };
    });

/** What a hierarchy is called in messages. */
const nameOf = ({ controllers }: Pick<CgroupLine, 'controllers'>): string => controllers.join(',') || 'v2';

interface CgroupMount {
  readonly version: 1 | 2;
  /** v1: among other words, what the hierarchy controls. */
  readonly options: ReadonlySet<string>;
  /** The cgroup that is seen at the mount point. */
  readonly root: string;
  readonly point: string;
}

/** mountinfo writes blanks, tabs, line breaks and backslashes as three octal digits. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));

/** The cgroup file systems that may be written to, in the order in which they were mounted. */
const parseMounts = (mountinfo: string): CgroupMount[] =>
  mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, point, options = ''] = before.split(' ');
    const [type, , superOptions = ''] = after.split(' ');
    if (root === undefined || point === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    if (!options.split(',').includes('rw')) return [];
    return [
      {
        version: type === 'cgroup' ? 1 : 2,
        options: new Set(superOptions.split(',')),
        root: unescaped(root),
        point: unescaped(point),
      } as const,
    ];
  });

const stepsOf = (path: string): string[] => path.split('/').filter((step) => step !== '');

/** `path` as seen at a mount; undefined: it is not below what is mounted there. */
const atMount = ({ root, point }: CgroupMount, path: string): string | undefined => {
  const [above, steps] = [stepsOf(root), stepsOf(path)];
  if (above.some((step, index) => steps[index] !== step)) return undefined;
  return [point, ...steps.slice(above.length)].join('/');
};

const carries = (mount: CgroupMount, { controllers }: CgroupLine): boolean =>
  controllers.length === 0
    ? mount.version === 2
    : mount.version === 1 && controllers.every((controller) => mount.options.has(controller));

/**
 * The files by which a process joins every cgroup of another one.
 * @param target `/proc/<pid>/cgroup` of that process
 * @param own The same of who joins: where both are in the same cgroup there is nothing to do
 * @param mountinfo `/proc/self/mountinfo` of who joins. All three as read from one cgroup namespace, that of the node
 * @throws CgroupError naming the hierarchy that cannot be joined
 */
export const cgroupFiles = (target: string, own: string, mountinfo: string): CgroupFile[] => {
  const mounts = parseMounts(mountinfo);
  const ownPaths = new Map(parseCgroups(own).map((line) => [nameOf(line), line.path]));
  return parseCgroups(target).flatMap((line) => {
    const controller = nameOf(line);
    const refuse = (why: string): CgroupError =>
      new CgroupError(controller, `the cgroup ${line.path} (${controller}) cannot be joined: ${why}`);
    const steps = stepsOf(line.path);
    if (steps.includes('..')) throw refuse("it is outside of the agent's cgroup namespace");
    if (line.path.endsWith(' (deleted)')) throw refuse('it was removed');
    if (ownPaths.get(controller) === line.path) return [];
    // The last mount is the one that is seen where several were made at one place.
    const found = mounts
      .filter((mount) => carries(mount, line))
      .map((mount) => atMount(mount, line.path))
      .findLast((directory) => directory !== undefined);
    if (found === undefined) throw refuse('the agent has no writable mount of it; mount /sys/fs/cgroup of the node');
    return [{ controller, file: `${found}/cgroup.procs` }];
  });
};

/**
 * Whether a path is in a container's cgroup: cgroupfs driver `…/pod<uid>/<id>`, systemd driver
 * `…-pod<uid with underscores>.slice/<runtime>-<id>.scope`.
 */
const isInContainer = (path: string, podUid: string, id: string): boolean => {
  const steps = stepsOf(path);
  const pod = steps.findIndex((step) => isPodStep(step, podUid));
  const container = pod === -1 ? undefined : steps[pod + 1];
  // Below it there may be more: some runtimes make a cgroup of their own there.
  return container !== undefined && (container === id || container.endsWith(`-${id}.scope`));
};

/** Whether a step of a path is the cgroup of the pod with this uid. */
export const isPodStep = (step: string, podUid: string): boolean =>
  podUid !== '' && (step === `pod${podUid}` || step.endsWith(`-pod${podUid.replaceAll('-', '_')}.slice`));

/**
 * Ids of containers are 64 hexadecimal digits in every runtime there is; what has other characters is no step of a
 * path.
 */
const CONTAINER_ID = /^[0-9A-Za-z]+$/;

/**
 * Whether a process with these cgroups is one of a container: in at least one hierarchy, for not every one is the
 * runtime's.
 */
export const isContainers = (cgroups: string, podUid: string, id: string): boolean =>
  CONTAINER_ID.test(id) && cgroups.split('\n').some((line) => isInContainer(line.slice(line.indexOf('/')), podUid, id));

/**
 * What has to be the container's own, or it is not confined: devices it may open, memory and number of processes it may
 * have.
 */
const CONFINING = ['devices', 'memory', 'pids'];

/**
 * Checks that the cgroups of a process confine it as its container. v1 has a hierarchy per controller (one without
 * `pids` cannot limit them for anybody); in v2 one is for all.
 * @throws CgroupError
 */
export const requireConfined = (cgroups: string, podUid: string, id: string): void => {
  const lines = parseCgroups(cgroups);
  const confining = CONFINING.flatMap((controller) => {
    const v1 = lines.find(({ controllers }) => controllers.includes(controller));
    if (v1 !== undefined) return [{ controller, line: v1 }];
    return controller === 'devices'
      ? [{ controller, line: lines.find(({ controllers }) => controllers.length === 0) }]
      : [];
  });
  for (const { controller, line } of confining)
    if (line === undefined || !isInContainer(line.path, podUid, id))
      throw new CgroupError(
        controller,
        `the container ${id} of the launcher pod is not confined: its process is in ${line?.path ?? 'no cgroup'} for ${controller}`,
      );
};
