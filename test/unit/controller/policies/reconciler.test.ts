import assert from 'node:assert/strict';
import { findCondition } from '../../../../src/api/vmi/condition.js';
import {
  naming,
  PolicyReconciler,
  type StoredException,
  type StoredPolicy,
} from '../../../../src/controller/policies/reconciler.js';
import { CREATED, exception, NOW, policy } from '../../webhook/policies/support.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const GROUP = 'policies.kubectl-virt.io';

type Status = NonNullable<StoredPolicy['status']> & NonNullable<StoredException['status']>;

/** One policy and one exception, and an API server that applies what is written of their status. */
class Bed {
  now = NOW;
  pausedUntil: string | undefined;
  readonly events: string[] = [];
  readonly patches: { path: string; status: Status }[] = [];
  policy: StoredPolicy | undefined;
  exception: StoredException | undefined;
  private readonly reconciler = new PolicyReconciler({
    client: {
      patch: <T>(path: string, body: object): Promise<T> => {
        const { status } = body as { status: Record<string, unknown> };
        const target = path.includes('exceptions') ? this.exception! : this.policy!;
        const merged = { ...target.status, ...status };
        const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as Status;
        this.patches.push({ path, status: kept });
        // An informer gives another object.
        if (path.includes('exceptions')) this.exception = { ...this.exception!, status: kept };
        else this.policy = { ...this.policy!, status: kept };
        return Promise.resolve({} as T);
      },
    },
    recorder: { event: (_object, type, reason, message) => void this.events.push(`${type} ${reason}: ${message}`) },
    clock: { now: () => this.now, after: () => () => undefined, random: () => 0 },
    policy: (kind, key) => (kind === 'VirtualMachineClusterPolicy' && key === 'vm-size' ? this.policy : undefined),
    exception: () => this.exception,
    pausedUntil: () => this.pausedUntil,
  });

  setPolicy(spec: object, metadata: object = {}): void {
    const generation = (this.policy?.metadata?.generation ?? 0) + 1;
    const { status } = this.policy ?? {};
    this.policy = { ...policy(spec, { uid: '1', generation, ...metadata }), ...(status && { status }) } as StoredPolicy;
  }

  async policyStatus(): Promise<{ status: Status; again: number | undefined }> {
    const outcome = await this.reconciler.reconcilePolicy('VirtualMachineClusterPolicy', 'vm-size');
    return { status: this.policy!.status as Status, again: outcome?.requeueAfterMs };
  }

  async exceptionStatus(): Promise<{ status: Status; again: number | undefined }> {
    const outcome = await this.reconciler.reconcileException('shop/db-bigger');
    return { status: this.exception!.status as Status, again: outcome?.requeueAfterMs };
  }
}

const conditions = ({ conditions: list = [] }: Status): string[] =>
  list.map(({ type, status, reason }) => `${type}=${status} ${reason ?? ''}`);

describe('The status of a policy', () => {
  let bed: Bed;
  beforeEach(() => {
    bed = new Bed();
  });

  it('says that it is ready, and what it does, once', async () => {
    bed.setPolicy({});
    const { status, again } = await bed.policyStatus();
    assert.deepEqual([status.action, status.observedGeneration, again], ['Enforce', 1, undefined]);
    assert.deepEqual(conditions(status), ['Ready=True PolicyCompiled', 'Compiled=True PolicyCompiled']);
    assert.match(bed.patches[0]!.path, /virtualmachineclusterpolicies\/vm-size\/status$/);
    await bed.policyStatus();
    assert.equal(bed.patches.length, 1, 'what is so already is not written again');
  });

  it('names what does not compile any more, with its place, and takes it away when it does', async () => {
    bed.setPolicy({ validations: [{ name: 'a', expression: 'object.spec.nothing == 1' }] });
    const { status } = await bed.policyStatus();
    assert.deepEqual(conditions(status), [
      'Ready=False ExpressionErrors',
      'Compiled=False ExpressionErrors',
      'Stalled=True ExpressionErrors',
    ]);
    const [error] = status.expressionErrors ?? [];
    assert.deepEqual([error?.field, error?.line, error?.column], ['spec.validations[0].expression', 1, 13]);
    assert.match(error?.excerpt ?? '', /\n {12}\^/);
    assert.equal(status.action, undefined);
    assert.match(bed.events.join(), /^Warning CompileFailed: spec\.validations\[0\]\.expression: 1:13/);
    bed.setPolicy({});
    const better = (await bed.policyStatus()).status;
    assert.deepEqual(conditions(better).sort(), ['Compiled=True PolicyCompiled', 'Ready=True PolicyCompiled']);
    assert.deepEqual([better.expressionErrors, better.observedGeneration], [undefined, 2]);
    assert.match(bed.events[1]!, /^Normal Compiled/);
  });

  it('never throws, whatever is stored', async () => {
    for (const spec of [null, [], 'x', { validations: null }, { validations: [{}], rollout: 'x', action: 7 }]) {
      bed.policy = { ...policy({}, { uid: '1' }), spec } as unknown as StoredPolicy;
      const { status } = await bed.policyStatus();
      assert.equal(findCondition(status.conditions, 'Ready')?.status, 'False', JSON.stringify(spec));
    }
  });

  it('follows a rollout at its time, and tells of the step', async () => {
    const from = new Date(NOW + 2 * HOUR).toISOString();
    bed.setPolicy({ action: 'Warn', rollout: [{ from, action: 'Enforce' }] });
    const first = await bed.policyStatus();
    assert.deepEqual([first.status.action, first.again], ['Warn', 2 * HOUR]);
    bed.now += 2 * HOUR;
    const then = await bed.policyStatus();
    assert.deepEqual([then.status.action, then.again], ['Enforce', undefined]);
    assert.deepEqual(bed.events, ['Normal ActionChanged: the action is Enforce now, and was Warn']);
  });

  it('says which step waits for an audit', async () => {
    const from = new Date(NOW - HOUR).toISOString();
    bed.setPolicy({ action: 'Warn', rollout: [{ from, action: 'Enforce', maxViolations: 0 }] });
    const { status } = await bed.policyStatus();
    assert.equal(status.action, 'Warn');
    assert.ok(conditions(status).includes('RolloutHeld=True NoAudit'));
    assert.match(bed.events.join(), /^Warning RolloutHeld/);
  });

  it('follows a pause of its own, or of all, until it ends', async () => {
    const until = new Date(NOW + HOUR).toISOString();
    bed.setPolicy({}, { annotations: { [`${GROUP}/paused-until`]: until } });
    const paused = await bed.policyStatus();
    assert.deepEqual([paused.status.action, paused.again], ['Audit', HOUR]);
    bed.now += HOUR;
    assert.equal((await bed.policyStatus()).status.action, 'Enforce');
    bed.pausedUntil = new Date(bed.now + HOUR).toISOString();
    assert.deepEqual([(await bed.policyStatus()).status.action, (await bed.policyStatus()).again], ['Audit', HOUR]);
  });

  it('is not what a pause of years would make of it', async () => {
    const until = new Date(NOW + 10 * 365 * DAY).toISOString();
    bed.setPolicy({}, { annotations: { [`${GROUP}/paused-until`]: until } });
    const { status, again } = await bed.policyStatus();
    assert.deepEqual([status.action, again], ['Enforce', 10 * 365 * DAY - 4 * HOUR]);
  });
});

describe('The status of an exception', () => {
  let bed: Bed;
  beforeEach(() => {
    bed = new Bed();
    bed.setPolicy({});
  });
  const set = (spec: object = {}, metadata: object = {}): void => {
    bed.exception = exception(spec, { uid: '2', generation: 1, ...metadata }) as StoredException;
  };

  it('is Active until its end, of which is told before', async () => {
    set();
    const { status, again } = await bed.exceptionStatus();
    assert.deepEqual(status, {
      createdBy: 'alice',
      message: 'ends 2026-12-20T00:00:00Z',
      observedGeneration: 1,
      state: 'Active',
    });
    assert.equal(again, 5 * DAY);
    for (const [days, wait] of [
      [5, 13],
      [18, 1],
      [19, undefined],
    ] as const) {
      bed.now = NOW + days * DAY;
      assert.equal((await bed.exceptionStatus()).again, wait === undefined ? undefined : wait * DAY);
    }
    assert.deepEqual(bed.events, [
      'Warning ExceptionExpiring: ends 2026-12-20T00:00:00Z, in less than 14 days',
      'Warning ExceptionExpiring: ends 2026-12-20T00:00:00Z, in less than a day',
      'Warning ExceptionExpired: ended 2026-12-20T00:00:00Z',
    ]);
    assert.equal((await bed.exceptionStatus()).status.state, 'Expired');
    assert.equal(bed.events.length, 3);
  });

  it('tells nobody on its first day that it is for a day', async () => {
    set({ expiresAt: '2026-12-01T12:00:00Z' });
    assert.match((await bed.exceptionStatus()).status.message ?? '', /in less than a day/);
    assert.deepEqual(bed.events, []);
  });

  for (const [what, spec, metadata, message] of [
    ['its policy has gone', { policies: [{ name: 'other' }] }, {}, /there is no VirtualMachineClusterPolicy/],
    [
      'its validation has gone',
      { policies: [{ name: 'vm-size', validations: ['x'] }] },
      {},
      /which policy vm-size has not/,
    ],
    [
      'it was made longer while the webhook was away',
      { expiresAt: '2028-01-01T00:00:00Z' },
      {},
      /allows 720h from now/,
    ],
    [
      'it was made while the webhook was away',
      {},
      { annotations: {} },
      /written while virt-webhook was away; write it again/,
    ],
    ['it is for everything', { match: {} }, {}, /for every object/],
    ['it is no exception at all', { policies: 'x', expiresAt: 7, match: null }, {}, /spec\.policies is/],
  ] as const) {
    it(`is Invalid where ${what}`, async () => {
      set(spec, { annotations: CREATED, ...metadata });
      const { status } = await bed.exceptionStatus();
      assert.equal(status.state, 'Invalid');
      assert.match(status.message ?? '', message);
      assert.match(bed.events.join(), /^Warning ExceptionInvalid/);
      await bed.exceptionStatus();
      assert.equal(bed.events.length, 1);
    });
  }

  it('is looked at again when a policy that it names changes', () => {
    set();
    const list = [bed.exception!, { ...bed.exception!, spec: { policies: 7 } } as unknown as StoredException];
    assert.deepEqual(naming(list, 'VirtualMachineClusterPolicy', bed.policy!), ['shop/db-bigger']);
    assert.deepEqual(naming(list, 'VirtualMachinePolicy', bed.policy!), []);
  });
});
