import assert from 'node:assert/strict';
import type { Hypervisor } from '../../../src/agent/hypervisor/hypervisor.js';
import type { Launcher } from '../../../src/agent/pod/launcher.js';
import { Reconciler } from '../../../src/agent/vm/reconciler.js';
import { SessionTable } from '../../../src/agent/vm/session-table.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { silentLog } from '../../../src/kube/program/log.js';
import { WorkQueue } from '../../../src/kube/work/work-queue.js';
import { COMPUTE_CONTAINER } from '../../../src/launcher/index.js';
import { FakeClock } from '../../unit/kube/fake-clock.js';

/** As long as a call to a libvirtd is waited for (agent/libvirt-hypervisor.ts), and a command in a pod. */
const SILENCE_MS = 60_000;
const LIMIT_MS = 5_000;

const vmi = (key: string): VirtualMachineInstance => {
  const [namespace, name] = key.split('/');
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name, namespace, uid: key, resourceVersion: '1' },
    spec: { domain: { devices: {} } },
    status: {
      phase: 'Scheduled',
      nodeName: 'node-1',
      launcherPod: {
        name: `virt-launcher-${name}`,
        uid: `pod-${namespace}-${name}`,
        containers: [{ name: COMPUTE_CONTAINER, id: '0123456789ab' }],
      },
    },
  };
};

/** A node's agent whose starts are seen; what a start asks for first is the workspace. */
const node = (hostileStep: 'workspace' | 'foreign domain') => {
  const clock = new FakeClock();
  const begin = clock.now();
  const startedAt = new Map<string, number>();
  const objects = new Map<string, VirtualMachineInstance>();
  const silent = <T>(): Promise<T> =>
    new Promise((_resolve, reject) => clock.after(SILENCE_MS, () => reject(new Error('does not answer'))));
  const launcher = (of: VirtualMachineInstance): Launcher => {
    const key = of.metadata!.uid!;
    const isHostile = key.includes('hostile');
    const foreign = { state: 'running', xml: { vmiUid: 'another' } };
    const hypervisor = {
      // A domain of another VMI has to go first, which libvirtd is asked for.
      observe: () => Promise.resolve(isHostile && hostileStep === 'foreign domain' ? foreign : undefined),
      destroy: silent,
      close: () => Promise.resolve(),
    };
    return {
      alive: () => Promise.resolve(true),
      connect: () => Promise.resolve(hypervisor as unknown as Hypervisor),
      network: { release: () => undefined },
      workspace: () => {
        startedAt.set(key, clock.now() - begin);
        return isHostile ? silent() : Promise.reject(new Error('seen'));
      },
    } as unknown as Launcher;
  };
  const sessions: SessionTable = new SessionTable({
    nodeName: 'node-1',
    launcher,
    clock,
    changed: (key, afterMs) => queue.addAfter(key, afterMs),
  });
  const reconciler = new Reconciler({
    client: { patch: <T>() => Promise.resolve(vmi('a/b') as T) },
    events: { event: () => undefined },
    sessions,
    get: (key) => objects.get(key),
    startContext: () => ({
      config: resolveClusterConfig(),
      kvmUsable: false,
      nodeLabels: {},
      nodeHasSwap: false,
      passt: true,
    }),
    clock,
    log: silentLog,
  });
  const queue: WorkQueue = new WorkQueue({ name: 'vms', handler: reconciler.handle, workers: 1024, clock });
  queue.start();
  const add = (key: string): void => {
    objects.set(key, vmi(key));
    queue.add(key);
  };
  return { clock, startedAt, add };
};

describe('60 pods whose starts hang', function () {
  this.timeout(300_000);

  for (const step of ['workspace', 'foreign domain'] as const) {
    const where = step === 'workspace' ? 'a command in the pod' : 'libvirtd';
    it(`of one tenant at ${where} delay the start of another's VM by no more than ${LIMIT_MS / 1000} s`, async () => {
      const { clock, startedAt, add } = node(step);
      for (let index = 0; index < 60; index += 1) add(`tenant/hostile-${index}`);
      await clock.advance(1);
      add('stranger/vm');
      await clock.advance(LIMIT_MS);
      assert.ok(startedAt.has('stranger/vm'), 'it still waits');
    });

    it(`of 60 tenants at ${where} do no more, at once nor when they come back`, async () => {
      const { clock, startedAt, add } = node(step);
      for (let index = 0; index < 60; index += 1) add(`tenant-${index}/hostile`);
      await clock.advance(1);
      add('first/vm');
      await clock.advance(LIMIT_MS);
      assert.ok(startedAt.has('first/vm'), 'it still waits');
      // They fail after a minute and come again and again.
      await clock.advance(3 * SILENCE_MS);
      const now = clock.now();
      add('second/vm');
      await clock.advance(LIMIT_MS);
      assert.ok(startedAt.has('second/vm'), `it still waits after ${clock.now() - now} ms`);
    });
  }

  it('do not keep the other VMs of their own namespace for ever', async () => {
    const { clock, startedAt, add } = node('workspace');
    for (let index = 0; index < 60; index += 1) add(`tenant/hostile-${index}`);
    await clock.advance(1);
    add('tenant/vm');
    // Ten rounds of the time after which a place is lent to anybody.
    await clock.advance(105_000);
    assert.ok(startedAt.has('tenant/vm'));
  });
});
