import assert from 'node:assert/strict';
import type { SchemaNode } from '../../../src/api/schema-check/schema-node.js';
import { countActedOn } from '../../../src/explain/acted-on-count.js';

const object = (properties: Record<string, SchemaNode>): SchemaNode => ({ type: 'object', properties });
const text: SchemaNode = { type: 'string' };
const SPEC = object({
  affinity: object({ nodeAffinity: object({ deep: text }) }),
  domain: object({ disks: { type: 'array', items: object({ name: text, tag: text }) }, diskset: text }),
  names: { type: 'array', items: text },
});

describe('the count of fields that are acted on', () => {
  it('takes each field with those below it, a type of Kubernetes as one', () => {
    assert.deepEqual(countActedOn(SPEC, []), { total: 7, actedOn: 7 });
  });
  it('leaves out what is refused, with what is below it and nothing beside it', () => {
    const actedOn = (path: string): number => countActedOn(SPEC, [{ path, reason: 'no' }]).actedOn;
    assert.equal(actedOn('domain.disks[].tag'), 6);
    assert.equal(actedOn('domain.disks'), 4);
    assert.equal(actedOn('domain'), 2);
  });
  it('counts a field of which some values are taken', () => {
    assert.equal(countActedOn(SPEC, [{ path: 'names', reason: 'no', but: ['one'] }]).actedOn, 7);
  });
});
