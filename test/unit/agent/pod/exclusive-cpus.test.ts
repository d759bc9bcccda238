import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { exclusiveCpus, givesExclusiveCpus, parseCpuList } from '../../../../src/agent/pod/exclusive-cpus.js';

describe('exclusive CPUs', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'virt-cpus-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  it('are read from lists of the kernel', () => {
    assert.deepEqual(parseCpuList('0-2,8,10-11\n'), [0, 1, 2, 8, 10, 11]);
    for (const odd of ['', '\n', 'x', '3-1', '0-99999999']) assert.deepEqual(parseCpuList(odd), [], odd);
  });

  it('are those that the process may use, among the node’s by cell and core', () => {
    write('proc/7/status', 'Name:\ttini\nCpus_allowed:\tc\nCpus_allowed_list:\t2-3\nMems_allowed_list:\t0\n');
    write('sys/devices/system/node/node10/cpulist', '3\n');
    write('sys/devices/system/node/node2/cpulist', '0,2\n');
    for (const [cpu, siblings] of [
      [0, '0,2'],
      [2, '0,2'],
    ] as const)
      write(`sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, siblings);
    assert.deepEqual(exclusiveCpus(7, root), {
      allowed: [2, 3],
      cells: [
        {
          id: 2,
          cpus: [
            { id: 0, siblings: [0, 2] },
            { id: 2, siblings: [0, 2] },
          ],
        },
        { id: 10, cpus: [{ id: 3, siblings: [3] }] },
      ],
    });
    assert.throws(() => exclusiveCpus(8, root));
  });

  it('lie in one cell where the kernel knows none', () => {
    write('proc/7/status', 'Cpus_allowed_list:\t1\n');
    write('sys/devices/system/cpu/online', '0-1\n');
    assert.deepEqual(
      exclusiveCpus(7, root).cells.map(({ cpus }) => cpus.map(({ id }) => id)),
      [[0, 1]],
    );
  });

  it('are given away by a kubelet whose policy is static', () => {
    const state = (text: string): boolean => {
      write('var/lib/kubelet/cpu_manager_state', text);
      return givesExclusiveCpus(join(root, 'var/lib/kubelet'));
    };
    assert.equal(givesExclusiveCpus(join(root, 'var/lib/kubelet')), false);
    assert.equal(state('{"policyName":"static","defaultCpuSet":"0-1","checksum":1}'), true);
    assert.equal(state('{"policyName":"none"}'), false);
    assert.equal(state('not JSON'), false);
    assert.equal(state('null'), false);
  });
});
