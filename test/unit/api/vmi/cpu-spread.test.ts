import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  CPU_TUNING_DEFAULTS,
  cpuSpread,
  LIMIT_SPREADS,
  type CpuSpread,
  type LimitSpread,
} from '../../../../src/api/vmi/cpu-spread.js';

const spread = (limit: number, vcpus: number, limitSpread: LimitSpread, ioThreads = 0): CpuSpread =>
  cpuSpread(limit, vcpus, ioThreads, { ...CPU_TUNING_DEFAULTS, limitSpread });

describe('a CPU limit, spread over the threads of QEMU', () => {
  // limit in thousandths, vCPUs, policy, I/O threads → period, total, quota of a vCPU, of the emulator, of an I/O
  // thread
  const vectors: [number, number, LimitSpread, number, number, number, number, number?, number?][] = [
    [2000, 4, 'Global', 0, 100_000, 200_000, 50_000, 160_000],
    [250, 2, 'Global', 0, 100_000, 25_000, 12_500, 20_000],
    [1000, 3, 'Global', 0, 100_000, 100_000, 33_333, 80_000],
    [500, 1, 'Global', 0, 100_000, 50_000, 50_000, 40_000],
    [500, 1, 'Global', 2, 100_000, 50_000, 50_000, 40_000, 40_000],
    [10, 4, 'Global', 0, 400_000, 4_000, 1_000, 3_200],
    [1, 4, 'Global', 0, 1_000_000, 1_000, 1_000, 1_000],
    [2000, 4, 'Split', 0, 100_000, 200_000, 30_000, 80_000],
    [2000, 4, 'Split', 1, 100_000, 200_000, 30_000, 40_000, 40_000],
    [250, 2, 'VCPUOnly', 0, 100_000, 25_000, 12_500],
    [2000, 4, 'VCPUOnly', 0, 100_000, 200_000, 50_000],
    [1000, 3, 'VCPUOnly', 0, 100_000, 100_000, 33_333],
    // Virtlet's 250 is refused by libvirt and by the kernel.
    [10, 4, 'VCPUOnly', 0, 400_000, 4_000, 1_000],
  ];
  for (const [limit, vcpus, policy, ioThreads, period, total, vcpu, emulator, ioThread] of vectors)
    it(`of ${limit}m, ${vcpus} vCPUs and ${ioThreads} I/O threads by ${policy}`, () =>
      assert.deepEqual(spread(limit, vcpus, policy, ioThreads), {
        period,
        total,
        vcpu,
        ...(emulator === undefined ? {} : { emulator }),
        ...(ioThread === undefined ? {} : { ioThread }),
      }));

  it('gives no thread more than the pod has, and none less than the kernel can give', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 256_000 }),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 0, max: 64 }),
        fc.constantFrom(...LIMIT_SPREADS),
        (limit, vcpus, ioThreads, policy) => {
          const { period, total, ...quotas } = spread(limit, vcpus, policy, ioThreads);
          assert.ok(period >= 100_000 && period <= 1_000_000);
          // The same share of CPU as the limit, never more.
          assert.ok(total / period <= limit / 1000);
          for (const quota of Object.values(quotas)) assert.ok(quota >= 1_000 && quota <= total);
          // All vCPUs together, but where each must have the least there is.
          if (quotas.vcpu > 1_000) assert.ok(quotas.vcpu * vcpus <= total);
        },
      ),
    );
  });

  it('gives all threads together no more than the limit by Split', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 256_000 }),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 0, max: 8 }),
        (limit, vcpus, ioThreads) => {
          const { total, vcpu, emulator = 0, ioThread = 0 } = spread(limit, vcpus, 'Split', ioThreads);
          assert.ok(vcpu * vcpus + emulator + ioThread * ioThreads <= total);
        },
      ),
    );
  });
});
