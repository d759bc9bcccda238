import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from '../../src/api/schema/disks.js';
import type { Volume } from '../../src/api/schema/volumes.js';
import { CLUSTER_DIR } from '../cluster/settings.js';
import { provideClaim, withdrawVolume } from '../e2e/support/claims.js';
import { inGuest } from '../e2e/support/guest.js';
import { apply } from '../e2e/support/api.js';
import { kubectl } from '../e2e/support/kubectl.js';
import { instance, tinySpec, untilGone, untilPhase } from '../e2e/support/machines.js';
import { agentTimes, type AgentTimes } from './agent-times.js';
import type { Promised } from './report.js';

/*
 * What volumes cost a start, and what the guest gets of a disk, on the test bed (npm run cluster -- up). Times of a
 * start are the agent's own; throughput is that of the guest beside `qemu-img bench` on the same storage in the same
 * minute.
 */

const NAMESPACE = 'bench-volumes';
const STARTS = Number(process.env['STARTS'] ?? 5);
const MEBIBYTES = 192;

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

const remove = async (name: string): Promise<void> => {
  await kubectl(['-n', NAMESPACE, 'delete', 'vmi', name, '--wait=false']);
  await untilGone(NAMESPACE, 'vmi', name, 120);
};

/** Kinds that a tool makes, in turn. The first volume of every VM is its containerDisk. */
const KINDS: readonly Omit<Volume, 'name'>[] = [
  { emptyDisk: { capacity: '64Mi' } },
  { configMap: { name: 'settings' } },
  { secret: { secretName: 'password' } },
  { cloudInitNoCloud: { userData: '#!/bin/sh\ntrue\n' } },
  { downwardAPI: { fields: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
];

const startWith = async (count: number, round: number): Promise<AgentTimes> => {
  const name = `v${count}-${round}`;
  const spec = tinySpec();
  for (let i = 1; i < count; i++) {
    spec.volumes?.push({ name: `v${i}`, ...KINDS[i % KINDS.length] });
    spec.domain.devices.disks?.push({ name: `v${i}`, disk: { bus: i < 20 ? 'virtio' : 'scsi' } });
  }
  await apply(instance(NAMESPACE, name, spec));
  await untilPhase(NAMESPACE, name, 'Running', 240);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const times = await agentTimes(NAMESPACE, name);
  await remove(name);
  return times;
};

const starts = async (): Promise<Promised[]> => {
  const results: Promised[] = [];
  for (const count of [1, 8, 32]) {
    const times: number[] = [];
    for (let round = 1; round <= STARTS; round++) {
      const { volumesMs, defineMs } = await startWith(count, round);
      process.stdout.write(
        `${count} volumes, ${round}/${STARTS}: prepared in ${volumesMs} ms, defined in ${defineMs} ms\n`,
      );
      times.push(volumesMs + defineMs);
    }
    const limit = 60 + 25 * count;
    const ms = median(times);
    results.push({
      name: `volumes prepared and domain defined, ${count} of mixed kinds, median of ${STARTS}`,
      limit: `${limit} ms`,
      figure: `${Math.round(ms)} ms`,
      kept: ms <= limit,
    });
  }
  return results;
};

/** MiB/s of `dd` in the guest, reading and writing MEBIBYTES in pieces of 1 MiB past the page cache's start. */
const guestRates = async (name: string): Promise<{ read: number; write: number }> =>
  inGuest(NAMESPACE, name, async (shell) => {
    const seconds = async (command: string): Promise<number> => {
      const [begin, end] = (
        await shell.run(`cut -d' ' -f1 /proc/uptime; ${command} 2>/dev/null; cut -d' ' -f1 /proc/uptime`, 300)
      )
        .split('\n')
        .map(Number);
      return (end ?? Number.NaN) - (begin ?? Number.NaN);
    };
    const write = await seconds(`dd if=/dev/zero of=/dev/vdb bs=1M count=${MEBIBYTES} conv=fsync`);
    await shell.run('echo 3 > /proc/sys/vm/drop_caches');
    const read = await seconds(`dd if=/dev/vdb of=/dev/null bs=1M count=${MEBIBYTES}`);
    return { read: MEBIBYTES / read, write: MEBIBYTES / write };
  });

/** MiB/s of QEMU's own block layer on an image, without a guest. */
const benchRate = (file: string, format: string, write: boolean): number => {
  const args = [
    'bench',
    '-f',
    format,
    '-t',
    'none',
    '-s',
    '1M',
    '-c',
    String(MEBIBYTES),
    ...(write ? ['-w'] : []),
    file,
  ];
  const output = execFileSync('qemu-img', args, { encoding: 'utf8' });
  const seconds = Number(/Run completed in ([\d.]+) seconds/.exec(output)?.[1]);
  return MEBIBYTES / seconds;
};

interface Variant {
  readonly name: string;
  readonly ioThreads: boolean;
  readonly multiQueue: boolean;
}
const VARIANTS: readonly Variant[] = [
  { name: 'plain', ioThreads: false, multiQueue: false },
  { name: 'I/O thread', ioThreads: true, multiQueue: false },
  { name: 'I/O thread and queues', ioThreads: true, multiQueue: true },
];

const throughputOf = async (
  what: string,
  volume: Omit<Volume, 'name'>,
  yardstick: (write: boolean) => number,
): Promise<Promised> => {
  const found: string[] = [];
  for (const [index, { name, ioThreads, multiQueue }] of VARIANTS.entries()) {
    const spec = tinySpec();
    const disk: Disk = { name: 'data', disk: { bus: 'virtio' }, ...(ioThreads ? { dedicatedIOThread: true } : {}) };
    spec.volumes?.push({ name: 'data', ...volume });
    spec.domain.devices.disks?.push(disk);
    spec.domain.cpu = { cores: 2 };
    spec.domain.resources = { requests: { memory: '384Mi', cpu: '500m' } };
    if (multiQueue) spec.domain.devices.blockMultiQueue = true;
    const vmi = `rate-${what === 'emptyDisk' ? 'e' : 'b'}${index}`;
    await apply(instance(NAMESPACE, vmi, spec));
    await untilPhase(NAMESPACE, vmi, 'Running', 240);
    const { read, write } = await guestRates(vmi);
    await remove(vmi);
    const [bareWrite, bareRead] = [yardstick(true), yardstick(false)];
    found.push(
      `${name}: read ${Math.round(read)} MiB/s (${(read / bareRead).toFixed(2)} ×), write ${Math.round(write)} (${(write / bareWrite).toFixed(2)} ×)`,
    );
    process.stdout.write(`${what}, ${found.at(-1) ?? ''}\n`);
  }
  return {
    name: `sequential throughput in the guest (TCG) on ${what}, × of qemu-img bench`,
    limit: 'none',
    figure: found.join('; '),
    kept: true,
  };
};

const throughput = async (): Promise<Promised[]> => {
  const directory = mkdtempSync(join(CLUSTER_DIR, 'bench-'));
  const image = join(directory, 'scratch.qcow2');
  try {
    const claim = { name: 'bench-block', mode: 'Block', mebibytes: 256 } as const;
    const device = await provideClaim(claim, NAMESPACE);
    const onImage = (write: boolean): number => {
      if (write) execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', image, '256M']);
      return benchRate(image, 'qcow2', write);
    };
    return [
      await throughputOf('emptyDisk', { emptyDisk: { capacity: '256Mi' } }, onImage),
      await throughputOf('a block claim', { persistentVolumeClaim: { claimName: claim.name } }, (write) =>
        benchRate(device, 'raw', write),
      ),
    ];
  } finally {
    rmSync(directory, { recursive: true });
    await withdrawVolume('bench-block');
  }
};

export const benchVolumes = async (): Promise<Promised[]> => {
  await kubectl(['create', 'namespace', NAMESPACE]);
  try {
    await kubectl(['-n', NAMESPACE, 'create', 'configmap', 'settings', '--from-literal=colour=blue']);
    await kubectl(['-n', NAMESPACE, 'create', 'secret', 'generic', 'password', '--from-literal=password=x']);
    return [...(await starts()), ...(await throughput())];
  } finally {
    await kubectl(['delete', 'namespace', NAMESPACE, '--timeout=120s']);
  }
};
