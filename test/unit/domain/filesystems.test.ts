import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildDomain } from '../../../src/domain/index.js';
import { context, vmi } from './fixtures.js';
import { all, one, readXml } from './read-xml.js';

type Spec = VirtualMachineInstance['spec'];
const conf = { name: 'conf', configMap: { name: 'app' } };
const build = (filesystems: readonly string[], volumes: Spec['volumes'], domain: Partial<Spec['domain']> = {}) => {
  const machine = vmi({ volumes }, domain);
  machine.spec.domain.devices = {
    ...machine.spec.domain.devices,
    disks: [],
    filesystems: filesystems.map((name) => ({ name, virtiofs: {} })),
  };
  return readXml(buildDomain(machine, context()));
};

describe('file systems of a guest', () => {
  it('are virtio devices that the guest mounts by their names, in the order of the spec', () => {
    const root = build(['b', 'conf'], [conf, { name: 'b', secret: { secretName: 's' } }]);
    const [first, second] = all(root, 'filesystem');
    assert.deepEqual(first?.attributes, { type: 'mount', accessmode: 'passthrough' });
    assert.deepEqual(one(first, 'driver')?.attributes, { type: 'virtiofs', queue: '1024' });
    assert.deepEqual(one(first, 'source')?.attributes, {
      socket: '/var/run/kubevirt/virtiofs-containers/b.sock',
    });
    assert.deepEqual(one(first, 'target')?.attributes, { dir: 'b' });
    assert.deepEqual(one(second!, 'target')?.attributes, { dir: 'conf' });
  });

  it('share the guest’s memory, which is not all there at the start', () => {
    const backing = one(build(['conf'], [conf]), 'memoryBacking')!;
    assert.equal(one(backing, 'source')?.attributes['type'], 'memfd');
    assert.equal(one(backing, 'access')?.attributes['mode'], 'shared');
    assert.equal(one(backing, 'allocation'), undefined);
  });

  it('have it there in huge pages, of which their containers have none', () => {
    const memory = { guest: '1Gi', hugepages: { pageSize: '2Mi' } };
    const backing = one(build(['conf'], [conf], { memory }), 'memoryBacking')!;
    assert.equal(one(backing, 'allocation')?.attributes['mode'], 'immediate');
    assert.equal(one(backing, 'access')?.attributes['mode'], 'shared');
  });

  it('have it there where the pod’s limits are its requests', () => {
    const limits = { requests: { memory: '1Gi' }, limits: { memory: '1Gi' } };
    const backing = one(build(['conf'], [conf], { resources: limits }), 'memoryBacking')!;
    assert.equal(one(backing, 'allocation')?.attributes['mode'], 'immediate');
  });

  it('are not there for what has no files', () => {
    const error = { code: 'InvalidValue', message: /"disk" is no volume whose files a guest can have/ };
    assert.throws(() => build(['disk'], [{ name: 'disk', emptyDisk: { capacity: '1Gi' } }]), error);
    assert.throws(() => build(['disk'], []), error);
  });
});
