import { randomUUID } from 'node:crypto';
import type { VmPaths } from '../../api/pod-layout.js';
import { CommandError, type Command, type CommandOutput, type RunOptions } from './command.js';

/**
 * A name beside `path` for what is not whole yet. Nobody can have put anything there: it is another one each time.
 * Scripts remove what an attempt that was killed left behind by the pattern `<path>.*.staging`.
 */
export const stagingName = (path: string): string => `${path}.${randomUUID()}.staging`;

/** Arguments: the file, its staging name. `excl` and `nofollow`: the file is new, and no link leads elsewhere. */
const WRITE_SCRIPT = `
rm -f -- "$1".*.staging
dd of="$2" status=none conv=excl,fsync oflag=nofollow bs=64K && mv -f -T -- "$2" "$1"
`;

/** Arguments: the link, its staging name, its target. */
const SYMLINK_SCRIPT = `
rm -f -- "$1".*.staging
ln -s -T -- "$3" "$2" && mv -f -T -- "$2" "$1"
`;

/**
 * The place of one VM's files, and the permission to work there: inside its pod as the guest's own uid
 * ({@link PodWorkspace}), or a directory of the user's ({@link LocalWorkspace}, `kubectl virt run`). Files are only
 * touched by commands that run there, so a hostile symlink reaches nothing that the guest could not reach itself. What
 * is made gets a staging name that nobody knows beforehand, and is opened as new: what waits at a name is never written
 * to.
 */
export abstract class Workspace {
  abstract readonly paths: VmPaths;

  /** Runs a program in the workspace. @throws CommandError */
  abstract run(command: Command, options?: RunOptions): Promise<CommandOutput>;

  /**
   * Runs a shell script of ours, where a chain of commands would cost a process in the pod for each. `script` is a
   * constant: whatever comes from outside is an argument ("$1", …), never part of the text.
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

  /** Writes a file whole or not at all: to a new file, then renamed. */
  async writeFile(path: string, data: Buffer): Promise<void> {
    await this.script('write', WRITE_SCRIPT, [path, stagingName(path)], { stdin: data });
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

  /** Makes `path` a symlink to `target`, replacing an older one atomically. */
  async symlink(target: string, path: string): Promise<void> {
    await this.script('symlink', SYMLINK_SCRIPT, [path, stagingName(path), target]);
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
