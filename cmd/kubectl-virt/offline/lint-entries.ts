import { INSTANCETYPE_RULES, INSTANCETYPE_WARNINGS } from '../../../src/admission/instancetype-object.js';
import { INSTANCETYPE_KINDS } from '../../../src/api/instancetype/instancetype-kinds.js';
import type { Entry } from '../../../src/explain/entry.js';

const ours = {
  type: 'rule',
  concern: 'Manifest files',
  since: '0.1',
  source: 'this project',
  kinds: ['every kind'],
} as const;

/** What only files can have, and the API server never sees. */
export const LINT_ENTRIES: readonly Entry[] = [
  {
    ...ours,
    id: 'yaml.syntax',
    summary: 'Refuses a file that is not YAML, or holds something that is not an object.',
    withoutExample: 'kubectl would refuse the file too.',
  },
  {
    ...ours,
    id: 'yaml.template',
    summary: 'Refuses a template (of Helm, Jinja or variables): it is to be rendered first.',
    withoutExample: 'What comes out of it depends on values that are not in the file.',
  },
  {
    ...ours,
    id: 'yaml.invisible-character',
    summary: 'Refuses characters that cannot be seen in the indentation, in a key or around a value.',
    withoutExample: 'They make a file mean something else than what one reads; most come with a copy from a web page.',
  },
  {
    ...ours,
    id: 'yaml.duplicate-key',
    summary: 'Refuses a key that the same map has twice.',
    withoutExample: 'kubectl takes the last one in silence.',
  },
  {
    ...ours,
    id: 'yaml.merge-order',
    summary: 'Warns of a merge key (`<<`) that replaces what stands above it.',
    withoutExample: 'kubectl reads a map from above to below; other readers keep what is written out.',
  },
  {
    ...ours,
    id: 'manifest.kind',
    summary: 'Refuses an object without apiVersion and kind, or of a version or kind that kubevirt.io does not have.',
    field: 'apiVersion, kind',
    withoutExample: 'The API server would not know where the object belongs.',
  },
  ...Object.entries({ ...INSTANCETYPE_RULES, ...INSTANCETYPE_WARNINGS }).map(([id, summary]): Entry => ({
    ...ours,
    id,
    summary,
    type: id.startsWith('W-') ? 'warning' : 'rule',
    concern: 'Instance types and preferences',
    kinds: INSTANCETYPE_KINDS,
    field: 'spec',
    withoutExample: 'docs/instance-types.md shows whole ones.',
  })),
  {
    ...ours,
    type: 'warning',
    id: 'service.port',
    summary:
      'Warns: a Service among the files selects a VM on a port that is not forwarded to the guest: one that its interface does not list or, where that lists none, one outside of 1-1023 and 8000-8499.',
    field: 'spec.ports[]',
    kinds: ['Service'],
    withoutExample: 'It takes two objects: the Service and the VM that it selects.',
  },
];
