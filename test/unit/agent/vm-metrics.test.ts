import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import type { DomainStatistics } from '../../../src/agent/hypervisor/statistics.js';
import { vmMetrics, type MeasuredVm, type VmMetric } from '../../../src/agent/vm-metrics.js';
import type { Clock } from '../../../src/kube/clock.js';

const STATISTICS: DomainStatistics = {
  product: 'QEMU 10.0.2',
  cpuNanoseconds: 2_500_000_000n,
  onlineCpus: 2,
  memoryKiB: 1024n,
};

/** A clock whose time only passes when it is told to. */
const handClock = () => {
  const waiting = new Set<() => void>();
  const clock: Clock = {
    now: () => 0,
    random: () => 0,
    after: (_milliseconds, done) => {
      waiting.add(done);
      return () => waiting.delete(done);
    },
  };
  return { clock, passTime: () => [...waiting].forEach((done) => done()), waiting };
};

const vm = (name: string, statistics: () => Promise<DomainStatistics | undefined>): MeasuredVm => ({
  ...{ namespace: 'default', name },
  session: { statistics },
});
const answering = (name: string) => vm(name, () => Promise.resolve(STATISTICS));

const scrape = async (vms: () => MeasuredVm[], clock: Clock, table?: readonly VmMetric[]) => {
  const registry = new Registry();
  vmMetrics(registry, { vms, clock }, table);
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
};

describe('the metrics of VMs', () => {
  it('are read from each running VM', async () => {
    assert.deepEqual(await scrape(() => [answering('web')], handClock().clock), [
      'kubevirt_vmi_cpu_usage_seconds_total{namespace="default",name="web"} 2.5',
      'kubevirt_vmi_memory_domain_bytes{namespace="default",name="web"} 1048576',
    ]);
  });

  it('ask a VM once per scrape for all of them, and say nothing of one that is gone', async () => {
    let asked = 0;
    const registry = new Registry();
    let vms = [
      vm('web', () => {
        asked += 1;
        return Promise.resolve(STATISTICS);
      }),
    ];
    vmMetrics(registry, { vms: () => vms, clock: handClock().clock });
    await registry.metrics();
    assert.equal(asked, 1);
    assert.match(await registry.metrics(), /name="web"/);
    assert.equal(asked, 2);
    vms = [];
    assert.doesNotMatch(await registry.metrics(), /name="web"/);
  });

  it('go without a libvirtd that fails or hangs, and ask one that hangs no second time', async () => {
    const { clock, passTime, waiting } = handClock();
    let hanging = 0;
    const vms = [
      answering('web'),
      vm('broken', () => Promise.reject(new Error('connection closed'))),
      vm('off', () => Promise.resolve(undefined)),
      vm('hangs', () => {
        hanging += 1;
        return new Promise<never>(() => undefined);
      }),
    ];
    const registry = new Registry();
    vmMetrics(registry, { vms: () => vms, clock });
    for (let times = 0; times < 2; times += 1) {
      const text = registry.metrics();
      while (waiting.size !== 1) await new Promise((resolve) => setImmediate(resolve));
      passTime();
      const names = [...(await text).matchAll(/cpu_usage_seconds_total\{namespace="default",name="(\w+)"/g)];
      assert.deepEqual(
        names.map(([, name]) => name),
        ['web'],
      );
    }
    assert.equal(hanging, 1);
  });

  it('are one entry each: a new one that reads what is observed touches its table only', async () => {
    const vcpus: VmMetric = {
      name: 'kubevirt_vmi_vcpus',
      help: 'vCPUs that are not offline.',
      kind: 'gauge',
      value: ({ onlineCpus }) => onlineCpus,
    };
    const lines = await scrape(() => [answering('web')], handClock().clock, [vcpus]);
    assert.deepEqual(lines, ['kubevirt_vmi_vcpus{namespace="default",name="web"} 2']);
  });
});
