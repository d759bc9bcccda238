import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import type { AdmissionReview } from '../../../../src/webhook/admission/answers.js';
import type { EvictionDecision, EvictionSubject } from '../../../../src/webhook/eviction/decision.js';
import { evictionRouter } from '../../../../src/webhook/eviction/router.js';
import type { EvictionStore } from '../../../../src/webhook/eviction/store.js';
import type { AdmissionAnswer } from '../../../../src/webhook/metrics.js';

const request = (more: object = {}) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u',
    resource: { group: '', version: 'v1', resource: 'pods' },
    subResource: 'eviction',
    name: 'virt-launcher-web-x',
    namespace: 'ns',
    operation: 'CREATE',
    object: { metadata: { name: 'virt-launcher-web-x' } },
    ...more,
  },
});

/** A VM whose launcher pod is evicted. */
const subjectOf = (evictionStrategy: string): EvictionSubject => ({
  pod: {
    metadata: {
      name: 'virt-launcher-web-x',
      namespace: 'ns',
      uid: 'pod-uid',
      labels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': 'uid' },
      annotations: { 'kubevirt.io/domain': 'web' },
    },
    spec: { nodeName: 'node-a' },
    status: { phase: 'Running' },
  },
  vmi: {
    metadata: { name: 'web', namespace: 'ns', uid: 'uid' },
    spec: { evictionStrategy },
    status: { nodeName: 'node-a', launcherPod: { name: 'virt-launcher-web', uid: 'pod-uid' } },
  },
});

describe('POST /evict', () => {
  let server: Server;
  let url = '';
  let subject: EvictionSubject;
  let failure: string | undefined;
  let broken: boolean;
  let known: boolean;
  let clusterStrategy: string;
  let asked: string[];
  let marks: (EvictionDecision & { do: 'mark' })[];
  let answers: AdmissionAnswer[];

  const store: EvictionStore = {
    filled: true,
    subject: (namespace, name) => {
      if (broken) throw new TypeError('a defect');
      asked.push(`${namespace}/${name}`);
      return subject;
    },
    mark: (decision) => {
      marks.push(decision);
      return Promise.resolve(failure);
    },
  };
  const post = async (body: unknown, type = 'application/json') => {
    const response = await fetch(`${url}/evict`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, review: (await response.json()) as AdmissionReview };
  };

  before(async () => {
    const metrics = { answered: (answer: AdmissionAnswer) => answers.push(answer) };
    const app = express().use(
      evictionRouter({
        store,
        fromApiServer: () => known,
        clusterStrategy: () => clusterStrategy,
        metrics,
        logger: pino({ level: 'silent' }),
      }),
    );
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => {
    subject = subjectOf('None');
    failure = undefined;
    broken = false;
    known = true;
    clusterStrategy = 'None';
    asked = [];
    marks = [];
    answers = [];
  });

  it('allows, looks the pod up under the names of the request, and counts', async () => {
    const { status, review } = await post(request());
    assert.equal(status, 200);
    assert.deepEqual(review.response, { uid: 'u', allowed: true });
    assert.deepEqual(asked, ['ns/virt-launcher-web-x']);
    assert.deepEqual(
      answers.map(({ phase, kind, operation, allowed }) => [phase, kind, operation, allowed]),
      [['evict', 'Eviction', 'CREATE', true]],
    );
  });

  it('warns of a shutdown in place of a migration', async () => {
    subject = subjectOf('LiveMigrateIfPossible');
    const { response } = (await post(request())).review;
    assert.equal(response.allowed, true);
    assert.match(response.warnings?.join() ?? '', /"ns\/web" .*shut down/);
  });

  it('denies with 429, which a drain takes for "later"', async () => {
    subject = subjectOf('LiveMigrate');
    const { status, review } = await post(request());
    assert.equal(status, 200);
    assert.equal(review.response.allowed, false);
    assert.equal(review.response.status?.code, 429);
    assert.equal(review.response.status.reason, 'TooManyRequests');
    assert.match(review.response.status.message, /LiveMigrate/);
    assert.equal(answers[0]?.allowed, false);
  });

  it('goes by the cluster’s strategy as it is at that moment', async () => {
    subject = subjectOf('');
    assert.equal((await post(request())).review.response.allowed, true);
    clusterStrategy = 'LiveMigrate';
    assert.equal((await post(request())).review.response.allowed, false);
  });

  it('marks an External VM before it denies, once per request, dry or not', async () => {
    subject = subjectOf('External');
    const { response } = (await post(request({ dryRun: true }))).review;
    assert.equal(response.status?.code, 429);
    assert.match(response.status.message, /^Eviction triggered evacuation of VMI "ns\/web"/);
    assert.deepEqual(
      marks.map(({ namespace, name, dryRun, mark }) => [namespace, name, dryRun, mark.status]),
      [['ns', 'web', true, { evacuationNodeName: 'node-a' }]],
    );
  });

  it('denies when the mark cannot be written, and says why, shortly', async () => {
    subject = subjectOf('External');
    failure = `conflict: ${'x'.repeat(1000)}`;
    const { response } = (await post(request())).review;
    assert.equal(response.allowed, false);
    assert.equal(response.status?.code, 429);
    assert.match(response.status.message, /VMI "ns\/web" could not be marked .*: conflict: x+…$/);
    assert.ok(response.status.message.length <= 300);
  });

  it('marks nothing for somebody who is not the API server, and tells him nothing', async () => {
    known = false;
    for (const strategy of ['External', 'LiveMigrate', 'None']) {
      subject = subjectOf(strategy);
      const { response } = (await post(request())).review;
      assert.equal(response.status?.code, 429, strategy);
      assert.match(response.status.message, /cannot tell yet that the API server asks .*try again/);
      assert.doesNotMatch(response.status.message, /ns\/web|strategy/);
    }
    assert.deepEqual(marks, []);
    assert.equal((await post(request({ name: 'nginx' }))).review.response.allowed, true);
  });

  it('answers what it cannot serve with an error of HTTP, so that the API server lets the eviction go on', async () => {
    assert.equal((await post('{')).status, 400);
    assert.equal((await post('{}', 'text/plain')).status, 415);
    assert.equal((await post({})).status, 400);
    assert.equal((await post(request({ subResource: '' }))).status, 400);
    broken = true;
    const { status, review } = await post(request());
    assert.equal(status, 500);
    assert.equal(review.response.uid, 'u');
  });
});
