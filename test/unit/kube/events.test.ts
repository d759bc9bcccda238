import assert from 'node:assert/strict';
import { ApiError } from '../../../src/kube/client/api-error.js';
import { EventRecorder } from '../../../src/kube/events.js';
import { FakeClock } from './fake-clock.js';

interface Written {
  path: string;
  body: { message?: string; count?: number; metadata?: { name: string }; involvedObject?: object; source?: object };
}

describe('event recorder', () => {
  let clock: FakeClock;
  let created: Written[];
  let patched: Written[];
  let recorder: EventRecorder;
  let failure: Error | undefined;
  const subject = {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name: 'a', namespace: 'ns', uid: 'u', resourceVersion: '7' },
  };

  beforeEach(() => {
    clock = new FakeClock();
    created = [];
    patched = [];
    failure = undefined;
    const write = (to: Written[]) => (path: string, body: Written['body']) => {
      if (failure) return Promise.reject(failure);
      to.push({ path, body });
      return Promise.resolve(body);
    };
    const client = { create: write(created), patch: write(patched) } as never;
    recorder = new EventRecorder(client, { component: 'virt-test', host: 'node-a', clock });
  });

  it('writes an event about the object, in its namespace', async () => {
    recorder.event(subject, 'Warning', 'Broken', 'it broke');
    await recorder.flush();
    const { path, body } = created[0]!;
    assert.equal(path, '/api/v1/namespaces/ns/events');
    assert.deepEqual(body.involvedObject, {
      apiVersion: 'v1',
      kind: 'Thing',
      namespace: 'ns',
      name: 'a',
      uid: 'u',
      resourceVersion: '7',
    });
    assert.deepEqual(body.source, { component: 'virt-test', host: 'node-a' });
    assert.equal(body.count, 1);
    recorder.event({ kind: 'Node', metadata: { name: 'n', uid: 'n' } }, 'Normal', 'X', 'y');
    await recorder.flush();
    assert.equal(created[1]!.path, '/api/v1/namespaces/default/events');
  });

  it('counts repeats on the first event, for ten minutes', async () => {
    for (let count = 0; count < 3; count += 1) recorder.event(subject, 'Normal', 'Again', 'same');
    recorder.event(subject, 'Normal', 'Again', 'other');
    await recorder.flush();
    assert.equal(created.length, 2);
    assert.deepEqual(
      patched.map(({ path, body }) => [path, body.count]),
      [2, 3].map((count) => [`/api/v1/namespaces/ns/events/${created[0]!.body.metadata!.name}`, count]),
    );
    await clock.advance(601_000);
    recorder.event(subject, 'Normal', 'Again', 'same');
    await recorder.flush();
    assert.equal(created.length, 3);
  });

  it('writes a warning that repeats once a minute, whatever its numbers, and counts all of them', async () => {
    for (let second = 0; second < 300; second += 1) {
      recorder.event(subject, 'Warning', 'Failed', `start failed after ${second} s`);
      await recorder.flush();
      await clock.advance(1_000);
    }
    assert.equal(created.length, 1);
    assert.ok(patched.length <= 4, `${patched.length} more writes in five minutes`);
    const { count, message } = patched.at(-1)!.body;
    assert.equal(message, `start failed after ${(count ?? 0) - 1} s`);
    recorder.event(subject, 'Warning', 'Failed', 'another cause');
    await recorder.flush();
    assert.equal(created.length, 2);
  });

  it('writes again when the first event has expired', async () => {
    recorder.event(subject, 'Normal', 'Again', 'same');
    await recorder.flush();
    failure = new ApiError({ code: 404, reason: 'NotFound' });
    recorder.event(subject, 'Normal', 'Again', 'same');
    await Promise.resolve();
    await recorder.flush();
    failure = undefined;
    recorder.event(subject, 'Normal', 'Again', 'same');
    await recorder.flush();
    assert.equal(patched.length, 1);
  });

  it('writes 25 at once per object, then one in five minutes; another object has its own', async () => {
    for (let count = 0; count < 40; count += 1) recorder.event(subject, 'Normal', 'Loop', `message ${count}`);
    recorder.event({ ...subject, metadata: { ...subject.metadata, uid: 'other' } }, 'Normal', 'Loop', 'x');
    await recorder.flush();
    assert.equal(created.length, 26);
    assert.equal(recorder.dropped, 15);
    await clock.advance(301_000);
    recorder.event(subject, 'Normal', 'Loop', 'later');
    recorder.event(subject, 'Normal', 'Loop', 'too much');
    await recorder.flush();
    assert.equal(created.length, 27);
  });

  it('writes those with a budget of their own however many others there were, and the other way round', async () => {
    for (let count = 0; count < 40; count += 1) recorder.event(subject, 'Normal', 'Loop', `message ${count}`);
    for (let count = 0; count < 40; count += 1) recorder.event(subject, 'Normal', 'Own', `command ${count}`, 'Own');
    await recorder.flush();
    assert.equal(created.filter(({ body }) => body.message?.startsWith('command')).length, 25);
    assert.equal(created.length, 50);
  });

  it('never throws, and cuts long messages', async () => {
    failure = new Error('API server is away');
    recorder.event(subject, 'Normal', 'X', 'y');
    await recorder.flush();
    failure = undefined;
    recorder.event(subject, 'Normal', 'X', 'z'.repeat(5000));
    await recorder.flush();
    assert.equal(created[0]!.body.message?.length, 1024);
  });
});
