import assert from 'node:assert/strict';
import type { DomainView, Hypervisor } from '../../../../src/agent/hypervisor/hypervisor.js';
import type { Launcher } from '../../../../src/agent/pod/launcher.js';
import { Session } from '../../../../src/agent/vm/session.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { FakeClock } from '../../kube/fake-clock.js';

const vmiWith = (
  more: Partial<VirtualMachineInstance['spec']> = { livenessProbe: { guestAgentPing: {} } },
  status: VirtualMachineInstance['status'] = {},
  metadata: VirtualMachineInstance['metadata'] = {},
): VirtualMachineInstance => ({
  metadata: { name: 'web', namespace: 'default', uid: 'vmi-1', ...metadata },
  spec: { domain: { devices: {} }, ...more },
  status: { phase: 'Running', ...status },
});

/** A session of a guest that has powered off, after its launcher was told to stop or was not. */
const sessionOf = (told: () => boolean, commands: string[][] = []) => {
  const view = { state: 'off', reason: 'shutdown', xml: { vmiUid: 'vmi-1', disks: [], interfaces: [] } };
  const hypervisor = { observe: () => Promise.resolve(view as unknown as DomainView), close: () => Promise.resolve() };
  const launcher = {
    alive: () => Promise.resolve(true),
    toldToStop: told,
    oomKills: () => Promise.resolve(0),
    connect: () => Promise.resolve(hypervisor as unknown as Hypervisor),
    workspace: () => Promise.resolve({ run: (command: string[]) => Promise.resolve(void commands.push(command)) }),
  } as unknown as Launcher;
  const clock = new FakeClock();
  return { session: new Session('vmi-1', 'pod-1', launcher, clock, () => undefined), clock };
};

describe('the stop of a guest with a liveness probe', () => {
  const unexplained = async (vmi: VirtualMachineInstance, told: () => boolean = () => true) =>
    (await sessionOf(told).session.look(vmi)).unexplainedForMs;

  it('is kubelet’s doing where its launcher was told to stop and nobody says why', async () => {
    assert.equal(await unexplained(vmiWith()), 0);
    const { session, clock } = sessionOf(() => true);
    await session.look(vmiWith());
    await clock.advance(700);
    assert.equal((await session.look(vmiWith())).unexplainedForMs, 700);
  });

  it('is not where the VM has no such probe, is deleted, or its pod is', async () => {
    assert.equal(await unexplained(vmiWith({})), undefined);
    assert.equal(await unexplained(vmiWith({ readinessProbe: { guestAgentPing: {} } })), undefined);
    assert.equal(await unexplained(vmiWith(undefined, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })), undefined);
    for (const reason of ['PodDeleted', 'Evicted', 'Preempted'])
      assert.equal(await unexplained(vmiWith(undefined, { reason })), undefined, reason);
  });

  it('is its own where nobody told its launcher to stop, or something hostile stands where that is written', async () => {
    assert.equal(await unexplained(vmiWith(), () => false), undefined);
    const hostile = () => {
      throw new Error('a link');
    };
    assert.equal(await unexplained(vmiWith(), hostile), undefined);
  });
});

describe('pings of a guest’s agent', () => {
  it('succeed by a file in the pod, while the VMI is annotated so', async () => {
    const commands: string[][] = [];
    const { session } = sessionOf(() => false, commands);
    const annotations = { 'kubevirt.io/pause-guest-agent-probes': 'true' };
    const file = '/var/run/kubevirt-private/vmi-1/probes-paused';
    await session.probePause.keep(vmiWith());
    await session.probePause.keep(vmiWith());
    assert.deepEqual(commands.splice(0), [['rm', '-f', file]], 'an agent before may have left it');
    await session.probePause.keep(vmiWith(undefined, {}, { annotations }));
    await session.probePause.keep(vmiWith(undefined, {}, { annotations }));
    assert.deepEqual(commands.splice(0), [['touch', file]]);
    await session.probePause.keep(vmiWith());
    assert.deepEqual(commands.splice(0), [['rm', '-f', file]]);
    await session.probePause.keep(vmiWith({ livenessProbe: { tcpSocket: { port: 22 } } }, {}, { annotations }));
    assert.deepEqual(commands, [], 'of a VM without such probes');
  });
});
