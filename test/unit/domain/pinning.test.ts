import assert from 'node:assert/strict';
import fc from 'fast-check';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { dedicatedCpuCount, dedicatedCpus } from '../../../src/api/vmi/dedicated-cpus.js';
import { podPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { CpuPool, type ExclusiveCpus } from '../../../src/domain/cpu-pool.js';
import { DomainError } from '../../../src/domain/error.js';
import { cpuTune, ioThreadCpus } from '../../../src/domain/pinning.js';
import { readXml } from './read-xml.js';
import { writeXml } from '../../../src/domain/xml.js';

const PARITY = { 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity': '' };
const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);
/** Cores of one thread in one cell. */
const plain = (allowed: readonly number[]): ExclusiveCpus => ({
  allowed,
  cells: [{ cpus: from(0, 24).map((id) => ({ id, siblings: [id] })) }],
});
/** CPU n and n + half are threads of one core; the first half of the cores is in cell 0. */
const hyperThreaded = (allowed: readonly number[], cores = 4): ExclusiveCpus => {
  const cpu = (id: number) => ({ id, siblings: [id % cores, (id % cores) + cores] });
  const cell = (first: number) => [...from(first, cores / 2), ...from(first + cores, cores / 2)].map(cpu);
  return { allowed, cells: [{ cpus: cell(0) }, { cpus: cell(cores / 2) }] };
};

const vmi = (
  cpu: VirtualMachineInstance['spec']['domain']['cpu'],
  more: Partial<VirtualMachineInstance['spec']['domain']> = {},
  annotations: Record<string, string> = {},
): VirtualMachineInstance => ({
  metadata: { name: 'web', namespace: 'shop', uid: 'u', annotations },
  spec: { domain: { devices: {}, cpu: { dedicatedCpuPlacement: true, ...cpu }, ...more } },
});
const tune = (machine: VirtualMachineInstance, exclusiveCpus?: ExclusiveCpus) => {
  const found = cpuTune(machine, {
    config: resolveClusterConfig({ spec: {} }),
    paths: podPaths('u'),
    kvmAvailable: true,
    node: { labels: {} },
    disks: {},
    network: { passt: true },
    exclusiveCpus,
  });
  return found === undefined ? '' : writeXml(found);
};
const pins = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name} [^>]*cpuset="([^"]+)"`, 'g'))].map(([, cpus]) => cpus ?? '');
const all = (xml: string) => ['vcpupin', 'iothreadpin', 'emulatorpin'].map((name) => pins(xml, name).join(' '));

describe('dedicated CPUs', () => {
  it('are as many as vCPUs, threads of a pool and the emulator’s own', () => {
    const count = (machine: VirtualMachineInstance) => {
      const cpus = dedicatedCpus(machine);
      return cpus && dedicatedCpuCount(cpus);
    };
    assert.equal(count(vmi({ dedicatedCpuPlacement: false, cores: 2 })), undefined);
    assert.equal(count(vmi({ cores: 2, threads: 2 })), 4);
    assert.equal(count(vmi({ cores: 2, isolateEmulatorThread: true })), 3);
    assert.equal(count(vmi({ cores: 2, isolateEmulatorThread: true }, {}, PARITY)), 4);
    assert.equal(count(vmi({ cores: 3, isolateEmulatorThread: true }, {}, PARITY)), 4);
    const pool = { ioThreadsPolicy: 'supplementalPool', ioThreads: { supplementalPoolThreadCount: 2 } } as const;
    assert.equal(count(vmi({ cores: 3, isolateEmulatorThread: true }, pool, PARITY)), 6);
    assert.equal(count(vmi({ cores: 2 }, { ioThreads: { supplementalPoolThreadCount: 2 } })), 2);
  });
});

describe('pinning', () => {
  it('is for VMs with dedicated CPUs, on a machine that has some', () => {
    assert.equal(tune(vmi({ dedicatedCpuPlacement: false })), '');
    assert.throws(() => tune(vmi({ cores: 1 })), { field: 'spec.domain.cpu.dedicatedCpuPlacement' });
    assert.equal(readXml(tune(vmi({ cores: 1 }), plain([5]))).name, 'cputune');
  });

  // docs/reference/domain.md §2.5, the reference's table: CPUs 5 to 12, sockets v, a pool of n threads.
  for (const [v, n, isolate, parity, vcpus, threads, emulator] of [
    [2, 2, false, false, '5 6', '7 8', ''],
    [2, 2, true, false, '5 6', '7 8', '9'],
    [3, 2, true, true, '5 6 7', '8 9', '10'],
    [2, 2, true, true, '5 6', '7 8', '9,10'],
    [1, 1, true, true, '5', '6', '7,8'],
  ] as const) {
    it(`gives ${v} vCPUs, a pool of ${n}${isolate ? ', an isolated emulator' : ''}${parity ? ' with even parity' : ''} one CPU each`, () => {
      const pool = { ioThreadsPolicy: 'supplementalPool', ioThreads: { supplementalPoolThreadCount: n } } as const;
      const machine = vmi({ sockets: v, isolateEmulatorThread: isolate }, pool, parity ? PARITY : {});
      assert.deepEqual(all(tune(machine, plain(from(5, 8)))), [vcpus, threads, emulator]);
    });
  }

  it('puts I/O threads without CPUs of their own on the vCPUs’ in slices, or in turn, or with the emulator', () => {
    const lists = (threads: number, vcpus: number) =>
      ioThreadCpus(threads, from(5, vcpus), []).map((cpus) => cpus.join());
    assert.deepEqual(lists(6, 16), ['5,6,7', '8,9,10', '11,12,13', '14,15,16', '17,18', '19,20']);
    assert.deepEqual(ioThreadCpus(3, from(0, 8), []), [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7],
    ]);
    assert.deepEqual(lists(3, 2), ['6', '5', '6']);
    assert.deepEqual(ioThreadCpus(2, from(0, 2), [7]), [[7], [7]]);
  });

  it('gives the threads of a guest’s core threads of one core, before it takes what is left', () => {
    const two = new CpuPool(hyperThreaded([0, 1, 2, 4, 6]), 2);
    assert.deepEqual(two.takeCores(2), [0, 4, 2, 6]);
    assert.equal(two.takeThread('the emulator'), 1);
    assert.throws(() => two.takeThread('the emulator'), DomainError);
    assert.deepEqual(new CpuPool(hyperThreaded([0, 1, 2, 3]), 2).takeCores(2), [0, 1, 2, 3]);
    assert.deepEqual(new CpuPool(hyperThreaded([0, 2]), 2).takeCores(1), [0, 2]);
  });

  it('never gives a CPU twice, nor one that is not the pod’s, and uses all that there are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(15), { minLength: 1 }),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (allowed, threads, smt) => {
          const pool = new CpuPool(smt ? hyperThreaded(allowed, 8) : plain(allowed), threads);
          const cores = Math.floor(allowed.length / threads);
          const given = cores === 0 ? [] : pool.takeCores(cores);
          while (given.length < allowed.length) given.push(pool.takeThread('rest'));
          assert.deepEqual(
            given.toSorted((a, b) => a - b),
            allowed.toSorted((a, b) => a - b),
          );
          assert.throws(() => pool.takeThread('more'), DomainError);
        },
      ),
    );
  });
});
