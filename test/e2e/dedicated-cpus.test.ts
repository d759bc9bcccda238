import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { MEBIBYTE, quantityBytes } from '../../src/api/quantity.js';
import type { KubernetesObject, Pod } from '../../src/kube/types.js';
import { needsTestBed } from './support/bed.js';
import { inGuest } from './support/guest.js';
import { apply, get, list, remove } from './support/api.js';
import { instance, tinySpec, untilGone, untilPhase, useNamespace } from './support/machines.js';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It ended meanwhile.
  }
};

/** The CPUs that each of QEMU's threads in a pod may use, by the thread's name. */
const threadsOf = (podUid: string): Map<string, string> => {
  const threads = new Map<string, string>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!read(`/proc/${pid}/comm`).startsWith('qemu-system') || !read(`/proc/${pid}/cgroup`).includes(podUid)) continue;
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const cpus = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read(`/proc/${pid}/task/${task}/status`))?.[1];
      threads.set(read(`/proc/${pid}/task/${task}/comm`).trim(), cpus ?? '');
    }
  }
  return threads;
};

const kib = (text: string, name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);

/** What the processes of a pod have: of huge pages, of ordinary ones, and of page tables. */
const processesOf = (podUid: string): { hugeKib: number; pssKib: number; tablesKib: number }[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/cgroup`).includes(podUid))
    .map((pid) => {
      const status = read(`/proc/${pid}/status`);
      return {
        hugeKib: kib(status, 'HugetlbPages'),
        pssKib: kib(read(`/proc/${pid}/smaps_rollup`), 'Pss'),
        tablesKib: kib(status, 'VmPTE'),
      };
    });

/** Whether the node has some for a guest; kubelet counted them when it started. */
const freeHugePages = async (): Promise<boolean> => {
  const [node] = await list<KubernetesObject & { status?: { allocatable?: Record<string, string> } }>('', 'node');
  return quantityBytes(node?.status?.allocatable?.['hugepages-2Mi']) >= 128n * MEBIBYTE;
};

/* kubelet's CPU manager is static on the test bed, and has one CPU to give away. */
describe('a VM with dedicated CPUs', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-dedicated-cpus');
  before(function () {
    needsTestBed(this, 'its threads are looked at on the node');
  });

  it('runs in a Guaranteed pod, its vCPU and its I/O thread on the one CPU that is the pod’s own', async () => {
    const spec = tinySpec();
    spec.domain.cpu = { cores: 1, dedicatedCpuPlacement: true };
    spec.domain.resources = { requests: { memory: '128Mi' }, limits: { memory: '128Mi' } };
    spec.domain.ioThreadsPolicy = 'shared';
    const pages = await freeHugePages();
    if (pages) {
      spec.domain.memory = { guest: '128Mi', hugepages: { pageSize: '2Mi' } };
      spec.domain.cpu.numa = { guestMappingPassthrough: {} };
    } else process.stderr.write('      no huge pages on this machine: without them, and without NUMA passthrough\n');
    await apply(instance(namespace, 'pinned', spec));
    await untilPhase(namespace, 'pinned', 'Running', 360);
    const { status } = (await get<VirtualMachineInstance>(namespace, 'vmi', 'pinned')) ?? {};
    assert.equal(status?.qosClass, 'Guaranteed');
    const pod = Object.keys(status.activePods ?? {})[0] ?? 'none';
    const threads = threadsOf(pod);
    const vcpu = threads.get('CPU 0/TCG') ?? threads.get('CPU 0/KVM');
    assert.equal(vcpu, '1', JSON.stringify([...threads]));
    assert.equal(threads.get('IO iothread1'), '1', JSON.stringify([...threads]));
    if (pages) {
      assert.deepEqual(
        processesOf(pod)
          .map(({ hugeKib }) => hugeKib)
          .filter((kib) => kib > 0),
        [128 * 1024],
      );
      const requested = (await get<Pod>(namespace, 'pod', status.launcherPod?.name ?? ''))?.spec?.containers?.[0];
      const memory = quantityBytes(requested?.resources?.requests?.['memory']);
      assert.equal(requested?.resources?.limits?.['hugepages-2Mi'], '128Mi');
      const usedKib = processesOf(pod).reduce((sum, { pssKib, tablesKib }) => sum + pssKib + tablesKib, 0);
      assert.ok(BigInt(Math.round(usedKib)) * 1024n < memory, `${usedKib} KiB used, ${memory} bytes requested`);
    }
    await inGuest(namespace, 'pinned', async (shell) => assert.equal(await shell.run('nproc'), '1'));
    await remove(namespace, 'vmi', 'pinned');
    await untilGone(namespace, 'vmi', 'pinned', 240);
  });
});
