import { spawn } from 'node:child_process';

/** Program and arguments; never a shell string. */
export type Command = readonly [string, ...string[]];

export interface RunOptions {
  /** What errors call it. Default: the program. */
  readonly name?: string;
  readonly stdin?: Buffer;
  /** Seconds until the command is killed. */
  readonly timeoutSeconds?: number;
  /** More output than this kills the command: what runs may be fed by a hostile image. */
  readonly maxOutputBytes?: number;
  readonly limits?: {
    readonly cpuSeconds?: number;
    readonly memoryBytes?: bigint;
    /** Of each file that it writes. */
    readonly fileBytes?: bigint;
  };
}

export interface CommandOutput {
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Every command of ours ends in well under a second on a healthy node; a minute is a storage fault. */
const DEFAULT_TIMEOUT_SECONDS = 60;
const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;
/** As much of stderr as an event can carry (1 KiB limit of the API, minus our own words). */
const STDERR_TAIL = 600;
/** Of a command that prints without end only this many last characters of stderr are held. */
const STDERR_KEPT = 4096;

/** A command that did not end with exit code 0. `command` is the program's name, without arguments: they may be secret. */
export class CommandError extends Error {
  constructor(
    readonly command: string,
    readonly exitCode: number | undefined,
    readonly stderr: string,
    reason: string,
  ) {
    const tail = stderr.trim().slice(-STDERR_TAIL);
    super(`${command} ${reason}${tail === '' ? '' : `: ${tail}`}`);
    this.name = 'CommandError';
  }
}

/** How the process itself is started: another user, a prefix such as nsenter. `name` is what errors call it. */
export interface SpawnPlan {
  readonly name: string;
  readonly argv: Command;
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd?: string;
}

/** The commands' whole environment: nothing of the agent's own (tokens, addresses) reaches the guest's uid. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** Wraps a command in `timeout` and `prlimit`, so that limits hold where the command runs, whatever becomes of the agent. */
export const withLimits = (command: Command, options: RunOptions): Command => {
  const seconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const limits = [
    ...(options.limits?.cpuSeconds === undefined ? [] : [`--cpu=${options.limits.cpuSeconds}`]),
    ...(options.limits?.memoryBytes === undefined ? [] : [`--as=${options.limits.memoryBytes.toString()}`]),
    ...(options.limits?.fileBytes === undefined ? [] : [`--fsize=${options.limits.fileBytes.toString()}`]),
  ];
  const limited = limits.length === 0 ? command : (['prlimit', ...limits, '--', ...command] as const);
  // --foreground keeps one process group, which runPlan kills as a whole.
  return ['timeout', '--foreground', '--signal=KILL', String(seconds), ...limited];
};

/** Runs a plan to its end. @throws CommandError */
export const runPlan = (plan: SpawnPlan, options: RunOptions): Promise<CommandOutput> =>
  new Promise((resolve, reject) => {
    const [program, ...args] = plan.argv;
    const child = spawn(program, args, {
      env: ENVIRONMENT,
      cwd: plan.cwd ?? '/',
      stdio: 'pipe',
      detached: true,
      ...(plan.uid === undefined ? {} : { uid: plan.uid }),
      ...(plan.gid === undefined ? {} : { gid: plan.gid }),
    });
    const maxBytes = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES;
    const seconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    let killed: string | undefined;
    const kill = (reason: string): void => {
      killed ??= reason;
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Already gone.
      }
    };
    // The inner `timeout` acts first and is the rule; this one is for a process that nobody answers for any more.
    const timer = setTimeout(() => kill(`did not end within ${seconds} s`), seconds * 1000 + 2000);
    const collect = (stream: NodeJS.ReadableStream): (() => Buffer) => {
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) kill(`printed more than ${maxBytes} bytes`);
        else chunks.push(chunk);
      });
      return () => Buffer.concat(chunks);
    };
    const stdout = collect(child.stdout);
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT)));
    // EPIPE: the command ended without reading all of its input; its exit code tells the story.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new CommandError(plan.name, undefined, '', `could not be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const text = stderr;
      if (killed !== undefined) reject(new CommandError(plan.name, undefined, text, killed));
      else if (code === 0) resolve({ stdout: stdout(), stderr: text });
      // 124: `timeout` sent its signal; 137: it was KILL (timeout with --signal=KILL kills itself the same way).
      else if (code === 124 || code === 137)
        reject(new CommandError(plan.name, code, text, `was killed (limit ${seconds} s)`));
      else
        reject(
          new CommandError(
            plan.name,
            code ?? undefined,
            text,
            code === null ? `died of ${String(signal)}` : `failed (exit code ${code})`,
          ),
        );
    });
  });
