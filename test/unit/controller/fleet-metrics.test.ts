import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { controllerMetrics } from '../../../src/controller/metrics.js';

const vm = (printableStatus?: string) =>
  ({ spec: { template: {} }, status: { printableStatus } }) as unknown as VirtualMachine;
const node = (name: string, schedulable: string) => ({
  metadata: { name, labels: { 'kubevirt.io/schedulable': schedulable } },
});
const vmi = (phase: string, reason?: string, phases: readonly string[] = []) =>
  ({
    status: {
      phase,
      reason,
      phaseTransitionTimestamps: phases.map((each) => ({
        phase: each,
        phaseTransitionTimestamp: '2026-01-01T00:00:00Z',
      })),
    },
  }) as unknown as VirtualMachineInstance;

describe("the controller's metrics of all VMs", () => {
  const registry = new Registry();
  const metrics = controllerMetrics(registry);
  const shown = async (name: string): Promise<Record<string, number>> => {
    const { values } = await registry.getSingleMetric(name)!.get();
    return Object.fromEntries(values.map(({ labels, value }) => [Object.values(labels).join(), value]));
  };
  metrics.watch({
    vms: () => [vm('Running'), vm('Running'), vm('ErrImagePull'), vm()],
    vmis: () => [],
    nodes: () => [node('a', 'true'), node('b', 'false'), node('without-agent', 'false')],
    report: (name) => (name === 'without-agent' ? undefined : ({ spec: {} } as never)),
  });

  it('are shown by the replica that leads alone', async () => {
    assert.deepEqual(await shown('kubevirt_vm_status_count'), {});
    assert.deepEqual(await shown('kubevirt_virt_agent_connected'), {});
    metrics.leading(true);
    assert.deepEqual(await shown('kubevirt_vm_status_count'), { Running: 2, ErrImagePull: 1, Unknown: 1 });
    assert.deepEqual(await shown('kubevirt_virt_agent_connected'), { a: 1, b: 0 });
  });

  it('count a start that failed once, by its reason, and no end of what ran', async () => {
    metrics.phases(vmi('Failed', 'GuestNotStarted'), vmi('Scheduled'));
    metrics.phases(vmi('Failed', 'GuestNotStarted'), vmi('Failed', 'GuestNotStarted'));
    metrics.phases(vmi('Failed', 'Crashed', ['Running']), vmi('Running', undefined, ['Running']));
    metrics.phases(vmi('Failed', 'a sentence with uid 1234'), vmi('Scheduled'));
    metrics.phases(vmi('Failed', 'Before'), undefined);
    metrics.phases(vmi('Succeeded'), vmi('Scheduled'));
    assert.deepEqual(await shown('kubevirt_vm_start_failures_total'), { GuestNotStarted: 1, Other: 1 });
  });

  it('make no time series without end of reasons', async () => {
    for (let index = 0; index < 200; index += 1)
      metrics.phases(
        vmi('Failed', `Reason${String.fromCharCode(65 + (index % 26), 65 + Math.floor(index / 26))}`),
        vmi('Scheduled'),
      );
    assert.ok(Object.keys(await shown('kubevirt_vm_start_failures_total')).length <= 42);
  });
});
