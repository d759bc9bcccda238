/**
 * A pod as a runtime makes one: cgroups of a pod and its containers in every hierarchy of this machine, with the
 * devices, memory and processes of an ordinary container, and processes in namespaces of their own in them. Needs root.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerIdentity } from '../../../src/agent/pod/pod-process.js';

/** Where the machine's hierarchies are: v1 has a directory for each, v2 is one. */
const CGROUPS = '/sys/fs/cgroup';
const isV2 = existsSync(`${CGROUPS}/cgroup.controllers`);
const hierarchies = (): string[] =>
  isV2
    ? [CGROUPS]
    : [...new Set(readdirSync(CGROUPS).map((name) => join(CGROUPS, name)))].filter((directory) =>
        existsSync(join(directory, 'cgroup.procs')),
      );

/** What containerd lets every container open: null, zero, full, random, urandom, tty, ptmx and terminals. */
const DEVICES = ['c 1:3', 'c 1:5', 'c 1:7', 'c 1:8', 'c 1:9', 'c 5:0', 'c 5:2', 'c 136:*'];

const write = (directory: string, file: string, value: string): void => {
  if (existsSync(join(directory, file))) writeFileSync(join(directory, file), value);
};

const TOP = 'kubectl-virt-test';

export interface FakePodOptions {
  /** Bytes of memory that the container may use. */
  readonly memory?: number;
  /** Shell text that runs as root in the new mount namespace before the container's first process. */
  readonly setUp?: (directory: string) => string;
  /** The container has a cgroup namespace of its own. */
  readonly cgroupNamespace?: boolean;
}

/** Joins cgroups, then becomes a command. Arguments: files, `--`, the command. */
const JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1" || exit 1; shift; done; shift; exec "$@"';

export class FakePod {
  readonly uid = randomUUID();
  readonly id = (randomUUID() + randomUUID()).replaceAll('-', '');
  readonly compute: ContainerIdentity = { podUid: this.uid, name: 'compute', id: this.id };
  /** The pod's tmpfs is put there too, to look at from outside. */
  readonly directory = mkdtempSync(join(tmpdir(), 'virt-fake-pod-'));
  private readonly processes: ChildProcess[] = [];

  constructor(private readonly options: FakePodOptions = {}) {
    for (const directory of this.cgroups) {
      mkdirSync(directory, { recursive: true });
      // A cpuset is empty until somebody says otherwise.
      for (const at of [join(directory, '../..'), join(directory, '..'), directory])
        for (const file of ['cpuset.cpus', 'cpuset.mems'])
          if (existsSync(join(at, file)) && readFileSync(join(at, file), 'utf8').trim() === '')
            writeFileSync(join(at, file), readFileSync(join(CGROUPS, 'cpuset', file)));
      write(directory, 'devices.deny', 'a');
      for (const device of DEVICES) write(directory, 'devices.allow', `${device} rwm`);
      write(directory, isV2 ? 'memory.max' : 'memory.limit_in_bytes', String(options.memory ?? 512 << 20));
      write(directory, 'pids.max', '200');
    }
  }

  /** The container's cgroup in each hierarchy. */
  get cgroups(): string[] {
    return hierarchies().map((hierarchy) => join(hierarchy, TOP, `pod${this.uid}`, this.id));
  }

  /** Of the memory hierarchy. */
  get memoryCgroup(): string {
    return this.cgroups.find((directory) => isV2 || directory.startsWith(`${CGROUPS}/memory/`))!;
  }

  /** Starts the container's first process: uid 107, PID 1 of a PID namespace. Resolves when it is there. */
  async start(): Promise<void> {
    const namespaces = ['--fork', '--pid', '--mount', '--net', '--ipc', '--uts'];
    if (this.options.cgroupNamespace === true) namespaces.push('--cgroup');
    const ready = join(this.directory, 'ready');
    const script = `set -e; ${this.options.setUp?.(this.directory) ?? ':'}
mount -t proc proc /proc; : >${ready}
exec setpriv --reuid 107 --regid 107 --clear-groups --no-new-privs sh -c 'sleep 1000 & wait'`;
    this.spawn(['unshare', ...namespaces, '--propagation', 'private', 'sh', '-c', script], true);
    await until('the pod’s first process', () => existsSync(ready) && this.members().length >= 2);
  }

  /** As `kubectl exec`: a process in all of the container's namespaces and cgroups, its parent outside. */
  async exec(pid: number, environment: Record<string, string>, command = ['sleep', '1000']): Promise<void> {
    const before = this.members().length;
    const id = ['--setuid', '107', '--setgid', '107'];
    this.spawn(
      ['nsenter', '--target', String(pid), '--mount', '--pid', '--net', ...id, '--', ...command],
      true,
      environment,
    );
    await until('the exec', () => this.members().length > before + 1);
  }

  private spawn(command: string[], inCgroups: boolean, env?: Record<string, string>): void {
    const files = inCgroups ? this.cgroups.map((directory) => join(directory, 'cgroup.procs')) : [];
    const argv = ['-c', JOIN, 'join', ...files, '--', ...command];
    this.processes.push(
      spawn('sh', argv, {
        stdio: ['ignore', 'ignore', 'inherit'],
        ...(env ? { env: { ...process.env, ...env } } : {}),
      }),
    );
  }

  /** Every process in the container's cgroups. */
  members(): number[] {
    const [first = ''] = this.cgroups;
    return readFileSync(join(first, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  }

  async stop(): Promise<void> {
    for (const pid of this.members()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Already gone.
      }
    }
    await until('the end of the pod', () => this.members().length === 0);
    for (const directory of this.cgroups) {
      // What the agent made below it.
      for (const entry of readdirSync(directory, { withFileTypes: true }))
        if (entry.isDirectory()) rmdirSync(join(directory, entry.name));
      rmdirSync(directory);
      rmdirSync(join(directory, '..'));
      try {
        rmdirSync(join(directory, '../..'));
      } catch {
        // Another test's pod is there.
      }
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const until = async (what: string, condition: () => boolean): Promise<void> => {
  const end = Date.now() + 120_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited 20 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
