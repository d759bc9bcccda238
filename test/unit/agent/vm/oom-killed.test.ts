import assert from 'node:assert/strict';
import type { DomainChange, DomainView, Hypervisor } from '../../../../src/agent/hypervisor/hypervisor.js';
import type { Launcher } from '../../../../src/agent/pod/launcher.js';
import { Reconciler } from '../../../../src/agent/vm/reconciler.js';
import { SessionTable } from '../../../../src/agent/vm/session-table.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { FakeClock, settle } from '../../kube/fake-clock.js';

const vmiWith = (limit: string | undefined): VirtualMachineInstance => ({
  metadata: { name: 'web', namespace: 'default', uid: 'vmi-1', resourceVersion: '5' },
  spec: { domain: { devices: {}, ...(limit && { resources: { limits: { memory: limit } } }) } },
  status: {
    phase: 'Running',
    nodeName: 'node-1',
    launcherPod: { name: 'virt-launcher-web', uid: 'pod-1', containers: [{ name: 'compute', id: 'c1' }] },
  },
});

/** A guest that runs and crashes, in a pod whose count of kills the test sets; an Error: it cannot be read. */
const crash = async (before: number | Error, after: number | Error, limit?: string) => {
  let kills: number | Error | undefined = before;
  let asked = 0;
  let view = { state: 'running', xml: { vmiUid: 'vmi-1', disks: [], interfaces: [] } } as unknown as DomainView;
  let tell: ((change: DomainChange) => void) | undefined;
  const launcher = {
    alive: () => Promise.resolve(true),
    result: () => undefined,
    network: { resume: () => undefined, release: () => undefined },
    terminate: () => Promise.resolve(),
    tuneCpu: () => Promise.resolve(undefined),
    oomKills: () => {
      asked += 1;
      return kills instanceof Error ? Promise.reject(kills) : Promise.resolve(kills);
    },
    connect: (onChange: (change: DomainChange) => void) => {
      tell = onChange;
      const hypervisor = { observe: () => Promise.resolve(view), close: () => Promise.resolve() };
      return Promise.resolve(hypervisor as unknown as Hypervisor);
    },
  } as unknown as Launcher;
  const vmi = vmiWith(limit);
  const clock = new FakeClock();
  const events: string[] = [];
  let status: VirtualMachineInstance['status'];
  const reconciler = new Reconciler({
    client: {
      patch: <T>(_path: string, body: object) => {
        status = (body as VirtualMachineInstance).status;
        return Promise.resolve(vmi as T);
      },
    },
    events: { event: (_object, type, reason) => void events.push(`${type} ${reason}`) },
    sessions: new SessionTable({ nodeName: 'node-1', launcher: () => launcher, clock, changed: () => undefined }),
    get: () => vmi,
    startContext: () => ({
      config: resolveClusterConfig(),
      kvmUsable: true,
      nodeLabels: {},
      nodeHasSwap: false,
      passt: true,
    }),
    clock,
    log: silentLog,
  });
  await reconciler.handle('default/web');
  await reconciler.handle('default/web');
  assert.equal(asked, before instanceof Error ? 2 : 1, 'once while it runs');
  kills = after;
  tell?.({ kind: 'stopped', reason: 'crashed' });
  await settle();
  // The pod ends, and its cgroup with it.
  kills = undefined;
  view = { ...view, state: 'off', reason: 'crashed' };
  await reconciler.handle('default/web');
  return { status, events };
};

describe('a guest that the kernel killed for its memory', () => {
  it('fails with that reason, and says what limit was too low', async () => {
    const { status, events } = await crash(0, 1, '64Mi');
    assert.equal(status?.phase, 'Failed');
    assert.equal(status.reason, 'OOMKilled');
    assert.deepEqual(events, ['Warning OOMKilled']);
    const told = status.conditions?.find(({ type }) => type === 'Synchronized');
    assert.equal(told?.reason, 'OOMKilled');
    assert.match(told.message ?? '', /more than the pod's limit of 64Mi and the overhead: raise limits\.memory/);
  });

  it('without a limit is told that the node had no memory left', async () => {
    const { status } = await crash(3, 4);
    assert.match(status?.conditions?.[0]?.message ?? '', /the node had none left: give the VM requests\.memory/);
  });

  it('is not one that crashed by itself, whatever was killed in its pod before it ran', async () => {
    for (const [before, after] of [
      [0, 0],
      [2, 2],
      [2, new Error('the launcher pod has ended')],
    ] as const) {
      const { status, events } = await crash(before, after);
      assert.deepEqual([status?.reason, events], ['The VirtualMachineInstance crashed.', ['Warning Stopped']]);
    }
  });

  it('is known where the count could not be read before', async () =>
    assert.equal((await crash(new Error('no mount'), 1)).status?.reason, 'OOMKilled'));
});
