import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildDomain, domainNotices, type DomainContext } from '../../../src/domain/index.js';
import { config, context, vmi } from './fixtures.js';
import { all, one, readXml } from './read-xml.js';

type Domain = VirtualMachineInstance['spec']['domain'];

const build = (domain: Partial<Domain>, changes: Partial<DomainContext> = {}) =>
  readXml(buildDomain(vmi({}, domain), context(changes)));

/** Two NUMA nodes whose numbers are not their places, of two cores with two threads each. */
const NODE = {
  cells: [
    { id: 0, cpus: [0, 1, 2, 3].map((id) => ({ id, siblings: [id - (id % 2), id - (id % 2) + 1] })) },
    { id: 2, cpus: [4, 5, 6, 7].map((id) => ({ id, siblings: [id - (id % 2), id - (id % 2) + 1] })) },
  ],
  allowed: [2, 3, 4, 5, 6, 7],
};
const passthrough = (vcpus: number, guest: string, pageSize = '2Mi'): Partial<Domain> => ({
  cpu: { cores: vcpus, dedicatedCpuPlacement: true, numa: { guestMappingPassthrough: {} } },
  memory: { guest, hugepages: { pageSize } },
});

describe('the memory of a guest', () => {
  it('is ordinary, and neither locked nor limited by libvirt, unless it is asked for', () => {
    const root = build({ memory: { guest: '2048M' }, resources: { requests: { memory: '1024M' } } });
    assert.deepEqual(one(root, 'memory')?.children, ['2048000000']);
    for (const name of ['memoryBacking', 'memtune', 'numatune', 'currentMemory', 'maxMemory', 'qemu:commandline'])
      assert.equal(one(root, name), undefined, name);
  });

  it('is no more than an emulated guest can address, which is less than under KVM', () => {
    const emulation = config({ developerConfiguration: { useEmulation: true } });
    const of = (guest: string, kvmAvailable: boolean): string =>
      buildDomain(vmi({}, { memory: { guest } }), context({ kvmAvailable, config: emulation }));
    assert.match(of('960Gi', false), /<memory unit="b">1030792151040</);
    assert.match(of('16Ti', true), /<memory unit="b">17592186044416</);
    assert.throws(() => of('961Gi', false), {
      code: 'KVMUnavailable',
      message: /^spec\.domain\.memory\.guest: 1031865892864 bytes .* write 960Gi or less/,
    });
  });

  it('is huge pages of the size that the VM says, without a file system of theirs', () => {
    const root = build({ memory: { guest: '1Gi', hugepages: { pageSize: '2Mi' } } });
    const backing = one(root, 'memoryBacking')!;
    assert.deepEqual(one(backing, 'page')?.attributes, { size: '2097152', unit: 'b' });
    assert.equal(one(backing, 'source')?.attributes['type'], 'memfd');
    assert.equal(one(backing, 'nosharepages'), undefined);
    assert.equal(one(root, 'memballoon')?.attributes['freePageReporting'], 'off');
    assert.equal(
      one(build({ memory: { guest: '1Gi', hugepages: { pageSize: '1Gi' } } }), 'page')?.attributes['size'],
      '1073741824',
    );
  });

  it('is allocated at the start and locked by QEMU itself where it is to be locked', () => {
    const text = buildDomain(vmi(), context({ lockMemory: true }));
    const root = readXml(text);
    assert.equal(one(one(root, 'memoryBacking')!, 'allocation')?.attributes['mode'], 'immediate');
    assert.deepEqual(
      all(root, 'qemu:arg').map(({ attributes }) => attributes['value']),
      ['-overcommit', 'mem-lock=on-fault'],
    );
    assert.equal(one(root, 'memballoon')?.attributes['freePageReporting'], 'off');
    assert.match(text, /xmlns:qemu="http:\/\/libvirt\.org\/schemas\/domain\/qemu\/1\.0"/);
    assert.equal(one(root, 'locked'), undefined);
  });

  it('is not locked in silence: who must have it is told where nobody raises the limit', () => {
    const subject = vmi({}, { memory: { guest: '1Gi', reservedOverhead: { memLock: 'Required' } } });
    const reasons = (lockMemory: boolean) =>
      domainNotices(subject, context({ lockMemory })).map(({ reason }) => reason);
    assert.deepEqual([reasons(false), reasons(true)], [['MemoryLockUnavailable'], []]);
  });

  it('of a realtime guest is not merged with others, and nothing counts its events', () => {
    const { cpu, ...rest } = passthrough(1, '128Mi');
    const root = build({ ...rest, cpu: { ...cpu, realtime: {} } }, { exclusiveCpus: NODE });
    assert.ok(one(one(root, 'memoryBacking')!, 'nosharepages'));
    assert.equal(one(root, 'pmu')?.attributes['state'], 'off');
    assert.equal(one(build({}), 'pmu'), undefined);
    // libvirt's session mode may not set it.
    assert.equal(one(root, 'vcpusched'), undefined);
  });
});

describe('NUMA passthrough', () => {
  it('gives the guest a cell for each NUMA node of its CPUs, with memory of that node', () => {
    const root = build(passthrough(4, '130Mi'), { exclusiveCpus: NODE });
    assert.deepEqual(
      all(root, 'vcpupin').map(({ attributes }) => attributes['cpuset']),
      ['2', '3', '4', '5'],
    );
    // 65 pages: the first cell gets the odd one.
    assert.deepEqual(
      all(root, 'cell').map(({ attributes }) => attributes),
      [
        { id: '0', cpus: '0,1', memory: String(33 * 2097152), unit: 'b' },
        { id: '1', cpus: '2,3', memory: String(32 * 2097152), unit: 'b' },
      ],
    );
    assert.deepEqual(
      all(root, 'memnode').map(({ attributes }) => attributes),
      [
        { cellid: '0', mode: 'strict', nodeset: '0' },
        { cellid: '1', mode: 'strict', nodeset: '2' },
      ],
    );
    assert.ok(one(one(root, 'memoryBacking')!, 'nosharepages'));
  });

  it('gives one cell to a guest whose CPUs are of one node', () => {
    const root = build(passthrough(2, '128Mi'), { exclusiveCpus: { ...NODE, allowed: [6, 7] } });
    assert.deepEqual(
      all(root, 'memnode').map(({ attributes }) => attributes['nodeset']),
      ['2'],
    );
  });

  it('is refused where a cell would get no page', () => {
    assert.throws(() => build(passthrough(4, '1Gi', '1Gi'), { exclusiveCpus: NODE }), {
      name: 'DomainError',
      field: 'spec.domain.cpu.numa.guestMappingPassthrough',
      message: /1 huge pages, and its CPUs are of 2 NUMA nodes/,
    });
  });
});
