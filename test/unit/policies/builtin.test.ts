import assert from 'node:assert/strict';
import { WARNINGS } from '../../../src/admission/warnings/index.js';
import { DECIDABLE_WARNINGS } from '../../../src/policies/builtin.js';
import type { OwnRules } from '../../../src/policies/own-rules.js';
import { compilePolicy } from '../../../src/policies/compile-policy.js';
import { RULE_IDS } from '../../../src/validators/rule-ids.js';
import { RULES } from '../../../src/validators/rules.js';
import { SOFTENABLE } from '../../../src/validators/softenable.js';
import { START_ANYWAY } from '../../../src/validators/start-anyway.js';
import { compiledPolicy, judge, NOW, policyWith, problemsOf, vmWith } from './support.js';

const FIELD = 'spec.template.spec.networks[0].name';
const NO_IFACE = { type: 'FieldValueInvalid', field: FIELD, message: 'nothing uses it', rule: 'net.no-iface' } as const;
const OTHER = { type: 'FieldValueInvalid', field: 'spec.x', message: 'wrong', rule: 'disk.cache' } as const;
const CPU = { field: 'spec.template.spec.domain.cpu', message: '4 vCPUs share 400m of CPU' };

/** What the product says: two rules refuse, or a warning has a remark. */
const own = (given: Partial<OwnRules> = {}): OwnRules => ({
  causes: [],
  remarks: () => [],
  storedRemarks: () => [],
  ...given,
});
const only = (builtin: readonly object[], spec: object = {}): object => ({ validations: [], builtin, ...spec });
const soft = (action: string, spec: object = {}) => compiledPolicy(only([{ rule: 'net.no-iface', action }], spec));
const hard = (action: string, spec: object = {}) => compiledPolicy(only([{ warning: 'W-CPU-1', action }], spec));

const REFUSES = { own: own({ causes: [NO_IFACE] }) };
const WARNS = { own: own({ remarks: (id) => (id === 'W-CPU-1' ? [CPU] : []) }) };

const saidOf = (policies: Parameters<typeof judge>[0], given: Parameters<typeof judge>[2]) => {
  const { causes, warnings, settled } = judge(policies, vmWith(4), given);
  return { causes: causes.map(({ rule }) => rule), warnings, settled: [...settled] };
};
const NOTHING = { causes: [], warnings: [], settled: [] };

describe('A rule of the product in a policy', () => {
  it('may be softened only where a table says so, and a new rule or warning is told of', () => {
    assert.deepEqual(RULE_IDS, [...new Set(RULES.map(({ id }) => id))], 'npm run generate');
    const decidable = WARNINGS.filter(
      ({ id, kinds, ofWhatIsWritten }) =>
        kinds.includes('VirtualMachine') && ofWhatIsWritten !== true && id !== 'W-SRC-1',
    );
    assert.deepEqual(
      DECIDABLE_WARNINGS,
      decidable.map(({ id }) => id),
    );
    for (const id of SOFTENABLE) assert.ok(START_ANYWAY.has(id) && RULE_IDS.includes(id), id);
  });

  it('is refused where it is fixed, unknown, twice, or of a namespace', () => {
    const says = (...builtin: object[]): string => problemsOf(only(builtin)).join('\n');
    assert.match(says({ rule: 'disk.cache', action: 'Warn' }), /^spec\.builtin\[0\]\.rule is disk\.cache, .* fixed: /);
    for (const rule of ['schema.unknown', 'field.not-acted-on', 'upd.spec', 'meta.labels', 'vol.hostdisk-path'])
      assert.match(says({ rule, action: 'Off' }), /which is fixed: .*; a policy may name cpu\.max-sockets/, rule);
    assert.match(says({ rule: 'net.no-ifac', action: 'Warn' }), /no rule of the product; did you mean net\.no-iface\?/);
    assert.match(says({ warning: 'W-CPU-9', action: 'Warn' }), /no warning .*; did you mean W-CPU-\d\?/);
    assert.match(says({ action: 'Warn' }), /^spec\.builtin\[0\] must name one thing/);
    assert.match(says({ rule: 'net.no-iface', warning: 'W-CPU-1', action: 'Warn' }), /not both$/);
    const twice = { rule: 'net.no-iface', action: 'Warn' };
    assert.match(says(twice, twice), /^spec\.builtin\[1\] is about net\.no-iface, as another is/);
    const { causes } = compilePolicy(policyWith(only([twice]), { namespace: 'shop' }));
    assert.deepEqual(
      causes.map(({ field }) => field),
      ['spec.builtin'],
    );
  });

  it('warns, is recorded, or says nothing, in the name of the policy', () => {
    assert.deepEqual(saidOf([soft('Warn')], REFUSES), {
      causes: [],
      warnings: [`${FIELD}: nothing uses it [policy/vm-size/net.no-iface]`],
      settled: ['net.no-iface'],
    });
    assert.deepEqual(saidOf([soft('Audit')], REFUSES), { ...NOTHING, settled: ['net.no-iface'] });
    assert.equal(judge([soft('Audit')], vmWith(4), REFUSES).findings.length, 1);
    assert.deepEqual(saidOf([soft('Off')], REFUSES), { ...NOTHING, settled: ['net.no-iface'] });
    assert.deepEqual(saidOf([soft('Enforce')], REFUSES), NOTHING);
    assert.deepEqual(judge([soft('Warn')], vmWith(4)).settled.size, 0, 'where nobody says what the product says');
  });

  it('is as ever where the policy does not match, is paused, records only, fails, or another is stricter', () => {
    const until = new Date(NOW + 600_000).toISOString();
    const override = { actionOverrides: [{ namespaceSelector: { matchLabels: { env: 'prod' } }, action: 'Off' }] };
    for (const spec of [
      { match: { names: ['db'] } },
      { matchConditions: [{ name: 'a', expression: 'false' }] },
      { matchConditions: [{ name: 'a', expression: "object.metadata.labels['none'] == ''" }], failurePolicy: 'Ignore' },
      { action: 'Audit' },
      { action: 'Off' },
      override,
    ])
      assert.deepEqual(saidOf([soft('Off', spec)], REFUSES), NOTHING, JSON.stringify(spec));
    const paused = compiledPolicy(only([{ rule: 'net.no-iface', action: 'Off' }]), {
      annotations: { 'policies.kubectl-virt.io/paused-until': until },
    });
    assert.deepEqual(saidOf([paused], REFUSES).settled, []);
    assert.deepEqual(saidOf([soft('Off')], { ...REFUSES, pausedUntil: until }).settled, []);
    assert.deepEqual(saidOf([soft('Off'), soft('Enforce')], REFUSES), NOTHING);
    assert.equal(saidOf([soft('Off'), soft('Warn')], REFUSES).warnings.length, 1);
    assert.equal(saidOf([soft('Warn'), soft('Off')], REFUSES).warnings.length, 1);
  });
});

describe('A warning of the product in a policy', () => {
  it('refuses, is told, or is not given', () => {
    const rule = 'policy/vm-size/W-CPU-1';
    const settled = ['W-CPU-1'];
    assert.deepEqual(saidOf([hard('Enforce')], WARNS), { causes: [rule], warnings: [], settled });
    const warnings = [`${CPU.field}: ${CPU.message} [${rule}]`];
    assert.deepEqual(saidOf([hard('Warn')], WARNS), { causes: [], warnings, settled });
    assert.deepEqual(saidOf([hard('Enforce', { action: 'Warn' })], WARNS), { causes: [], warnings, settled });
    assert.deepEqual(saidOf([hard('Off')], WARNS), { ...NOTHING, settled });
    assert.deepEqual(saidOf([hard('Off'), hard('Enforce')], WARNS).causes, [rule]);
    assert.deepEqual(saidOf([hard('Enforce', { action: 'Audit' })], WARNS), NOTHING);
  });

  it('cannot be escaped by a mistake that another policy lets pass, and says nothing of what is refused', () => {
    const both = { own: own({ causes: [NO_IFACE], remarks: () => [CPU] }) };
    assert.deepEqual(saidOf([soft('Off'), hard('Enforce')], both).causes, ['policy/vm-size/W-CPU-1']);
    assert.deepEqual(saidOf([hard('Enforce')], both).causes, []);
    const others = { own: own({ causes: [NO_IFACE, OTHER], remarks: () => [CPU] }) };
    assert.deepEqual(saidOf([soft('Off'), hard('Enforce')], others).causes, []);
  });

  it('lets an update be of what was so before, unless the policy says otherwise', () => {
    const given = { oldObject: vmWith(4), own: own({ remarks: () => [CPU], storedRemarks: () => [CPU] }) };
    assert.deepEqual(saidOf([hard('Enforce')], given).causes, []);
    assert.equal(saidOf([hard('Enforce')], given).warnings.length, 1);
    assert.equal(saidOf([hard('Enforce', { existing: 'Enforce' })], given).causes.length, 1);
    const fresh = { oldObject: vmWith(4), own: own({ remarks: () => [CPU] }) };
    assert.equal(saidOf([hard('Enforce')], fresh).causes.length, 1);
  });
});
