import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImporterRun, MIB } from '../integration/importer/importer-run.js';
import { freePort } from '../support/free-ports.js';
import type { Promised } from './report.js';

/**
 * The disk that is imported: large enough that a start costs nothing, small enough for the page cache of any machine.
 */
const DISK_MIB = 2048;
const DATA_MIB = 1280;
const ROUNDS = 3;

/**
 * What one would type instead, to the same result: the image fetched, made raw and sparse, and on the disk. qemu-img
 * reads no pipe, so the image is fetched into a file and converted from there.
 */
const YARDSTICK: Record<string, string> = {
  raw: 'curl -sf "$URL" | cat >scratch && qemu-img convert -f raw -O raw -t writeback scratch disk.img && rm scratch && sync disk.img',
  qcow2:
    'curl -sf "$URL" | cat >scratch && qemu-img convert -f qcow2 -O raw -t writeback scratch disk.img && rm scratch && sync disk.img',
  'raw.gz':
    'curl -sf "$URL" | gzip -dc >scratch && qemu-img convert -f raw -O raw -t writeback scratch disk.img && rm scratch && sync disk.img',
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const yardstick = (command: string, url: string): number => {
  const directory = mkdtempSync(join(tmpdir(), 'yardstick-'));
  try {
    const began = performance.now();
    const { status, stderr } = spawnSync('bash', ['-c', `set -o pipefail; ${command}`], {
      cwd: directory,
      env: { ...process.env, URL: url },
    });
    if (status !== 0) throw new Error(`${command} ended with ${String(status)}: ${stderr.toString()}`);
    return performance.now() - began;
  } finally {
    rmSync(directory, { recursive: true });
  }
};

const importer = async (url: string, measuring = false): Promise<{ ms: number; peak: number }> => {
  const run = new ImporterRun();
  run.measuring = measuring;
  try {
    const size = String(DISK_MIB * MIB);
    const began = performance.now();
    const code = await run.to({ IMPORT_URL: url, IMPORT_SIZE: size, IMPORT_MAX: size });
    if (code !== 0) throw new Error(`the importer ended with ${code}: ${run.message}\n${run.log}`);
    return { ms: performance.now() - began, peak: run.peakBytes };
  } finally {
    run.remove();
  }
};

const makeImages = (directory: string): void => {
  const script = `head -c ${DATA_MIB}M /dev/urandom >disk.raw; truncate -s ${DISK_MIB}M disk.raw
    qemu-img convert -O qcow2 disk.raw disk.qcow2; gzip -1 -c disk.raw >disk.raw.gz; sync`;
  execFileSync('sh', ['-c', script], { cwd: directory });
};

/** The importer against curl and qemu-img by hand, turn by turn from the same server; and its memory. */
export const benchImporter = async (): Promise<Promised[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-importer-'));
  chmodSync(directory, 0o755);
  const port = await freePort();
  const server = spawn('busybox', ['httpd', '-f', '-p', `127.0.0.1:${port}`, '-h', directory], { stdio: 'ignore' });
  try {
    makeImages(directory);
    await sleep(500);
    const promises: Promised[] = [];
    let peak = 0;
    for (const [format, command] of Object.entries(YARDSTICK)) {
      const url = `http://127.0.0.1:${port}/disk.${format}`;
      const ratios: number[] = [];
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const by = yardstick(command, url);
        const { ms } = await importer(url);
        ratios.push(by / ms);
        times.push(ms);
      }
      peak = Math.max(peak, (await importer(url, true)).peak);
      const ratio = median(ratios);
      promises.push({
        name: `importer's throughput of a ${format} image against \`curl | qemu-img convert\``,
        limit: '90 %',
        figure: `${(ratio * 100).toFixed(0)} % (${(DISK_MIB / (median(times) / 1000)).toFixed(0)} MiB of disk/s)`,
        kept: ratio >= 0.9,
      });
    }
    promises.push({
      name: "importer's memory, all of its processes at once, what they share counted twice",
      limit: '64 MiB',
      figure: `${(peak / MIB).toFixed(1)} MiB`,
      kept: peak > 0 && peak <= 64 * MIB,
    });
    return promises;
  } finally {
    server.kill();
    rmSync(directory, { recursive: true });
  }
};
