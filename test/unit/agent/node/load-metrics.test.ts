import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { nodeLoadMetrics } from '../../../../src/agent/node/load-metrics.js';
import { physicalCores } from '../../../../src/agent/node/physical-cores.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';

const vmi = (cores: number, phase = 'Running'): VirtualMachineInstance => ({
  spec: { domain: { cpu: { cores }, devices: {} } },
  status: { phase },
});

describe('the load of a node', () => {
  it('is vCPUs of VMs that are starting or run, by cores', async () => {
    const vms = [vmi(4), vmi(6, 'Scheduled'), vmi(64, 'Succeeded'), vmi(-1)];
    const registry = new Registry();
    nodeLoadMetrics(registry, { node: 'node-1', vms: () => vms, cores: () => 4 });
    const lines = (await registry.metrics()).split('\n').filter((line) => /^kubevirt_node/.test(line));
    assert.deepEqual(lines, [
      'kubevirt_node_physical_cores{node="node-1"} 4',
      'kubevirt_node_vcpus{node="node-1"} 10',
      'kubevirt_node_vcpus_per_core{node="node-1"} 2.5',
    ]);
    assert.match(await registry.metrics(), /^kubevirt_agent_resident_bytes\{node="node-1"\} \d{8,}$/m);
  });

  it('says nothing of cores where the kernel does not', async () => {
    const registry = new Registry();
    nodeLoadMetrics(registry, { node: 'n', vms: () => [vmi(1)], cores: () => undefined });
    assert.doesNotMatch(await registry.metrics(), /^kubevirt_node_(?:physical|vcpus_per)[a-z_]*\{/m);
  });

  it('counts hardware threads of one core once, and no CPU that is offline', () => {
    const root = mkdtempSync(join(tmpdir(), 'virt-cores-'));
    const cpu = (id: number, board: number, core: number): void => {
      const directory = join(root, `sys/devices/system/cpu/cpu${id}/topology`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, 'physical_package_id'), `${board}\n`);
      writeFileSync(join(directory, 'core_id'), `${core}\n`);
    };
    [
      [0, 0, 0],
      [1, 0, 0],
      [2, 0, 1],
      [3, 1, 0],
    ].forEach(([id = 0, board = 0, core = 0]) => cpu(id, board, core));
    mkdirSync(join(root, 'sys/devices/system/cpu/cpu4'));
    mkdirSync(join(root, 'sys/devices/system/cpu/cpufreq'));
    assert.equal(physicalCores(root), 3);
    rmSync(root, { recursive: true });
    assert.equal(physicalCores(root), undefined);
  });
});
