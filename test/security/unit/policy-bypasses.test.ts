import assert from 'node:assert/strict';
import { compiledPolicy, judge, NOW, vmWith } from '../../unit/policies/support.js';
import { AGENT, CONTROLLER, rulesOf, stored, TestJudge } from '../../unit/webhook/policies/judging.js';

/* Ways around a policy, and ways in which one would lock out its own repair. */

const withSpec = (domain: object, metadata: object = {}): object => ({
  ...vmWith(1, metadata),
  spec: { runStrategy: 'Halted', template: { spec: { domain: { devices: {}, ...domain } } } },
});

describe('A policy', () => {
  it('is not passed by an object that makes a badly guarded expression fail', () => {
    const unguarded = "object.metadata.annotations['size'] != 'large' || variables.vcpus <= 8";
    const policy = compiledPolicy({ validations: [{ name: 'x', expression: unguarded }] });
    assert.equal(judge([policy], vmWith(1, { annotations: { size: 'small' } })).causes.length, 0);
    for (const metadata of [{}, { annotations: {} }, { annotations: { other: 'x' } }]) {
      assert.match(judge([policy], vmWith(16, metadata)).causes[0]!.message, /could not be evaluated/);
    }
  });

  it('is the same for one quantity, however it is written', () => {
    const policy = compiledPolicy({ validations: [{ name: 'x', expression: 'variables.vcpus <= 8' }] });
    const causes = (cpu: unknown): number =>
      judge([policy], withSpec({ resources: { limits: { cpu } } })).causes.length;
    assert.deepEqual(['16', 16, '16000m', 1.6e1, '16e0'].map(causes), [1, 1, 1, 1, 1]);
    assert.deepEqual(['8', 8, '8000m', '7500m'].map(causes), [0, 0, 0, 0]);
  });

  it('is not passed by names that every object of JavaScript has', () => {
    const policy = compiledPolicy({ validations: [{ name: 'x', expression: "'owner' in variables.labels" }] });
    const labels = JSON.parse('{"__proto__": {"owner": "x"}, "constructor": "a", "toString": "b"}') as object;
    assert.equal(judge([policy], vmWith(1, { labels })).causes.length, 1);
    const match = { objectSelector: { matchExpressions: [{ key: 'constructor', operator: 'DoesNotExist' }] } };
    assert.equal(judge([compiledPolicy({ match })], vmWith(16, { labels: {} })).causes.length, 1);
  });

  it('of a clock that is five minutes off moves its dates by that, and nothing else', () => {
    const rollout = [{ from: '2026-12-01T00:00:00Z', action: 'Enforce' }];
    const policy = compiledPolicy({ action: 'Warn', rollout });
    const at = (minutes: number): [number, number] => {
      const { causes, warnings } = judge([policy], vmWith(16), { now: NOW + minutes * 60_000 });
      return [causes.length, warnings.length];
    };
    assert.deepEqual(
      [at(-5), at(0), at(5)],
      [
        [0, 1],
        [1, 0],
        [1, 0],
      ],
    );
  });
});

describe('A policy that refuses everything', () => {
  const all = { validations: [{ name: 'none', expression: 'false' }] };
  const vmi = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name: 'web', namespace: 'shop' },
  };
  const running = { ...vmi, spec: { domain: { devices: {} } }, status: { phase: 'Running' } };

  it('keeps nobody from ending, repairing or starting what is there', async () => {
    for (const existing of ['Ratchet', 'Enforce']) {
      const judge = await TestJudge.of([stored({ ...all, existing })]);
      const deleted = vmWith(1, { deletionTimestamp: '2026-11-01T00:00:00Z', finalizers: ['a'] });
      // Its finalizers go, whoever takes them off.
      assert.equal(await judge.ask({ object: vmWith(1), oldObject: deleted }), undefined);
      assert.equal(await judge.ask({ object: vmWith(1), oldObject: vmWith(1), subResource: 'status' }), undefined);
      // The agent reports, and the controller starts, stops and releases.
      assert.equal(await judge.ask({ object: running, oldObject: running, username: AGENT }), undefined);
      const stopped = { ...vmWith(1), spec: { ...(vmWith(1) as { spec: object }).spec, runStrategy: 'Halted' } };
      assert.equal(await judge.ask({ object: stopped, oldObject: vmWith(1), username: CONTROLLER }), undefined);
      assert.equal(await judge.ask({ object: vmWith(1), namespace: 'kube-system' }), undefined);
    }
    const ratchet = await TestJudge.of([stored(all)]);
    assert.deepEqual(rulesOf(await ratchet.ask({ object: vmWith(2), oldObject: vmWith(1) })), []);
    assert.deepEqual(rulesOf(await ratchet.ask({ object: vmWith(2) })), ['policy/vm-size/none']);
  });
});
