import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { needsTestBed } from './support/bed.js';
import { inGuest } from './support/guest.js';
import { apply, get, remove } from './support/api.js';
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
    await apply(instance(namespace, 'pinned', spec));
    await untilPhase(namespace, 'pinned', 'Running', 360);
    const { status } = (await get<VirtualMachineInstance>(namespace, 'vmi', 'pinned')) ?? {};
    assert.equal(status?.qosClass, 'Guaranteed');
    const threads = threadsOf(Object.keys(status.activePods ?? {})[0] ?? 'none');
    const vcpu = threads.get('CPU 0/TCG') ?? threads.get('CPU 0/KVM');
    assert.equal(vcpu, '1', JSON.stringify([...threads]));
    assert.equal(threads.get('IO iothread1'), '1', JSON.stringify([...threads]));
    await inGuest(namespace, 'pinned', async (shell) => assert.equal(await shell.run('nproc'), '1'));
    await remove(namespace, 'vmi', 'pinned');
    await untilGone(namespace, 'vmi', 'pinned', 240);
  });
});
