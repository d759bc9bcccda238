import assert from 'node:assert/strict';
import fc from 'fast-check';
import { claimSize, fittingSize, usable, wholeMiB } from '../../../../src/agent/volumes/disk-size.js';

const MIB = 1n << 20n;

describe('the size of a new disk', () => {
  it('is the smaller of request and capacity, in whole MiB', () => {
    assert.equal(claimSize('1Gi', '2Gi'), 1024n * MIB);
    assert.equal(claimSize('2Gi', '1500000000'), 1430n * MIB);
    assert.equal(claimSize(undefined, '1Gi'), 1024n * MIB);
    assert.equal(claimSize('3500Ki', undefined), 3n * MIB);
    assert.equal(claimSize('1000', undefined), 0n);
    assert.equal(claimSize(undefined, undefined), undefined);
    assert.equal(wholeMiB('4Ei'), 4n << 60n);
  });

  const fit = (available: bigint, demanded = 1000n * MIB, toleratePercent = 10, reserve = 131_072n) =>
    fittingSize({ demanded, available, reserve, toleratePercent });

  it('is what is free, down to 90 % of what is demanded and not below', () => {
    const reserve = 131_072n;
    assert.equal(fit(1000n * MIB + reserve), 1000n * MIB);
    assert.equal(fit(1000n * MIB), 1000n * MIB - reserve);
    assert.equal(fit(910n * MIB + reserve), 910n * MIB);
    assert.equal(fit(900n * MIB + reserve), 900n * MIB);
    assert.equal(fit(900n * MIB + reserve - 1n), undefined);
    assert.equal(fit(890n * MIB + reserve), undefined);
  });

  it('goes by the settings', () => {
    assert.equal(fit(999n * MIB, 1000n * MIB, 0, 0n), undefined);
    assert.equal(fit(1000n * MIB, 1000n * MIB, 0, 0n), 1000n * MIB);
    assert.equal(fit(MIB, 1000n * MIB, 100, 0n), MIB);
    assert.equal(fit(100n, 1000n * MIB, 100, 0n), undefined, 'no disk of nothing');
  });

  it('never wraps around where less is free than is to stay free', () => {
    assert.equal(usable({ demanded: MIB, available: 100n, reserve: 131_072n, toleratePercent: 10 }), 0n);
    assert.equal(fit(100n), undefined);
  });

  it('is in all cases a whole number of blocks, fits, and is no smaller than tolerated', () => {
    const bytes = fc.bigInt({ min: 0n, max: 1n << 62n });
    const sizes = fc.record({
      demanded: fc.bigInt({ min: 1n, max: 1n << 42n }).map((n) => n * MIB),
      available: bytes,
      reserve: bytes,
      toleratePercent: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(sizes, (space) => {
        const size = fittingSize(space);
        if (size === undefined) {
          assert.ok(usable(space) < space.demanded);
          return;
        }
        assert.ok(size > 0n && size <= space.demanded && size % 4096n === 0n);
        assert.ok(size + space.reserve <= space.available);
        assert.ok((size + 4096n) * 100n > space.demanded * BigInt(100 - space.toleratePercent));
      }),
      { numRuns: 2000 },
    );
  });
});
