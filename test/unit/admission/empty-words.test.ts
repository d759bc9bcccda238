import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { admit } from '../../../src/admission/admit.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';

/* "" where a word of a list may stand asks for nothing: Helm and Terraform write such fields out. */

const context: AdmissionContext = {
  config: resolveClusterConfig(),
  newUuid: () => '00000000-0000-4000-8000-000000000000',
};
const admitted = (change: Record<string, unknown>) =>
  admit({ kind: 'VirtualMachineInstance', operation: 'CREATE', object: manifest(change) }, context);

describe('an empty word', () => {
  for (const field of [
    'spec.dnsPolicy',
    'spec.startStrategy',
    'spec.domain.ioThreadsPolicy',
    'spec.domain.rebootPolicy',
    'spec.domain.machine.type',
    'spec.volumes[0].containerDisk.imagePullPolicy',
    'spec.tolerations[0].effect',
    'spec.tolerations[0].operator',
  ])
    it(`asks for nothing in ${field}`, () => {
      const base = field.includes('tolerations') ? { 'spec.tolerations': [{ key: 'a', value: '' }] } : {};
      assert.deepEqual(admitted({ ...base, [field]: '' }).causes, []);
    });

  it('is not stored where the schema has a list of words', () => {
    const { object } = admitted({ 'spec.volumes[0].containerDisk.imagePullPolicy': '', 'spec.dnsPolicy': '' });
    assert.doesNotMatch(JSON.stringify(object), /Policy":""|dnsPolicy/);
    assert.match(JSON.stringify(object), /"imagePullPolicy":"IfNotPresent"/);
  });

  it('is refused where a word has to be', () => {
    const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: '' };
    const [cause] = admitted({ 'spec.topologySpreadConstraints': [constraint] }).causes;
    assert.equal(cause?.field, 'spec.topologySpreadConstraints[0].whenUnsatisfiable');
  });
});
