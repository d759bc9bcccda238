import assert from 'node:assert/strict';
import { CLOSE_CODES, closeEntry, CloseCode } from '../../../src/agent-api/stream.js';

describe('the close codes of a stream', () => {
  it('are told apart by their number', () => {
    for (const entry of Object.values(CLOSE_CODES)) assert.equal(closeEntry(entry.code), entry);
    assert.equal(closeEntry(4999), undefined);
  });

  it('may be sent, or are what a client sees of a connection that ended without one (RFC 6455 §7.4)', () => {
    for (const [word, code] of Object.entries(CloseCode)) {
      const reserved = code === 1005 || code === 1006;
      assert.equal(reserved, word === 'lost' || word === 'broken', word);
      assert.ok(reserved || (code >= 1000 && code <= 1011) || (code >= 4000 && code <= 4999), word);
    }
  });

  it('say what to do wherever the user did not end it', () => {
    for (const [word, entry] of Object.entries(CLOSE_CODES)) {
      if (entry.ending === 'failure') assert.notEqual(entry.text('web', 'console'), '', word);
      assert.ok(entry.meaning.endsWith('.'), word);
    }
  });
});
