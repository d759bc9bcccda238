import assert from 'node:assert/strict';
import { compilePolicy, describePolicyCause } from '../../../src/policies/compile-policy.js';
import { BARE, VM } from './cel/objects.js';
import { PASSING } from './passing.js';
import { RULES } from './rules.js';
import { compiledPolicy, judge, policyWith } from './support.js';

const INSTANCE = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'bare', namespace: 'shop' },
  spec: { domain: { devices: {} } },
};

describe('Rules such as platform teams write', () => {
  for (const [name, expression] of Object.entries(RULES)) {
    it(`compile for all kinds and fail on no object: ${name}`, () => {
      const spec = { validations: [{ name: 'one', expression }] };
      const { causes } = compilePolicy(policyWith(spec));
      assert.deepEqual(causes.map(describePolicyCause), []);
      const policy = compiledPolicy(spec);
      for (const object of [VM, BARE, INSTANCE]) {
        for (const given of [{}, { oldObject: object }]) {
          const errors = judge([policy], object, given).findings.filter(({ outcome }) => outcome === 'error');
          assert.deepEqual(
            errors.map(({ message }) => message),
            [],
          );
        }
      }
    });
  }
});

describe('A VM that keeps all rules', () => {
  it('has no finding', () => {
    const policies = Object.entries(RULES).map(([name, expression]) =>
      compiledPolicy({ validations: [{ name: 'one', expression }] }, { name }),
    );
    assert.deepEqual(
      judge(policies, PASSING).findings.map(({ policy }) => policy.name),
      [],
    );
    assert.ok(judge(policies, VM).findings.length > 3);
  });
});
