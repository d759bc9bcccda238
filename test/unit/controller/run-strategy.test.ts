import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GUEST_ENDED } from '../../../src/agent-api/instance-status.js';
import type { RunStrategy } from '../../../src/api/vmi/run-strategy.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { decideRun } from '../../../src/controller/vm/run-strategy-decision.js';
import { nextStartFailure, startDelayLeft, startDelaySeconds } from '../../../src/controller/vm/start-failure.js';
import { pendingRequests, withoutStaleStart } from '../../../src/controller/vm/state-change-requests.js';
import { decideVm } from '../../../src/controller/vm/decision.js';
import { instance, machine, NOW, UID } from './objects.js';

const START = { action: 'Start' };
const PAUSED = { action: 'Start', data: { paused: 'true' } };
const STOP = { action: 'Stop', uid: UID };
const DELETED = '2026-01-01T00:00:00Z';

/** The VMI's side of the matrix. */
const VMIS: Record<string, VirtualMachineInstance | undefined> = {
  none: undefined,
  starting: instance({ phase: 'Scheduling' }),
  running: instance({ phase: 'Running' }),
  deleting: instance({ phase: 'Running' }, { deletionTimestamp: DELETED }),
  succeeded: instance({ phase: 'Succeeded' }),
  evicted: instance({ phase: 'Succeeded', reason: 'Evicted' }),
  podgone: instance({ phase: 'Succeeded', reason: 'PodDeleted' }),
  // The VMI controller has not looked at its end yet.
  unseen: instance({ phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'False', ...GUEST_ENDED }] }),
  // Nor has it, and the agent is of a version that leaves Ready to it.
  unready: instance({ phase: 'Succeeded', conditions: [{ type: 'Ready', status: 'True' }] }),
  failed: instance({ phase: 'Failed' }),
};
const REQUESTS = { '-': [], start: [START], paused: [PAUSED], stop: [STOP], both: [STOP, START] };

/**
 * strategy | VMI | requests | what happens. Every line of docs/reference/domain.md §9.9, with the requests of
 * docs/reference/control.md §4.5; "+" before start: after the back-off. Ours: a guest that powered off because its pod
 * was evicted or deleted has not ended by itself, so RerunOnFailure starts it again.
 */
const MATRIX = `
Always         none      -       +start
Always         none      start   +start
Always         none      paused  +start paused
Always         starting  -       none
Always         running   -       none
Always         running   stop    stop
Always         running   both    stop
Always         deleting  -       none
Always         deleting  both    none
Always         succeeded -       stop
Always         evicted   -       stop
Always         unseen    -       stop
Always         failed    -       stop
RerunOnFailure none      -       none
RerunOnFailure none      start   +start
RerunOnFailure none      paused  +start paused
RerunOnFailure running   -       none
RerunOnFailure running   stop    stop
RerunOnFailure running   both    stop
RerunOnFailure deleting  -       none
RerunOnFailure succeeded -       stop
RerunOnFailure succeeded both    stop
RerunOnFailure evicted   -       stop queue
RerunOnFailure podgone   -       stop queue
RerunOnFailure evicted   stop    stop
RerunOnFailure evicted   both    stop
RerunOnFailure unseen    -       none
RerunOnFailure unseen    stop    stop
RerunOnFailure unready   -       none
RerunOnFailure failed    -       stop queue
RerunOnFailure failed    stop    stop
RerunOnFailure failed    both    stop
RerunOnFailure failed    start   stop
Manual         none      -       none
Manual         none      start   start
Manual         none      paused  start paused
Manual         running   -       none
Manual         running   stop    stop
Manual         running   both    stop
Manual         deleting  both    none
Manual         succeeded -       none
Manual         succeeded both    stop
Manual         evicted   -       none
Manual         failed    -       none
Manual         failed    both    stop
Halted         none      -       none
Halted         none      start   none
Halted         none      paused  always
Halted         starting  -       stop
Halted         running   -       stop
Halted         running   stop    stop
Halted         deleting  -       none
Halted         succeeded -       stop
Halted         failed    -       stop
Once           none      -       start
Once           running   -       none
Once           deleting  -       none
Once           succeeded -       none
Once           evicted   -       none
Once           failed    -       none
`;

describe('run strategies', () => {
  for (const line of MATRIX.trim().split('\n')) {
    it(line, () => {
      const [strategy, vmi, requests, ...expected] = line.trim().split(/\s+/);
      const decision = decideRun({
        strategy: strategy as RunStrategy,
        recorded: strategy,
        requests: REQUESTS[requests as keyof typeof REQUESTS],
        vmi: VMIS[vmi!],
      });
      const words = [
        decision.becomeAlways ? 'always' : `${decision.backOff ? '+' : ''}${decision.action}`,
        ...(decision.paused ? ['paused'] : []),
        ...(decision.queueStart ? ['queue'] : []),
      ];
      assert.deepEqual(words, expected);
    });
  }

  it('starts when a strategy was just switched to RerunOnFailure', () => {
    const situation = { strategy: 'RerunOnFailure', requests: [], vmi: undefined } as const;
    assert.equal(decideRun({ ...situation, recorded: undefined }).action, 'start');
    assert.equal(decideRun({ ...situation, recorded: 'Manual' }).action, 'start');
  });
});

describe('state change requests', () => {
  const other = { action: 'Stop', uid: 'other' };
  const cases: [string, object[], VirtualMachineInstance | undefined, object[]][] = [
    ['a Stop of the VMI stays', [STOP, START], VMIS.running, [STOP, START]],
    ['a Stop whose VMI is gone goes', [STOP, START], undefined, [START]],
    ['a Stop of another VMI goes', [other, START], VMIS.failed, [START]],
    ['a Stop without uid goes', [{ action: 'Stop' }], VMIS.running, []],
    ['a Start goes when a VMI lives', [START], VMIS.starting, []],
    ['a Start stays while the old VMI goes', [START], VMIS.deleting, [START]],
    ['a Start stays while the VMI is final', [START], VMIS.failed, [START]],
    ['a Stop after a Start stays', [START, STOP], VMIS.running, [STOP]],
    ['an unknown action does not block the queue', [{ action: 'Jump' }, START], undefined, [START]],
  ];
  for (const [name, before, vmi, after] of cases) {
    it(name, () => assert.deepEqual(pendingRequests(before as never, vmi), after));
  }

  it('lose what is left of a restart when the VM was told to stop meanwhile', () => {
    assert.deepEqual(withoutStaleStart([START], 'Halted', undefined), []);
    assert.deepEqual(withoutStaleStart([PAUSED], 'Halted', undefined), [PAUSED]);
    assert.deepEqual(withoutStaleStart([STOP, START], 'Halted', VMIS.running), [STOP, START]);
    assert.deepEqual(withoutStaleStart([START], 'Manual', undefined), [START]);
  });
});

describe('start failure back-off', () => {
  it('waits 10·n² s and up to half of it more, 300 s at most', () => {
    const ranges: [number, number, number][] = [
      [1, 10, 15],
      [2, 40, 60],
      [3, 90, 135],
      [4, 160, 240],
      [5, 250, 300],
      [6, 300, 300],
      [1000, 300, 300],
    ];
    for (const [count, least, most] of ranges) {
      assert.equal(startDelaySeconds(count, 0), least);
      assert.equal(startDelaySeconds(count, 0.999999), most);
      fc.assert(
        fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (chance) => {
          const delay = startDelaySeconds(count, chance);
          return delay >= least && delay <= most;
        }),
      );
    }
  });

  it('counts a VMI that never ran once, and forgets when one runs', () => {
    const failed = VMIS.failed;
    const first = nextStartFailure(undefined, failed, 'Always', NOW, 0);
    assert.deepEqual(first, {
      consecutiveFailCount: 1,
      lastFailedVMIUID: UID,
      retryAfterTimestamp: '2026-01-01T00:00:10Z',
    });
    assert.equal(nextStartFailure(first, failed, 'Always', NOW + 5_000, 0), first);
    assert.equal(nextStartFailure(first, undefined, 'Always', NOW, 0), first);
    assert.equal(startDelayLeft(first, NOW + 4_000), 6_000);
    assert.equal(startDelayLeft(first, NOW + 60_000), 0);
    const second = nextStartFailure(first, instance({ phase: 'Failed' }, { uid: 'next' }), 'Always', NOW, 0);
    assert.equal(second?.consecutiveFailCount, 2);
    assert.equal(nextStartFailure(second, VMIS.running, 'Always', NOW, 0), undefined);
    assert.equal(nextStartFailure(second, undefined, 'Manual', NOW, 0), undefined);
    const ran = instance({
      phase: 'Failed',
      phaseTransitionTimestamps: [{ phase: 'Running', phaseTransitionTimestamp: DELETED }],
    });
    assert.equal(nextStartFailure(second, ran, 'Always', NOW, 0), undefined);
  });

  it('does not count a VMI that was stopped before it ran', () => {
    const stopped = instance({ phase: 'Failed' }, { deletionTimestamp: DELETED });
    assert.equal(nextStartFailure(undefined, stopped, 'Always', NOW, 0), undefined);
  });
});

describe('what is done about a VM', () => {
  const look = (vm: ReturnType<typeof machine>, vmi?: VirtualMachineInstance, foreign = false) =>
    decideVm({ vm, vmi, foreign, storage: { provider: 'none', dataVolumes: new Map() }, now: NOW, chance: 0 });
  const steps = (...args: Parameters<typeof look>): string[] => look(...args).steps.map((step) => step.do);
  const finalizers = ['kubevirt.io/virtualMachineControllerFinalize'];

  it('takes the finalizer before its first VMI', () => {
    assert.deepEqual(steps(machine({ running: true })), ['addFinalizer', 'create']);
    assert.deepEqual(steps(machine({ running: true }, { metadata: { finalizers } })), ['create']);
  });

  it('waits for the back-off', () => {
    const startFailure = {
      consecutiveFailCount: 1,
      lastFailedVMIUID: 'x',
      retryAfterTimestamp: '2026-01-01T00:00:10Z',
    };
    const plan = look(machine({ running: true }, { status: { startFailure } }));
    assert.deepEqual(plan.steps, []);
    assert.equal(plan.requeueAfterMs, 10_000);
  });

  it('queues the Start of RerunOnFailure in the status before it deletes', () => {
    const plan = look(machine({ runStrategy: 'RerunOnFailure' }), VMIS.failed);
    assert.deepEqual(
      plan.steps.map((step) => step.do),
      ['saveStatus', 'delete'],
    );
    assert.deepEqual(plan.requests, [START]);
  });

  it('does not start over a VMI of somebody else', () => {
    const plan = look(machine({ running: true }), undefined, true);
    assert.deepEqual(plan.steps, []);
    assert.match(plan.blocked!.message, /does not belong to this VirtualMachine/);
  });

  it('does not start what needs recovery by hand', () => {
    const conditions = [{ type: 'ManualRecoveryRequired', status: 'True' }];
    assert.equal(look(machine({ running: true }, { status: { conditions } })).blocked?.reason, 'FailedCreate');
  });

  it('deletes the VMI of a deleted VM, then lets the VM go', () => {
    const deleted = (more: string[] = []) =>
      machine({ running: true }, { metadata: { deletionTimestamp: DELETED, finalizers: [...finalizers, ...more] } });
    assert.deepEqual(steps(deleted(), VMIS.running), ['delete']);
    assert.deepEqual(steps(deleted(), VMIS.deleting), []);
    assert.deepEqual(steps(deleted()), ['removeFinalizer']);
    assert.deepEqual(steps(deleted(['orphan']), VMIS.running), ['removeFinalizer'], '--cascade=orphan keeps the VMI');
  });

  it('lets a VMI go once its end has been seen', () => {
    const ended = instance({ phase: 'Failed' }, { deletionTimestamp: DELETED });
    assert.deepEqual(steps(machine({ runStrategy: 'Manual' }), ended), ['saveStatus', 'release']);
    assert.deepEqual(steps(machine({ runStrategy: 'Manual' }), VMIS.deleting), []);
  });
});
