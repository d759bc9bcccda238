import assert from 'node:assert/strict';
import { timestamp } from '../../../../src/api/timestamp.js';
import { findCondition } from '../../../../src/api/vmi/condition.js';
import { decideVmi } from '../../../../src/controller/vmi/decision.js';
import { nextTermination } from '../../../../src/controller/vm/last-termination.js';
import type { SlimPod } from '../../../../src/controller/cache-transforms.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { instance, NOW, pod } from '../objects.js';

const at = (seconds: number): string => timestamp(NOW + seconds * 1000);
const vmiIn = (phase: string, reason?: string): VirtualMachineInstance => {
  const vmi = instance({
    phase,
    reason,
    nodeName: 'node-a',
    activePods: { 'pod-uid': 'node-a' },
    phaseTransitionTimestamps: [
      { phase: 'Running', phaseTransitionTimestamp: at(-200) },
      { phase, phaseTransitionTimestamp: at(-5) },
    ],
  });
  return { ...vmi, spec: { ...vmi.spec, livenessProbe: { guestAgentPing: {} } } };
};
/** Ended two minutes ago: the agent has not said anything of it. */
const ended = (exitCode: number, metadata: SlimPod['metadata'] = {}): SlimPod => {
  const found = pod({
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [{ name: 'compute', ready: false, state: { terminated: { exitCode, finishedAt: at(-120) } } }],
  });
  return { ...found, metadata: { ...found.metadata, ...metadata } };
};
const look = (vmi: VirtualMachineInstance, found: SlimPod) =>
  decideVmi({ vmi, pods: [found], nodeGone: false, ownerGone: false, now: NOW }).after.status;
const GOING = { deletionTimestamp: at(-60), deletionGracePeriodSeconds: 60 };

describe('a pod that kubelet ended for the liveness probe of its guest', () => {
  it('fails the guest with that reason, where the agent was away', () => {
    const status = look(vmiIn('Running'), ended(143));
    assert.equal(status?.phase, 'Failed');
    const told = findCondition(status.conditions, 'Synchronized');
    assert.equal(told?.reason, 'LivenessProbeFailed');
    assert.match(told.message ?? '', /did not answer its liveness probe/);
  });

  it('is not one that was deleted, nor one of a guest without a probe', () => {
    assert.equal(look(vmiIn('Running'), ended(143, GOING))?.phase, 'Succeeded');
    const vmi = vmiIn('Running');
    delete vmi.spec.livenessProbe;
    const status = look(vmi, ended(143));
    assert.equal(findCondition(status?.conditions, 'Synchronized')?.reason, 'PodFailed');
    assert.equal(look(vmiIn('Running'), ended(0))?.phase, 'Succeeded');
  });

  it('was removed after all, where the agent had not heard of that', () => {
    assert.equal(look(vmiIn('Failed', 'LivenessProbeFailed'), ended(143, GOING))?.reason, 'PodDeleted');
    assert.equal(look(vmiIn('Failed', 'LivenessProbeFailed'), ended(143))?.reason, 'LivenessProbeFailed');
  });

  it('is what the VM keeps of its end', () => {
    const vmi = { ...vmiIn('Failed', 'LivenessProbeFailed') };
    vmi.status = { ...vmi.status, conditions: [{ type: 'Ready', status: 'False', reason: 'PodFailed' }] };
    const told = nextTermination(undefined, vmi);
    assert.deepEqual([told?.reason, told?.by], ['LivenessProbeFailed', 'Kubelet']);
  });
});
