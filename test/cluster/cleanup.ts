/**
 * `down`: ends and removes everything, from any half-made state, also after a kill -9 of `up` or of the machine's
 * programs.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeCgroups } from './cgroups.js';
import { detachLocalVolumes } from './local-volumes.js';
import { removeNetwork } from './network.js';
import { hugePagesBefore, restoreHugePages } from './huge-pages.js';
import { endProcesses, markedPids, stop } from './processes.js';
import { run, succeeds } from './run.js';
import { CLUSTER_DIR, FOREIGN_DIRECTORIES, KUBELET_DIR, paths } from './settings.js';

interface Before {
  readonly ipForward: string;
  /** Those of {@link FOREIGN_DIRECTORIES} that were there already. */
  readonly directories: readonly string[];
  /** Those of 2 MiB that were set aside, where there are any. */
  readonly hugePages?: string | undefined;
}

const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';

/** Remembers, once, how the machine was. */
export const rememberBefore = (): void => {
  if (existsSync(paths.before)) return;
  if (existsSync(path.join(KUBELET_DIR, 'pods')) && readdirSync(path.join(KUBELET_DIR, 'pods')).length > 0) {
    throw new Error(
      `${KUBELET_DIR}/pods holds pods of another Kubernetes. Use that with TEST_CLUSTER=existing and KUBECONFIG, or empty the directory.`,
    );
  }
  mkdirSync(CLUSTER_DIR, { recursive: true, mode: 0o755 });
  const before: Before = {
    ipForward: readFileSync(IP_FORWARD, 'utf8').trim(),
    directories: FOREIGN_DIRECTORIES.filter((directory) => existsSync(directory)),
    hugePages: hugePagesBefore(),
  };
  writeFileSync(paths.before, JSON.stringify(before));
};

const readBefore = (): Before | undefined => {
  try {
    return JSON.parse(readFileSync(paths.before, 'utf8')) as Before;
  } catch {
    return undefined;
  }
};

/** Mount points at or below the directory, deepest first. Source: /proc/self/mounts (octal escapes). */
const mountsBelow = (directory: string): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) =>
      (line.split(' ')[1] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(parseInt(octal, 8)),
      ),
    )
    .filter((mount) => mount === directory || mount.startsWith(`${directory}/`))
    .reverse();

/** Shims listen below /run/containerd/s whatever containerd's state directory is; each bundle knows its socket. */
const removeShimSockets = (): void => {
  const tasks = path.join(paths.containerdState, 'io.containerd.runtime.v2.task', 'k8s.io');
  if (!existsSync(tasks)) return;
  for (const id of readdirSync(tasks)) {
    const address = path.join(tasks, id, 'address');
    if (existsSync(address))
      rmSync(
        readFileSync(address, 'utf8')
          .trim()
          .replace(/^unix:\/\//, ''),
        { force: true },
      );
  }
};

export const removeCluster = async (): Promise<void> => {
  // kubelet first, so that it does not restart what we end; then whatever carries our mark; then the pods' processes.
  await stop('kubelet', 2000);
  await removeCgroups();
  await endProcesses(markedPids(), 3000);
  await removeCgroups();
  await removeNetwork();
  removeShimSockets();
  const before = readBefore();
  // kubelet's directory is ours when `up` took it.
  const mounts = [...mountsBelow(CLUSTER_DIR), ...(before === undefined ? [] : mountsBelow(KUBELET_DIR))];
  for (const mount of mounts) {
    if (!(await succeeds('umount', [mount]))) await run('umount', ['--lazy', mount]);
  }
  await detachLocalVolumes();
  if (before !== undefined) {
    if (existsSync(KUBELET_DIR)) {
      for (const entry of readdirSync(KUBELET_DIR))
        rmSync(path.join(KUBELET_DIR, entry), { recursive: true, force: true });
    }
    for (const directory of FOREIGN_DIRECTORIES) {
      if (!before.directories.includes(directory)) rmSync(directory, { recursive: true, force: true });
    }
    writeFileSync(IP_FORWARD, before.ipForward);
    if (before.hugePages !== undefined) restoreHugePages(before.hugePages);
  }
  // The memory of how the machine was goes last: a `down` that is killed in between starts over with it.
  if (existsSync(CLUSTER_DIR)) {
    for (const entry of readdirSync(CLUSTER_DIR)) {
      const file = path.join(CLUSTER_DIR, entry);
      if (file !== paths.before) rmSync(file, { recursive: true, force: true });
    }
    rmSync(CLUSTER_DIR, { recursive: true, force: true });
  }
};
