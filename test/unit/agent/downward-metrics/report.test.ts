import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HostReader } from '../../../../src/agent/downward-metrics/host.js';
import { metricsReport } from '../../../../src/agent/downward-metrics/report.js';
import { domainStatistics } from '../../../../src/agent/hypervisor/libvirt-hypervisor.js';
import type { TypedValue } from 'node-libvirt';
import { readXml } from '../../domain/read-xml.js';

const MEMINFO = `MemTotal:       1000 kB
MemFree:         400 kB
MemAvailable:    700 kB
Buffers:          50 kB
Cached:          150 kB
SwapCached:        5 kB
SwapTotal:       200 kB
SwapFree:        120 kB
HugePages_Total:   0
`;
const STAT = 'cpu  1000 20 300 5000 7 0 9 0 0 0\ncpu0 1 1 1 1\nintr 5\n';
const VMSTAT = 'nr_free_pages 1\npswpin 3\npswpout 10\n';

describe('the report of downward metrics', () => {
  let directory: string;
  const put = (path: string, text: string): void => {
    mkdirSync(join(directory, path, '..'), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'host-metrics-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const host = () =>
    new HostReader('node-1', { proc: join(directory, 'proc'), cpus: join(directory, 'cpu') }).read(1_764_000_000_999);
  const whole = (): void => {
    put('proc/meminfo', MEMINFO);
    put('proc/stat', STAT);
    put('proc/vmstat', VMSTAT);
    for (const [cpu, board] of [0, 0, 1, 1].entries()) put(`cpu/cpu${cpu}/topology/physical_package_id`, `${board}\n`);
    put('cpu/cpu4/online', '0\n');
    put('cpu/cpufreq/x', '');
  };
  const statistics = domainStatistics('QEMU 10.0.2', new Map<string, TypedValue>([['balloon.current', 131_072n]]), [
    { number: 0, state: 1, cpuTime: 1_500_000_000n, cpu: 0 },
    { number: 1, state: 0, cpuTime: 0n, cpu: -1 },
    { number: 3, state: 2, cpuTime: 250_000_000n, cpu: 1 },
  ]);

  /** Each metric on a line: context, name, type, unit, value. */
  const lines = (xml: string): string[] => {
    const root = readXml(xml);
    assert.equal(root.name, 'metrics');
    return root.children.map((metric) => {
      assert.ok(typeof metric !== 'string');
      assert.equal(metric.name, 'metric');
      const [name, value] = metric.children.map((child) => {
        assert.ok(typeof child !== 'string');
        return child.children.map((text) => (typeof text === 'string' ? text : '')).join('');
      });
      const { type = '', context = '', unit = '-', ...others } = metric.attributes;
      assert.deepEqual(others, {});
      return [context, name, type, unit, value].join(' ');
    });
  };

  it('has every metric of the specification, in its order', async () => {
    whole();
    assert.deepEqual(lines(metricsReport(await host(), statistics)), [
      'host HostName string - node-1',
      'host HostSystemInfo string - linux',
      'host VirtualizationVendor string - kubevirt.io',
      'host VirtProductInfo string - QEMU 10.0.2',
      'vm TotalCPUTime real64 s 1.750000',
      'vm ResourceProcessorLimit int64 - 2',
      'vm PhysicalMemoryAllocatedToVirtualSystem uint64 KiB 131072',
      'vm ResourceMemoryLimit uint64 KiB 131072',
      'host NumberOfPhysicalCPUs int64 - 2',
      'host TotalCPUTime real64 s 13.200000',
      'host FreePhysicalMemory uint64 KiB 400',
      'host FreeVirtualMemory uint64 KiB 520',
      'host MemoryAllocatedToVirtualServers uint64 KiB 400',
      'host UsedVirtualMemory uint64 KiB 595',
      'host PagedInMemory uint64 KiB 12',
      'host PagedOutMemory uint64 KiB 40',
      'host Time int64 s 1764000000',
    ]);
  });

  it('leaves out what cannot be read, and what is not known of the VM', async () => {
    put('proc/meminfo', MEMINFO.replace('Buffers', 'Puffers'));
    put('proc/stat', 'nothing\n');
    assert.deepEqual(lines(metricsReport(await host(), undefined)), [
      'host HostName string - node-1',
      'host HostSystemInfo string - linux',
      'host VirtualizationVendor string - kubevirt.io',
      'host VirtProductInfo string - qemu-unknown',
      'host Time int64 s 1764000000',
    ]);
  });

  it('is indented by two spaces and ends in a newline', async () => {
    const xml = metricsReport(await host(), undefined);
    assert.match(xml, /^<metrics>\n {2}<metric type="string" context="host">\n {4}<name>HostName<\/name>\n/);
    assert.match(xml, /<\/metrics>\n$/);
    assert.doesNotMatch(xml, /\n\n/, 'an empty line ends an answer at the port');
  });

  it('reads this machine', async () => {
    const now = await new HostReader('here').read(Date.now());
    assert.ok(now.memory !== undefined && now.memory.free > 0n);
    assert.ok(now.cpuSeconds !== undefined && now.cpuSeconds > 0);
    assert.ok(now.paging !== undefined);
  });
});
