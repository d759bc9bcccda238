import assert from 'node:assert/strict';
import { timestamp } from '../../../src/api/timestamp.js';

describe('a time stamp', () => {
  it('is RFC 3339 in whole seconds, as the API server writes its own', () => {
    assert.equal(timestamp(Date.parse('2026-01-02T03:04:05.999Z')), '2026-01-02T03:04:05Z');
  });
});
