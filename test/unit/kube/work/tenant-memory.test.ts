import assert from 'node:assert/strict';
import { TenantMemory } from '../../../../src/kube/work/tenant-memory.js';

describe('what is remembered of tenants', () => {
  it('is forgotten of who has too much, the longest unused first, and of nobody else', () => {
    const memory = new TenantMemory<number>(2, 10);
    memory.set('quiet', 'x', 1);
    for (let index = 0; index < 100; index += 1) memory.set('loud', `k${index}`, index);
    assert.equal(memory.get('quiet', 'x'), 1);
    assert.equal(memory.get('loud', 'k97'), undefined);
    assert.equal(memory.get('loud', 'k98'), 98);
    memory.set('loud', 'k98', 0);
    memory.set('loud', 'new', 1);
    assert.equal(memory.get('loud', 'k98'), 0);
    assert.equal(memory.get('loud', 'k99'), undefined);
    assert.equal(memory.size, 3);
  });

  it('is forgotten of the tenant that was silent for the longest when there are too many', () => {
    const memory = new TenantMemory<number>(2, 3);
    for (const tenant of ['a', 'b', 'c', 'a', 'd']) memory.set(tenant, 'x', 1);
    assert.equal(memory.get('b', 'x'), undefined);
    assert.deepEqual(
      ['a', 'c', 'd'].map((tenant) => memory.get(tenant, 'x')),
      [1, 1, 1],
    );
  });
});
