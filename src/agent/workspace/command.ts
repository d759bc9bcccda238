import { spawn } from 'node:child_process';
import { constants } from 'node:os';

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

/**
 * How a command failed: it never began; it was killed, for its processor time, its memory, or what it printed; the
 * clock ran out, which a busy node or slow storage may be the cause of; or by itself.
 */
export type CommandEnd = 'not-started' | 'killed' | 'timed-out' | 'failed';

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
    ...(options.limits?.cpuSeconds === undefined ? [] : cpuLimit(options.limits.cpuSeconds)),
    ...(options.limits?.memoryBytes === undefined ? [] : [`--as=${options.limits.memoryBytes.toString()}`]),
    ...(options.limits?.fileBytes === undefined ? [] : [`--fsize=${options.limits.fileBytes.toString()}`]),
  ];
  const limited = limits.length === 0 ? command : (['prlimit', ...limits, '--', ...command] as const);
  // --foreground keeps one process group, which runPlan kills as a whole.
  return ['timeout', '--foreground', '--signal=KILL', String(seconds), ...limited];
};

/** SIGXCPU at the limit says what a command died of; who ignores it is killed two seconds later. */
const cpuLimit = (seconds: number): string[] => [`--cpu=${seconds}:${seconds + 2}`];

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
    // Before it begins: the clock of `timeout` runs from there.
    const begin = performance.now();
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
      // Both of time and memory end by SIGKILL: how long it took tells them apart.
      const isOver = performance.now() - begin >= seconds * 1000;
      const failure = failureOf(code, signal, killed, isOver ? seconds : undefined);
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

/** By the exit code that a shell, or nsenter, gives for a child that died of a signal. */
const signalOf = (code: number | null): string | undefined =>
  code === null || code <= FIRST_SIGNAL_CODE
    ? undefined
    : (Object.entries(constants.signals).find(([, number]) => number === code - FIRST_SIGNAL_CODE)?.[0] ??
      `signal ${code - FIRST_SIGNAL_CODE}`);

const failureOf = (
  code: number | null,
  signal: NodeJS.Signals | null,
  killed: string | undefined,
  overSeconds: number | undefined,
): [reason: string, end: CommandEnd] | undefined => {
  if (killed === undefined && code === 0) return undefined;
  const died = signal ?? signalOf(code);
  if (overSeconds !== undefined && (died === 'SIGKILL' || code === TIMED_OUT))
    return [`did not end within ${overSeconds} s`, 'timed-out'];
  if (killed !== undefined) return [killed, 'killed'];
  if (died === 'SIGXCPU') return ['used up its processor time', 'killed'];
  if (died !== undefined) return [died === 'SIGKILL' ? 'was killed' : `died of ${died}`, 'killed'];
  return [`failed (exit code ${code ?? '?'})`, code !== null && NOT_STARTED.includes(code) ? 'not-started' : 'failed'];
};
