import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

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

  /** @returns its exit status, which is 0 after ^C */
  async stop(): Promise<number | null> {
    this.child.kill('SIGINT');
    if (this.child.exitCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}
