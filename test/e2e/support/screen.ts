import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const SAID_MS = 10_000;

/** `kubectl virt vnc --proxy-only`: the port of this machine at which it serves a guest's screen. */
export class ScreenProxy {
  errors = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
  }

  static async start(namespace: string, name: string, ...flags: readonly string[]): Promise<ScreenProxy> {
    const args = ['bin/kubectl-virt', 'vnc', name, '-n', namespace, '--proxy-only', ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return new ScreenProxy(child, (JSON.parse(line) as { port: number }).port);
  }

  /** Waits until it has said so, which is no matter of the viewer's connection. */
  async says(pattern: RegExp): Promise<void> {
    const end = Date.now() + SAID_MS;
    while (!pattern.test(this.errors)) {
      if (Date.now() > end) throw new Error(`no ${String(pattern)} in ${JSON.stringify(this.errors)}`);
      await sleep(50);
    }
  }

  /** @returns its exit status, which is 0 after ^C */
  async stop(): Promise<number | null> {
    this.child.kill('SIGINT');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}
