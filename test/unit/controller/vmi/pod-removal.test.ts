import assert from 'node:assert/strict';
import { timestamp } from '../../../../src/api/timestamp.js';
import { findCondition } from '../../../../src/api/vmi/condition.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { decideVmi } from '../../../../src/controller/vmi/decision.js';
import type { VmiPlan } from '../../../../src/controller/vmi/plan.js';
import { mergePatch } from '../../../../src/kube/client/patch.js';
import type { SlimPod } from '../../../../src/controller/cache-transforms.js';
import { instance, NOW, pod, runningPod } from '../objects.js';

const look = (vmi: VirtualMachineInstance, pods: SlimPod[]): VmiPlan =>
  decideVmi({ vmi, pods, nodeGone: false, ownerGone: false, now: NOW });
const at = (seconds: number): string => timestamp(NOW + seconds * 1000);
const condition = ({ after }: VmiPlan, type: string) => findCondition(after.status?.conditions, type);

/** A VMI that its agent has; it entered the phase 5 s ago. */
const vmiIn = (
  phase: string,
  status: VirtualMachineInstance['status'] = {},
  metadata: VirtualMachineInstance['metadata'] = {},
): VirtualMachineInstance =>
  instance(
    {
      phase,
      nodeName: 'node-a',
      activePods: { 'pod-uid': 'node-a' },
      phaseTransitionTimestamps: [{ phase, phaseTransitionTimestamp: at(-5) }],
      ...status,
    },
    metadata,
  );
const deletedVmi = { deletionTimestamp: at(-1) };

/** Its deletion was asked for then, with 60 s of grace. */
const goingPod = (since: number, status: SlimPod['status'] = {}): SlimPod => {
  const running = runningPod(status);
  const times = { deletionTimestamp: at(since + 60), deletionGracePeriodSeconds: 60 };
  return { ...running, metadata: { ...running.metadata, ...times } };
};
const disruption = (reason: string, message: string): SlimPod['status'] => ({
  conditions: [
    { type: 'Ready', status: 'True' },
    { type: 'DisruptionTarget', status: 'True', reason, message },
  ],
});
const LOW = 'The node was low on resource: memory.';
/** Kubelet before 1.22 writes nothing else; newer ones keep the containers' states. */
const evictedPod = (more: SlimPod['status'] = {}): SlimPod =>
  pod({ phase: 'Failed', reason: 'Evicted', message: LOW, ...more });

describe('a pod that is taken away', () => {
  it('is told once, in status and event, while the guest powers off', () => {
    const first = look(vmiIn('Running'), [goingPod(-1)]);
    assert.equal(first.after.status?.phase, 'Running');
    assert.equal(first.after.status.reason, 'PodDeleted');
    assert.equal(condition(first, 'Ready')?.reason, 'PodTerminating');
    assert.deepEqual(
      first.events.map(({ type, reason }) => [type, reason]),
      [['Warning', 'PodDeleted']],
    );
    assert.match(first.events[0]!.message, /virt-launcher-web-\w+ was evicted or deleted: its guest powers off/);
    const second = look(first.after, [goingPod(-1)]);
    assert.deepEqual(second.events, []);
    assert.equal(mergePatch(first.after, second.after), undefined);
  });

  const reasons: [string, string][] = [
    ['EvictionByEvictionAPI', 'Evicted'],
    ['TerminationByKubelet', 'Evicted'],
    ['DeletionByTaintManager', 'Evicted'],
    ['PreemptionByScheduler', 'Preempted'],
  ];
  for (const [byKubernetes, reason] of reasons) {
    it(`is ${reason} where Kubernetes says ${byKubernetes}, deleted already or not`, () => {
      for (const target of [runningPod, (status: SlimPod['status']) => goingPod(-1, status)]) {
        const plan = look(vmiIn('Running'), [target(disruption(byKubernetes, 'a drain'))]);
        assert.equal(plan.after.status?.reason, reason);
        assert.match(plan.events[0]!.message, /a drain/);
      }
    });
  }

  it('is no news of a VMI that is being stopped anyway', () => {
    const plan = look(vmiIn('Running', {}, deletedVmi), [goingPod(-1)]);
    assert.deepEqual(plan.events, []);
    assert.equal(plan.after.status?.reason, undefined);
    const ended = look(vmiIn('Succeeded', {}, deletedVmi), [goingPod(-20)]);
    assert.deepEqual(ended.events, []);
    assert.equal(ended.after.status?.reason, undefined);
  });

  it('is taken back when the eviction did not happen', () => {
    const vmi = vmiIn('Running', { reason: 'Evicted' });
    assert.equal(look(vmi, [runningPod()]).after.status?.reason, undefined);
    const unrelated = vmiIn('Running', { reason: 'SomethingElse' });
    assert.equal(look(unrelated, [runningPod()]).after.status?.reason, 'SomethingElse');
  });

  it('is the reason of an end that nobody saw coming, and not of one that came before it', () => {
    const before = look(vmiIn('Succeeded'), [goingPod(-20)]);
    assert.equal(before.after.status?.reason, 'PodDeleted');
    assert.equal(before.after.status.phase, 'Succeeded');
    assert.equal(before.events[0]?.reason, 'PodDeleted');
    const after = look(vmiIn('Succeeded'), [goingPod(-1)]);
    assert.equal(after.after.status?.reason, undefined);
    assert.deepEqual(after.events, []);
  });

  it('leaves the agent’s word about a guest that had to be destroyed', () => {
    const vmi = vmiIn('Failed', { reason: 'ended by force' });
    const plan = look(vmi, [goingPod(-40)]);
    assert.equal(plan.after.status?.reason, 'ended by force');
    assert.deepEqual(plan.events, []);
  });

  it('is the reason when the pod’s exit code tells of the end, since no agent does', () => {
    const ended = goingPod(-90, {
      phase: 'Succeeded',
      containerStatuses: [{ name: 'compute', state: { terminated: { exitCode: 0, finishedAt: at(-61) } } }],
    });
    assert.equal(look(vmiIn('Running'), [ended]).after.status?.reason, 'PodDeleted');
    assert.equal(look(vmiIn('Running', {}, deletedVmi), [ended]).after.status?.reason, 'PodEnded');
  });
});

describe('an eviction by kubelet', () => {
  const assertEvicted = (plan: VmiPlan): void => {
    assert.equal(plan.after.status?.phase, 'Failed');
    assert.equal(plan.after.status.reason, 'Evicted');
    assert.equal(condition(plan, 'Synchronized')?.reason, 'Evicted');
    assert.match(condition(plan, 'Synchronized')?.message ?? '', /was evicted: The node was low on resource: memory\./);
    assert.deepEqual(
      plan.events.map(({ type, reason }) => [type, reason]),
      [['Warning', 'Evicted']],
    );
    assert.match(plan.events[0]!.message, /was evicted: The node was low/);
  };

  it('fails the VMI with kubelet’s message, at once', () => {
    assertEvicted(look(vmiIn('Running'), [evictedPod()]));
    const withTimes = evictedPod({
      containerStatuses: [{ name: 'compute', state: { terminated: { exitCode: 137, finishedAt: at(-1) } } }],
    });
    assertEvicted(look(vmiIn('Running'), [withTimes]));
    assertEvicted(look(instance({ phase: 'Scheduling' }), [evictedPod()]));
  });

  it('is told even after the agent saw its guest crash, once', () => {
    const crashed = vmiIn('Failed', { reason: 'The VirtualMachineInstance crashed.' });
    const plan = look(crashed, [evictedPod()]);
    assertEvicted(plan);
    assert.deepEqual(look(plan.after, [evictedPod()]).events, []);
    assertEvicted(look(vmiIn('Failed', { reason: 'crashed' }, deletedVmi), [evictedPod()]));
  });

  it('leaves a guest that powered off in time Succeeded, and says of what', () => {
    const plan = look(vmiIn('Succeeded'), [evictedPod()]);
    assert.equal(plan.after.status?.phase, 'Succeeded');
    assert.equal(plan.after.status.reason, 'Evicted');
    assert.equal(condition(plan, 'Synchronized'), undefined);
  });

  it('has nothing made again in place of a bare VMI', () => {
    const plan = look(vmiIn('Failed', { reason: 'Evicted' }), [evictedPod()]);
    assert.equal(plan.createPod, false);
    assert.deepEqual(plan.deletePods, []);
    assert.equal(plan.after.status?.phase, 'Failed');
    assert.equal(look(vmiIn('Failed', { reason: 'Evicted' }), []).createPod, false);
  });
});

describe('a VMI that is marked for evacuation', () => {
  const marked = (evictionStrategy: string): VirtualMachineInstance => {
    const vmi = vmiIn('Running', { evacuationNodeName: 'node-a' });
    return { ...vmi, spec: { ...vmi.spec, evictionStrategy } };
  };

  it('says so in a condition and one event, and runs on', () => {
    const plan = look(marked('External'), [runningPod()]);
    assert.equal(plan.after.status?.phase, 'Running');
    assert.equal(condition(plan, 'EvictionRequested')?.status, 'True');
    assert.match(condition(plan, 'EvictionRequested')?.message ?? '', /node node-a: your own controller/);
    assert.deepEqual(
      plan.events.map(({ type, reason }) => [type, reason]),
      [['Normal', 'EvictionRequested']],
    );
    assert.deepEqual(plan.deletePods, []);
    assert.deepEqual(look(plan.after, [runningPod()]).events, []);
    assert.match(condition(look(marked('LiveMigrate'), [runningPod()]), 'EvictionRequested')?.message ?? '', /to move/);
  });

  it('says so no longer when the mark is gone', () => {
    const { after } = look(marked('External'), [runningPod()]);
    const unmarked = { ...after, status: { ...after.status, evacuationNodeName: undefined } };
    assert.equal(condition(look(unmarked, [runningPod()]), 'EvictionRequested'), undefined);
  });
});
