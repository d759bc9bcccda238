/** Short-lived commands, without a shell. */
import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with every line of output while the command runs. */
  readonly onLine?: (line: string) => void;
}

/** Runs the command and gives its standard output; throws with its last words when it fails. */
export const run = (command: string, args: readonly string[], options: RunOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    let rest = '';
    const lines = (text: string) => {
      if (options.onLine === undefined) return;
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      parts.forEach(options.onLine);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      lines(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4000);
      lines(text);
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => reject(new Error(`cannot run ${command}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) {
        resolve(output);
        return;
      }
      const why = signal === null ? `exit code ${code ?? '?'}` : `killed by ${signal}`;
      reject(new Error(`${command} ${args.join(' ')}: ${why}\n${(errors || output.slice(-4000)).trim()}`));
    });
  });

/** Whether the command exits with 0. */
export const succeeds = async (
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<boolean> => {
  try {
    await run(command, args, options);
    return true;
  } catch {
    return false;
  }
};
