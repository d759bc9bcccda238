import assert from 'node:assert/strict';
import fastJsonPatch from 'fast-json-patch';
import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import {
  checkRestartOptions,
  decideRestart,
  decideStart,
  decideStop,
} from '../../../../src/webhook/subresources/state-change.js';
import type { StateChange } from '../../../../src/webhook/subresources/state-change-patches.js';
import { StatusError } from '../../../../src/agent-api/status-error.js';

const vm = (spec: Partial<VirtualMachine['spec']>, status?: VirtualMachine['status']): VirtualMachine => ({
  metadata: { name: 'web' },
  spec: { template: { spec: { domain: { devices: {} } } }, ...spec },
  ...(status ? { status } : {}),
});
const vmi = (phase: string | undefined, gracePeriod?: number): VirtualMachineInstance => ({
  metadata: { name: 'web', uid: 'u1' },
  spec: {
    domain: { devices: {} },
    ...(gracePeriod === undefined ? {} : { terminationGracePeriodSeconds: gracePeriod }),
  },
  ...(phase === undefined ? {} : { status: { phase } }),
});

/** What the patches make of the VM (and of the VMI's grace period), as an API server would apply them. */
const apply = (machine: VirtualMachine, instance: VirtualMachineInstance | undefined, changes: StateChange[]) => {
  const objects = structuredClone({ vm: machine, vmi: instance ?? null });
  for (const change of changes) {
    // Our patches test absent members with null, which Kubernetes' library accepts and fast-json-patch does not.
    const operations = change.operations.filter((operation) => operation.op !== 'test' || operation.value !== null);
    fastJsonPatch.applyPatch(change.target === 'vmi' ? objects.vmi : objects.vm, operations as never, true);
  }
  return {
    strategy: objects.vm.spec.runStrategy ?? objects.vm.spec.running,
    requests: (objects.vm.status?.stateChangeRequests ?? []).map(
      (request) => request.action + (request.data ? '+' : ''),
    ),
    grace: objects.vmi?.spec.terminationGracePeriodSeconds,
    failure: objects.vm.status?.startFailure,
  };
};
const refusal = (decide: () => unknown): { code: number; message: string } => {
  try {
    decide();
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return { code: error.code, message: error.message };
  }
  return assert.fail('was not refused');
};

describe('start (docs/reference/control.md §4.2)', () => {
  it('does not replace a first status that the controller wrote after the read', () => {
    const [change] = decideStart(vm({ runStrategy: 'Manual' }), undefined, {});
    assert.deepEqual(change?.operations[0], { op: 'test', path: '/status', value: null });
  });
  it('turns Halted into Always', () => {
    const machine = vm({ runStrategy: 'Halted' });
    assert.equal(apply(machine, undefined, decideStart(machine, undefined, {})).strategy, 'Always');
  });
  it('turns running: false into running: true, and sets it where it is absent', () => {
    for (const spec of [{ running: false }, {}]) {
      const machine = vm(spec);
      assert.equal(apply(machine, undefined, decideStart(machine, undefined, {})).strategy, true);
    }
  });
  it('asks for a paused start of a halted VM by request', () => {
    const machine = vm({ runStrategy: 'Halted' }, { printableStatus: 'Stopped' });
    const after = apply(machine, undefined, decideStart(machine, undefined, { paused: true }));
    assert.deepEqual(after.requests, ['Start+']);
    assert.equal(after.strategy, 'Halted');
  });
  it('asks Manual and RerunOnFailure to start', () => {
    for (const runStrategy of ['Manual', 'RerunOnFailure']) {
      const machine = vm({ runStrategy });
      assert.deepEqual(apply(machine, undefined, decideStart(machine, undefined, {})).requests, ['Start']);
    }
  });
  it('clears away a VMI that has ended first', () => {
    const cases = [
      ['Manual', 'Succeeded'],
      ['Manual', 'Failed'],
      ['RerunOnFailure', 'Succeeded'],
    ] as const;
    for (const [runStrategy, phase] of cases) {
      const machine = vm({ runStrategy }, {});
      assert.deepEqual(apply(machine, undefined, decideStart(machine, vmi(phase), {})).requests, ['Stop', 'Start']);
    }
  });
  it('clears the back-off of a VM that failed to start', () => {
    const machine = vm({ runStrategy: 'Manual' }, { startFailure: { consecutiveFailCount: 3 } });
    assert.equal(apply(machine, undefined, decideStart(machine, undefined, {})).failure, undefined);
  });
  it('ends the back-off of a VM that its strategy starts again by itself, and so does a restart', () => {
    const startFailure = {
      consecutiveFailCount: 3,
      lastFailedVMIUID: 'u1',
      retryAfterTimestamp: '2026-01-01T00:00:00Z',
    };
    for (const runStrategy of ['Always', 'RerunOnFailure', 'Once']) {
      const machine = vm({ runStrategy }, { startFailure, stateChangeRequests: [{ action: 'Start' }] });
      for (const ended of [undefined, vmi('Failed')]) {
        const after = apply(machine, ended, decideStart(machine, ended, {}));
        // Its UID stays: the one that failed is not counted again while it goes.
        assert.deepEqual(after.failure, { consecutiveFailCount: 0, lastFailedVMIUID: 'u1' });
        assert.deepEqual([after.strategy, after.requests], [runStrategy, ['Start']]);
        if (runStrategy !== 'Once')
          assert.deepEqual(apply(machine, ended, decideRestart(machine, ended, {})).failure, after.failure);
      }
      assert.match(refusal(() => decideStart(machine, vmi('Running'), {})).message, /already running/);
    }
    const paused = vm({ runStrategy: 'Always' }, { startFailure });
    const after = apply(paused, undefined, decideStart(paused, undefined, { paused: true }));
    assert.deepEqual([after.requests, after.failure], [['Start+'], undefined]);
  });
  it('refuses with 409 where the VM runs, or where its strategy starts it by itself', () => {
    assert.match(refusal(() => decideStart(vm({ running: true }), vmi('Running'), {})).message, /already running/);
    const stuck = { ...vm({ running: true }), status: { printableStatus: 'ErrImagePull' } };
    assert.match(
      refusal(() => decideStart(stuck, vmi('Scheduling'), {})).message,
      /starting already \(ErrImagePull\): .* restart starts it again/,
    );
    for (const runStrategy of ['Always', 'Once']) {
      const { code, message } = refusal(() => decideStart(vm({ runStrategy }), undefined, {}));
      assert.equal(code, 409);
      assert.match(message, new RegExp(`virtualmachine.kubevirt.io "web": ${runStrategy} does not support`));
    }
    assert.equal(refusal(() => decideStart(vm({ runStrategy: 'RerunOnFailure' }), vmi('Failed'), {})).code, 409);
  });
  it('does not count a VMI without a phase as running', () => {
    const machine = vm({ runStrategy: 'Manual' });
    assert.deepEqual(apply(machine, undefined, decideStart(machine, vmi(undefined), {})).requests, ['Start']);
  });
});

describe('stop (docs/reference/control.md §4.3)', () => {
  it('turns Always, Once and running: true off, running or not', () => {
    for (const runStrategy of ['Always', 'Once']) {
      const machine = vm({ runStrategy });
      assert.equal(apply(machine, undefined, decideStop(machine, undefined, {})).strategy, 'Halted');
    }
    const machine = vm({ running: true });
    assert.equal(apply(machine, vmi('Running'), decideStop(machine, vmi('Running'), {})).strategy, false);
  });
  it('asks Manual and RerunOnFailure to stop and leaves the strategy', () => {
    for (const runStrategy of ['Manual', 'RerunOnFailure']) {
      const machine = vm({ runStrategy }, { stateChangeRequests: [{ action: 'Start' }] });
      const after = apply(machine, vmi('Running'), decideStop(machine, vmi('Running'), {}));
      assert.deepEqual([after.requests, after.strategy], [['Stop'], runStrategy]);
    }
  });
  it('shortens the grace period first', () => {
    const machine = vm({ runStrategy: 'Always' });
    const changes = decideStop(machine, vmi('Running', 180), { gracePeriod: 5 });
    assert.deepEqual(apply(machine, vmi('Running', 180), changes), {
      strategy: 'Halted',
      requests: [],
      grace: 5,
      failure: undefined,
    });
  });
  it('takes a halted VM that still runs only with a shorter grace period', () => {
    const machine = vm({ runStrategy: 'Halted' });
    const changes = decideStop(machine, vmi('Running', 60), { gracePeriod: 0 });
    assert.deepEqual(apply(machine, vmi('Running', 60), changes).requests, ['Stop']);
    assert.equal(refusal(() => decideStop(machine, vmi('Running', 60), {})).code, 409);
    assert.equal(refusal(() => decideStop(machine, vmi('Running', 60), { gracePeriod: 60 })).code, 409);
    assert.equal(refusal(() => decideStop(machine, vmi('Running'), { gracePeriod: 30 })).code, 409);
  });
  it('refuses a VM that does not run', () => {
    for (const runStrategy of ['Halted', 'Manual', 'RerunOnFailure']) {
      for (const instance of [undefined, vmi('Succeeded')]) {
        assert.match(refusal(() => decideStop(vm({ runStrategy }), instance, {})).message, /VM is not running/);
      }
    }
  });
  it('refuses a negative grace period', () => {
    assert.equal(refusal(() => decideStop(vm({ running: true }), vmi('Running'), { gracePeriod: -1 })).code, 400);
  });
});

describe('restart (docs/reference/control.md §4.4)', () => {
  it('asks for a stop of this VMI and a start after it', () => {
    for (const runStrategy of ['Always', 'Manual', 'RerunOnFailure']) {
      const machine = vm({ runStrategy });
      assert.deepEqual(apply(machine, vmi('Running'), decideRestart(machine, vmi('Running'), {})).requests, [
        'Stop',
        'Start',
      ]);
    }
  });
  it('by force shortens the grace period to 1 s, and can undo that', () => {
    const machine = vm({ running: true });
    const changes = decideRestart(machine, vmi('Running', 60), { gracePeriodSeconds: 0 });
    assert.equal(apply(machine, vmi('Running', 60), changes).grace, 1);
    const back = [...changes, { target: 'vmi' as const, operations: changes[0]!.undo! }];
    assert.equal(apply(machine, vmi('Running', 60), back).grace, 60);
  });
  it('refuses Halted, Once and a VM without VMI with 409, another grace period than 0 with 400', () => {
    for (const runStrategy of ['Halted', 'Once']) {
      assert.equal(refusal(() => decideRestart(vm({ runStrategy }), vmi('Running'), {})).code, 409);
    }
    assert.equal(refusal(() => decideRestart(vm({ running: true }), undefined, {})).code, 409);
    for (const gracePeriodSeconds of [5, -1]) {
      assert.equal(refusal(() => checkRestartOptions({ gracePeriodSeconds })).code, 400);
    }
    checkRestartOptions({});
    checkRestartOptions({ gracePeriodSeconds: 0 });
  });
});

describe('one after the other, before the controller has come to the first', () => {
  const STOP = { action: 'Stop', uid: 'u1' };
  const START = { action: 'Start' };
  const goingVmi = (): VirtualMachineInstance => {
    const instance = vmi('Running', 60);
    return { ...instance, metadata: { ...instance.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  };
  const live = () => vmi('Running', 60);
  const none = () => undefined;
  const asked = (...stateChangeRequests: object[]): VirtualMachine['status'] => ({ stateChangeRequests }) as never;
  const decisions = {
    start: (machine: VirtualMachine, instance?: VirtualMachineInstance) => decideStart(machine, instance, {}),
    paused: (machine: VirtualMachine, instance?: VirtualMachineInstance) =>
      decideStart(machine, instance, { paused: true }),
    stop: (machine: VirtualMachine, instance?: VirtualMachineInstance) => decideStop(machine, instance, {}),
    restart: (machine: VirtualMachine, instance?: VirtualMachineInstance) => decideRestart(machine, instance, {}),
    force: (machine: VirtualMachine, instance?: VirtualMachineInstance) =>
      decideRestart(machine, instance, { gracePeriodSeconds: 0 }),
  };
  type Case = [
    string,
    keyof typeof decisions,
    VirtualMachine,
    () => VirtualMachineInstance | undefined,
    [strategy: string | boolean, ...requests: string[]] | RegExp,
  ];
  const cases: Case[] = [
    ['stop, start: another VMI after this one', 'start', vm({ runStrategy: 'Halted' }), live, ['Always', 'Stop']],
    ['the same where the VMI is deleted by now', 'start', vm({ running: false }), goingVmi, [true, 'Stop']],
    ['stop, start --paused', 'paused', vm({ runStrategy: 'Halted' }), live, ['Halted', 'Stop', 'Start+']],
    ['stop, start of Manual', 'start', vm({ runStrategy: 'Manual' }, asked(STOP)), live, ['Manual', 'Stop', 'Start']],
    [
      'the same while it stops',
      'start',
      vm({ runStrategy: 'Manual' }, asked(STOP)),
      goingVmi,
      ['Manual', 'Stop', 'Start'],
    ],
    [
      'a VMI deleted by hand, start',
      'start',
      vm({ runStrategy: 'RerunOnFailure' }),
      goingVmi,
      ['RerunOnFailure', 'Stop', 'Start'],
    ],
    ['stop, restart', 'restart', vm({ runStrategy: 'Manual' }, asked(STOP)), live, ['Manual', 'Stop', 'Start']],
    ['start, stop', 'stop', vm({ runStrategy: 'Always' }), none, ['Halted']],
    ['start, stop of Manual', 'stop', vm({ runStrategy: 'Manual' }, asked(START)), none, ['Manual']],
    ['the same when the VMI has come', 'stop', vm({ runStrategy: 'Manual' }, asked(START)), live, ['Manual', 'Stop']],
    ['start --paused, stop', 'stop', vm({ runStrategy: 'Halted' }, asked(START)), none, ['Halted']],
    ['start, restart', 'restart', vm({ runStrategy: 'Manual' }, asked(START)), live, ['Manual', 'Stop', 'Start']],
    [
      'restart, stop: it stays off',
      'stop',
      vm({ runStrategy: 'Always' }, asked(STOP, START)),
      live,
      ['Halted', 'Stop'],
    ],
    ['restart, stop of Manual', 'stop', vm({ runStrategy: 'Manual' }, asked(STOP, START)), live, ['Manual', 'Stop']],
    ['restart, stop, start', 'start', vm({ runStrategy: 'Halted' }, asked(STOP)), goingVmi, ['Always', 'Stop']],
    [
      'restart, restart',
      'restart',
      vm({ runStrategy: 'Always' }, asked(STOP, START)),
      live,
      /is being restarted already$/,
    ],
    ['the same while it stops', 'restart', vm({ runStrategy: 'Always' }), goingVmi, /is being restarted already$/],
    [
      'the same of Manual',
      'restart',
      vm({ runStrategy: 'Manual' }, asked(STOP, START)),
      live,
      /is being restarted already$/,
    ],
    [
      'restart, start',
      'start',
      vm({ runStrategy: 'Always' }, asked(STOP, START)),
      live,
      /restarted already: it starts by/,
    ],
    ['start, start', 'start', vm({ runStrategy: 'Manual' }, asked(START)), none, /is starting already$/],
  ];
  for (const [name, action, machine, instance, expected] of cases) {
    it(`${name} (${String(machine.spec.runStrategy ?? machine.spec.running)})`, () => {
      const decide = () => decisions[action](machine, instance());
      if (expected instanceof RegExp) {
        const { code, message } = refusal(decide);
        assert.equal(code, 409);
        assert.match(message, expected);
        return;
      }
      const { strategy, requests } = apply(machine, instance(), decide());
      assert.deepEqual([strategy, ...requests], expected);
    });
  }

  it('restart, restart by force: the guest gets no more time, and it stays one restart', () => {
    const machine = vm({ runStrategy: 'Always' }, asked(STOP, START));
    const after = apply(machine, live(), decisions.force(machine, live()));
    assert.deepEqual([after.requests, after.grace], [['Stop', 'Start'], 1]);
  });
});
