import assert from 'node:assert/strict';
import { cpuNotices, requireRoom, StartRefusal } from '../../../../src/agent/vm/neighbours.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';

const UUID = '53008994-44c0-4017-ad44-9c49758083da';
const vmi = (name: string, cores: number, phase = 'Running', uuid?: string, created = 1): VirtualMachineInstance => ({
  metadata: { name, namespace: 'default', uid: name, creationTimestamp: `2026-01-01T00:00:0${created}Z` },
  spec: { domain: { cpu: { cores }, devices: {}, ...(uuid === undefined ? {} : { firmware: { uuid } }) } },
  status: { phase },
});
const hood = (cores: number, ...vmis: VirtualMachineInstance[]) => ({ node: 'node-1', cores, vmis });
const config = resolveClusterConfig();
const enforcing = { ...config, enforceVcpusPerCore: true };

describe('a VM that starts beside others', () => {
  it('waits for the one that has its UUID, with a name for the cause', () => {
    const [first, second] = [vmi('first', 1, 'Running', UUID, 2), vmi('second', 1, 'Scheduled', UUID.toUpperCase())];
    assert.throws(
      () => requireRoom(second, hood(8, first, second), config),
      (error) =>
        error instanceof StartRefusal &&
        error.reason === 'DuplicateSystemUUID' &&
        /53008994-44c0-4017-ad44-9c49758083da is already used on node node-1 by .* default\/first/.test(error.message),
    );
    requireRoom(second, hood(8, vmi('first', 1, 'Succeeded', UUID), second), config);
  });

  it('of two that wait exactly one starts, whoever looks first', () => {
    const pair = [vmi('a', 1, 'Scheduled', UUID, 1), vmi('b', 1, 'Scheduled', UUID, 2)];
    requireRoom(pair[0]!, hood(8, ...pair), config);
    assert.throws(() => requireRoom(pair[1]!, hood(8, ...pair), config), /default\/a/);
  });

  it('is told above ten vCPUs per core, 81 on 8, and not at 80', () => {
    const starting = vmi('new', 1, 'Scheduled');
    const notices = (others: number) =>
      cpuNotices(starting, hood(8, vmi('others', others), starting), config).map(({ reason }) => reason);
    assert.deepEqual(notices(80), ['VCPUOvercommit']);
    assert.deepEqual(notices(79), []);
  });

  it('is refused for that with enforceVCPUsPerCore only', () => {
    const starting = vmi('new', 1, 'Scheduled');
    const full = hood(8, vmi('others', 80), starting);
    requireRoom(starting, full, config);
    assert.throws(() => requireRoom(starting, full, enforcing), /81 vCPUs share the 8 physical cores of node node-1/);
    requireRoom(starting, hood(8, vmi('others', 79), starting), enforcing);
    // Not known, so nothing is refused for it.
    requireRoom(starting, { ...full, cores: 0 }, enforcing);
  });

  it('is told when it has more vCPUs than its node has cores', () => {
    const big = vmi('big', 9, 'Scheduled');
    assert.deepEqual(
      cpuNotices(big, hood(8, big), config).map(({ reason }) => reason),
      ['GuestVCPUsExceedCores'],
    );
    assert.deepEqual(cpuNotices(vmi('fits', 8, 'Scheduled'), hood(8), config), []);
  });
});
