import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { EvictionMetric } from '../../../../src/agent/vm/eviction-metric.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';

describe('guests ended for want of memory', () => {
  const vmi = (name: string, phase: string, reason?: string): VirtualMachineInstance =>
    ({ metadata: { namespace: 'shop', name }, status: { phase, reason } }) as VirtualMachineInstance;
  const linesOf = async (registry: Registry) =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('kubevirt_vmi_evictions_total{'));

  it('are counted once each, by VM and kind, whoever wrote the end', async () => {
    const registry = new Registry();
    const metric = new EvictionMetric(registry, 'a');
    const running = vmi('db', 'Running');
    const evicted = vmi('db', 'Failed', 'Evicted');
    metric.changed(evicted, running);
    metric.changed({ ...evicted, metadata: { ...evicted.metadata, resourceVersion: '9' } }, evicted);
    metric.changed(vmi('db', 'Failed', 'Evicted'), vmi('db', 'Failed', 'The VirtualMachineInstance crashed.'));
    metric.changed(vmi('db', 'Failed', 'OOMKilled'), running);
    metric.changed(vmi('web', 'Succeeded', 'Evicted'), vmi('web', 'Running', 'Evicted'));
    metric.changed(vmi('web', 'Running', 'Evicted'), vmi('web', 'Running'));
    metric.changed(vmi('web', 'Failed', 'toString'), vmi('web', 'Running'));
    metric.changed(vmi('web', 'Succeeded'), vmi('web', 'Running'));
    assert.deepEqual(await linesOf(registry), [
      'kubevirt_vmi_evictions_total{node="a",namespace="shop",name="db",kind="evicted"} 2',
      'kubevirt_vmi_evictions_total{node="a",namespace="shop",name="db",kind="oom"} 1',
      'kubevirt_vmi_evictions_total{node="a",namespace="shop",name="web",kind="evicted"} 1',
    ]);
  });

  it('are forgotten, the oldest first, where a tenant makes ever new names', async () => {
    const registry = new Registry();
    const metric = new EvictionMetric(registry, 'a');
    for (let n = 0; n < 2_100; n += 1) metric.changed(vmi(`vm-${n}`, 'Failed', 'OOMKilled'), vmi(`vm-${n}`, 'Running'));
    const lines = await linesOf(registry);
    assert.equal(lines.length, 2_000);
    assert.ok(!lines.some((line) => line.includes('"vm-99"')) && lines.some((line) => line.includes('"vm-100"')));
  });
});
