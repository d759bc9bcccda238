import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { rightsTo, userRolesManifest } from '../../../scripts/user-roles.js';
import { EXPAND_RESOURCE, SUBRESOURCES } from '../../../src/agent-api/subresources.js';

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules: readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
}

const FILE = new URL('../../../manifests/rbac/user-roles.yaml', import.meta.url);
const text = readFileSync(FILE, 'utf8');
const roles = parseAllDocuments(text).map((document) => document.toJS() as Role);

/** `resource/subresource verb` that a role grants in the group of subresources. */
const granted = (name: string): string[] => {
  const role = roles.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === `kubevirt.io:${name}`);
  const rules = role!.rules.filter(({ apiGroups }) => apiGroups.includes('subresources.kubevirt.io'));
  return rules
    .flatMap(({ resources, verbs }) => resources.flatMap((of) => verbs.map((verb) => `${of} ${verb}`)))
    .sort();
};

describe('the roles of users', () => {
  it('are current: npm run generate', () => {
    assert.equal(text, userRolesManifest());
  });

  it('grant each subresource with its verb to its least role and those above, and nothing else', () => {
    const wanted = (least: readonly string[]): string[] =>
      [
        ...new Set(
          SUBRESOURCES.filter(({ role }) => least.includes(role)).flatMap((entry) =>
            rightsTo(entry).map((right) => `${right} ${entry.verb}`),
          ),
        ),
        // It changes nothing, and its method is PUT.
        `${EXPAND_RESOURCE} update`,
      ].sort();
    assert.deepEqual(granted('view'), wanted(['view']));
    assert.deepEqual(granted('edit'), wanted(['view', 'edit']));
    assert.deepEqual(granted('admin'), wanted(['view', 'edit', 'admin']));
    assert.ok(granted('edit').includes('virtualmachineinstances/evacuate update'));
    assert.ok(!granted('edit').includes('virtualmachineinstances/vnc/screenshot get'));
    // Root in the guest is nobody's by looking, or by starting and stopping.
    assert.ok(!granted('edit').some((right) => right.includes('guestexec')));
    assert.deepEqual(granted('default'), ['version get', 'version list']);
  });
});
