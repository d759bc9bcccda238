import assert from 'node:assert/strict';
import { compilePolicy } from '../../../src/policies/compile-policy.js';
import { policyWith } from '../../unit/policies/support.js';

/* Whoever writes a policy of a namespace reads in no event and no log what others gave their VMs. */
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
  ]) {
    it(`may say what is wrong: ${expression}`, () => {
      const variables = [{ name: 'tooMany', expression: 'variables.vcpus - 8' }];
      assert.deepEqual(causesOf(expression, { variables }), []);
    });
  }
});
