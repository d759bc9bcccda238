import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { VirtualMachinePreferenceSpec } from '../../../src/api/schema/preference.js';
import { OLD_TOPOLOGIES, SPREADS, TOPOLOGIES, topologyOf } from '../../../src/instancetypes/topology.js';

const spread = (across?: string, ratio?: number): VirtualMachinePreferenceSpec => ({
  cpu: { preferredCPUTopology: 'spread', spreadOptions: { across, ratio } },
});
const of = (word: string): VirtualMachinePreferenceSpec => ({ cpu: { preferredCPUTopology: word } });

describe('instancetypes/topology', () => {
  const cases: readonly (readonly [string, number, VirtualMachinePreferenceSpec | undefined, readonly number[]])[] = [
    ['no preference', 4, undefined, [4, 1, 1]],
    ['a preference that says nothing', 4, {}, [4, 1, 1]],
    ['sockets', 4, of('sockets'), [4, 1, 1]],
    ['preferSockets', 4, of('preferSockets'), [4, 1, 1]],
    ['any', 4, of('any'), [4, 1, 1]],
    ['cores', 4, of('cores'), [1, 4, 1]],
    ['preferCores', 4, of('preferCores'), [1, 4, 1]],
    ['threads', 4, of('threads'), [1, 1, 4]],
    ['one vCPU, whatever is preferred', 1, of('threads'), [1, 1, 1]],
    ['spread', 6, of('spread'), [3, 2, 1]],
    ['the old ratio', 6, { ...of('spread'), preferSpreadSocketToCoreRatio: 3 }, [2, 3, 1]],
    ['the new ratio before the old one', 8, { ...spread(undefined, 4), preferSpreadSocketToCoreRatio: 2 }, [2, 4, 1]],
    ['CoresThreads', 8, spread('CoresThreads'), [1, 4, 2]],
    ['SocketsCoresThreads', 8, spread('SocketsCoresThreads'), [2, 2, 2]],
    ['SocketsCoresThreads with ratio 4', 16, spread('SocketsCoresThreads', 4), [2, 4, 2]],
  ];
  for (const [name, vcpus, preference, [sockets, cores, threads]] of cases) {
    it(`spreads ${vcpus} by ${name}`, () => {
      assert.deepEqual(topologyOf(vcpus, preference), { sockets, cores, threads });
    });
  }

  it('cannot spread what is not divisible', () => {
    assert.equal(topologyOf(3, of('spread')), undefined);
    assert.equal(topologyOf(6, spread('SocketsCoresThreads')), undefined);
    assert.equal(topologyOf(2, spread('SocketsCores', 4)), undefined);
  });

  it('has as many vCPUs as the instance type gives, by any preference', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 512 }),
        fc.constantFrom(...TOPOLOGIES, ...Object.keys(OLD_TOPOLOGIES), 'nonsense', ''),
        fc.option(fc.constantFrom(...SPREADS, 'nonsense'), { nil: undefined }),
        fc.option(fc.integer({ min: 0, max: 16 }), { nil: undefined }),
        (vcpus, preferredCPUTopology, across, ratio) => {
          const found = topologyOf(vcpus, { cpu: { preferredCPUTopology, spreadOptions: { across, ratio } } });
          if (found === undefined) return;
          assert.equal(found.sockets * found.cores * found.threads, vcpus);
          assert.ok([found.sockets, found.cores, found.threads].every((one) => Number.isInteger(one) && one >= 1));
        },
      ),
    );
  });
});
