import assert from 'node:assert/strict';
import { CRASHED, ENDED_BY_FORCE } from '../../../../src/agent-api/instance-end.js';
import { timestamp } from '../../../../src/api/timestamp.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { decideVm, type VmPlan } from '../../../../src/controller/vm/decision.js';
import {
  nextTermination,
  terminationEvents,
  terminationFailure,
} from '../../../../src/controller/vm/last-termination.js';
import { instance, machine, NOW, UID } from '../objects.js';

const at = (seconds: number): string => timestamp(NOW + seconds * 1000);

type Status = NonNullable<VirtualMachineInstance['status']>;
interface Ending {
  phase: 'Succeeded' | 'Failed';
  reason?: string;
  /** A condition Synchronized that is False says so. */
  told?: string;
  /** Whether it ran. */
  ran?: boolean;
  /** Second at which its deletion was asked for; it ended at 10. */
  deleted?: number;
}

const ended = ({ phase, reason, told, ran = true, deleted }: Ending): VirtualMachineInstance => {
  const phaseTransitionTimestamps: Status['phaseTransitionTimestamps'] = [
    ...(ran ? [{ phase: 'Running', phaseTransitionTimestamp: at(0) }] : []),
    { phase, phaseTransitionTimestamp: at(10) },
  ];
  return instance(
    {
      phase,
      phaseTransitionTimestamps,
      ...(reason === undefined ? {} : { reason }),
      ...(told === undefined
        ? {}
        : { conditions: [{ type: 'Synchronized', status: 'False', reason: 'Why', message: told }] }),
    },
    {
      annotations: { 'kubevirt.io/vm-generation': '4' },
      ...(deleted === undefined ? {} : { deletionTimestamp: at(deleted) }),
    },
  );
};

describe('how an instance ended, as its VM keeps it', () => {
  const table: [string, string | undefined, Ending, RegExp][] = [
    ['PoweredOff', 'Guest', { phase: 'Succeeded' }, /the guest powered off/],
    ['Stopped', 'User', { phase: 'Succeeded', deleted: 5 }, /stopped on request/],
    ['Stopped', 'User', { phase: 'Failed', ran: false, deleted: 5 }, /stopped on request/],
    ['Forced', 'User', { phase: 'Failed', reason: ENDED_BY_FORCE, deleted: 5 }, /by force/],
    ['Forced', 'User', { phase: 'Failed', reason: 'libvirtd could not be reached', deleted: 5 }, /libvirtd/],
    ['Crashed', undefined, { phase: 'Failed', reason: CRASHED }, /crashed/],
    ['Crashed', undefined, { phase: 'Failed', reason: CRASHED, deleted: 5 }, /crashed/],
    ['Crashed', undefined, { phase: 'Failed', reason: 'PodGone', told: 'the pod is gone' }, /the pod is gone/],
    ['OOMKilled', 'Kernel', { phase: 'Failed', reason: 'OOMKilled', told: 'for its memory' }, /memory/],
    ['Evicted', 'Kubelet', { phase: 'Failed', reason: 'Evicted', told: 'low on memory' }, /low on memory/],
    ['Evicted', undefined, { phase: 'Succeeded', reason: 'Evicted' }, /Evicted/],
    ['Preempted', 'Scheduler', { phase: 'Succeeded', reason: 'Preempted' }, /Preempted/],
    ['PodDeleted', undefined, { phase: 'Succeeded', reason: 'PodDeleted' }, /PodDeleted/],
    ['NodeGone', undefined, { phase: 'Failed', reason: 'NodeGone', told: 'node a was removed' }, /node a was removed/],
    ['FailedToStart', undefined, { phase: 'Failed', ran: false, reason: 'the image has no /disk' }, /no \/disk/],
  ];
  for (const [reason, by, ending, message] of table) {
    it(`${reason}${by === undefined ? '' : ` by ${by}`}: ${JSON.stringify(ending)}`, () => {
      const last = nextTermination(undefined, ended(ending));
      assert.deepEqual([last?.reason, last?.by, last?.time], [reason, by, at(10)]);
      assert.deepEqual([last?.instanceUID, last?.generation], [UID, 4]);
      assert.match(last?.message ?? '', message);
    });
  }

  it('stays when the instance is deleted and gone, and is bounded and visible, whoever wrote it', () => {
    const crashed = nextTermination(undefined, ended({ phase: 'Failed', reason: `\u001b[31m${'x'.repeat(9000)}` }));
    assert.equal(crashed?.message?.length, 1024);
    assert.match(crashed.message, /^\\x1b\[31mx/);
    assert.equal(nextTermination(crashed, ended({ phase: 'Succeeded', deleted: 5 })), crashed);
    assert.equal(nextTermination(crashed, undefined), crashed);
    assert.equal(nextTermination(crashed, instance({ phase: 'Running' })), crashed);
    // What the pod says later explains it.
    const killed = nextTermination(crashed, ended({ phase: 'Failed', reason: 'OOMKilled', deleted: 11 }));
    assert.equal(killed?.reason, 'OOMKilled');
    // Another instance's end.
    const next = { ...ended({ phase: 'Succeeded' }), metadata: { uid: 'next' } };
    assert.equal(nextTermination(killed, next)?.reason, 'PoweredOff');
  });

  it('waits for the VMI controller’s word about the pod', () => {
    const vmi = ended({ phase: 'Succeeded' });
    const unseen = { ...vmi, status: { ...vmi.status, conditions: [{ type: 'Ready', status: 'True' }] } };
    assert.equal(nextTermination(undefined, unseen), undefined);
  });

  it('is told once by an event, as a warning when nobody wanted it', () => {
    const last = nextTermination(undefined, ended({ phase: 'Failed', reason: CRASHED }));
    const message = `the last instance ended: ${CRASHED}`;
    assert.deepEqual(terminationEvents(undefined, last), [{ type: 'Warning', reason: 'Crashed', message }]);
    assert.deepEqual(terminationEvents(last, last), []);
    const off = nextTermination(undefined, ended({ phase: 'Succeeded' }));
    assert.equal(terminationEvents(undefined, off)[0]?.type, 'Normal');
    const stopped = nextTermination(undefined, ended({ phase: 'Succeeded', deleted: 5 }));
    assert.deepEqual(terminationEvents(undefined, stopped), []);
  });

  it('is the VM’s Failure until it runs again, with the next try', () => {
    const last = nextTermination(undefined, ended({ phase: 'Failed', ran: false, reason: 'no /disk' }));
    const waiting = { consecutiveFailCount: 3, retryAfterTimestamp: at(160) };
    assert.deepEqual(terminationFailure(machine(), last, waiting), {
      reason: 'FailedToStart',
      message: `failed to start 3 times in a row: no /disk; next try at ${at(160)}, or now: kubectl virt start web -n ns`,
    });
    assert.equal(terminationFailure(machine(), last, undefined)?.message, 'no /disk');
    for (const ending of [{ phase: 'Succeeded' as const }, { phase: 'Succeeded' as const, deleted: 5 }])
      assert.equal(terminationFailure(machine(), nextTermination(undefined, ended(ending)), undefined), undefined);
  });
});

describe('a VM that backs off', () => {
  const lastTermination = nextTermination(undefined, ended({ phase: 'Failed', ran: false, reason: 'no /disk' }));
  const startFailure = { consecutiveFailCount: 3, retryAfterTimestamp: at(160), lastFailedVMIUID: UID };
  const look = (generation: number, more = {}): VmPlan =>
    decideVm({
      vm: machine(
        { runStrategy: 'Always' },
        { metadata: { generation }, status: { startFailure, lastTermination, ...more } },
      ),
      vmi: undefined,
      foreign: false,
      storage: { provider: 'none', dataVolumes: new Map() },
      now: NOW,
      chance: 0,
    });

  it('waits, but not once its manifest was changed or a start was asked for', () => {
    const creates = (plan: VmPlan): boolean => plan.steps.some((step) => step.do === 'create');
    assert.equal(creates(look(4)), false);
    assert.equal(look(4).requeueAfterMs, 160_000);
    assert.equal(creates(look(5)), true);
    assert.equal(creates(look(4, { startFailure: { consecutiveFailCount: 0, lastFailedVMIUID: UID } })), true);
  });
});
