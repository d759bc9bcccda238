import assert from 'node:assert/strict';
import { creationWeakenings, deletionWeakenings, weakeningsOf } from '../../../src/policies/weakening.js';
import { NOW, policyWith } from './support.js';

const ENV = { namespaceSelector: { matchLabels: { env: 'dev' } } };
const PROD = { namespaceSelector: { matchLabels: { env: 'prod' } } };
const STEP = { from: '2027-02-01T00:00:00Z', action: 'Enforce' };
const LATER = { from: '2027-03-01T00:00:00Z', action: 'Enforce' };
const A = { name: 'a', expression: 'variables.vcpus <= 8' };
const B = { name: 'b', expression: 'variables.vcpus >= 1' };

const soft = (action: string) => ({ builtin: [{ rule: 'net.no-iface', action }] });
const warning = (action: string) => ({ builtin: [{ warning: 'W-CPU-1', action }] });

/** What changes, before, after, and the fields by which it is weaker; none: it is not. */
type Edit = readonly [what: string, before: object, after: object, ...fields: string[]];

const BUILTIN = 'spec.builtin[0].action';

const EDITS: readonly Edit[] = [
  // The product's own rules and warnings.
  ['a rule is softened', {}, soft('Warn'), BUILTIN],
  ['a rule is softened more', soft('Warn'), soft('Off'), BUILTIN],
  ['a rule is softened less', soft('Off'), soft('Warn')],
  ['a rule is hard again', soft('Off'), {}],
  ['a rule stays soft', soft('Warn'), { ...soft('Warn'), description: 'x' }],
  ['a rule is kept hard, and no longer', soft('Enforce'), {}, 'spec.builtin'],
  ['a rule is kept hard, and softened', soft('Enforce'), soft('Audit'), BUILTIN],
  ['a policy of no action begins to soften', { action: 'Off', ...soft('Off') }, soft('Off'), BUILTIN],
  ['a policy of no action is to soften', { action: 'Off' }, { action: 'Off', ...soft('Off') }, BUILTIN],
  [
    'a rule is softened elsewhere too',
    { ...soft('Warn'), match: { names: ['a'] } },
    { ...soft('Warn'), match: { names: ['b'] } },
    'spec.match',
    BUILTIN,
  ],
  [
    'a softening policy warns only, and softens as before',
    soft('Warn'),
    { ...soft('Warn'), action: 'Warn' },
    'spec.action',
    BUILTIN,
  ],
  ['a warning refuses', {}, warning('Enforce')],
  ['a warning refuses no longer', warning('Enforce'), {}, 'spec.builtin'],
  ['a warning warns again', warning('Enforce'), warning('Warn'), BUILTIN],
  ['a warning is switched off', {}, warning('Off'), BUILTIN],
  ['a warning is no longer told', warning('Enforce'), warning('Audit'), BUILTIN],
  ['a warning is told again', warning('Off'), {}],
  [
    'a policy of warnings alone does less',
    { validations: [], ...warning('Enforce') },
    { action: 'Audit', validations: [], ...warning('Enforce') },
    'spec.action',
  ],
  ['nothing', {}, {}],
  [
    'the order of keys alone',
    { match: { names: ['a'], kinds: ['VirtualMachine'] } },
    { match: { kinds: ['VirtualMachine'], names: ['a'] } },
  ],
  ['words', { description: 'x', severity: 'low' }, { description: 'y', severity: 'high', category: 'z' }],
  // Actions.
  ['Enforce to Warn', {}, { action: 'Warn' }, 'spec.action'],
  ['Enforce to Off', {}, { action: 'Off' }, 'spec.action'],
  ['Warn to Audit', { action: 'Warn' }, { action: 'Audit' }, 'spec.action'],
  ['Warn to Enforce', { action: 'Warn' }, {}],
  ['Off to Audit', { action: 'Off' }, { action: 'Audit' }],
  ['Off, and whatever else', { action: 'Off' }, { action: 'Off', validations: [B], match: { names: ['x'] } }],
  // Rollouts.
  ['a step to Enforce is new', { action: 'Warn' }, { action: 'Warn', rollout: [STEP] }],
  ['a step to Enforce goes', { action: 'Warn', rollout: [STEP] }, { action: 'Warn' }, 'spec.action'],
  ['a step comes later', { action: 'Warn', rollout: [STEP] }, { action: 'Warn', rollout: [LATER] }, 'spec.action'],
  ['a step comes earlier', { action: 'Warn', rollout: [LATER] }, { action: 'Warn', rollout: [STEP] }],
  [
    'a step becomes lower',
    { action: 'Audit', rollout: [STEP] },
    { action: 'Audit', rollout: [{ ...STEP, action: 'Warn' }] },
    'spec.rollout',
  ],
  [
    'a step is held back',
    { action: 'Warn', rollout: [STEP] },
    { action: 'Warn', rollout: [{ ...STEP, maxViolations: 5 }] },
    'spec.rollout',
  ],
  [
    'a step is held back less',
    { action: 'Warn', rollout: [{ ...STEP, maxViolations: 0 }] },
    { action: 'Warn', rollout: [{ ...STEP, maxViolations: 5 }] },
  ],
  [
    'a step is held back more',
    { action: 'Warn', rollout: [{ ...STEP, maxViolations: 5 }] },
    { action: 'Warn', rollout: [{ ...STEP, maxViolations: 0 }] },
    'spec.rollout',
  ],
  ['a step down is new', {}, { rollout: [{ ...STEP, action: 'Audit' }] }, 'spec.rollout'],
  [
    'a step that is over becomes the action',
    { action: 'Warn', rollout: [{ ...STEP, from: '2026-01-01T00:00:00Z' }] },
    {},
  ],
  // Overrides.
  [
    'an override that is milder',
    {},
    { actionOverrides: [{ ...ENV, action: 'Audit' }] },
    'spec.actionOverrides[0].action',
  ],
  [
    'an override that is as strict',
    { action: 'Warn' },
    { action: 'Warn', actionOverrides: [{ ...ENV, action: 'Enforce' }] },
  ],
  ['a mild override goes', { actionOverrides: [{ ...ENV, action: 'Audit' }] }, {}],
  [
    'a strict override goes',
    { action: 'Warn', actionOverrides: [{ ...ENV, action: 'Enforce' }] },
    { action: 'Warn' },
    'spec.action',
  ],
  [
    'an override becomes milder',
    { actionOverrides: [{ ...ENV, action: 'Warn' }] },
    { actionOverrides: [{ ...ENV, action: 'Off' }] },
    'spec.actionOverrides[0].action',
  ],
  [
    'a mild override is for others',
    { actionOverrides: [{ ...ENV, action: 'Audit' }] },
    { actionOverrides: [{ ...PROD, action: 'Audit' }] },
    'spec.actionOverrides[0].action',
  ],
  [
    'overrides change places, and the milder is last',
    {
      actionOverrides: [
        { ...ENV, action: 'Audit' },
        { ...PROD, action: 'Warn' },
      ],
    },
    {
      actionOverrides: [
        { ...PROD, action: 'Warn' },
        { ...ENV, action: 'Audit' },
      ],
    },
  ],
  [
    'overrides change places, and the milder is first',
    {
      actionOverrides: [
        { ...PROD, action: 'Warn' },
        { ...ENV, action: 'Audit' },
      ],
    },
    {
      actionOverrides: [
        { ...ENV, action: 'Audit' },
        { ...PROD, action: 'Warn' },
      ],
    },
    'spec.actionOverrides[0].action',
  ],
  [
    'a mild one behind one for all',
    { actionOverrides: [{ namespaceSelector: {}, action: 'Enforce' }] },
    {
      actionOverrides: [
        { namespaceSelector: {}, action: 'Enforce' },
        { ...ENV, action: 'Off' },
      ],
    },
  ],
  // What it is for.
  ['Enforce of what is stored to Ratchet', { existing: 'Enforce' }, {}, 'spec.existing'],
  ['Ratchet to Enforce', { existing: 'Ratchet' }, { existing: 'Enforce' }],
  ['Fail to Ignore', {}, { failurePolicy: 'Ignore' }, 'spec.failurePolicy'],
  ['Ignore to Fail', { failurePolicy: 'Ignore' }, { failurePolicy: 'Fail' }],
  ['a kind less', {}, { match: { kinds: ['VirtualMachine'] } }, 'spec.match'],
  [
    'the kinds that are the default, written',
    {},
    { match: { kinds: ['VirtualMachineInstance', 'VirtualMachine', 'VirtualMachineInstanceReplicaSet'] } },
  ],
  ['a name is excluded', {}, { match: { excludeNames: ['web'] } }, 'spec.match'],
  ['a subject is excluded', {}, { match: { excludeSubjects: [{ kind: 'User', name: 'eve' }] } }, 'spec.match'],
  ['a selector', {}, { match: { objectSelector: { matchLabels: { a: 'b' } } } }, 'spec.match'],
  ['names in another order', { match: { names: ['a', 'b'] } }, { match: { names: ['b', 'a'] } }],
  ['a condition is new', {}, { matchConditions: [{ name: 'x', expression: 'false' }] }, 'spec.matchConditions'],
  [
    'a condition is called otherwise',
    { matchConditions: [{ name: 'x', expression: 'true' }] },
    { matchConditions: [{ name: 'y', expression: 'true' }] },
  ],
  ['a param', { params: { values: { a: 1 } } }, { params: { values: { a: 2 } } }, 'spec.params'],
  [
    'an override of params',
    { params: { values: { a: 1 } } },
    { params: { values: { a: 1 }, overrides: [{ ...ENV, values: { a: 9 } }] } },
    'spec.params',
  ],
  [
    'a param becomes a list of pairs',
    { params: { values: { a: { b: 1 } } } },
    { params: { values: { a: [['b', 1]] } } },
    'spec.params',
  ],
  [
    'a variable',
    { variables: [{ name: 'v', expression: '1' }] },
    { variables: [{ name: 'v', expression: '2' }] },
    'spec.variables[0].expression',
  ],
  ['a variable more', {}, { variables: [{ name: 'v', expression: '1' }] }],
  // Validations.
  ['a validation more', { validations: [A] }, { validations: [B, A] }],
  ['a validation less', { validations: [A, B] }, { validations: [A] }, 'spec.validations[1]'],
  [
    'a validation has another name',
    { validations: [A] },
    { validations: [{ ...A, name: 'c' }] },
    'spec.validations[0]',
  ],
  [
    'an expression',
    { validations: [A] },
    { validations: [{ ...A, expression: 'variables.vcpus <= 9' }] },
    'spec.validations[0].expression',
  ],
  ['an expression of what is off', { validations: [{ ...A, action: 'Off' }, B] }, { validations: [B] }],
  ['a message', { validations: [A] }, { validations: [{ ...A, message: 'm', remedy: 'r', field: '$.domain' }] }],
  [
    'a validation becomes Warn',
    { validations: [A] },
    { validations: [{ ...A, action: 'Warn' }] },
    'spec.validations[0].action',
  ],
  ['a validation becomes Enforce', { validations: [{ ...A, action: 'Warn' }] }, { validations: [A] }],
  // Exceptions.
  ['exceptions are allowed', { exceptions: { allowed: false } }, {}, 'spec.exceptions.allowed'],
  ['exceptions are not allowed any more', {}, { exceptions: { allowed: false } }],
  ['exceptions may be longer', {}, { exceptions: { maxDuration: '721h' } }, 'spec.exceptions.maxDuration'],
  ['exceptions must be shorter', {}, { exceptions: { maxDuration: '24h' } }],
  ['a ticket is wanted', {}, { exceptions: { ticketPattern: '^A-' } }],
  ['no ticket is wanted any more', { exceptions: { ticketPattern: '^A-' } }, {}, 'spec.exceptions.ticketPattern'],
  [
    'another ticket is wanted',
    { exceptions: { ticketPattern: '^A-' } },
    { exceptions: { ticketPattern: '.' } },
    'spec.exceptions.ticketPattern',
  ],
  // Several at once.
  ['two ways at once', {}, { action: 'Warn', failurePolicy: 'Ignore' }, 'spec.action', 'spec.failurePolicy'],
  ['stricter here, milder there', { action: 'Warn', existing: 'Enforce' }, { action: 'Enforce' }, 'spec.existing'],
];

describe('A change of a policy', () => {
  for (const [what, before, after, ...fields] of EDITS) {
    it(`${fields.length > 0 ? 'is weaker' : 'is not weaker'}: ${what}`, () => {
      const found = weakeningsOf(policyWith(before), policyWith(after), NOW);
      assert.deepEqual(
        found.map(({ field }) => field),
        fields,
        JSON.stringify(found),
      );
    });
  }

  it('is weaker where what was there cannot be read, whatever it is', () => {
    for (const before of [{}, { spec: null }, { spec: [] }, policyWith({ validations: 'x' }), null, 7])
      assert.equal(weakeningsOf(before, policyWith({}), NOW).length, 1);
  });

  it('says when it becomes weaker', () => {
    const [found] = weakeningsOf(policyWith({ action: 'Warn', rollout: [STEP] }), policyWith({ action: 'Warn' }), NOW);
    assert.equal(found?.text, 'is Warn and was Enforce from 2027-02-01');
  });
});

describe('A new policy', () => {
  it('is weaker only where it lets go of what the product refuses or tells', () => {
    assert.deepEqual(creationWeakenings(policyWith(warning('Enforce'))), []);
    assert.deepEqual(creationWeakenings(policyWith({})), []);
    assert.deepEqual(creationWeakenings({ spec: 'x' }), []);
    for (const builtin of [soft('Off'), { ...soft('Warn'), action: 'Off' }, warning('Off')])
      assert.deepEqual(
        creationWeakenings(policyWith(builtin)).map(({ field }) => field),
        [BUILTIN],
      );
  });
});

describe('The deletion of a policy', () => {
  it('is weaker, unless the policy never did anything', () => {
    assert.equal(deletionWeakenings(policyWith({})).length, 1);
    assert.equal(deletionWeakenings(policyWith({ action: 'Audit' })).length, 1);
    assert.equal(deletionWeakenings(policyWith({ validations: [{ ...A, action: 'Off' }] })).length, 0);
    assert.equal(deletionWeakenings(policyWith({ validations: [], ...warning('Enforce') })).length, 1);
    assert.equal(deletionWeakenings(policyWith({ action: 'Off' })).length, 0);
    assert.equal(deletionWeakenings(policyWith({ action: 'Off', rollout: [STEP] })).length, 1);
    assert.equal(deletionWeakenings({ spec: 'x' }).length, 1);
  });
});
