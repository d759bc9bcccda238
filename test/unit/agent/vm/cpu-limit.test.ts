import assert from 'node:assert/strict';
import { CpuLimit } from '../../../../src/agent/vm/cpu-limit.js';
import type { CpuTuningRequest } from '../../../../src/agent/pod/cpu-tuning.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { FakeClock } from '../../kube/fake-clock.js';

const config = resolveClusterConfig();
const vmi = (cpu: object): VirtualMachineInstance => ({
  metadata: { name: 'web' },
  spec: { domain: { cpu, devices: {} } },
});
const spread = { period: 100_000, total: 50_000, vcpu: 25_000, emulator: 40_000 };

describe('keeping a CPU limit spread', () => {
  const setUp = () => {
    const clock = new FakeClock();
    const asked: CpuTuningRequest[] = [];
    let fails: string | undefined;
    const limit = new CpuLimit(
      {
        tuneCpu: (request) => {
          asked.push(request);
          return fails === undefined ? Promise.resolve(spread) : Promise.reject(new Error(fails));
        },
      },
      clock,
    );
    return { clock, asked, limit, fail: (words: string | undefined) => (fails = words) };
  };

  it('is done at first, when the settings or the VM change, and from time to time', async () => {
    const { clock, asked, limit } = setUp();
    assert.equal(await limit.keep(vmi({ cores: 2 }), config), undefined);
    assert.deepEqual(limit.spread, spread);
    await limit.keep(vmi({ cores: 2 }), config);
    assert.equal(asked.length, 1);
    await limit.keep(vmi({ cores: 2 }), { ...config, cpuTuning: { ...config.cpuTuning, limitSpread: 'Split' } });
    await limit.keep(vmi({ cores: 4 }), config);
    assert.deepEqual(
      asked.map(({ vcpus, tuning }) => [vcpus, tuning.limitSpread]),
      [
        [2, 'Global'],
        [2, 'Split'],
        [4, 'Global'],
      ],
    );
    await clock.advance(300_000);
    await limit.keep(vmi({ cores: 4 }), config);
    assert.equal(asked.length, 4);
  });

  it('is told once when it cannot be, and again after it could', async () => {
    const { clock, limit, fail } = setUp();
    const keep = async () => {
      await clock.advance(300_000);
      return limit.keep(vmi({}), config);
    };
    fail('EROFS: read-only file system, mkdir /host/cgroup/vcpu0');
    assert.match((await keep()) ?? '', /^The CPU limit holds for the pod as a whole, .*: EROFS/);
    assert.equal(limit.spread, undefined);
    assert.equal(await keep(), undefined);
    fail(undefined);
    assert.equal(await keep(), undefined);
    fail('again');
    assert.match((await keep()) ?? '', /again$/);
  });

  it('is not for a VM that has CPUs of its own', async () => {
    const { asked, limit } = setUp();
    await limit.keep(vmi({ cores: 2, dedicatedCpuPlacement: true }), config);
    assert.equal(asked.length, 0);
  });
});
