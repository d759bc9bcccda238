/** The parent cgroup of all pods, in every hierarchy of cgroup v1 or in the one of v2. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcesses } from './processes.js';
import { CGROUP } from './settings.js';

interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
}

/** Mounted cgroup hierarchies. Source: /proc/self/mounts. */
const hierarchies = (): Hierarchy[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, mountPoint = '', type]) => ({ mountPoint, version: type === 'cgroup' ? 1 : 2 }));

/** kubelet insists that its root exists in each hierarchy before it starts. */
export const ensureCgroups = (): void => {
  const all = hierarchies();
  if (all.length === 0) throw new Error('No cgroup hierarchy is mounted below /sys/fs/cgroup; mount cgroup2 there.');
  for (const { mountPoint, version } of all) {
    const directory = path.join(mountPoint, CGROUP);
    if (version === 2 && existsSync(path.join(mountPoint, 'cgroup.controllers'))) enableControllers(mountPoint);
    mkdirSync(directory, { recursive: true });
    // In v1 a new cpuset is empty and takes no process until it is told its CPUs and memory nodes.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (version === 1 && existsSync(path.join(directory, file))) {
        writeFileSync(path.join(directory, file), readFileSync(path.join(mountPoint, file)));
      }
    }
    if (version === 2) enableControllers(directory);
  }
};

const enableControllers = (directory: string): void => {
  for (const controller of readFileSync(path.join(directory, 'cgroup.controllers'), 'utf8').trim().split(' ')) {
    if (controller === '') continue;
    try {
      writeFileSync(path.join(directory, 'cgroup.subtree_control'), `+${controller}`);
    } catch {
      // Not every controller can be delegated (threaded ones, or one that v1 holds); kubelet names those it misses.
    }
  }
};

/** All cgroups below and including `directory`, deepest first. */
const tree = (directory: string): string[] => {
  if (!existsSync(directory)) return [];
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((child) => tree(path.join(directory, child.name))), directory];
};

/**
 * A killed process leaves its cgroup when the kernel is done with it, and containerd, still ending, may fill it again.
 */
const PATIENCE_MS = 10_000;

/** Kills every process in our cgroups and removes them. What cannot be removed is said in one line. */
export const removeCgroups = async (): Promise<void> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const cgroups = hierarchies().flatMap(({ mountPoint }) => tree(path.join(mountPoint, CGROUP)));
    // A frozen cgroup (a paused container) would not even take SIGKILL.
    for (const cgroup of cgroups) thaw(cgroup);
    await endProcesses([...new Set(cgroups.flatMap(processesOf))], 0);
    const errors = cgroups.flatMap(removeCgroup);
    if (errors.length === 0) return;
    if (Date.now() > deadline) {
      process.stderr.write(`${errors.length} cgroups cannot be removed; the first: ${errors[0] ?? ''}\n`);
      return;
    }
    await sleep(100);
  }
};

const processesOf = (cgroup: string): number[] => {
  try {
    return readFileSync(path.join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

const thaw = (cgroup: string): void => {
  for (const [file, value] of [
    ['freezer.state', 'THAWED'],
    ['cgroup.freeze', '0'],
  ] as const) {
    const target = path.join(cgroup, file);
    if (existsSync(target)) {
      try {
        writeFileSync(target, value);
      } catch {
        // The root of the freezer hierarchy cannot be written, and need not be.
      }
    }
  }
};

/** @returns why it is still there, if it is */
const removeCgroup = (cgroup: string): string[] => {
  try {
    rmdirSync(cgroup);
  } catch (error) {
    // containerd may have been faster.
    if (existsSync(cgroup)) return [error instanceof Error ? error.message : String(error)];
  }
  return [];
};
