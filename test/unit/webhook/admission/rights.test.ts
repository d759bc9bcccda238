import assert from 'node:assert/strict';
import { AccessReviews } from '../../../../src/kube/client/access-review.js';
import type { Access } from '../../../../src/api/access/access.js';
import { rightsOf, RIGHTS_TIMEOUT_MS, userInfo } from '../../../../src/webhook/admission/rights.js';

const pods: Access = { verb: 'create', group: '', resource: 'pods', namespace: 'ns' };
const need = (access = pods) => ({ field: 'spec.x', uses: 'Secret "s"', anyOf: [access] as const });
const bob = { username: 'bob', uid: 'u', groups: ['g'], extra: { scopes: ['a', 7], odd: 'x' } };
const server = (answer: () => Promise<unknown>) => {
  const asked: unknown[] = [];
  const client = {
    create: <T>(_path: string, body: object): Promise<T> => {
      asked.push(body);
      return answer() as Promise<T>;
    },
  };
  return { asked, client };
};
const says = (allowed: boolean) => server(() => Promise.resolve({ status: { allowed } }));

describe('reviews of the user of a request', () => {
  it('name him as the API server did: name, uid, groups, extra', async () => {
    const { asked, client } = says(true);
    assert.deepEqual(await rightsOf(new AccessReviews({ client }))([need()], bob), []);
    assert.deepEqual(asked, [
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user: 'bob', uid: 'u', groups: ['g'], extra: { scopes: ['a'], odd: [] }, resourceAttributes: pods },
      },
    ]);
    assert.deepEqual(userInfo({ username: 'x' }), { username: 'x', groups: [], extra: {} });
  });
  it('are not made for an object that needs nothing', async () => {
    const { asked, client } = says(false);
    assert.deepEqual(await rightsOf(new AccessReviews({ client }))([], bob), []);
    assert.deepEqual(asked, []);
  });
  it('refuse when the API server does not answer, answers an error, or knows no user', async () => {
    const broken = server(() => Promise.reject(new Error('connection refused')));
    const [cause] = await rightsOf(new AccessReviews({ client: broken.client }))([need()], bob);
    assert.match(cause?.message ?? '', /could not be asked whether "bob" may: connection refused/);
    assert.equal((await rightsOf(new AccessReviews({ client: says(true).client }))([need()], undefined)).length, 1);
    const odd = server(() => Promise.resolve({}));
    assert.equal((await rightsOf(new AccessReviews({ client: odd.client }))([need()], bob)).length, 1);
  });
  it('end before the API server gives up on the webhook', async () => {
    let now = 0;
    const slow = server(() => {
      now += RIGHTS_TIMEOUT_MS;
      return Promise.resolve({ status: { allowed: false } });
    });
    const many = Array.from({ length: 20 }, (_, n) => need({ ...pods, name: `p${n}` }));
    const causes = await rightsOf(new AccessReviews({ client: slow.client }), () => now)(many, bob);
    assert.equal(causes.length, 20);
    assert.ok(slow.asked.length <= 8, 'none is begun after the time is over');
    assert.match(causes.at(-1)?.message ?? '', /took too long/);
  });
  it('are made once for the same question, and again when the answer is old', async () => {
    let now = 0;
    const yes = says(true);
    const reviews = new AccessReviews({ client: yes.client, believedForMs: 10_000, clock: { now: () => now } });
    const user = userInfo(bob);
    await Promise.all([reviews.isAllowed(user, pods, 1000), reviews.isAllowed(user, pods, 1000)]);
    await reviews.isAllowed(user, pods, 1000);
    assert.equal(yes.asked.length, 1);
    await reviews.isAllowed({ ...user, groups: [] }, pods, 1000);
    assert.equal(yes.asked.length, 2, 'another user, by his groups');
    now = 10_001;
    await reviews.isAllowed(user, pods, 1000);
    assert.equal(yes.asked.length, 3);
  });
  it('believe "no" for a second only', async () => {
    let now = 0;
    const no = says(false);
    const reviews = new AccessReviews({ client: no.client, believedForMs: 10_000, clock: { now: () => now } });
    await reviews.isAllowed(userInfo(bob), pods, 1000);
    now = 1_001;
    await reviews.isAllowed(userInfo(bob), pods, 1000);
    assert.equal(no.asked.length, 2);
  });
  it('are so many at once and no more; what comes beyond is refused', async () => {
    const silent = server(() => new Promise(() => undefined));
    const reviews = new AccessReviews({ client: silent.client, maxInFlight: 2 });
    const ask = (name: string) => reviews.isAllowed(userInfo(bob), { ...pods, name }, 1000);
    void ask('a');
    void ask('b');
    await assert.rejects(ask('c'), /too many rights/);
  });
});
