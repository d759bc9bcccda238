import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalUuid, isUuid } from '../../../src/api/uuid.js';

describe('UUIDs', () => {
  it('of every version are UUIDs, in capitals too, and have their own usual form', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.boolean(), (uuid, capitals) => {
        const text = capitals ? uuid.toUpperCase() : uuid;
        assert.ok(isUuid(text));
        assert.equal(canonicalUuid(text), uuid.toLowerCase());
      }),
    );
  });
  it('in other forms are none, but have a usual form', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        for (const text of [uuid.replaceAll('-', ''), `{${uuid}}`, `urn:uuid:${uuid}`, ` ${uuid}\n`]) {
          assert.ok(!isUuid(text));
          assert.equal(canonicalUuid(text), uuid);
        }
      }),
    );
  });
  it('are nothing else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(text.replace(/[^\da-f]/gi, '').length !== 32);
        assert.ok(!isUuid(text));
        assert.equal(canonicalUuid(text), undefined);
      }),
    );
  });
});
