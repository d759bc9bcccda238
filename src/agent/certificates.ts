import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SecureContextOptions } from 'node:tls';
import type { Log } from '../kube/log.js';

/** The files of a TLS Secret as kubelet mounts them. */
const FILES = ['tls.crt', 'tls.key', 'ca.crt'] as const;
/** kubelet brings a changed Secret within a minute; the old certificate stays valid much longer than that. */
const CHECK_MS = 10_000;
const FIRST_RETRY_MS = 1_000;

/** The agent's certificate, key and the CA of its clients, read again when they change. */
export class CertificateFiles {
  private state = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly directory: string,
    private readonly log: Log,
  ) {}

  /** @throws Error naming the file that cannot be read */
  read(): SecureContextOptions {
    this.state = this.stamp();
    const [cert, key, ca] = FILES.map((name) => readFileSync(join(this.directory, name)));
    return { cert, key, ca };
  }

  /** Reads the files as soon as they are there: the webhook makes them, and may start after this agent. */
  async firstRead(): Promise<SecureContextOptions> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return this.read();
      } catch (error) {
        if (attempt % 30 === 0) this.log.warn({ error: String(error) }, 'certificates not there yet, waiting');
        await delay(FIRST_RETRY_MS);
      }
    }
  }

  /** Calls back with the new content whenever the files change; what cannot be read is tried again. */
  watch(changed: (options: SecureContextOptions) => void): void {
    this.timer = setInterval(() => {
      try {
        if (this.stamp() === this.state) return;
        changed(this.read());
        this.log.info({ directory: this.directory }, 'certificates reloaded');
      } catch (error) {
        this.log.warn(
          { directory: this.directory, error: String(error) },
          'certificates not reloaded, the old ones stay',
        );
      }
    }, CHECK_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** kubelet replaces the files through a symlink, so their inodes and times change together. */
  private stamp(): string {
    return FILES.map((name) => {
      const { ino, mtimeMs, size } = statSync(join(this.directory, name));
      return `${ino}:${mtimeMs}:${size}`;
    }).join(' ');
  }
}
