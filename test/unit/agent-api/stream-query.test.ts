import assert from 'node:assert/strict';
import { readStreamQuery, writeStreamQuery, type StreamQuery } from '../../../src/agent-api/stream-query.js';

const WORDS = ['preserveSession'];

describe('the query of a stream', () => {
  it('says true or false of the words that the stream knows, and nothing of others', () => {
    assert.deepEqual(readStreamQuery('/vnc?preserveSession=true&timeout=5', WORDS), { preserveSession: true });
    assert.deepEqual(readStreamQuery('/vnc?preserveSession=false#x', WORDS), { preserveSession: false });
    for (const target of ['/vnc', '/vnc?', '/vnc?preserveSession=', '/vnc#?preserveSession=true', undefined, '//?'])
      assert.deepEqual(readStreamQuery(target, WORDS), {}, target);
    assert.deepEqual(readStreamQuery('/console?preserveSession=maybe', []), {});
  });

  it('is refused where it says something else, or far too much', () => {
    assert.throws(() => readStreamQuery('/vnc?preserveSession=yes', WORDS), /write preserveSession=true or/);
    assert.throws(() => readStreamQuery(`/vnc?a=${'b'.repeat(2000)}`, WORDS), /at most 1024 are read/);
  });

  it('reads what it has written', () => {
    for (const query of [{}, { preserveSession: true }, { preserveSession: false }] as readonly StreamQuery[])
      assert.deepEqual(readStreamQuery(`/vnc${writeStreamQuery(query)}`, WORDS), query);
  });
});
