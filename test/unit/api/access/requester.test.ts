import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import type { ForeignSource } from '../../../../src/api/access/foreign-source.js';
import {
  MAX_RECORD,
  signRecord,
  sourceDigest,
  verifyRecord,
  type RecordSubject,
  type RequesterRecord,
  type SigningKey,
} from '../../../../src/api/access/requester.js';

const NOW = Date.parse('2026-11-29T12:00:00Z');
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key: SigningKey = { id: 'k1', privateKey: pair.privateKey };
const keys = new Map([['k1', { publicKey: createPublicKey(pair.privateKey), created: NOW - 1_000_000 }]]);
const user = { username: 'alice', groups: ['staff'], extra: { scopes: ['a'] } };
const source = (name: string, namespace = 'victim', template = 'root'): ForeignSource => ({
  ...{ kind: 'pvc', namespace, name, template, field: 'anywhere' },
});
const subject = (more: Partial<RecordSubject> = {}): RecordSubject => ({
  ...{ namespace: 'ns', uid: 'u1', name: 'web', generateName: '', created: NOW },
  ...more,
});
const record = (more: Partial<RequesterRecord> = {}): string =>
  signRecord(
    { at: NOW, namespace: 'ns', vm: { uid: 'u1' }, sources: [sourceDigest(source('db'))], user, ...more },
    key,
  );
const verified = (
  text: string,
  about = subject(),
  sources = [source('db')],
  known: typeof keys | Map<string, never> = keys,
) => verifyRecord(text, known, about, sources)?.username;

describe('the record of who answers for a VM', () => {
  it('names the user whom the webhook saw', () => {
    assert.deepEqual(verifyRecord(record(), keys, subject(), [source('db')]), user);
  });
  it('is good for no other VM, namespace or source', () => {
    assert.equal(verified(record(), subject({ uid: 'u2' })), undefined);
    assert.equal(verified(record(), subject({ namespace: 'other' })), undefined);
    assert.equal(verified(record(), subject(), [source('payroll')]), undefined);
    assert.equal(verified(record(), subject(), [source('db', 'elsewhere')]), undefined);
    assert.equal(verified(record(), subject(), [source('db', 'victim', 'other-template')]), undefined);
    assert.equal(verified(record(), subject(), [{ ...source('db'), kind: 'snapshot' }]), undefined);
    assert.equal(verified(record(), subject(), [source('db'), source('more')]), undefined);
  });
  it('is good for fewer sources than it names', () => {
    const both = [source('db'), source('more')];
    assert.equal(verified(record({ sources: both.map(sourceDigest) })), 'alice');
  });
  it('of a VM that was being created holds for a VM of that name, created then', () => {
    const vm = { name: 'web' };
    assert.equal(verified(record({ vm })), 'alice');
    assert.equal(verified(record({ vm }), subject({ name: 'web2' })), undefined);
    assert.equal(verified(record({ vm }), subject({ created: NOW + 121_000 })), undefined, 'a later VM of that name');
    assert.equal(verified(record({ vm }), subject({ created: NOW - 121_000 })), undefined);
    assert.equal(verified(record({ vm }), subject({ created: Number.NaN })), undefined);
    const generated = { generateName: 'web-' };
    assert.equal(verified(record({ vm: generated }), subject({ name: 'web-x7k2p', generateName: 'web-' })), 'alice');
    assert.equal(verified(record({ vm: generated }), subject({ name: 'web-x7k2p' })), undefined);
    assert.equal(verified(record({ vm: { generateName: '' } })), undefined);
  });
  it('is good only with a key that the webhook has published, while it signed', () => {
    assert.equal(verified(record(), subject(), [source('db')], new Map()), undefined);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forged = signRecord(
      { at: NOW, namespace: 'ns', vm: { uid: 'u1' }, sources: [sourceDigest(source('db'))], user },
      { id: 'k1', privateKey: other.privateKey },
    );
    assert.equal(verified(forged), undefined);
    const retired = new Map([['k1', { ...keys.get('k1')!, retired: NOW - 200_000 }]]);
    assert.equal(verified(record(), subject(), [source('db')], retired), undefined);
    assert.equal(verified(record({ at: NOW - 300_000 }), subject(), [source('db')], retired), 'alice');
  });
  it('with a byte of it changed is worth nothing', () => {
    const text = record();
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '.'),
        (at, letter) => {
          fc.pre(text[at] !== letter);
          // The last letter of either half has bits that mean nothing.
          fc.pre(at !== text.length - 1 && text[at + 1] !== '.');
          assert.equal(verified(text.slice(0, at) + letter + text.slice(at + 1)), undefined);
        },
      ),
      { numRuns: 300 },
    );
  });
  it('of any other text is worth nothing, and ends nobody', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(verified(text), undefined)));
    const payload = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const value of [null, 7, [], {}, { key: 'k1' }, { key: ['k1'] }, { key: '__proto__' }])
      assert.equal(verified(`${payload(value)}.AAAA`), undefined);
    assert.equal(verified(`${record()}.x`), undefined);
    assert.equal(verified('a'.repeat(MAX_RECORD + 1)), undefined);
  });
});
