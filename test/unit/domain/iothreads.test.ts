import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Disk } from '../../../src/api/schema/disks.js';
import { buildDomain } from '../../../src/domain/index.js';
import { ioThreadPlan } from '../../../src/domain/iothreads.js';
import { context, vmi } from './fixtures.js';
import { all, one, readXml } from './read-xml.js';

type Domain = Parameters<typeof vmi>[1];

const virtio = (name: string, dedicatedIOThread?: boolean): Disk => ({
  name,
  disk: { bus: 'virtio' },
  ...(dedicatedIOThread === undefined ? {} : { dedicatedIOThread }),
});
/** The page's VM: mypvc, two emptyDisks with a thread of their own, four more. */
const page = ['mypvc', 'emptydisk', 'emptydisk2', 'emptydisk3', 'emptydisk4', 'emptydisk5', 'emptydisk6'].map((name) =>
  virtio(name, name === 'emptydisk' || name === 'emptydisk2'),
);
const plan = (disks: Disk[], domain: Domain) => ioThreadPlan(vmi({}, domain, { disks }).spec);
const idsOf = (disks: Disk[], domain: Domain) =>
  disks.map(({ name }) => plan(disks, domain).ofDisk.get(name)?.join('+'));

describe('I/O threads', () => {
  it('are as the page says for policy shared: 3 threads, 1,2,3,1,1,1,1', () => {
    const domain: Domain = { ioThreadsPolicy: 'shared', cpu: { cores: 2 } };
    assert.equal(plan(page, domain).total, 3);
    assert.deepEqual(idsOf(page, domain), ['1', '2', '3', '1', '1', '1', '1']);
  });

  it('are as the page says for policy auto: 4 threads from cores: 2 alone, 1,3,4,2,1,2,1', () => {
    const domain: Domain = { ioThreadsPolicy: 'auto', cpu: { cores: 2 } };
    assert.equal(plan(page, domain).total, 4);
    assert.deepEqual(idsOf(page, domain), ['1', '3', '4', '2', '1', '2', '1']);
  });

  const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, index) => virtio(name, index === 0));
  for (const [policy, cores, total, ids] of [
    ['shared', 1, 2, '2111111'],
    ['shared', 2, 2, '2111111'],
    ['auto', 1, 2, '2111111'],
    ['auto', 2, 4, '4123123'],
    ['auto', 3, 6, '6123451'],
    ['auto', 4, 7, '7123456'],
    ['auto', 5, 7, '7123456'],
  ] as const) {
    it(`are ${ids} with policy ${policy} and ${cores} vCPUs for seven disks, the first dedicated`, () => {
      const domain: Domain = { ioThreadsPolicy: policy, cpu: { cores } };
      assert.equal(plan(seven, domain).total, total);
      assert.equal(idsOf(seven, domain).join(''), ids);
    });
  }

  it('are off without a policy, and shared when a disk wants a thread of its own', () => {
    assert.equal(plan([virtio('a')], {}).total, 0);
    const disks = [virtio('a', true), virtio('b')];
    assert.deepEqual(plan(disks, {}), plan(disks, { ioThreadsPolicy: 'shared' }));
    assert.equal(plan(disks, {}).total, 2);
  });

  it('are always made for disks that want their own, beyond any limit; one is left for the others, and auto is as shared', () => {
    const disks = [...['a', 'b', 'c', 'd', 'e', 'f'].map((name) => virtio(name, true)), virtio('g'), virtio('h')];
    const of = (ioThreadsPolicy: 'shared' | 'auto') => plan(disks, { ioThreadsPolicy, cpu: { cores: 1 } });
    assert.deepEqual(of('auto'), of('shared'));
    assert.equal(of('auto').total, 7);
    assert.deepEqual(idsOf(disks, { ioThreadsPolicy: 'auto', cpu: { cores: 1 } }).join(''), '23456711');
  });

  it('leave one CPU, and so one thread, to all where the emulator has a CPU of its own', () => {
    const cpu = { cores: 4, dedicatedCpuPlacement: true, isolateEmulatorThread: true };
    assert.equal(plan([virtio('a'), virtio('b')], { ioThreadsPolicy: 'auto', cpu }).total, 1);
  });

  it('serve virtio disks only', () => {
    const disks: Disk[] = [
      { name: 'sata', disk: { bus: 'sata' } },
      virtio('a'),
      { name: 'cd', cdrom: { bus: 'sata' } },
    ];
    const made = plan(disks, { ioThreadsPolicy: 'auto', cpu: { cores: 4 } });
    assert.deepEqual([made.total, [...made.ofDisk.keys()]], [1, ['a']]);
  });

  it('stand in the domain: their number, and on each disk its own', () => {
    const volumes = page.map(({ name }) => ({ name, emptyDisk: { capacity: '1Gi' } }));
    const root = readXml(
      buildDomain(vmi({ volumes }, { ioThreadsPolicy: 'auto', cpu: { cores: 2 } }, { disks: page }), context()),
    );
    assert.deepEqual(one(root, 'iothreads')?.children, ['4']);
    assert.deepEqual(
      all(root, 'driver').flatMap(({ attributes }) => attributes['iothread'] ?? []),
      ['1', '3', '4', '2', '1', '2', '1'],
    );
  });

  it('of a supplemental pool all serve every virtio disk', () => {
    const volumes = page.map(({ name }) => ({ name, emptyDisk: { capacity: '1Gi' } }));
    const domain: Domain = { ioThreadsPolicy: 'supplementalPool', ioThreads: { supplementalPoolThreadCount: 2 } };
    const root = readXml(buildDomain(vmi({ volumes }, domain, { disks: page }), context()));
    const lists = all(one(root, 'devices')!, 'iothreads');
    assert.equal(lists.length, 7);
    assert.deepEqual(
      lists.map((list) => all(list, 'iothread').map(({ attributes }) => attributes['id'])),
      Array(7).fill(['1', '2']),
    );
  });

  it('hold for any VM: a dedicated thread serves one disk, every thread number exists', () => {
    const disks = fc
      .array(fc.record({ own: fc.boolean(), virtio: fc.boolean() }), { maxLength: 12 })
      .map((list) =>
        list.map(({ own, virtio: onVirtio }, index) =>
          onVirtio ? virtio(`d${index}`, own) : { name: `d${index}`, disk: { bus: 'sata' } },
        ),
      );
    const policy = fc.constantFrom(undefined, 'shared', 'auto');
    fc.assert(
      fc.property(disks, policy, fc.integer({ min: 1, max: 8 }), (list, ioThreadsPolicy, cores) => {
        const { total, shared, ofDisk } = plan(list, { ioThreadsPolicy, cpu: { cores } });
        const own = list.filter(({ name, dedicatedIOThread }) => dedicatedIOThread === true && ofDisk.has(name));
        const ids = own.flatMap(({ name }) => ofDisk.get(name) ?? []);
        assert.equal(new Set(ids).size, own.length);
        for (const id of ids) assert.ok(id > shared && id <= total);
        for (const threads of ofDisk.values()) for (const id of threads) assert.ok(id >= 1 && id <= total);
      }),
    );
  });
});
