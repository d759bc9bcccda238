import type { ExampleTable } from '../rule/examples.js';

const kind = 'VirtualMachine' as const;
const LABELS = 'spec.template.metadata.labels';
const ANNOTATIONS = 'spec.template.metadata.annotations';

export const templateMetadataExamples: ExampleTable = {
  'tpl.labels': {
    kind,
    accepts: [{ [LABELS]: { app: 'my-app' } }, { [LABELS]: { 'a.example/b': 'C_1', empty: '' } }],
    refuses: [
      [{ [LABELS]: { app: 'my app' } }, `${LABELS}.app`],
      [{ [LABELS]: { 'a b': 'c' } }, `${LABELS}[a b]`],
      [{ [LABELS]: { 'a/b/c': 'd' } }, `${LABELS}[a/b/c]`],
    ],
  },
  'tpl.annotations': {
    kind,
    accepts: [{ [ANNOTATIONS]: { 'a-note': 'b' } }, { [ANNOTATIONS]: { 'A.example/note': 'any text: ä\n' } }],
    refuses: [
      [{ [ANNOTATIONS]: { 'a note': 'b' } }, `${ANNOTATIONS}[a note]`],
      [{ [ANNOTATIONS]: { 'a/b/c': 'd' } }, `${ANNOTATIONS}[a/b/c]`],
    ],
  },
};
