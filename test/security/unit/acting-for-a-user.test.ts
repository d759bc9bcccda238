import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { mutate } from '../../../src/admission/mutate.js';
import type { AdmissionContext, RequesterFacts } from '../../../src/admission/types.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { verifyingKeys, publishedText } from '../../../src/api/access/requester-keys.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';
import { makeKey, renewKeys, SETTLE_MS, signingKey } from '../../../src/webhook/certificates/requester-key-plan.js';

const RECORD = 'kubectl-virt.io/requested-by';
const ANNOTATION = `metadata.annotations`;
const copying = (name = 'db', more: Change = {}): Change => ({
  'spec.dataVolumeTemplates': [
    { metadata: { name: 'root' }, spec: { storage: {}, source: { pvc: { namespace: 'victim', name } } } },
  ],
  ...more,
});
const recorded = (text: string): Change => ({ [ANNOTATION]: { [RECORD]: text } });

/** Signs with the user's name, so that a test sees whose record it is. */
const context: AdmissionContext = {
  config: resolveClusterConfig(),
  newUuid: () => 'uuid',
  recordRequester: ({ user, uid, name }: RequesterFacts) => `signed:${user.username}:${uid ?? name}`,
};
const recordAfter = (change: Change, username: string, before?: Change, by = context): string | undefined => {
  const old =
    before === undefined ? {} : { oldObject: manifest({ 'metadata.uid': 'u1', ...before }, 'VirtualMachine') };
  const operation = before === undefined ? ('CREATE' as const) : ('UPDATE' as const);
  const object = manifest(
    { ...(before === undefined ? {} : { 'metadata.uid': 'forged' }), ...change },
    'VirtualMachine',
  );
  const request = {
    kind: 'VirtualMachine' as const,
    operation,
    object,
    ...old,
    user: { username },
    namespace: 'default',
  };
  const result = mutate(request, by);
  if (result.causes.length > 0) return `refused: ${result.causes.map(({ rule }) => rule).join()}`;
  return (result.object as { metadata: { annotations?: Record<string, string> } }).metadata.annotations?.[RECORD];
};

describe('who is on record for a VM that copies from other namespaces', () => {
  it('is who creates it, whatever he writes there', () => {
    assert.equal(recordAfter(copying(), 'bob'), 'signed:bob:case');
    assert.equal(recordAfter(copying('db', recorded('signed:admin:case')), 'bob'), 'signed:bob:case');
  });
  it('is nobody where nothing is copied, whatever is written there', () => {
    assert.equal(recordAfter({}, 'bob'), undefined);
    assert.equal(recordAfter(recorded('signed:admin:case'), 'bob'), undefined);
  });
  const before = copying('db', recorded('signed:alice:u1'));
  it('stays when another changes something else, or takes the record away, or writes another', () => {
    for (const change of [copying(), copying('db', recorded('x')), copying('db', recorded('signed:alice:u1'))])
      assert.equal(recordAfter({ ...change, 'metadata.labels': { a: 'b' } }, 'bob', before), 'signed:alice:u1');
  });
  it('becomes who adds or changes a source, by the uid that is stored', () => {
    assert.equal(recordAfter(copying('other', recorded('signed:alice:u1')), 'bob', before), 'signed:bob:u1');
    assert.equal(recordAfter(copying(), 'bob', {}), 'signed:bob:u1');
  });
  it('is not lent by who changes something else of a VM that was stored without one', () => {
    assert.equal(recordAfter(copying('db', { 'metadata.labels': { a: 'b' } }), 'admin', copying()), undefined);
    assert.equal(recordAfter(copying('db', recorded('x')), 'admin', copying()), undefined);
  });
  it('becomes who says so', () => {
    assert.equal(recordAfter(copying('db', recorded('renew')), 'bob', before), 'signed:bob:u1');
  });
  it('is never one of our own programs', () => {
    const controller = 'system:serviceaccount:kubevirt:virt-controller';
    assert.equal(recordAfter(copying(), controller, before), 'signed:alice:u1');
    assert.equal(recordAfter(copying('other', recorded('renew')), controller, before), 'signed:alice:u1');
    assert.equal(recordAfter(copying(), controller), undefined);
  });
  it('has to be written down, or the VM is refused', () => {
    const keyless = { ...context, recordRequester: () => undefined };
    assert.equal(recordAfter(copying(), 'bob', undefined, keyless), 'refused: access.requester');
    assert.equal(recordAfter({}, 'bob', undefined, keyless), undefined);
  });
});

describe('the keys of records', () => {
  const DAY = 24 * 3600_000;
  it('are made once, renewed after 30 days, and sign when everybody knows them', () => {
    const first = renewKeys([], 0);
    assert.equal(first.length, 1);
    assert.equal(signingKey(first, 0)?.id, first[0]?.id, 'the only one signs at once');
    assert.equal(renewKeys(first, 29 * DAY), first);
    const two = renewKeys(first, 30 * DAY);
    assert.equal(two.length, 2);
    assert.equal(signingKey(two, 30 * DAY)?.id, first[0]?.id);
    assert.equal(signingKey(two, 30 * DAY + SETTLE_MS)?.id, two[1]?.id);
    const settled = renewKeys(two, 30 * DAY + SETTLE_MS);
    assert.deepEqual(
      settled.map(({ privateKey, retired }) => [privateKey === undefined, retired]),
      [
        [true, 30 * DAY + SETTLE_MS],
        [false, undefined],
      ],
    );
    assert.equal(renewKeys(settled, 31 * DAY), settled);
  });
  it('are published without their private halves, and what is no key is none', () => {
    const key = makeKey(7);
    const text = publishedText(key);
    assert.ok(!text.includes(key.privateKey ?? '-'));
    const known = verifyingKeys({ [key.id]: text, broken: '{', empty: '{}', odd: '{"publicKey":"AAAA","created":1}' });
    assert.deepEqual([...known.keys()], [key.id]);
    assert.deepEqual(
      known.get(key.id)?.publicKey.export({ format: 'jwk' }),
      createPublicKey(signingKey([key], 7)!.privateKey).export({ format: 'jwk' }),
    );
  });
});
