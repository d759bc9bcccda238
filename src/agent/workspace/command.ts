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
/** After this a killed command is given up, dead or not. */
const KILL_PATIENCE_MS = 5_000;
/** As much of stderr as an event can carry (1 KiB limit of the API, minus our own words). */
const STDERR_TAIL = 600;
/** Of a command that prints without end only this many last characters of stderr are held. */
const STDERR_KEPT = 4096;

/** How a command failed: it never began; it was killed, for its time, its memory, or what it printed; or by itself. */
export type CommandEnd = 'not-started' | 'killed' | 'failed';

/**
 * A command that did not end with exit code 0. `command` is the program's name, without arguments: they may be secret.
 */
export class CommandError extends Error {
  constructor(
    readonly command: string,
    readonly exitCode: number | undefined,
    readonly stderr: string,
    reason: string,
    readonly end: CommandEnd = 'failed',
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

/**
 * The commands' whole environment: nothing of the agent's own (tokens, addresses) reaches the guest's uid. Without
 * MALLOC_ARENA_MAX glibc reserves 64 MiB of addresses for a thread, now and then for more, which a limit of memory
 * counts: 2 of 60 looks by qemu-img failed by it.
 */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', MALLOC_ARENA_MAX: '1' };

/**
 * Wraps a command in `timeout` and `prlimit`, so that limits hold where the command runs, whatever becomes of the
 * agent.
 */
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

/** How a command ended, as it may cross from one thread to another. */
export type CommandOutcome =
  { readonly stdout: Uint8Array; readonly stderr: string } | { readonly failure: CommandFailure };
type CommandFailure = Readonly<Record<'stderr' | 'reason', string>> & Pick<CommandError, 'exitCode' | 'end'>;

/** Runs a plan to its end. @throws CommandError */
export type CommandRunner = (plan: SpawnPlan, options: RunOptions) => Promise<CommandOutput>;

/** @throws CommandError for a command that failed */
export const outputOf = ({ name }: SpawnPlan, outcome: CommandOutcome): CommandOutput => {
  if ('failure' in outcome) {
    const { exitCode, stderr, reason, end } = outcome.failure;
    throw new CommandError(name, exitCode, stderr, reason, end);
  }
  const { buffer, byteOffset, byteLength } = outcome.stdout;
  return { stdout: Buffer.from(buffer, byteOffset, byteLength), stderr: outcome.stderr };
};

/** In this thread, whose loop is held until each process has begun. */
export const runPlan: CommandRunner = async (plan, options) => outputOf(plan, await runToEnd(plan, options));

const notStarted = (error: unknown): CommandOutcome => ({
  failure: {
    exitCode: undefined,
    stderr: '',
    reason: `could not be started: ${error instanceof Error ? error.message : String(error)}`,
    end: 'not-started',
  },
});

/** Never rejects: a failure is an outcome. */
export const runToEnd = (plan: SpawnPlan, options: RunOptions): Promise<CommandOutcome> =>
  startAndWait(plan, options).catch(notStarted);

const startAndWait = (plan: SpawnPlan, options: RunOptions): Promise<CommandOutcome> =>
  new Promise((resolve) => {
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
    let unheard: NodeJS.Timeout | undefined;
    const kill = (reason: string): void => {
      killed ??= reason;
      // A process that waits in the kernel, or in a frozen cgroup, outlives the signal; who waits for its end does not
      // wait with it.
      unheard ??= setTimeout(() => finish(null, 'SIGKILL'), KILL_PATIENCE_MS);
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Already ended.
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
    // EPIPE: the command ended without reading all of its input; its exit code says what happened.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin);
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(timer);
      clearTimeout(unheard);
      const failure = failureOf(code, signal, killed, seconds);
      if (failure === undefined) resolve({ stdout: stdout(), stderr });
      else {
        const [reason, end] = failure;
        const exitCode = killed === undefined ? (code ?? undefined) : undefined;
        resolve({ failure: { exitCode, stderr, reason, end } });
      }
    };
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve(notStarted(error));
    });
    child.on('close', finish);
  });

/** Exit codes of a shell and of `timeout` from here on say which signal a command died of. */
const FIRST_SIGNAL_CODE = 128;
/** GNU timeout when time is up. */
const TIMED_OUT = 124;
/** GNU timeout, nsenter and the shell: they failed themselves, the program may not be executed, or is not there. */
const NOT_STARTED = [125, 126, 127];

const failureOf = (
  code: number | null,
  signal: NodeJS.Signals | null,
  killed: string | undefined,
  seconds: number,
): [reason: string, end: CommandEnd] | undefined => {
  if (killed !== undefined) return [killed, 'killed'];
  if (code === 0) return undefined;
  if (code === null) return [`died of ${String(signal)}`, 'killed'];
  // 137: the signal was KILL (timeout with --signal=KILL kills itself the same way).
  if (code === TIMED_OUT || code === FIRST_SIGNAL_CODE + 9) return [`was killed (limit ${seconds} s)`, 'killed'];
  if (code > FIRST_SIGNAL_CODE) return [`died of signal ${code - FIRST_SIGNAL_CODE}`, 'killed'];
  return [`failed (exit code ${code})`, NOT_STARTED.includes(code) ? 'not-started' : 'failed'];
};
