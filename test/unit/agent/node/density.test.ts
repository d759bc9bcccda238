import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import { DensityKeeper } from '../../../../src/agent/node/density-keeper.js';
import { densityMetrics } from '../../../../src/agent/node/density-metrics.js';
import { nodeDensity, type DensityInput } from '../../../../src/agent/node/density.js';
import { kubeletSettings } from '../../../../src/agent/node/kubelet-settings.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { FakeClock } from '../../kube/fake-clock.js';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

const vm = (
  guest: string,
  request: string | undefined,
  more: object = {},
  phase = 'Running',
): VirtualMachineInstance => ({
  spec: {
    domain: {
      devices: {},
      memory: { guest },
      resources: request === undefined ? {} : { requests: { memory: request } },
    },
    ...more,
  },
  status: { phase },
});

const input = (more: Partial<DensityInput> & { kubeletFile?: object; swapGiB?: number } = {}): DensityInput => {
  const { kubeletFile = {}, swapGiB = 0, ...rest } = more;
  return {
    memory: { totalKiB: 16 * MIB, availableKiB: 8 * MIB, swapTotalKiB: swapGiB * MIB },
    kubelet: kubeletSettings(['kubelet'], [kubeletFile], 16 * GIB),
    allocatable: '15Gi',
    systemBytes: undefined,
    vmis: [],
    config: resolveClusterConfig(undefined),
    ...rest,
  };
};
const overcommit = (percent: number) =>
  resolveClusterConfig({ spec: { configuration: { developerConfiguration: { memoryOvercommit: percent } } } });
const SOFT = {
  evictionSoft: { 'memory.available': '1Gi' },
  evictionSoftGracePeriod: { 'memory.available': '1m' },
  evictionMaxPodGracePeriod: 30,
};
const warningsOf = (of: DensityInput) => nodeDensity(of).report.warnings;

describe('the density report', () => {
  it('holds kubelet’s thresholds and reserves, the node’s memory, and that of its guests', () => {
    const vmis = [vm('2Gi', '1Gi'), vm('1Gi', undefined), vm('4Gi', undefined, {}, 'Failed')];
    const kubeletFile = { ...SOFT, systemReserved: { memory: '1Gi' }, kubeReserved: { memory: '512Mi' } };
    assert.deepEqual(nodeDensity(input({ vmis, kubeletFile, swapGiB: 4 })).report, {
      kubelet: {
        evictionHardBytes: 104857600,
        evictionSoftBytes: GIB,
        evictionSoftGraceSeconds: 60,
        evictionMaxPodGraceSeconds: 30,
        systemReservedBytes: GIB,
        kubeReservedBytes: 512 * MIB,
        failSwapOn: true,
        swapBehavior: 'NoSwap',
      },
      memoryBytes: 16 * GIB,
      allocatableBytes: 15 * GIB,
      swapBytes: 4 * GIB,
      vms: 2,
      guestMemoryBytes: 3 * GIB,
      requestedMemoryBytes: 2 * GIB,
      memoryOvercommitPercent: 18,
      warnings: ['SwapEnabled'],
    });
  });

  it('does without kubelet’s settings where they are not known', () => {
    const { report } = nodeDensity(input({ kubelet: undefined, allocatable: undefined, vmis: [vm('2Gi', '1Gi')] }));
    assert.ok(!('kubelet' in report) && !('allocatableBytes' in report));
    assert.deepEqual(report.warnings, []);
  });

  it('leaves out a guest of a size that none can have', () =>
    assert.equal(nodeDensity(input({ vmis: [vm('-1Gi', undefined), vm('1Gi', undefined)] })).report.vms, 1));

  it('warns where VMs that may grow run and soft eviction is not configured', () => {
    assert.deepEqual(warningsOf(input({ vmis: [vm('2Gi', '1Gi')] })), ['SoftEvictionNotConfigured']);
    assert.deepEqual(warningsOf(input({ vmis: [vm('2Gi', '2Gi')] })), []);
    const gives = vm('2Gi', '2Gi');
    Object.assign(gives.spec.domain.resources ?? {}, { overcommitGuestOverhead: true });
    assert.deepEqual(warningsOf(input({ vmis: [gives] })), ['SoftEvictionNotConfigured']);
    assert.deepEqual(warningsOf(input({ vmis: [vm('2Gi', undefined)], config: overcommit(150) })), [
      'SoftEvictionNotConfigured',
    ]);
    assert.deepEqual(warningsOf(input({ vmis: [vm('2Gi', '1Gi')], kubeletFile: SOFT })), []);
  });

  it('warns where a soft eviction gives pods less time than the longest grace period', () => {
    const long = vm('1Gi', '1Gi', { terminationGracePeriodSeconds: 120 });
    const { report, texts } = nodeDensity(input({ vmis: [vm('1Gi', '1Gi'), long], kubeletFile: SOFT }));
    assert.deepEqual(report.warnings, ['EvictionGraceTooShort']);
    assert.match(texts['EvictionGraceTooShort'] ?? '', /is 30 s, .* 120 s/);
    const own = { ...SOFT, evictionMaxPodGracePeriod: -1 };
    assert.deepEqual(warningsOf(input({ vmis: [long], kubeletFile: own })), []);
    const abrupt = { ...SOFT, evictionMaxPodGracePeriod: undefined };
    assert.deepEqual(warningsOf(input({ vmis: [vm('1Gi', '1Gi')], kubeletFile: abrupt })), ['EvictionGraceTooShort']);
  });

  it('warns where what runs beside pods uses more than is reserved for it', () => {
    const vmis = [vm('1Gi', '1Gi')];
    const kubeletFile = { systemReserved: { memory: '1Gi' }, kubeReserved: { memory: '1Gi' } };
    assert.deepEqual(warningsOf(input({ vmis, kubeletFile, systemBytes: 2 * GIB })), []);
    const { report, texts } = nodeDensity(input({ vmis, kubeletFile, systemBytes: 3 * GIB }));
    assert.deepEqual(report.warnings, ['SystemReservedExceeded']);
    assert.match(texts['SystemReservedExceeded'] ?? '', /uses 3\.0 GiB, .* 2\.0 GiB/);
    assert.deepEqual(warningsOf(input({ systemBytes: 3 * GIB })), [], 'no VM is there to suffer');
  });

  it('warns of swap only where VMs may grow into it, and of too little of it for the overcommit', () => {
    assert.deepEqual(warningsOf(input({ swapGiB: 8 })), []);
    const vmis = [vm('2Gi', '1Gi')];
    assert.deepEqual(warningsOf(input({ swapGiB: 8, vmis, kubeletFile: SOFT })), ['SwapEnabled']);
    // 16 GiB at 150 % may need 8.
    assert.deepEqual(warningsOf(input({ swapGiB: 8, config: overcommit(150) })), []);
    const { report, texts } = nodeDensity(input({ swapGiB: 7, config: overcommit(150) }));
    assert.deepEqual(report.warnings, ['SwapTooSmall']);
    assert.match(texts['SwapTooSmall'] ?? '', /7\.0 GiB, less than the 8\.0 GiB .* memoryOvercommit 150/);
    assert.deepEqual(warningsOf(input({ config: overcommit(150) })), [], 'nobody is told to switch swap on');
  });

  it('warns where guests have more than 150 % of the memory', () => {
    const of = (guest: string) => warningsOf(input({ kubeletFile: SOFT, vmis: [vm(guest, '1Gi')] }));
    assert.deepEqual(of('24Gi'), []);
    assert.deepEqual(of('25Gi'), ['MemoryOvercommit']);
  });

  it('has texts of at most 300 characters', () => {
    const vmis = [vm('25Gi', '1Gi', { terminationGracePeriodSeconds: 2 ** 40 })];
    const many = input({ vmis, swapGiB: 1, systemBytes: 2 ** 50, config: overcommit(999) });
    for (const of of [many, { ...many, kubelet: input({ kubeletFile: SOFT }).kubelet }])
      for (const text of Object.values(nodeDensity(of).texts)) assert.ok(text.length <= 300, text);
  });
});

describe('the density of a node', () => {
  it('is told of on the Node once per warning, and again when it was away for an hour', async () => {
    const clock = new FakeClock();
    const events: [string | undefined, string | undefined, string][] = [];
    let vmis = [vm('2Gi', '1Gi')];
    const keeper = new DensityKeeper({
      node: 'node-1',
      kubelet: { look: () => Promise.resolve({ argv: ['kubelet'], files: [] }) },
      input: () => input({ vmis }),
      events: { event: ({ kind, metadata }, _type, reason) => void events.push([kind, metadata?.uid ?? '', reason]) },
      clock,
      log: silentLog,
    });
    keeper.start();
    await clock.advance(300_000);
    assert.deepEqual(events, [['Node', 'node-1', 'SoftEvictionNotConfigured']]);
    vmis = [];
    await clock.advance(300_000);
    assert.deepEqual(keeper.report?.warnings, []);
    vmis = [vm('2Gi', '1Gi')];
    await clock.advance(300_000);
    assert.equal(events.length, 1, 'VMs come and go');
    vmis = [];
    await clock.advance(3_700_000);
    vmis = [vm('2Gi', '1Gi')];
    await clock.advance(60_000);
    assert.equal(events.length, 2);
    await keeper.stop();
  });

  it('is measured', async () => {
    const registry = new Registry();
    const kubeletFile = { ...SOFT, systemReserved: { memory: '1Gi' } };
    const { report } = nodeDensity(input({ vmis: [vm('2Gi', '1Gi')], kubeletFile, swapGiB: 4 }));
    let looked = false;
    densityMetrics(registry, {
      node: 'a',
      density: () => (looked ? report : undefined),
      system: () => undefined,
      ksm: {
        state: () => (looked ? { running: true, pages: 1 } : undefined),
        pages: (kind) => kind.length,
        fullScans: () => 3,
      },
    });
    const lines = async () =>
      (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(await lines(), ['kubevirt_node_ksm_full_scans_total{node="a"} 3'], 'nothing that nobody measured');
    looked = true;
    assert.deepEqual(await lines(), [
      'kubevirt_node_eviction_threshold_bytes{node="a",kind="hard"} 104857600',
      'kubevirt_node_eviction_threshold_bytes{node="a",kind="soft"} 1073741824',
      'kubevirt_node_reserved_bytes{node="a",kind="system"} 1073741824',
      'kubevirt_node_reserved_bytes{node="a",kind="kube"} 0',
      'kubevirt_node_swap_total_bytes{node="a"} 4294967296',
      'kubevirt_node_guest_memory_bytes{node="a"} 2147483648',
      'kubevirt_node_memory_overcommit_percent{node="a"} 12',
      'kubevirt_node_ksm_running{node="a"} 1',
      'kubevirt_node_ksm_pages{node="a",kind="shared"} 6',
      'kubevirt_node_ksm_pages{node="a",kind="sharing"} 7',
      'kubevirt_node_ksm_pages{node="a",kind="unshared"} 8',
      'kubevirt_node_ksm_pages{node="a",kind="volatile"} 8',
      'kubevirt_node_ksm_full_scans_total{node="a"} 3',
    ]);
  });
});
