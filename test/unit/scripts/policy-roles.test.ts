import assert from 'node:assert/strict';
import { parseAllDocuments } from 'yaml';
import { policyRolesManifest } from '../../../scripts/policy-roles.js';

interface Role {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly rules: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

describe('the roles of policies', () => {
  const roles = parseAllDocuments(policyRolesManifest()).map((document) => document.toJS() as Role);
  const verbs = (name: string, resource: string): readonly string[] =>
    roles
      .filter(({ metadata }) => metadata.name === `kubevirt.io:${name}`)
      .flatMap(({ rules }) => rules.filter(({ resources }) => resources.includes(resource)))
      .flatMap((rule) => rule.verbs);
  const CLUSTER = 'virtualmachineclusterpolicies';

  it('are taken in by the built-in ones where a namespace is concerned, and else bound to nobody', () => {
    const into = roles.map(({ metadata: { name, labels } }) => [
      name.replace('kubevirt.io:policy-', ''),
      Object.keys(labels)
        .filter((label) => label.includes('aggregate-to-'))
        .join()
        .replace(/.*-/, ''),
    ]);
    assert.deepEqual(into, [
      ['view', 'view'],
      ['exception-edit', 'edit'],
      ['namespace-admin', 'admin'],
      ['pipeline', ''],
      ['admin', ''],
    ]);
  });

  it('let nobody but the administrator of policies loosen, pause, except or delete those of the cluster', () => {
    for (const { metadata } of roles) {
      const name = metadata.name.replace('kubevirt.io:', '');
      const had = verbs(name, CLUSTER).filter((verb) => /weaken|pause|except|delete|\*/.test(verb));
      const all = ['delete', 'deletecollection', 'weaken', 'pause', 'except'];
      assert.deepEqual(had, name === 'policy-admin' ? all : [], name);
    }
    assert.deepEqual(verbs('policy-pipeline', CLUSTER), ['get', 'list', 'watch', 'create', 'update', 'patch']);
  });

  it('give nobody a right on what only the programs write', () => {
    for (const { rules } of roles)
      for (const { resources } of rules) assert.ok(resources.every((resource) => !/[/*]/.test(resource)));
  });
});
