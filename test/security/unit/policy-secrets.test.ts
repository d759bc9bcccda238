import assert from 'node:assert/strict';
import { compilePolicy } from '../../../src/policies/compile-policy.js';
import { compiledPolicy, judge, policyWith, vmWith } from '../../unit/policies/support.js';

/* Whoever writes a policy of a namespace reads in no event and no log what others gave their VMs. */
describe('What is made of a failure', () => {
  const SECRET = 'hunter2-hunter2';
  const volumes = [{ name: 'seed', cloudInitNoCloud: { userData: SECRET, secretRef: { name: SECRET } } }];
  const vm = { ...vmWith(1), spec: { template: { spec: { domain: { devices: {} }, volumes } } } };

  for (const expression of [
    "effective.volumes[0].cloudInitNoCloud.userData == 'x'",
    "effective.volumes.all(v, v.cloudInitNoCloud.secretRef.name == 'x')",
    "variables.mine[0].cloudInitNoCloud['userData'].lowerAscii() == 'x'",
    "string(effective.volumes[0].cloudInitNoCloud[variables.key]) == 'x'",
  ]) {
    it(`shows nothing of it: ${expression}`, () => {
      const variables = [
        { name: 'mine', expression: 'effective.volumes' },
        { name: 'key', expression: "'user' + 'Data'" },
      ];
      const policy = compiledPolicy({ variables, validations: [{ name: 'x', expression }] });
      const verdict = judge([policy], vm);
      assert.match(verdict.causes[0]?.field ?? '', /^spec\.template\.spec\.volumes\[0\]/);
      assert.match(verdict.causes[0]?.message ?? '', /is false/);
      assert.ok(!JSON.stringify([verdict.causes, verdict.warnings]).includes('hunter2'));
    });
  }
});

describe('A message of a policy', () => {
  const causesOf = (messageExpression: string, more: object = {}): string[] =>
    compilePolicy(
      policyWith({ validations: [{ name: 'x', expression: 'false', messageExpression }], ...more }),
    ).causes.map(({ message }) => message);

  for (const expression of [
    'variables.userData[0]',
    "variables.userData.join(',')",
    "'%s'.format([object])",
    "'%s'.format([variables.volumes])",
    "'%s'.format([variables.volumes.filter(v, v.name == 'x')])",
    "'%s'.format([variables.volumes.map(v, v.cloudInitNoCloud)])",
    "variables.volumes.map(v, v.?cloudInitNoCloud.?userData.orValue('')).join('')",
    "'a' + (variables.vcpus > 1 ? variables.instance.volumes[0].cloudInitNoCloud.userData : '')",
    "variables.volumes[0].cloudInitConfigDrive['networkData']",
    "'%s'.format([object.spec.template.spec.accessCredentials])",
    'effective.volumes[0].cloudInitNoCloud.userData',
    "'%s'.format([effective])",
    "'%s'.format([effective.accessCredentials])",
    "effective.volumes.map(v, v.?cloudInitNoCloud.?userData.orValue('')).join('')",
    'variables.mine.substring(1)',
    'string(variables.instance.volumes[0].cloudInitNoCloud.userData.lowerAscii())',
  ]) {
    it(`is refused where it shows user data: ${expression}`, () => {
      const variables = [{ name: 'mine', expression: "variables.userData.join('')" }];
      const [first = '', ...others] = causesOf(expression, { variables });
      assert.match(first, /^spec\.validations\[0\]\.messageExpression would show user data/);
      assert.deepEqual(others, []);
    });
  }

  for (const expression of [
    "'%d vCPUs, %d too many'.format([variables.vcpus, variables.tooMany])",
    "'%s in %s'.format([object.metadata.name, object.metadata.namespace])",
    "variables.volumes.map(v, v.name).join(', ')",
    "variables.volumes.filter(v, has(v.hostDisk)).map(v, v.hostDisk.path).join(', ')",
    "variables.images.join(', ')",
    "'%d have user data'.format([variables.userData.filter(u, u != '').size()])",
    "'plan ' + object.metadata.?annotations[?'backup.example.com/plan'].orValue('none')",
    "'%s'.format([variables.instance.domain.cpu])",
    "'%s'.format([variables.networks])",
    "'%d cores'.format([effective.domain.cpu.cores])",
  ]) {
    it(`may say what is wrong: ${expression}`, () => {
      const variables = [{ name: 'tooMany', expression: 'variables.vcpus - 8' }];
      assert.deepEqual(causesOf(expression, { variables }), []);
    });
  }
});
