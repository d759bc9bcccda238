import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bytesForCpus, cpusOfMap, mapOfCpus } from '../../../src/libvirt/cpu-map.js';

describe('libvirt: sets of CPUs', () => {
  it('has the lowest CPU in the lowest bit of the first byte', () => {
    assert.deepEqual([...mapOfCpus([0, 2, 9])], [0b101, 0b10]);
    assert.deepEqual(cpusOfMap(Buffer.from([0b101, 0b10, 0])), [0, 2, 9]);
    assert.deepEqual([...mapOfCpus([])], []);
  });

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2047)), (cpus) => {
        const map = mapOfCpus(cpus);
        const sorted = cpus.toSorted((one, other) => one - other);
        assert.deepEqual(cpusOfMap(map), sorted);
        assert.equal(map.length, bytesForCpus((sorted.at(-1) ?? -1) + 1));
      }),
    );
  });
});
