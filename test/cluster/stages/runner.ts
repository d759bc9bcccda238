/** Runs stages: programs with their output under a heading, and what they leave for the summary. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { BUILT } from '../../support/built-program.js';
import { keepSeconds } from './files.js';
import { RECORD, readRecord, type Entry } from './record.js';
import { Schedule } from './schedule.js';
import type { Outcome } from './summary.js';

type Write = (text: string) => void;

export interface MochaOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Files side by side; most of their time tests wait, so more than one may share a core. */
  readonly jobs?: number;
  /** What a failed test leaves running must not keep the machine until its hard limit. */
  readonly exit?: boolean;
  readonly after?: Promise<unknown>;
}

const REPORTER = 'test/cluster/stages/reporter.ts';

export class Runner {
  /** By the moment of their beginning. */
  private readonly results = new Map<number, Outcome>();
  interrupted = false;
  private readonly begin = Date.now();
  private begun = 0;
  private readonly children = new Set<ChildProcess>();
  private readonly schedule: Schedule;
  private readonly grep: string | undefined;

  constructor({ cores, grep }: { readonly cores: number; readonly grep: string | undefined }) {
    this.grep = grep;
    this.schedule = new Schedule(cores, (text) => void process.stdout.write(text));
  }

  get outcomes(): readonly Outcome[] {
    return [...this.results].toSorted(([a], [b]) => a - b).map(([, outcome]) => outcome);
  }

  seconds(): number {
    return (Date.now() - this.begin) / 1000;
  }

  /** Ends what runs; no stage begins any more, but for what cleans up. */
  interrupt(signal: NodeJS.Signals): void {
    this.interrupted = true;
    process.stdout.write(`\n${signal}: ending the running stages; a cluster of this run is taken down\n`);
    this.children.forEach(endWithItsOwn);
  }

  /** Runs one stage under a heading; whatever it throws is its failure. Others run all the same. */
  async stage(
    name: string,
    cores: number,
    work: (write: Write) => Promise<readonly Entry[]>,
    { evenIfInterrupted = false } = {},
  ): Promise<boolean> {
    return await this.schedule.run(cores, async (write) => {
      if (this.interrupted && !evenIfInterrupted) return false;
      write(`\n=== ${name}\n`);
      const place = (this.begun += 1);
      const [begin, cpuBegin] = [Date.now(), cpuSeconds()];
      let outcome: Pick<Outcome, 'ok' | 'entries' | 'error'>;
      try {
        outcome = { ok: true, entries: await work(write) };
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        write(`${text}\n`);
        outcome = { ok: false, entries: error instanceof FailedTests ? error.entries : [], error: text };
      }
      const seconds = (Date.now() - begin) / 1000;
      this.results.set(place, { stage: name, seconds, cpuSeconds: cpuSeconds() - cpuBegin, ...outcome });
      write(`--- ${name}: ${outcome.ok ? 'ok' : 'FAILED'}, ${seconds.toFixed(1)} s\n`);
      return outcome.ok;
    });
  }

  npm(script: string): Promise<boolean> {
    return this.stage(script, 1, async (write) => {
      const { code, output } = await this.show('npm', ['run', '--silent', script], write);
      if (code !== 0) throw new Error(`npm run ${script} ended with ${code}: ${lastLines(output)}`);
      return [];
    });
  }

  mocha(name: string, files: readonly string[], options: MochaOptions = {}): Promise<boolean> {
    const { env = {}, jobs = 1, exit = false, after } = options;
    return this.stage(name, 1, async (write) => {
      await after;
      const directory = mkdtempSync(path.join(tmpdir(), 'kubectl-virt-test-'));
      const file = path.join(directory, 'record');
      const args = [
        ...['--no-install', 'mocha', '--reporter', REPORTER],
        ...(jobs > 1 ? ['--parallel', '--jobs', String(jobs)] : []),
        ...(exit ? ['--exit'] : []),
        ...(this.grep === undefined ? [] : ['--grep', this.grep]),
        ...files,
      ];
      try {
        const { code, output } = await this.show('npx', args, write, { ...env, [RECORD]: file, [BUILT]: 'yes' });
        const entries = readRecord(file);
        if (this.grep === undefined) keepSeconds(entries);
        const isTold = entries.some(({ state }) => state === 'failed');
        const why = `mocha ended with ${code}${isTold ? '' : `: ${lastLines(output)}`}`;
        if (code !== 0) throw new FailedTests(entries, why);
        return entries;
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
  }

  /** Runs a command to its end and gives its output, which is shown meanwhile. */
  private show(
    command: string,
    args: readonly string[],
    write: Write,
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ code: number; output: string }> {
    return new Promise((resolve) => {
      const child = spawn(command, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env },
        detached: true,
      });
      this.children.add(child);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
          write(text);
        });
      }
      child.on('error', (error) => {
        output += error.message;
      });
      child.on('close', (code) => {
        this.children.delete(child);
        resolve({ code: code ?? 1, output });
      });
    });
  }
}

/** Neither npx nor mocha passes SIGTERM on to what it started: the whole group gets it. */
const endWithItsOwn = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
};

/** That this machine's cores have worked since it was started. */
const cpuSeconds = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;

/** What passed and failed in a run of Mocha that did not end well. */
class FailedTests extends Error {
  constructor(
    readonly entries: readonly Entry[],
    message: string,
  ) {
    super(message);
  }
}

const lastLines = (output: string): string => output.trimEnd().split('\n').slice(-10).join('\n');
