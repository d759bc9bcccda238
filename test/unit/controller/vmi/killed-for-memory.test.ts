import assert from 'node:assert/strict';
import { CRASHED, ENDED_BY_FORCE } from '../../../../src/agent-api/instance-end.js';
import { findCondition } from '../../../../src/api/vmi/condition.js';
import { decideVmi } from '../../../../src/controller/vmi/decision.js';
import type { VmiPlan } from '../../../../src/controller/vmi/plan.js';
import { instance, NOW, pod } from '../objects.js';

const after = (phase: string, reason: string, terminated: string): VmiPlan => {
  const state = { terminated: { exitCode: 1, reason: terminated } };
  const made = pod({ phase: 'Failed', containerStatuses: [{ name: 'compute', ready: false, state }] });
  const containers = [{ name: 'compute', resources: { limits: { memory: '290Mi' } } }];
  return decideVmi({
    vmi: instance({ phase, ...(reason === '' ? {} : { reason }) }),
    pods: [{ ...made, spec: { ...made.spec, containers } }],
    nodeGone: false,
    ownerGone: false,
    now: NOW,
  });
};

describe('a guest that the kernel killed for its memory', () => {
  it('has that as the cause of its end, with the limit and what to do', () => {
    for (const plan of [after('Failed', CRASHED, 'OOMKilled'), after('Scheduling', '', 'OOMKilled')]) {
      assert.equal(plan.after.status?.reason, 'OOMKilled');
      const told = findCondition(plan.after.status.conditions, 'Synchronized');
      assert.match(told?.message ?? '', /more than the pod's limit of 290Mi: raise limits\.memory/);
      assert.deepEqual(
        plan.events.map(({ type, reason }) => [type, reason]),
        [['Warning', 'OOMKilled']],
      );
    }
  });

  it('is told once, and not of a guest that a user ended or that ended otherwise', () => {
    assert.deepEqual(after('Failed', 'OOMKilled', 'OOMKilled').events, []);
    for (const [reason, how] of [
      [ENDED_BY_FORCE, 'OOMKilled'],
      [CRASHED, 'Error'],
    ] as const)
      assert.equal(after('Failed', reason, how).after.status?.reason, reason);
  });
});
