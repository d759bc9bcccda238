import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket as DatagramSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { StatusError } from '../../agent-api/status-error.js';
import type { DialReply, DialRequest, DialWish } from './dial-wish.js';

/** What a dial may take: the program's start, and what it allows a guest. */
const DIAL_MS = 10_000;
/** Connections come in bursts; after one the program is not needed. */
const IDLE_MS = 10_000;
/** Dials at a time in one pod; as many as a VM may have connections. */
const MOST_PENDING = 64;
const STDERR_KEPT = 400;

/** Connected to a guest, from its pod's network. */
export type DialledSocket = Socket | DatagramSocket;

/** The kernel's word for why there is no connection. */
export class DialError extends Error {
  override readonly name = 'DialError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Runs `use` with the command that runs the program in the pod's network namespace, which is held meanwhile. */
export type EnterNetwork = (use: (argv: readonly string[]) => Promise<ChildProcess>) => Promise<ChildProcess>;

interface Pending {
  readonly resolve: (socket: DialledSocket) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Resolves when the program is in its namespace. */
const started = ([program = '', ...args]: readonly string[]): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT)));
    const timer = setTimeout(() => child.kill('SIGKILL'), DIAL_MS);
    child.once('message', () => {
      clearTimeout(timer);
      resolve(child);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      const how = signal === null ? `exit code ${code ?? '?'}` : `signal ${signal}`;
      reject(new Error(`the program that connects ended (${how}): ${stderr.trim()}`));
    });
  });

/** The program that connects in one pod's network namespace (dial.ts), from its start to its end. */
export class Dialler {
  private readonly pending = new Map<number, Pending>();
  private readonly child: Promise<ChildProcess>;
  private last = 0;
  private over = false;
  private idle: NodeJS.Timeout | undefined;

  /**
   * @param gone it has ended, or will take nothing more
   * @param rested it has nothing to do
   */
  constructor(
    enter: EnterNetwork,
    private readonly gone: () => void,
    private readonly rested: () => void,
  ) {
    this.child = enter(started);
    this.child.then(
      (child) => {
        child.on('message', (reply: DialReply, handle) => this.answered(reply, handle as DialledSocket | undefined));
        child.on('error', (error) => this.fail(error));
        child.on('exit', () => this.fail(new Error('the program that connects ended')));
        if (this.over) child.kill('SIGKILL');
      },
      (error: unknown) => this.fail(error instanceof Error ? error : new Error(String(error))),
    );
  }

  get isIdle(): boolean {
    return this.pending.size === 0;
  }

  /** @throws DialError as the kernel says; StatusError 429; Error where the program cannot be run */
  async dial(wish: DialWish): Promise<DialledSocket> {
    if (this.pending.size >= MOST_PENDING)
      throw new StatusError('TooManyRequests', `${MOST_PENDING} connections of the VM are being opened already`);
    clearTimeout(this.idle);
    this.last += 1;
    const id = this.last;
    const socket = new Promise<DialledSocket>((resolve, reject) => {
      const timer = setTimeout(
        () => this.take(id)?.reject(new DialError('ETIMEDOUT', 'the program that connects does not answer')),
        DIAL_MS,
      );
      this.pending.set(id, { resolve, reject, timer });
    });
    // What is awaited first may fail first.
    socket.catch(() => undefined);
    await this.child
      .then((child) => child.send({ id, ...wish } satisfies DialRequest, () => undefined))
      .catch(() => undefined);
    const dialled = await socket;
    if (wish.protocol === 'udp') await connectUdp(dialled as DatagramSocket, wish);
    return dialled;
  }

  private take(id: number): Pending | undefined {
    const found = this.pending.get(id);
    if (found === undefined) return undefined;
    clearTimeout(found.timer);
    this.pending.delete(id);
    if (this.pending.size === 0 && !this.over) {
      this.idle = setTimeout(() => this.end(), IDLE_MS).unref();
      this.rested();
    }
    return found;
  }

  private answered({ id, code, message }: DialReply, socket: DialledSocket | undefined): void {
    // Without a listener an error that comes before anybody has it would end the agent.
    socket?.on('error', () => undefined);
    const asked = this.take(id);
    if (socket === undefined) asked?.reject(new DialError(code ?? 'unknown', message ?? ''));
    else if (asked === undefined) discard(socket);
    else asked.resolve(socket);
  }

  private fail(error: Error): void {
    this.over = true;
    clearTimeout(this.idle);
    for (const id of [...this.pending.keys()]) this.take(id)?.reject(error);
    this.gone();
  }

  end(): void {
    if (this.over) return;
    this.fail(new Error('the VM is released'));
    void this.child.then((child) => child.kill('SIGKILL')).catch(() => undefined);
  }
}

/** From here on it hears nobody else. */
const connectUdp = (socket: DatagramSocket, { port, address }: DialWish): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.connect(port, address, ((error?: NodeJS.ErrnoException) => {
      if (error === undefined) resolve();
      else reject(new DialError(error.code ?? 'unknown', error.message));
    }) as () => void);
  });

/** Of a socket that nobody wants any more. */
export const discard = (socket: DialledSocket): void => {
  if ('destroy' in socket) socket.destroy();
  else socket.close();
};
