import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KsmFiles } from '../../../../src/agent/node/ksm-files.js';
import { KsmKeeper, type KsmReport } from '../../../../src/agent/node/ksm.js';
import type { LabelSelector } from '../../../../src/api/schema/meta.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { FakeClock } from '../../kube/fake-clock.js';

const KIB_16G = 16 * 1024 * 1024;
const MANAGED = 'kubevirt.io/ksm-handler-managed';

describe('KSM', () => {
  let top: string;
  let root: string;
  const filesAt = (...roots: string[]): KsmFiles =>
    new KsmFiles(
      () => roots,
      () => true,
    );
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'ksm-'));
    root = join(top, 'sys/kernel/mm/ksm');
    mkdirSync(root, { recursive: true });
    for (const [file, value] of Object.entries({ run: 0, pages_to_scan: 100, sleep_millisecs: 20, pages_sharing: 7 }))
      writeFileSync(join(root, file), `${value}\n`);
  });
  afterEach(() => rmSync(top, { recursive: true }));
  const read = (file: string): number => Number(readFileSync(join(root, file), 'utf8'));
  const put = (file: string, value: number | string): void => writeFileSync(join(root, file), `${value}\n`);

  /** A node, and agents that come and go on it. */
  class Node {
    readonly clock = new FakeClock();
    labels: Record<string, string> = {};
    annotations: Record<string, string> = {};
    selector: LabelSelector | undefined = {};
    availableKiB = 1024 * 1024;
    /** What is on record: the VirtNode's. */
    recorded: KsmReport | undefined;
    away = false;
    /** What `run` was at each record. */
    readonly runAtRecords: [KsmReport | undefined, number][] = [];
    /** What is to happen at the next record. */
    atRecord: (() => void) | undefined;

    agent(files = filesAt(top)): KsmKeeper {
      const keeper: KsmKeeper = new KsmKeeper({
        files,
        memory: () => ({ totalKiB: KIB_16G, availableKiB: this.availableKiB }),
        labels: () => this.labels,
        annotations: () => this.annotations,
        selector: () => this.selector,
        record: () => {
          if (this.away) return Promise.reject(new Error('no API server'));
          const before = this.recorded?.managed === true;
          if (keeper.report !== undefined) this.recorded = keeper.report;
          this.runAtRecords.push([keeper.report, existsSync(join(root, 'run')) ? read('run') : 0]);
          this.atRecord?.();
          return Promise.resolve(before);
        },
        clock: this.clock,
        log: silentLog,
      });
      return keeper;
    }
  }

  it('is started under pressure where the selector picks the node, adapts, and stops when memory is enough', async () => {
    const node = new Node();
    node.selector = { matchExpressions: [{ key: 'pool', operator: 'In', values: ['dense'] }] };
    const keeper = node.agent();
    await keeper.look();
    assert.deepEqual([read('run'), node.recorded], [0, { enabled: false, managed: false }]);
    node.labels = { pool: 'dense' };
    await keeper.look();
    assert.deepEqual([read('run'), read('pages_to_scan'), read('sleep_millisecs')], [1, 100, 106]);
    assert.deepEqual(node.recorded, { enabled: true, managed: true });
    await keeper.look();
    assert.deepEqual([read('pages_to_scan'), read('sleep_millisecs')], [400, 106]);
    node.availableKiB = KIB_16G / 2;
    for (let look = 0; look < 6; look += 1) await keeper.look();
    assert.deepEqual([read('run'), read('pages_to_scan'), read('sleep_millisecs')], [1, 100, 200]);
    await keeper.look();
    assert.deepEqual([read('run'), node.recorded], [0, { enabled: true, managed: false }]);
  });

  it('is on record as ours before it runs, and does not run where that cannot be written', async () => {
    const node = new Node();
    const keeper = node.agent();
    node.away = true;
    await assert.rejects(keeper.look());
    assert.equal(read('run'), 0);
    node.away = false;
    await keeper.look();
    assert.equal(read('run'), 1);
    const first = node.runAtRecords.find(([report]) => report?.managed);
    assert.deepEqual(first, [{ enabled: true, managed: true }, 0]);
    node.away = true;
    await keeper.look();
    assert.equal(read('pages_to_scan'), 400, 'adapts without the API server');
  });

  it('that an administrator runs is left alone, with and without settings', async () => {
    for (const selector of [undefined, { matchLabels: { pool: 'dense' } }]) {
      put('run', 1);
      const node = new Node();
      node.selector = selector;
      await node.agent().look();
      assert.deepEqual([read('run'), read('pages_to_scan'), read('sleep_millisecs')], [1, 100, 20]);
      assert.deepEqual(node.recorded, { enabled: false, managed: false });
    }
  });

  it('that an administrator runs is taken over where the settings want it, and given back switched off', async () => {
    put('run', 1);
    const node = new Node();
    const keeper = node.agent();
    await keeper.look();
    assert.deepEqual([read('run'), read('pages_to_scan')], [1, 400]);
    assert.deepEqual(node.recorded, { enabled: true, managed: true });
    node.selector = undefined;
    await keeper.look();
    assert.deepEqual([read('run'), node.recorded], [0, { enabled: false, managed: false }]);
    put('run', 1);
    await keeper.look();
    assert.equal(read('run'), 1, 'an administrator’s from then on');
  });

  for (const [how, prepare] of [
    ['the report', (node: Node) => (node.recorded = { enabled: true, managed: true })],
    ['the annotation', (node: Node) => (node.annotations = { [MANAGED]: 'true' })],
  ] as const)
    it(`of an agent that was killed is switched off by the next, which knows it by ${how}`, async () => {
      put('run', 1);
      const node = new Node();
      node.selector = undefined;
      prepare(node);
      await node.agent().look();
      assert.deepEqual([read('run'), node.recorded], [0, { enabled: false, managed: false }]);
    });

  it('is ours to switch off whenever the agent was killed while it took it over', async () => {
    for (const killedAt of [1, 2, 3]) {
      put('run', 0);
      const node = new Node();
      let records = 0;
      node.atRecord = () => {
        records += 1;
        if (records === killedAt) throw new Error('killed');
      };
      await node
        .agent()
        .look()
        .catch(() => undefined);
      node.atRecord = undefined;
      node.selector = undefined;
      await node.agent().look();
      assert.equal(read('run'), 0, `killed at ${killedAt}`);
    }
  });

  it('is looked at every 3 minutes, and at once when something changes', async () => {
    const node = new Node();
    const keeper = node.agent();
    keeper.start();
    await node.clock.advance(0);
    assert.equal(read('pages_to_scan'), 100);
    await node.clock.advance(179_000);
    assert.equal(read('pages_to_scan'), 100);
    await node.clock.advance(1_000);
    assert.equal(read('pages_to_scan'), 400);
    node.selector = undefined;
    keeper.wake();
    await node.clock.advance(0);
    assert.equal(read('run'), 0);
    await keeper.stop();
    assert.deepEqual(node.clock.waiting, []);
  });

  it('is not there where the kernel has none: the node is not enabled', async () => {
    rmSync(join(root, 'run'));
    const node = new Node();
    await node.agent().look();
    assert.deepEqual(node.recorded, { enabled: false, managed: false });
  });

  it('leaves the pages to the kernel’s advisor where somebody has switched that on', async () => {
    put('advisor_mode', 'none [scan-time]');
    await new Node().agent().look();
    assert.deepEqual([read('run'), read('pages_to_scan')], [1, 100]);
    put('advisor_mode', '[none] scan-time');
    await new Node().agent().look();
    assert.equal(read('pages_to_scan'), 400);
  });

  it('is written in an order in which it never runs with what was there before', () => {
    const written: string[] = [];
    const files = filesAt(top);
    const write = files as unknown as { put: (file: string, value: number) => void };
    write.put = (file) => void written.push(file);
    files.write({ run: true, pages: 1, sleepMs: 1 });
    assert.deepEqual(written.splice(0), ['sleep_millisecs', 'pages_to_scan', 'run']);
    files.write({ run: false });
    assert.deepEqual(written, ['run']);
  });

  it('is written at the node’s root where the container’s own sysfs is read-only', () => {
    const other = join(root, 'host/sys/kernel/mm/ksm');
    mkdirSync(other, { recursive: true });
    for (const file of ['run', 'pages_to_scan', 'sleep_millisecs']) writeFileSync(join(other, file), '0\n');
    rmSync(join(root, 'sleep_millisecs'));
    rmSync(join(root, 'pages_to_scan'));
    filesAt(top, join(root, 'host')).write({ run: true, pages: 5, sleepMs: 6 });
    assert.equal(readFileSync(join(other, 'pages_to_scan'), 'utf8'), '5\n');
  });

  it('is not written where the way leads to anything but the kernel’s files', () => {
    rmSync(join(root, 'run'));
    symlinkSync('../../../../victim', join(root, 'run'));
    writeFileSync(join(top, 'victim'), 'x');
    assert.throws(() => filesAt(top).write({ run: false }), /ELOOP/);
    rmSync(join(root, 'run'));
    put('run', 1);
    assert.throws(() => new KsmFiles(() => [top]).write({ run: false }), /is not the kernel's/);
    assert.deepEqual([read('run'), readFileSync(join(top, 'victim'), 'utf8')], [1, 'x']);
  });

  it('is counted', () => {
    put('full_scans', 3);
    const files = filesAt(top);
    assert.deepEqual([files.pages('sharing'), files.pages('shared'), files.fullScans()], [7, 0, 3]);
    put('pages_sharing', 'x'.repeat(9));
    assert.equal(files.pages('sharing'), 0);
  });
});
