import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-ports.js';

const SCRIPT = fileURLToPath(new URL('../../../src/importer/importer.sh', import.meta.url));
const GUEST = 107;
export const MIB = 1024 * 1024;

/** A claim with the importer's script at work on it, as the uid that it has in a pod. */
export class ImporterRun {
  readonly directory = mkdtempSync(join(tmpdir(), 'importer-'));
  readonly claim = join(this.directory, 'claim');
  readonly run = join(this.directory, 'run');
  readonly disk = join(this.claim, 'disk.img');
  readonly terminationLog = join(this.directory, 'termination-log');
  port = 0;
  /** The most that all of its processes had at once, bytes; what two of them share counts twice. */
  peakBytes = 0;
  /** Costs CPU that the test itself needs. */
  measuring = false;
  log = '';
  private process: ChildProcess | undefined;
  private ended: Promise<number> | undefined;

  constructor() {
    chmodSync(this.directory, 0o755);
    for (const directory of [this.claim, this.run, join(this.directory, 'scratch')]) {
      mkdirSync(directory);
      chownSync(directory, GUEST, GUEST);
    }
    // As kubelet makes it: anybody may write.
    writeFileSync(this.terminationLog, '');
    chmodSync(this.terminationLog, 0o666);
  }

  async start(env: Record<string, string>): Promise<void> {
    this.port = await freePort();
    this.log = '';
    const child = spawn('/bin/sh', [SCRIPT], {
      detached: true,
      uid: GUEST,
      gid: GUEST,
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        LC_ALL: 'C',
        IMPORT_SOURCE: 'http',
        IMPORT_TARGET: this.claim,
        IMPORT_SIZE: String(64 * MIB),
        IMPORT_MAX: String(64 * MIB),
        IMPORT_PORT: String(this.port),
        RUN_DIR: this.run,
        SCRATCH_DIR: join(this.directory, 'scratch'),
        TERMINATION_LOG: this.terminationLog,
        CREDENTIALS: join(this.directory, 'credentials'),
        CERTIFICATES: join(this.directory, 'certificates'),
        PATIENCE: '3',
        ...env,
      },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (this.log += text.toString()));
    }
    const timer = setInterval(() => this.measure(), this.measuring ? 50 : 2 ** 31 - 1);
    this.process = child;
    this.ended = new Promise((resolve) =>
      child.once('close', (code) => {
        clearInterval(timer);
        resolve(code ?? -1);
      }),
    );
  }

  /** Its exit status. */
  end(): Promise<number> {
    return this.ended ?? Promise.resolve(-1);
  }

  async to(env: Record<string, string>): Promise<number> {
    await this.start(env);
    return this.end();
  }

  /** As kubelet when the container has to go: all of its processes at once. */
  async kill(): Promise<void> {
    if (this.process?.pid !== undefined) process.kill(-this.process.pid, 'SIGKILL');
    await this.end();
  }

  get message(): string {
    return existsSync(this.terminationLog) ? readFileSync(this.terminationLog, 'utf8') : '';
  }

  async progress(): Promise<number | undefined> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/progress`).catch(() => undefined);
    return answer?.ok ? Number(await answer.text()) : undefined;
  }

  files(): string[] {
    return readdirSync(this.claim).toSorted();
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private measure(): void {
    const group = this.process?.pid;
    if (group === undefined) return;
    let bytes = 0;
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const [, , , , pgrp] = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/\(.*\)/, 'name')
          .split(' ');
        if (Number(pgrp) !== group) continue;
        const rss = /^Rss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
        bytes += Number(rss ?? 0) * 1024;
      } catch {
        // Gone meanwhile.
      }
    }
    this.peakBytes = Math.max(this.peakBytes, bytes);
  }
}
