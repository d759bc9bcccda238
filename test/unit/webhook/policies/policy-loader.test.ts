import assert from 'node:assert/strict';
import { silentLog } from '../../../../src/kube/program/log.js';
import type { KubernetesObject } from '../../../../src/kube/types.js';
import { PolicyLoader } from '../../../../src/webhook/policies/policy-loader.js';
import type { PolicySnapshot } from '../../../../src/webhook/policies/snapshot.js';
import { loaded, stored } from './judging.js';

const LABELS = { env: 'prod' };
const namesOf = (snapshot: PolicySnapshot | undefined, namespace = 'shop', labels = LABELS): string[] =>
  (
    snapshot?.policiesFor({ kind: 'VirtualMachine', operation: 'CREATE', namespace, namespaceLabels: labels }) ?? []
  ).map(({ name }) => name);

describe('The policies that are in force', () => {
  let published: (PolicySnapshot | undefined)[];
  let loader: PolicyLoader;
  const newest = (): PolicySnapshot | undefined => published.at(-1);
  beforeEach(() => {
    published = [];
    loader = new PolicyLoader({ log: silentLog, publish: (snapshot) => published.push(snapshot) });
  });

  it('are those of the cluster by name, then those of the namespace', async () => {
    for (const metadata of [
      { name: 'b' },
      { name: 'a', namespace: 'shop' },
      { name: 'Z' },
      { name: 'c', namespace: 'x' },
    ]) {
      loader.policyChanged(stored({}, metadata));
    }
    await loader.idle();
    assert.deepEqual(namesOf(newest()), ['Z', 'b', 'a']);
    // What arrives together comes into force together.
    assert.equal(published.length, 1);
  });

  it('are none again when the last one is deleted, so that requests cost nothing', async () => {
    const policy = stored({});
    loader.policyChanged(policy);
    await loader.idle();
    loader.policyGone(policy);
    await loader.idle();
    assert.equal(newest(), undefined);
  });

  it('change for requests that begin later', async () => {
    loader.policyChanged(stored({}));
    await loader.idle();
    const before = newest();
    loader.policyChanged(stored({ match: { namespaces: ['other'] } }));
    await loader.idle();
    assert.deepEqual([namesOf(before), namesOf(newest())], [['vm-size'], []]);
  });

  it('are compiled again for another spec only, and take what is written to annotations', async () => {
    const policy = stored({});
    loader.policyChanged(policy);
    await loader.idle();
    const [before] = newest()?.policies ?? [];
    loader.policyChanged({
      ...policy,
      metadata: {
        ...policy.metadata,
        resourceVersion: '99',
        annotations: { 'policies.kubectl-virt.io/paused-until': 'x' },
      },
    });
    await loader.idle();
    const [after] = newest()?.policies ?? [];
    assert.equal(after?.validations, before?.validations);
    assert.deepEqual(after?.annotations, { 'policies.kubectl-virt.io/paused-until': 'x' });
    // The same generation of another object is another text.
    loader.policyChanged({ ...stored({ validations: [] }), metadata: { ...policy.metadata, uid: 'new' } });
    await loader.idle();
    assert.equal(newest()?.policies[0]?.validations.length, 0);
  });

  it('are not those that are deleted while they are compiled', async () => {
    const policy = stored({
      validations: Array.from({ length: 64 }, (_, i) => ({ name: `v${i}`, expression: 'variables.vcpus <= 8' })),
    });
    loader.policyChanged(policy);
    await Promise.resolve();
    loader.policyGone(policy);
    await loader.idle();
    assert.equal(newest(), undefined);
  });

  it('of a namespace are bounded together: the one too many counts as an error there, and nowhere else', async () => {
    const validations = [{ name: 'x', expression: `true || '${'a'.repeat(9000)}' == 'b'` }];
    for (let i = 0; i < 9; i += 1) loader.policyChanged(stored({ validations }, { name: `p${i}`, namespace: 'shop' }));
    loader.policyChanged(stored({}, { name: 'other', namespace: 'next' }));
    await loader.idle();
    const broken = newest()?.policies.filter(({ conditions }) => conditions.length > 0) ?? [];
    assert.deepEqual(
      broken.map(({ namespace }) => namespace),
      ['shop', 'shop'],
    );
    assert.deepEqual(namesOf(newest(), 'next'), ['other']);
    // Room again: one that was refused is looked at when it is written the next time.
    loader.policyGone(stored({}, { name: 'p0', namespace: 'shop' }));
    loader.policyChanged(stored({ validations }, { name: 'p8', namespace: 'shop' }));
    await loader.idle();
    assert.equal(newest()?.policies.filter(({ conditions }) => conditions.length > 0).length, 1);
  });

  it('are compiled in slices: others have their turn', async () => {
    const expression = Array.from({ length: 200 }, () => 'variables.volumes.all(v, has(v.name))').join(' && ');
    const validations = Array.from({ length: 30 }, (_, i) => ({ name: `v${i}`, expression }));
    loader.policyChanged(stored({ validations }));
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (published.length === 0) setImmediate(count);
    };
    setImmediate(count);
    await loader.idle();
    assert.equal(newest()?.policies[0]?.validations.length, 30);
    assert.ok(turns > 5, `${turns} turns`);
  });

  it('are compiled in turns of namespaces: who writes many keeps nobody waiting', async () => {
    const order: string[] = [];
    const debug = (fields: object): void => void order.push((fields as { policy: string }).policy);
    loader = new PolicyLoader({ log: { ...silentLog, debug }, publish: () => undefined });
    for (let i = 0; i < 5; i += 1) loader.policyChanged(stored({}, { name: `p${i}`, namespace: 'flood' }));
    loader.policyChanged(stored({}, { name: 'own', namespace: 'shop' }));
    loader.policyChanged(stored({}, { name: 'cluster' }));
    await loader.idle();
    assert.deepEqual(order, ['cluster', 'flood/p0', 'shop/own', 'flood/p1', 'flood/p2', 'flood/p3', 'flood/p4']);
  });

  it('of the cluster do not wait for one of a namespace that takes long', async () => {
    const expression = Array.from({ length: 200 }, () => 'variables.volumes.all(v, has(v.name))').join(' && ');
    const validations = Array.from({ length: 7 }, (_, i) => ({ name: `v${i}`, expression }));
    const order: string[] = [];
    const debug = (fields: object): void => void order.push((fields as { policy: string }).policy);
    loader = new PolicyLoader({ log: { ...silentLog, debug }, publish: (snapshot) => published.push(snapshot) });
    loader.policyChanged(stored({}, { name: 'a' }));
    await loader.idle();
    loader.policyChanged(stored({ validations }, { name: 'long', namespace: 'shop' }));
    setImmediate(() => setImmediate(() => loader.policyChanged(stored({}, { name: 'cluster' }))));
    await loader.idle();
    assert.deepEqual(order, ['a', 'cluster', 'shop/long']);
    assert.deepEqual(
      published.slice(1).map((one) => namesOf(one)),
      [
        ['a', 'cluster'],
        ['a', 'cluster', 'long'],
      ],
    );
  });
});

describe('A snapshot', () => {
  it('looks at a namespace once for its labels, and again when they change', async () => {
    const snapshot = await loaded([stored({ match: { namespaceSelector: { matchLabels: { env: 'prod' } } } })]);
    const where = { kind: 'VirtualMachine', operation: 'CREATE', namespace: 'shop', namespaceLabels: LABELS } as const;
    assert.equal(snapshot?.policiesFor(where), snapshot?.policiesFor(where));
    assert.deepEqual(namesOf(snapshot), ['vm-size']);
    assert.deepEqual(namesOf(snapshot, 'shop', { env: 'dev' }), []);
    assert.deepEqual(namesOf(snapshot), ['vm-size']);
    // Of a namespace that is not known everything may be.
    assert.equal(snapshot?.policiesFor({ ...where, namespaceLabels: undefined }).length, 1);
  });

  it('has the exceptions of a namespace, and not what is no exception', async () => {
    const exception = (name: string, spec: object = {}): KubernetesObject =>
      ({
        apiVersion: 'policies.kubectl-virt.io/v1alpha1',
        kind: 'VirtualMachinePolicyException',
        metadata: { name, namespace: 'shop', annotations: { 'policies.kubectl-virt.io/created-by': 'alice' } },
        spec: {
          policies: [{ name: 'vm-size' }],
          match: { names: ['web'] },
          conditions: [{ name: 'c', expression: 'variables.vcpus <= 24' }],
          reason: 'Reporting database until it is split',
          owner: 'team-db@example.com',
          expiresAt: '2026-12-20T00:00:00Z',
          ...spec,
        },
      }) as KubernetesObject;
    const snapshot = await loaded([stored({})], [exception('good'), exception('bad', { reason: 'x' })]);
    assert.deepEqual(
      snapshot?.exceptionsIn('shop').map(({ name }) => name),
      ['good'],
    );
    assert.deepEqual(snapshot.exceptionsIn('other'), []);
  });
});
