import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { reset } from './api.js';

/**
 * What a guest's kernel says where QEMU, emulating several CPUs in several threads, lost the timer interrupt of one: it
 * idles for ever, now and then, in QEMU 7.2. Nothing of ours is in it, and a guest under KVM never has it.
 */
const TIMER_LOST = /timer wakeup didn't happen for \d+ jiffies/;

/** `kubectl virt console` at the other end of two pipes. */
export class ConsoleSession {
  private output = '';
  private readonly child: ChildProcessWithoutNullStreams;
  errors = '';

  constructor(
    private readonly namespace: string,
    private readonly name: string,
    flags: readonly string[] = [],
  ) {
    this.child = spawn(process.execPath, ['bin/kubectl-virt', 'console', name, '-n', namespace, ...flags]);
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.child.stdin.on('error', () => undefined);
  }

  type(text: string): void {
    this.child.stdin.write(text);
  }

  /** Waits until the guest has printed what matches, in what has not been read yet. */
  async expect(pattern: RegExp, seconds = 60): Promise<string> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const match = pattern.exec(this.output);
      if (match) {
        this.output = this.output.slice(match.index + match[0].length);
        return match[0];
      }
      if (Date.now() > end || this.child.exitCode !== null) {
        throw new Error(
          `console: no ${String(pattern)} within ${seconds} s in ${JSON.stringify(this.output)}; ${this.errors}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /**
   * Waits for a shell that answers: until it is there what is typed is lost, so it types again each second. It runs a
   * command whose echo cannot be its answer. A guest whose kernel says that QEMU lost a CPU's timer is reset, once.
   */
  async shell(seconds = 90): Promise<void> {
    let end = Date.now() + seconds * 1000;
    let wasReset = false;
    for (;;) {
      this.type('echo ready-$((40+2))\r');
      try {
        await this.expect(/ready-42/, 1);
        return;
      } catch (error) {
        if (Date.now() > end || this.child.exitCode !== null) throw error;
      }
      if (wasReset || !TIMER_LOST.test(this.output)) continue;
      wasReset = true;
      end = Date.now() + seconds * 1000;
      this.output = '';
      console.log(`      (${this.namespace}/${this.name}: QEMU lost the timer of an emulated CPU; reset)`);
      await reset(this.namespace, this.name);
    }
  }

  async ended(seconds = 30): Promise<number> {
    // A signal's victim has no exit code, and its 'close' comes only once.
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode ?? -1;
    const timer = setTimeout(() => this.child.kill('SIGKILL'), seconds * 1000);
    const [code] = (await once(this.child, 'close')) as [number | null];
    clearTimeout(timer);
    return code ?? -1;
  }

  /** Leaves as a user who closes the terminal does. */
  async close(): Promise<void> {
    this.child.stdin.end();
    this.child.kill('SIGTERM');
    await this.ended();
  }
}
