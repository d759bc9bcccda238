import assert from 'node:assert/strict';
import { isNews } from '../../../../src/agent/vm/news.js';
import { Reconciler } from '../../../../src/agent/vm/reconciler.js';
import type { Session } from '../../../../src/agent/vm/session.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { findCondition } from '../../../../src/api/vmi/condition.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { WorkQueue } from '../../../../src/kube/work/work-queue.js';
import { FakeClock } from '../../kube/fake-clock.js';

const MINUTE = 60_000;

/** An agent of one VM whose start fails, its queue, and an API server whose watch brings every write back. */
const failing = (words: (attempt: number) => string, stops = false) => {
  const clock = new FakeClock();
  const writes: number[] = [];
  const events: number[] = [];
  let attempts = 0;
  let stored = {
    metadata: { name: 'web', namespace: 'default', uid: 'vmi-1', resourceVersion: '1' },
    spec: { domain: { devices: {} } },
    status: { phase: 'Scheduled' },
  } as unknown as VirtualMachineInstance;
  /** The user stops it, and the stop reaches the agent before the failure does. */
  const meanwhile = stops
    ? () => {
        const metadata = { ...stored.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
        stored = { ...stored, metadata };
      }
    : undefined;
  const session = {
    look: () =>
      Promise.resolve({
        phase: stops && attempts > 0 ? 'Succeeded' : 'Scheduled',
        connected: true,
        alive: true,
        deleting: false,
      }),
    start: () => {
      attempts += 1;
      meanwhile?.();
      return Promise.reject(new Error(words(attempts)));
    },
  } as unknown as Session;
  const client = {
    patch: (_path: string, body: { status: { conditions?: unknown } }) => {
      writes.push(clock.now());
      const before = stored;
      const resourceVersion = String(Number(stored.metadata?.resourceVersion) + 1);
      stored = {
        ...stored,
        metadata: { ...stored.metadata, resourceVersion },
        status: { ...stored.status, ...body.status },
      } as VirtualMachineInstance;
      // The watch may bring it before the answer.
      if (isNews(stored, before)) queue.add('default/web');
      return Promise.resolve(stored);
    },
  };
  const reconciler = new Reconciler({
    client: client as never,
    events: { event: () => void events.push(clock.now()) },
    sessions: { forVmi: () => session, release: () => Promise.resolve(), isHere: () => true } as never,
    get: () => stored,
    startContext: () => ({ config: resolveClusterConfig(undefined, 'amd64') }) as never,
    clock,
    log: silentLog,
  });
  const queue = new WorkQueue({ name: 'test', handler: reconciler.handle, clock });
  queue.start();
  const problem = () => findCondition(stored.status?.conditions, 'Synchronized')?.message;
  return { clock, queue, writes, events, problem, attempts: () => attempts };
};

describe('a start that fails again and again', () => {
  it('with a pid in its words is written and reported once a minute at most', async () => {
    const { clock, queue, writes, events, problem, attempts } = failing(
      (n) => `QEMU (pid ${4000 + n}) ended after ${n} s`,
    );
    queue.add('default/web');
    await clock.advance(10 * MINUTE);
    assert.ok(attempts() >= 10 && attempts() <= 30, `${attempts()} attempts in ten minutes`);
    assert.ok(writes.length <= 11, `${writes.length} writes`);
    assert.equal(events.length, writes.length);
    // What stands there is never older than the next try.
    assert.match(problem() ?? '', /^QEMU \(pid 40\d\d\) ended after \d+ s$/);
  });

  it('with the same words is written once', async () => {
    const { clock, queue, writes } = failing(() => 'no such image');
    queue.add('default/web');
    await clock.advance(10 * MINUTE);
    assert.equal(writes.length, 1);
  });

  it('with other words each time, or with two causes by turns, is written once a minute but for the first few', async () => {
    for (const words of [
      (n: number) => `no image ${'x'.repeat(n)}`,
      (n: number) => ['no image', 'no memory'][n % 2]!,
    ]) {
      const { clock, queue, writes, events, attempts } = failing(words);
      queue.add('default/web');
      await clock.advance(MINUTE);
      const first = writes.length;
      assert.ok(first <= 3, `${first} writes in the first minute`);
      await clock.advance(10 * MINUTE);
      assert.ok(attempts() >= 10 && attempts() <= 30, `${attempts()} attempts`);
      assert.ok(writes.length - first <= 10, `${writes.length - first} writes in the ten minutes after it`);
      assert.equal(events.length, writes.length);
    }
  });

  it('because it was told to stop in its middle is no failure to tell', async () => {
    const { clock, queue, writes, events } = failing(() => 'the container volumeroot does not run', true);
    queue.add('default/web');
    await clock.advance(100);
    assert.deepEqual([writes, events], [[], []]);
  });

  it('for another reason than before says so at once', async () => {
    const { clock, queue, writes, problem } = failing((n) => (n < 4 ? 'no image' : 'no memory'));
    queue.add('default/web');
    await clock.advance(MINUTE);
    assert.equal(writes.length, 2);
    assert.equal(problem(), 'no memory');
  });
});

/** An agent whose guest runs, with a change that libvirt refuses in these words. */
const unchangeable = (words: (attempt: number) => string) => {
  const [done, events]: [string[], string[]] = [[], []];
  let stored = {
    metadata: { name: 'web', namespace: 'default', uid: 'vmi-1', resourceVersion: '1' },
    spec: { domain: { devices: {} } },
    status: { phase: 'Scheduled' },
  } as unknown as VirtualMachineInstance;
  let refuses = true;
  let attempts = 0;
  let writes = 0;
  const session = {
    look: () =>
      Promise.resolve({
        phase: stored.status?.phase,
        launcher: 'alive',
        connected: true,
        deleting: false,
        domain: { state: 'running', ours: true },
      }),
    domain: { state: 'running', xml: { vmiUid: 'vmi-1', disks: [], interfaces: [], currentMemoryKiB: 1024n } },
    changeLive: () => {
      attempts += 1;
      return refuses ? Promise.reject(new Error(words(attempts))) : Promise.resolve();
    },
    resumeNetwork: () => void done.push('network'),
    cpuLimit: { keep: () => Promise.resolve(void done.push('cpu')) },
    guestInfo: () => Promise.resolve(undefined),
    credentials: () => undefined,
    freezer: { frozen: false, thawedBecause: undefined },
    probePause: { keep: () => Promise.resolve(void done.push('probes')) },
  } as unknown as Session;
  const client = {
    patch: (_path: string, body: { status: object }) => {
      writes += 1;
      const resourceVersion = String(Number(stored.metadata?.resourceVersion) + 1);
      const status = { ...stored.status, ...body.status };
      stored = { ...stored, metadata: { ...stored.metadata, resourceVersion }, status };
      return Promise.resolve(stored);
    },
  };
  const reconciler = new Reconciler({
    client: client as never,
    events: { event: (_of: unknown, _type: string, reason: string) => void events.push(reason) },
    sessions: { forVmi: () => session, release: () => Promise.resolve(), isHere: () => true } as never,
    get: () => stored,
    startContext: () => ({ config: resolveClusterConfig(undefined, 'amd64') }) as never,
    clock: new FakeClock(),
    log: silentLog,
  });
  return {
    done,
    events,
    handle: () => reconciler.handle('default/web'),
    status: () => stored.status,
    problem: () => findCondition(stored.status?.conditions, 'Synchronized')?.message,
    writes: () => writes,
    relent: () => (refuses = false),
  };
};

describe('a change that a running guest does not take', () => {
  it('is told and tried again, and holds up neither its network nor its share of CPU nor its status', async () => {
    const { done, events, handle, status, problem, writes, relent } = unchangeable(() => 'no such cable');
    await assert.rejects(handle(), /no such cable/);
    assert.deepEqual(done, ['network', 'cpu', 'probes']);
    assert.equal(status()?.phase, 'Running');
    assert.equal(problem(), 'no such cable');
    assert.deepEqual(
      events.filter((reason) => reason === 'SyncFailed'),
      ['SyncFailed'],
    );
    const before = writes();
    await assert.rejects(handle(), /no such cable/);
    assert.equal(writes(), before, 'the same again is not written again');
    relent();
    await handle();
    assert.equal(problem(), undefined);
  });

  it('with other numbers in its words each time is not written each time', async () => {
    const { events, handle, problem } = unchangeable((n) => `QEMU (pid ${n}) says no`);
    for (let tries = 0; tries < 5; tries += 1) await assert.rejects(handle());
    assert.equal(problem(), 'QEMU (pid 1) says no');
    assert.equal(events.filter((reason) => reason === 'SyncFailed').length, 1);
  });
});
