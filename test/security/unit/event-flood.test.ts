import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { EventRecorder } from '../../../src/kube/events.js';
import { eventMetrics } from '../../../src/kube/program/metrics.js';
import { FakeClock, settle } from '../../unit/kube/fake-clock.js';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Event {
  readonly message: string;
  readonly metadata: { readonly namespace: string };
}

const subject = (namespace: string, name: string) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name, namespace, uid: `${namespace}/${name}` },
});

/** An API server that answers when the test says so. */
const bed = () => {
  const clock = new FakeClock();
  const written: string[] = [];
  const open: { event: Event; answer: () => void }[] = [];
  const client = {
    create: (_path: string, event: Event) =>
      new Promise<Event>((resolve) =>
        open.push({
          event,
          answer: () => {
            written.push(`${event.metadata.namespace}: ${event.message}`);
            resolve(event);
          },
        }),
      ),
    patch: () => Promise.reject(new Error('nothing is repeated here')),
  };
  const registry = new Registry();
  const recorder = new EventRecorder(client as never, {
    component: 'virt-test',
    clock,
    metrics: eventMetrics(registry),
  });
  const answerOne = async (): Promise<void> => {
    open.shift()?.answer();
    await settle();
  };
  return { clock, recorder, registry, written, open, answerOne };
};

describe('events of a tenant who makes 200,000', function () {
  this.timeout(300_000);

  const flood = (recorder: EventRecorder): void => {
    for (let index = 0; index < 200_000; index += 1)
      recorder.event(subject('flood', `vm-${index % 10_000}`), 'Warning', 'SyncFailed', `message ${index}`);
  };

  it('are held within a bound, and another tenant waits for no more than those being written', async () => {
    const { recorder, written, open, answerOne } = bed();
    recorder.event(subject('flood', 'first'), 'Normal', 'X', 'first');
    await settle();
    flood(recorder);
    assert.ok(recorder.depth <= 257, `${recorder.depth} wait`);
    recorder.event(subject('stranger', 'vm'), 'Normal', 'Started', 'it runs');
    await settle();
    assert.ok(open.length <= 2, 'one writer for the flood, one for the other');
    await answerOne();
    await answerOne();
    assert.ok(written.includes('stranger: it runs'), written.join());
  });

  it('do not even delay it when the API server never answers the flood', async () => {
    const { recorder, written, open } = bed();
    flood(recorder);
    recorder.event(subject('stranger', 'vm'), 'Normal', 'Started', 'it runs');
    await settle();
    const own = open.find(({ event }) => event.metadata.namespace === 'stranger');
    own?.answer();
    await settle();
    assert.deepEqual(written, ['stranger: it runs']);
  });

  it('hold little memory, whatever the objects and messages weigh', () => {
    const { recorder } = bed();
    const heapMib = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    const before = heapMib();
    for (let index = 0; index < 2_000; index += 1) {
      const object = { ...subject('flood', `vm-${index}`), spec: { userData: 'x'.repeat(100_000) + String(index) } };
      recorder.event(object, 'Warning', 'SyncFailed', `${index} ${'y'.repeat(100_000)}`);
    }
    // 257 of either would be 25 MiB.
    const kept = heapMib() - before;
    assert.ok(recorder.depth <= 257);
    assert.ok(kept < 8, `${kept.toFixed(0)} MiB`);
  });

  it('are counted where they are dropped', async () => {
    const { recorder, registry } = bed();
    for (let index = 0; index < 30; index += 1) recorder.event(subject('a', 'vm'), 'Normal', 'X', `${index}`);
    for (let index = 0; index < 300; index += 1) recorder.event(subject('b', `vm-${index}`), 'Normal', 'X', 'y');
    const text = await registry.metrics();
    assert.match(text, /kubevirt_events_dropped_total\{reason="object"\} 5\n/);
    assert.match(text, /kubevirt_events_dropped_total\{reason="namespace"\} 4[34]\n/);
    assert.equal(recorder.dropped, 5 + Number(/namespace"\} (\d+)/.exec(text)?.[1]));
  });

  it('of a thousand namespaces are bounded together, at the cost of the one that has most', async () => {
    const { recorder, open } = bed();
    for (let index = 0; index < 256; index += 1) recorder.event(subject('flood', `vm-${index}`), 'Normal', 'X', 'y');
    for (let tenant = 0; tenant < 1_000; tenant += 1)
      for (let index = 0; index < 5; index += 1)
        recorder.event(subject(`t${tenant}`, `vm-${index}`), 'Normal', 'X', 'y');
    assert.ok(recorder.depth <= 4096 + 1, String(recorder.depth));
    recorder.event(subject('stranger', 'vm'), 'Normal', 'X', 'y');
    await settle();
    assert.ok(recorder.depth <= 4096 + 1);
    assert.equal(open.length, 4, 'four namespaces are written for at a time');
  });

  it('do not keep the program from ending', async () => {
    const { clock, recorder } = bed();
    flood(recorder);
    let flushed = false;
    const flush = recorder.flush().then(() => (flushed = true));
    await clock.advance(4_999);
    assert.equal(flushed, false);
    await clock.advance(1);
    await flush;
  });
});

describe('events of many namespaces', () => {
  it('keep their order within each, one write at a time, and are all written', async () => {
    const events = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.boolean()), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(events, async (steps) => {
        const { recorder, written, open, answerOne } = bed();
        const expected = new Map<string, string[]>();
        for (const [index, [namespace, answer]] of steps.entries()) {
          recorder.event(subject(namespace, `vm-${index}`), 'Normal', 'X', String(index));
          expected.set(namespace, [...(expected.get(namespace) ?? []), `${namespace}: ${index}`]);
          await settle();
          const writing = open.map(({ event }) => event.metadata.namespace);
          assert.equal(new Set(writing).size, writing.length, 'two writes for one namespace');
          if (answer) await answerOne();
        }
        const flush = recorder.flush();
        while (open.length > 0) await answerOne();
        await flush;
        for (const [namespace, order] of expected)
          assert.deepEqual(
            written.filter((one) => one.startsWith(`${namespace}:`)),
            order,
          );
        assert.equal(recorder.depth, 0);
      }),
      { numRuns: 40 },
    );
  });
});
