import assert from 'node:assert/strict';
import { compiledPolicy, judge, vmWith } from '../../unit/policies/support.js';

/*
 * A refusal goes to whoever asks, to the audit log and to reports: what a rule found there must not be user data,
 * however it came by it. (What a policy's author writes into a message himself is another matter.)
 */

const SECRET = 'hunter2-hunter2';
const volumes = [{ name: 'seed', cloudInitNoCloud: { userData: SECRET } }];
const vm = vmWith(2) as { spec: { template: { spec: object } } };
const OBJECT = { ...vm, spec: { template: { spec: { ...vm.spec.template.spec, volumes } } } };

describe('attack: a rule that makes a refusal tell user data', () => {
  for (const expression of [
    "variables.userData.all(u, u.lowerAscii() == 'x')",
    "variables.userData[0] == 'x'",
    "variables.userData.exists(u, u.trim() == 'x')",
    "variables.instance.volumes[0].cloudInitNoCloud.userData == 'x'",
    "variables.instance.volumes.all(v, v.cloudInitNoCloud.map(k, v.cloudInitNoCloud[k]).all(t, t.upperAscii() == 'x'))",
    "dyn(variables.own) == dyn('x')",
  ])
    it(expression, () => {
      const variables = [{ name: 'own', expression: 'variables.userData[0]' }];
      const policy = compiledPolicy({ variables, validations: [{ name: 'a', expression }] });
      const { causes } = judge([policy], OBJECT);
      assert.equal(causes.length, 1);
      assert.doesNotMatch(causes[0]!.message, /hunter/i);
    });
  it('and another value is told', () => {
    const policy = compiledPolicy({ validations: [{ name: 'a', expression: 'variables.vcpus > 2' }] });
    assert.match(judge([policy], OBJECT).causes[0]!.message, /variables\.vcpus is 2$/);
  });
});
