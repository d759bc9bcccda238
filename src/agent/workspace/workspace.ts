import type { VmPaths } from '../../api/pod-layout.js';
import { CommandError, type Command, type CommandOutput, type RunOptions } from './command.js';

/**
 * The place where one VM's files lie, and the right to work there: inside its pod as the guest's own uid
 * ({@link PodWorkspace}), or a directory of the user's ({@link LocalWorkspace}, `kubectl virt run`). Files are only
 * touched by commands that run there, so a hostile symlink reaches nothing that the guest could not reach itself
 * (design §7).
 */
export abstract class Workspace {
  abstract readonly paths: VmPaths;

  /** Runs a program in the workspace. @throws CommandError */
  abstract run(command: Command, options?: RunOptions): Promise<CommandOutput>;

  /**
   * Runs a shell script of ours, where a chain of commands would cost a process in the pod for each. `script` is a constant:
   * whatever comes from outside is an argument ("$1", …), never part of the text.
   * @param name What errors call it.
   * @throws CommandError
   */
  async script(
    name: string,
    script: string,
    args: readonly string[],
    options: RunOptions = {},
  ): Promise<CommandOutput> {
    return this.run(['sh', '-c', script, name, ...args], { name, ...options });
  }

  /** Whether the path exists; a symlink counts by its target. */
  async exists(path: string): Promise<boolean> {
    try {
      await this.run(['test', '-e', path]);
      return true;
    } catch (error) {
      if (error instanceof CommandError && error.exitCode === 1) return false;
      throw error;
    }
  }

  /** Makes a directory and its parents; none of them is readable by others. */
  async mkdir(...paths: string[]): Promise<void> {
    await this.run(['mkdir', '-p', '-m', '0750', '--', ...paths]);
  }

  /** Writes a file whole or not at all: to a temporary name, then renamed. */
  async writeFile(path: string, data: Buffer): Promise<void> {
    const staging = `${path}.staging`;
    await this.run(['dd', `of=${staging}`, 'status=none', 'conv=fsync', 'bs=64K'], { stdin: data });
    await this.rename(staging, path);
  }

  /** Reads a regular file. @throws CommandError, also when it holds more than `maxBytes`. */
  async readFile(path: string, maxBytes: number): Promise<Buffer> {
    const { stdout } = await this.run(['head', '-c', String(maxBytes + 1), '--', path], {
      maxOutputBytes: maxBytes + 1,
    });
    if (stdout.length > maxBytes)
      throw new CommandError('head', undefined, '', `found more than ${maxBytes} bytes in ${path}`);
    return stdout;
  }

  /** Replaces `to` atomically. */
  async rename(from: string, to: string): Promise<void> {
    await this.run(['mv', '-f', '-T', '--', from, to]);
  }

  /** Makes `path` a symlink to `target`, replacing an older one atomically. */
  async symlink(target: string, path: string): Promise<void> {
    const staging = `${path}.staging`;
    await this.run(['ln', '-s', '-f', '-n', '-T', '--', target, staging]);
    await this.rename(staging, path);
  }

  /** Removes files, and directories with their content; no error when there are none. */
  async remove(...paths: string[]): Promise<void> {
    await this.run(['rm', '-r', '-f', '--', ...paths]);
  }

  /** A symlink's target; undefined for what is no symlink. */
  async readLink(path: string): Promise<string | undefined> {
    try {
      // 4096 is the longest path Linux knows.
      const { stdout } = await this.run(['readlink', '-n', '--', path], { maxOutputBytes: 4096 });
      return stdout.toString('utf8');
    } catch (error) {
      if (error instanceof CommandError && error.exitCode === 1) return undefined;
      throw error;
    }
  }
}
