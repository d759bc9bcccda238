import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DownwardMetrics,
  wantedMetrics,
  type MetricsSession,
  type MetricsVm,
} from '../../../../src/agent/downward-metrics/downward-metrics.js';
import type { HostMetrics } from '../../../../src/agent/downward-metrics/report.js';
import { newDisk } from '../../../../src/agent/volumes/vhostmd-disk.js';
import type { DomainStatistics } from '../../../../src/agent/hypervisor/statistics.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { FakeClock } from '../../kube/fake-clock.js';
import { readDisk } from './read-disk.js';

const STATISTICS: DomainStatistics = {
  product: 'QEMU 1',
  cpuNanoseconds: 7_000_000_000n,
  onlineCpus: 1,
  memoryKiB: 1n,
};

describe('downward metrics of a node', () => {
  let directory: string;
  let clock: FakeClock;
  let vms: MetricsVm[];
  let service: DownwardMetrics;
  let hostReads = 0;
  const opened: FileHandle[] = [];
  let writes = 0;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'metrics-'));
    clock = new FakeClock();
    vms = [];
    hostReads = 0;
    opened.length = 0;
    const read = (now: number): Promise<HostMetrics> => {
      hostReads += 1;
      const time = Math.floor(now / 1000);
      return Promise.resolve({ name: 'n', time, physicalCpus: 1, cpuSeconds: 1, memory: undefined, paging: undefined });
    };
    service = new DownwardMetrics({ vms: () => vms, host: { read }, clock, log: silentLog });
  });
  afterEach(async () => {
    service.stop();
    await until('all closed', () => opened.every(({ fd }) => fd === -1));
    rmSync(directory, { recursive: true });
  });

  const until = async (what: string, condition: () => boolean): Promise<void> => {
    for (let n = 0; n < 10_000 && !condition(); n += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(condition(), what);
  };
  /** A VM whose write is going on is left out of a pass. */
  const rest = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    await until('no write is going on', () => writes === 0);
  };
  const path = (name: string): string => join(directory, name);
  const textOf = (name: string): string => readDisk(readFileSync(path(name))) ?? '';
  const timeOf = (name: string): string => /Time<\/name>\s*<value>(\d{10})</.exec(textOf(name))?.[1] ?? '';

  /** The same file, with its writes counted while they go on. */
  const counted = (file: FileHandle): FileHandle => {
    const write = file.write.bind(file) as (...args: unknown[]) => Promise<unknown>;
    const counting = (...args: unknown[]): Promise<unknown> => {
      writes += 1;
      return write(...args).finally(() => (writes -= 1));
    };
    return Object.assign(file, { write: counting });
  };

  const vm = (name: string, statistics: () => Promise<DomainStatistics | undefined>): MetricsVm => {
    writeFileSync(path(name), newDisk());
    const metricsDisk = async (): Promise<FileHandle> => {
      const file = await open(path(name), 'r+');
      opened.push(file);
      return counted(file);
    };
    const launcher = { metricsDisk, metricsPort: () => Promise.reject(new Error('no port')) };
    const session: MetricsSession = { launcher, statistics };
    return { key: `default/${name}`, session, volume: 'metrics', port: false };
  };
  const now = (): string => String(Math.floor(clock.now() / 1000));

  it('writes each disk every five seconds through a file that stays open', async () => {
    vms = [vm('a', () => Promise.resolve(STATISTICS)), vm('b', () => Promise.resolve(STATISTICS))];
    service.start();
    for (let pass = 0; pass < 3; pass += 1) {
      await until('both written', () => ['a', 'b'].every((name) => timeOf(name) === now()));
      assert.match(textOf('a'), /<value>7\.000000<\/value>/);
      await rest();
      await clock.advance(5_000);
    }
    assert.equal(opened.length, 2);
  });

  it('does not wait for a VM whose libvirtd hangs, and tells nothing old of it', async () => {
    let answers = true;
    const hanging = () => (answers ? Promise.resolve(STATISTICS) : new Promise<never>(() => undefined));
    vms = [vm('hangs', hanging), vm('well', () => Promise.resolve(STATISTICS))];
    service.start();
    await until('first', () => timeOf('hangs') === now() && timeOf('well') === now());
    answers = false;
    const age = (name: string): number => Number(now()) - Number(timeOf(name));
    const step = async (): Promise<void> => {
      await rest();
      await clock.advance(5_000);
      await until('the other', () => age('well') <= 4);
      await clock.advance(2_000);
      await until('this too, without an answer', () => age('hangs') <= 6);
    };
    await step();
    assert.match(textOf('hangs'), /7\.000000/, 'seven seconds old is new enough');
    await step();
    await step();
    assert.doesNotMatch(textOf('hangs'), /7\.000000/, 'seventeen are not');
    assert.match(textOf('hangs'), /HostName/);
  });

  it('tries again where the disk cannot be opened', async () => {
    const one = vm('late', () => Promise.resolve(undefined));
    const { launcher } = one.session;
    let tries = 0;
    const metricsDisk = (volume: string): Promise<FileHandle> =>
      (tries += 1) < 3 ? Promise.reject(new Error('a symlink stands there')) : launcher.metricsDisk(volume);
    vms = [{ ...one, session: { ...one.session, launcher: { ...launcher, metricsDisk } } }];
    service.start();
    for (let n = 1; n < 3; n += 1) {
      await until(`try ${n}`, () => tries === n);
      await rest();
      await clock.advance(5_000);
    }
    await until('written', () => timeOf('late') === now());
  });

  it('lets go of a VM that is gone, and of one whose pod is another', async () => {
    const [first, second] = [vm('a', () => Promise.resolve(STATISTICS)), vm('a', () => Promise.resolve(STATISTICS))];
    vms = [first];
    service.start();
    await until('first', () => timeOf('a') === now());
    await rest();
    vms = [second];
    await clock.advance(5_000);
    await until('second', () => opened.length === 2 && opened[0]?.fd === -1 && timeOf('a') === now());
    await rest();
    vms = [];
    await clock.advance(5_000);
    await until('none', () => opened[1]?.fd === -1);
  });

  it('reads nothing where nobody wants metrics', async () => {
    service.start();
    await clock.advance(60_000);
    assert.equal(hostReads, 0);
  });

  it('is wanted by the volume, by the device, by both', () => {
    const want = (volumes: object[], devices: object) =>
      wantedMetrics({ spec: { volumes, domain: { devices } } } as unknown as VirtualMachineInstance);
    assert.equal(want([{ name: 'a', emptyDisk: {} }], {}), undefined);
    assert.deepEqual(want([{ name: 'm', downwardMetrics: {} }], {}), { volume: 'm', port: false });
    assert.deepEqual(want([], { downwardMetrics: {} }), { volume: undefined, port: true });
    assert.deepEqual(want([{ name: 'm', downwardMetrics: {} }], { downwardMetrics: {} }), { volume: 'm', port: true });
  });
});
