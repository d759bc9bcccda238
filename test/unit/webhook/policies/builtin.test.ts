import assert from 'node:assert/strict';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { outcomeOf, outcomeWith } from '../../../../src/webhook/admission/outcome.js';
import { rulesOf, stored, TestJudge, CONTROLLER } from './judging.js';

/* The product's own rules and warnings, in the webhook: what policies make of them for real objects. */

const spec = (cores: number, more: object = {}) => ({
  domain: { cpu: { cores }, memory: { guest: '1Gi' }, devices: {}, resources: { requests: { cpu: '400m' } } },
  ...more,
});
const vm = (cores: number, labels: object = {}) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'web', namespace: 'shop', labels },
  spec: { runStrategy: 'Always', template: { spec: spec(cores) } },
});
const RULE = 'policy/vm-size/W-CPU-1';
const harden = (more: object = {}) =>
  stored({ validations: [], builtin: [{ warning: 'W-CPU-1', action: 'Enforce' }], ...more });

describe("The product's own rules, decided about by policies", () => {
  it('refuse what the product would warn of, also what it tells nobody at apply', async () => {
    const judge = await TestJudge.of([harden()]);
    const answer = await judge.ask({ object: vm(4) });
    assert.deepEqual(rulesOf(answer), [RULE]);
    assert.equal(answer?.causes[0]?.field, 'spec.template.spec.domain.cpu');
    assert.deepEqual(rulesOf(await judge.ask({ object: vm(1) })), []);
  });

  it('let be what was stored so, and say nothing of what has not the shape of its kind', async () => {
    const judge = await TestJudge.of([harden()]);
    const update = await judge.ask({ object: vm(4, { a: 'b' }), oldObject: vm(4) });
    assert.deepEqual(rulesOf(update), []);
    assert.equal(update?.warnings.length, 1);
    assert.deepEqual(rulesOf(await judge.ask({ object: vm(4), oldObject: vm(1) })), [RULE]);
    for (const template of [{ spec: { domain: null } }, { spec: { domain: { cpu: 'x' } } }, { spec: 7 }, null]) {
      const odd = { ...vm(4), spec: { template } };
      assert.deepEqual(rulesOf(await judge.ask({ object: odd })), []);
      assert.deepEqual(rulesOf(await judge.ask({ object: vm(4), oldObject: odd })), [RULE]);
    }
  });

  it('start a VM again that was stored before the policy', async () => {
    const judge = await TestJudge.of([harden()]);
    const owner = { ...vm(4), metadata: { ...vm(4).metadata, uid: 'u-1' } };
    judge.objects.set('/apis/kubevirt.io/v1/namespaces/shop/virtualmachines/web', owner);
    const object = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: {
        name: 'web',
        namespace: 'shop',
        ownerReferences: [
          { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'web', uid: 'u-1', controller: true },
        ],
      },
      spec: spec(4),
    };
    assert.deepEqual(rulesOf(await judge.ask({ object })), [RULE]);
    assert.deepEqual(rulesOf(await judge.ask({ object, username: CONTROLLER })), []);
    assert.equal(judge.letBe.length, 1);
  });

  it('are softened by themselves: no other mistake, and no hardened warning, comes through beside them', async () => {
    const context = { config: resolveClusterConfig(), newUuid: () => '00000000-0000-8000-8000-000000000000' };
    const judge = await TestJudge.of([
      stored({ validations: [], builtin: [{ rule: 'net.no-iface', action: 'Off' }] }, { name: 'soft' }),
      harden(),
    ]);
    /** What the webhook answers in the end: the rules' own causes, and those of policies. */
    const answered = async (cores: number, more: object, oldObject?: object): Promise<string[]> => {
      const object = { ...vm(cores), spec: { ...vm(cores).spec, template: { spec: spec(cores, more) } } };
      const operation = oldObject === undefined ? 'CREATE' : 'UPDATE';
      const request = { kind: 'VirtualMachine', operation, object, oldObject, namespace: 'shop' } as const;
      const own = outcomeOf('validate', request, context);
      const said = await judge.ask({ object, ...(oldObject === undefined ? {} : { oldObject }), causes: own.causes });
      return (said === undefined ? own : outcomeWith(own, said)).causes.map(({ rule = '' }) => rule);
    };
    const lost = { networks: [{ name: 'lost', pod: {} }] };
    assert.deepEqual(await answered(1, {}), []);
    assert.deepEqual(await answered(1, lost), []);
    assert.deepEqual(await answered(4, lost), [RULE]);
    assert.deepEqual(await answered(1, { ...lost, hostname: 'A' }), ['id.hostname']);
    const before = { ...vm(1), spec: { ...vm(1).spec, template: { spec: spec(1, lost) } } };
    assert.deepEqual(await answered(1, lost, before), []);
    assert.deepEqual(await answered(1, { ...lost, hostname: 'A' }, before), ['id.hostname']);
    const many = Array.from({ length: 1200 }, (_, i) => ({ name: `n${i}`, pod: {} }));
    assert.ok(
      (await answered(1, { networks: many, hostname: 'A' })).length > 0,
      'whatever hides the rest is not let go',
    );
  });

  it('soften in the name of the policy, and are not asked where no policy decides', async () => {
    const cause = { type: 'FieldValueInvalid', field: 'spec.x', message: 'm', rule: 'net.no-iface' } as const;
    const softened = await TestJudge.of([
      stored({ validations: [], builtin: [{ rule: 'net.no-iface', action: 'Warn' }] }),
    ]);
    const answer = await softened.ask({ object: vm(1), causes: [cause] });
    assert.deepEqual([...(answer?.settled ?? [])], ['net.no-iface']);
    assert.deepEqual(answer?.warnings, ['spec.x: m [policy/vm-size/net.no-iface]']);
    const without = await (await TestJudge.of([stored({})])).ask({ object: vm(1), causes: [cause] });
    assert.equal(without?.settled.size, 0);
  });
});
