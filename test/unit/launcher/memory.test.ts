import assert from 'node:assert/strict';
import type { KubeVirtConfiguration } from '../../../src/api/schema/kubevirt-configuration.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { MEBIBYTE, parseQuantity } from '../../../src/api/quantity.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { memoryOverhead } from '../../../src/launcher/overhead.js';
import { buildDomain } from '../../../src/domain/index.js';
import { config, context, vmi } from '../domain/fixtures.js';
import { one, readXml } from '../domain/read-xml.js';

type Domain = VirtualMachineInstance['spec']['domain'];

const compute = (domain: Partial<Domain>, configuration: KubeVirtConfiguration = {}) => {
  const subject = vmi({}, domain, domain.devices);
  const pod = buildLauncherPod(subject, { config: config(configuration), launcherImage: 'localhost/launcher' });
  const { requests, limits } = pod.spec.containers[0]!.resources;
  const overhead = memoryOverhead(subject, config(configuration));
  const bytes = (text: string | undefined) => (text === undefined ? undefined : parseQuantity(text).value());
  return { requests, limits, overhead, request: bytes(requests['memory']), limit: bytes(limits['memory']) };
};

describe('the memory of a launcher pod', () => {
  const M = 1_000_000n;

  it('is the request and the overhead in each of the eight ways to save memory', () => {
    for (const graphics of [true, false])
      for (const overcommitGuestOverhead of [true, false])
        for (const guest of ['1024M', '2048M']) {
          const domain = {
            devices: { autoattachGraphicsDevice: graphics },
            memory: { guest },
            resources: { requests: { memory: '1024M' }, overcommitGuestOverhead },
          };
          const { request, limit, overhead } = compute(domain);
          assert.equal(request, 1024n * M + (overcommitGuestOverhead ? 0n : overhead));
          assert.equal(limit, undefined);
          const root = readXml(buildDomain(vmi({}, domain, domain.devices), context()));
          assert.deepEqual(one(root, 'memory')?.children, [String(parseQuantity(guest).value())]);
          assert.equal(one(root, 'graphics') !== undefined, graphics);
        }
  });

  it('has exactly 16 MiB less without graphics, whatever the guest’s size', () => {
    for (const guest of ['64Mi', '1Gi', '16Gi'])
      for (const cores of [1, 4, 64]) {
        const of = (autoattachGraphicsDevice: boolean) =>
          compute({ memory: { guest }, cpu: { cores }, devices: { autoattachGraphicsDevice } }).overhead;
        assert.equal(of(true) - of(false), 16n * MEBIBYTE);
      }
  });

  it('keeps the overhead in the limit where the request leaves it out', () => {
    const { request, limit, overhead } = compute({
      memory: { guest: '1Gi' },
      resources: { requests: { memory: '1Gi' }, limits: { memory: '2Gi' }, overcommitGuestOverhead: true },
    });
    assert.equal(request, 1024n * MEBIBYTE);
    assert.equal(limit, 2048n * MEBIBYTE + overhead);
  });

  it('takes a limit of zero for none', () => {
    const { request, limit, overhead } = compute({ memory: undefined, resources: { limits: { memory: 0 } } });
    assert.equal(limit, undefined);
    assert.equal(request, 1024n * MEBIBYTE + overhead);
  });

  it('is not overcommitted by the cluster where the VM has CPUs of its own: such a pod gets no more than it requests', () => {
    const overcommit = { developerConfiguration: { memoryOvercommit: 150 } };
    const domain = { memory: { guest: '1500M' }, cpu: { cores: 2, dedicatedCpuPlacement: true } };
    const { request, limit, overhead } = compute(domain, overcommit);
    assert.deepEqual([request, limit], [1500n * M + overhead, 1500n * M + overhead]);
    const other = compute({ memory: { guest: '1500M' } }, overcommit);
    assert.equal(other.request, 1000n * M + other.overhead);
  });

  it('is not overcommitted by the cluster where the VM requests some itself', () => {
    const configuration = { developerConfiguration: { memoryOvercommit: 150 } };
    const asked = compute({ memory: { guest: '3Gi' }, resources: { requests: { memory: '3Gi' } } }, configuration);
    assert.equal(asked.request, 3072n * MEBIBYTE + asked.overhead);
    const free = compute({ memory: { guest: '3Gi' } }, configuration);
    assert.equal(free.request, 2048n * MEBIBYTE + free.overhead);
  });
});

describe('huge pages of a launcher pod', () => {
  const huge = (more: Partial<Domain> = {}, pageSize = '2Mi') =>
    compute({ memory: { guest: '1Gi', hugepages: { pageSize } }, ...more });

  it('are the guest’s memory, requested and limited; the overhead alone is ordinary memory', () => {
    const { requests, limits, request, limit, overhead } = huge();
    assert.equal(requests['hugepages-2Mi'], '1Gi');
    assert.equal(limits['hugepages-2Mi'], '1Gi');
    assert.equal(request, overhead);
    assert.equal(limit, undefined);
    // Page tables of huge pages are next to nothing.
    assert.ok(overhead < compute({ memory: { guest: '1Gi' } }).overhead);
  });

  it('have Kubernetes’ name for their size, however it is written', () => {
    assert.equal(huge({}, '2048Ki').requests['hugepages-2Mi'], '1Gi');
    assert.equal(huge({}, '1Gi').requests['hugepages-1Gi'], '1Gi');
  });

  it('leave what is requested beyond the guest ordinary memory', () => {
    const { request, limit, overhead } = huge({
      resources: { requests: { memory: '1280Mi' }, limits: { memory: '1536Mi' } },
    });
    assert.equal(request, 256n * MEBIBYTE + overhead);
    assert.equal(limit, 512n * MEBIBYTE + overhead);
  });

  it('go with dedicated CPUs in a pod of class Guaranteed', () => {
    const { requests, limits } = huge({ cpu: { cores: 2, dedicatedCpuPlacement: true } });
    for (const name of ['cpu', 'memory', 'hugepages-2Mi']) assert.equal(requests[name], limits[name], name);
  });

  it('are not overcommitted by the cluster', () => {
    const configuration = { developerConfiguration: { memoryOvercommit: 200 } };
    const { requests, request, overhead } = compute(
      { memory: { guest: '1Gi', hugepages: { pageSize: '2Mi' } } },
      configuration,
    );
    assert.equal(requests['hugepages-2Mi'], '1Gi');
    assert.equal(request, overhead);
  });
});

describe('locked memory of a launcher pod', () => {
  const locked = { memory: { guest: '1Gi', reservedOverhead: { memLock: 'Required' as const } } };

  it('is limited to what is requested, and not overcommitted by the cluster', () => {
    const { request, limit, overhead } = compute(locked, { developerConfiguration: { memoryOvercommit: 200 } });
    assert.equal(request, 1024n * MEBIBYTE + overhead);
    assert.equal(limit, request);
    const own = compute({ ...locked, resources: { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } } });
    assert.equal(own.limit, 2048n * MEBIBYTE + own.overhead);
  });

  it('is so for all that the cluster locks, but for VMs that are overcommitted or say no', () => {
    const memoryLocking = 'Always';
    assert.ok(compute({ memory: { guest: '1Gi' } }, { memoryLocking }).limit !== undefined);
    const more = { memory: { guest: '2Gi' }, resources: { requests: { memory: '1Gi' } } };
    assert.equal(compute(more, { memoryLocking }).limit, undefined);
    const no = { memory: { guest: '1Gi', reservedOverhead: { memLock: 'NotRequired' as const } } };
    assert.equal(compute(no, { memoryLocking }).limit, undefined);
  });
});
