import assert from 'node:assert/strict';
import { admit } from '../../../../src/admission/admit.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { manifest } from '../../../../src/validators/rule/example-manifest.js';
import type { RuleKind } from '../../../../src/validators/rule/subject.js';

const fieldsOf = (kind: RuleKind, change: Readonly<Record<string, unknown>>) =>
  admit(
    { kind, operation: 'CREATE', object: manifest(change, kind), user: { username: 'alice' } },
    { config: resolveClusterConfig(undefined), newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223' },
  ).causes.map(({ field }) => field);

const metadata = { labels: { set: 'case', 'my app': 'web' }, annotations: { 'a b': 'c' } };

describe('metadata that Kubernetes would refuse', () => {
  for (const kind of ['VirtualMachine', 'VirtualMachineInstanceReplicaSet'] as const) {
    it(`is refused in the template of a ${kind}`, () => {
      assert.deepEqual(fieldsOf(kind, { 'spec.template.metadata': metadata }), [
        'spec.template.metadata.labels[my app]',
        'spec.template.metadata.annotations[a b]',
      ]);
    });
  }
  it('is refused offline too where it is the object’s own, which the API server refuses before it asks', () => {
    const own = { 'metadata.labels': metadata.labels, 'metadata.annotations': metadata.annotations };
    const fields = ['metadata.labels[my app]', 'metadata.annotations[a b]'];
    assert.deepEqual(fieldsOf('VirtualMachineInstance', own), fields);
    assert.deepEqual(fieldsOf('VirtualMachine', own), fields);
  });
});
