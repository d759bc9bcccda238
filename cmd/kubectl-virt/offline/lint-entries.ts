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
    id: 'manifest.kind',
    summary: 'Refuses an object without apiVersion and kind, or of a version or kind that kubevirt.io does not have.',
    field: 'apiVersion, kind',
    withoutExample: 'The API server would not know where the object belongs.',
  },
];
