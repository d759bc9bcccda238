import { closeSync, readFileSync, readlinkSync } from 'node:fs';
import { isContainers } from './cgroup-paths.js';
import { ConfinementError } from './cgroup-way.js';
import { isGone, openTask } from './confinement.js';
import type { ContainerIdentity, ContainerProcess } from './pod-process.js';
import type { Command } from '../workspace/command.js';

/**
 * Runs `use` with the command that runs `command` in the network namespace of a process, and in nothing else of it:
 * with the agent's files, as root. The process is held meanwhile.
 * @throws ConfinementError when the process has ended or its network is not its own
 */
export const inNetworkOf = async <T>(
  { podUid, id, name }: ContainerIdentity,
  { pid }: ContainerProcess,
  command: Command,
  use: (command: Command) => Promise<T>,
): Promise<T> => {
  const task = openTask(pid);
  try {
    const held = `/proc/${process.pid}/fd/${task}`;
    if (!isContainers(readFileSync(`${held}/cgroup`, 'utf8'), podUid, id))
      throw new ConfinementError(`process ${pid} is not one of the launcher pod's container ${name}`);
    if ([nodeNetwork(), readlinkSync('/proc/self/ns/net')].includes(readlinkSync(`${held}/ns/net`)))
      throw new ConfinementError('the launcher pod has no network of its own; nothing is changed in that of the node');
    return await use(['nsenter', `--net=${held}/ns/net`, '--', ...command]);
  } catch (error) {
    if (isGone(error)) throw new ConfinementError('the launcher pod has ended', { cause: error });
    throw error;
  } finally {
    closeSync(task);
  }
};

/**
 * What a command that changes settings of a network begins with: they are in /proc, which a container may only read, so
 * it gets one of its own.
 */
export const WITH_OWN_PROC = ['unshare', '--mount', '--mount-proc', '--'] as const;

/**
 * The node's own network namespace: that of its first process, or of the kernel's own where that one may not be looked
 * at.
 */
export const nodeNetwork = (): string => {
  const of = (pid: number): string => readlinkSync(`/proc/${pid}/ns/net`);
  try {
    return of(1);
  } catch (error) {
    if (readFileSync('/proc/2/comm', 'utf8').trim() === 'kthreadd') return of(2);
    throw new ConfinementError('which network is that of the node cannot be told', { cause: error });
  }
};
