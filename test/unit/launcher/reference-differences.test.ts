import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { MEBIBYTE } from '../../../src/api/quantity.js';
import { buildLauncherPod, type LauncherPod } from '../../../src/launcher/index.js';
import { memoryOverhead } from '../../../src/launcher/overhead.js';
import { config, typical, vmi } from '../domain/fixtures.js';

/* Our side of the rows of scripts/rendered-differences.ts; what KubeVirt does stands there. */

type Domain = VirtualMachineInstance['spec']['domain'];

const pod = (subject: VirtualMachineInstance): LauncherPod =>
  buildLauncherPod(subject, { config: config(), launcherImage: 'localhost/launcher' });
const compute = (domain: Partial<Domain>) => pod(vmi({}, domain)).spec.containers[0]!.resources;

describe('a launcher pod differs from KubeVirt’s: it', () => {
  it('is Guaranteed where memory is limited to its request', () => {
    for (const resources of [
      { limits: { memory: '1Gi' } },
      { limits: { memory: '1Gi' }, requests: { memory: '1Gi' } },
    ]) {
      const { requests, limits } = compute({ cpu: { cores: 2 }, resources });
      assert.equal(requests['cpu'], '2');
      assert.equal(limits['cpu'], '2');
      assert.equal(requests['memory'], limits['memory']);
    }
  });
  it('keeps every container of a Guaranteed pod at its limit', () => {
    const subject = typical();
    subject.spec.domain.resources = { limits: { memory: '1Gi' } };
    const { containers, initContainers = [] } = pod(subject).spec;
    assert.ok(containers.length > 1 && initContainers.length > 0);
    for (const { name, resources } of [...containers, ...initContainers])
      for (const key of ['cpu', 'memory']) assert.equal(resources.requests[key], resources.limits[key], name);
  });
  it('has an overhead of its own, from the guest’s memory', () => {
    const overhead = (guest: string, request: string) =>
      memoryOverhead(vmi({}, { memory: { guest }, resources: { requests: { memory: request } } }), config());
    // Fixed 86, vCPU 2, graphics 16, page tables twice 2.
    assert.equal(overhead('1Gi', '512Mi') / MEBIBYTE, 108n);
    assert.equal(overhead('1Gi', '512Mi'), overhead('1Gi', '1Gi'));
  });
  it('has CPU for a pool’s threads under the pool’s policy only', () => {
    const ioThreads = { supplementalPoolThreadCount: 3 };
    assert.equal(compute({ ioThreads, ioThreadsPolicy: 'supplementalPool' }).requests['cpu'], '400m');
    assert.equal(compute({ ioThreads, ioThreadsPolicy: 'auto' }).requests['cpu'], '100m');
  });
  it('asks for KVM, and for taps where it has one', () => {
    const { limits } = pod(typical()).spec.containers[0]!.resources;
    const devices = Object.keys(limits).filter((name) => name.includes('/'));
    assert.deepEqual(devices, ['devices.kubevirt.io/kvm', 'devices.kubevirt.io/tun']);
  });
});
