import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { domainUsage } from '../../../../src/agent/hypervisor/statistics.js';
import type { VmMetric } from '../../../../src/agent/vm-metrics/metric.js';
import type { MeasuredVm } from '../../../../src/agent/vm-metrics/observer.js';
import { vmMetrics } from '../../../../src/agent/vm-metrics/register.js';
import { VM_METRICS } from '../../../../src/agent/vm-metrics/table.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import type { Clock } from '../../../../src/kube/clock.js';
import { measured, POD, usageOf, VIEW, vmiOf } from './observed.js';

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

const registered = (vms: () => MeasuredVm[], clock: Clock, table?: readonly VmMetric[]): Registry => {
  const registry = new Registry();
  vmMetrics(registry, { node: 'node-1', vms, config: () => resolveClusterConfig(undefined), clock }, table);
  return registry;
};

const scrape = async (vms: () => MeasuredVm[], table?: readonly VmMetric[]): Promise<string[]> => {
  const text = await registered(vms, handClock().clock, table).metrics();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
};

const VM = 'node="node-1",namespace="default",name="web"';

describe('the metrics of VMs', () => {
  it('are those of KubeVirt, with its labels, from libvirt, the kernel and the guest', async () => {
    const expected = `
      cpu_usage_seconds_total{} 5
      cpu_user_usage_seconds_total{} 3
      cpu_system_usage_seconds_total{} 2
      vcpu_seconds_total{id="0",state="running"} 2.5
      vcpu_wait_seconds_total{id="0"} 0.5
      vcpu_delay_seconds_total{id="0"} 0.125
      emulator_cpu_seconds_total{} 1.25
      iothread_cpu_seconds_total{} 0.75
      cpu_throttled_seconds_total{scope="pod"} 0.5
      cpu_throttled_seconds_total{scope="vcpu0"} 0.25
      memory_domain_bytes{} 2147483648
      memory_actual_balloon_bytes{} 2147483648
      memory_resident_bytes{} 2500000
      memory_anon_bytes{} 3000000
      swap_bytes{} 4096
      ksm_merged_bytes{} 8192
      memory_request_bytes{} 1073741824
      memory_overcommit_ratio{} 2
      memory_available_bytes{} 2048000000
      memory_unused_bytes{} 1024000000
      memory_usable_bytes{} 1536000000
      memory_cached_bytes{} 409600000
      memory_swap_in_traffic_bytes{} 7168
      memory_swap_out_traffic_bytes{} 8192
      memory_pgmajfault_total{} 9
      memory_pgminfault_total{} 10
      storage_iops_read_total{drive="rootdisk"} 11
      storage_iops_write_total{drive="rootdisk"} 12
      storage_read_traffic_bytes_total{drive="rootdisk"} 4096
      storage_write_traffic_bytes_total{drive="rootdisk"} 8192
      storage_read_times_seconds_total{drive="rootdisk"} 1.5
      storage_write_times_seconds_total{drive="rootdisk"} 2.5
      storage_flush_requests_total{drive="rootdisk"} 13
      storage_flush_times_seconds_total{drive="rootdisk"} 0.5
      network_receive_bytes_total{interface="default",network="default"} 100
      network_receive_packets_total{interface="default",network="default"} 10
      network_receive_errors_total{interface="default",network="default"} 1
      network_receive_packets_dropped_total{interface="default",network="default"} 2
      network_transmit_bytes_total{interface="default",network="default"} 200
      network_transmit_packets_total{interface="default",network="default"} 20
      network_transmit_errors_total{interface="default",network="default"} 3
      network_transmit_packets_dropped_total{interface="default",network="default"} 4
      filesystem_capacity_bytes{disk_name="vda1",mount_point="/",file_system_type="ext4"} 1000
      filesystem_used_bytes{disk_name="vda1",mount_point="/",file_system_type="ext4"} 600
      guest_load_1m{} 0.5
      guest_load_5m{} 0.25
      guest_load_15m{} 0.125`;
    const lines = expected
      .trim()
      .split('\n')
      .map((line) => `kubevirt_vmi_${line.trim()}`)
      .map((line) => line.replace('{}', `{${VM}}`).replace(/\{(?!node)/, `{${VM},`));
    const shown = (await scrape(() => [measured('web')])).filter((line) => !line.includes('launcher_memory_overhead'));
    assert.deepEqual(shown, lines);
  });

  it('have a name and a help each, once, and counters end in _total', () => {
    assert.equal(new Set(VM_METRICS.map(({ name }) => name)).size, VM_METRICS.length);
    for (const { name, kind, help } of VM_METRICS) {
      assert.match(name, /^kubevirt_vmi_[a-z0-9_]+$/);
      assert.equal(name.endsWith('_total'), kind === 'counter', name);
      assert.match(help, /\.$|\)\.$|=1\.$/, name);
    }
  });

  it('count a tap from its guest’s side, and the device of the pod where passt carries the card', async () => {
    const tap = {
      name: 'tap0',
      receive: { bytes: 7, packets: 0, errors: 0, drops: 0 },
      transmit: { bytes: 9, packets: 0, errors: 0, drops: 0 },
    };
    const view = { ...VIEW, xml: { ...VIEW.xml, interfaces: [{ name: 'default', device: 'tap0' }] } };
    const pod = { ...POD, devices: [...POD.devices, tap] };
    const lines = await scrape(() => [measured('web', { domain: view, podUsage: () => Promise.resolve(pod) })]);
    const bytes = lines.filter((line) => line.includes('_bytes_total{') && line.includes('network_'));
    assert.deepEqual(
      bytes.map((line) => line.replace(/\{.*\}/, '')),
      ['kubevirt_vmi_network_receive_bytes_total 9', 'kubevirt_vmi_network_transmit_bytes_total 7'],
    );
  });

  it('ask a VM once per scrape for all of them, and say nothing of one that is gone', async () => {
    let asked = 0;
    let vms = [
      measured('web', {
        domainUsage: () => {
          asked += 1;
          return Promise.resolve(usageOf());
        },
      }),
    ];
    const registry = registered(() => vms, handClock().clock);
    await registry.metrics();
    assert.equal(asked, 1);
    assert.match(await registry.metrics(), /name="web"/);
    assert.equal(asked, 2);
    vms = [];
    assert.doesNotMatch(await registry.metrics(), /name="web"/);
  });

  it('go without a libvirtd that fails or hangs, ask one that hangs no second time, and say what the kernel says', async () => {
    const { clock, passTime, waiting } = handClock();
    let hanging = 0;
    const vms = [
      measured('web'),
      measured('broken', { domainUsage: () => Promise.reject(new Error('connection closed')) }),
      measured('off', { domainUsage: () => Promise.resolve(undefined) }),
      measured('ended', { podUsage: () => Promise.reject(new Error('the launcher pod has ended')) }),
      measured('hangs', {
        domainUsage: () => {
          hanging += 1;
          return new Promise<never>(() => undefined);
        },
      }),
    ];
    const registry = registered(() => vms, clock);
    const of = (text: string, metric: string): (string | undefined)[] =>
      [...text.matchAll(new RegExp(`_${metric}\\{.*?,name="(\\w+)"`, 'g'))].map(([, name]) => name);
    for (let times = 0; times < 2; times += 1) {
      const scraping = registry.metrics();
      while (waiting.size !== 1) await new Promise((resolve) => setImmediate(resolve));
      passTime();
      const text = await scraping;
      assert.deepEqual(of(text, 'memory_domain_bytes'), ['web', 'ended']);
      assert.deepEqual(of(text, 'cpu_usage_seconds_total'), ['web', 'broken', 'off', 'hangs']);
    }
    assert.equal(hanging, 1);
  });

  it('show no number that only a liar says, and none of a VM that cannot be read', async () => {
    const most = 2n ** 64n - 1n;
    const lies = usageOf([
      ['balloon.available', 2_097_153n],
      ['balloon.unused', most],
      ['balloon.usable', -1n],
      ['balloon.swap_in', most],
      ['balloon.major_fault', most],
      ['balloon.swap_out', 2n ** 52n],
      ['block.0.rd.bytes', most],
      ['block.0.rd.times', Number.NaN],
      ['block.count', 4_000_000_000],
    ]);
    const vms = [measured('web', { domainUsage: () => Promise.resolve(lies) })];
    const text = (await scrape(() => vms)).join('\n');
    for (const name of ['available_bytes', 'unused_bytes', 'usable_bytes', 'swap_in', 'swap_out', 'pgmajfault'])
      assert.doesNotMatch(text, new RegExp(`memory_${name}`), name);
    assert.doesNotMatch(text, / (?:NaN|[+-]?Inf|-|\d+e)/);
    assert.doesNotMatch(text, /storage_read_t/);
    assert.match(text, /storage_iops_read_total\{[^}]*\} 11/);

    const broken = { ...measured('bad'), vmi: { ...vmiOf('bad'), spec: {} as ReturnType<typeof vmiOf>['spec'] } };
    const beside = await scrape(() => [broken, measured('web')]);
    assert.ok(beside.some((line) => line.includes('memory_request_bytes') && line.includes('name="web"')));
    assert.ok(!beside.some((line) => line.includes('memory_request_bytes') && line.includes('name="bad"')));
  });

  it('name no disk as the daemon says it that is no name of a disk', () => {
    const usage = domainUsage(
      new Map<string, string | number | bigint>([
        ['block.count', 2],
        ['block.0.name', 'vda\u001b[2J"} 1\nevil 1'],
        ['block.1.name', 'sdb'],
      ]),
    );
    assert.deepEqual(
      usage.disks.map(({ target }) => target),
      ['sdb'],
    );
  });

  it('are one entry each: a new one that reads what is observed touches its table only', async () => {
    const entry: VmMetric = {
      name: 'kubevirt_vmi_disks',
      help: 'Disks.',
      kind: 'gauge',
      value: ({ domain }) => domain?.disks.length,
    };
    assert.deepEqual(await scrape(() => [measured('web')], [entry]), [`kubevirt_vmi_disks{${VM}} 1`]);
  });
});
