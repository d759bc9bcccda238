import { WARNING_EXAMPLES } from '../admission/warnings/examples.js';
import { renderWarning, WARNINGS } from '../admission/warnings/index.js';
import type { Entry, IndexEntry } from './entry.js';
import { fragmentOf } from './fragment.js';
import { admitExample } from './run-example.js';

/** All there is to say of a warning. */
export const warningEntry = (index: IndexEntry): Entry => {
  const warning = WARNINGS.find(({ id }) => id === index.id);
  const example = WARNING_EXAMPLES[index.id];
  const silent = example?.silent[0];
  return {
    ...index,
    ...(warning === undefined
      ? {}
      : { kinds: warning.kinds, source: warning.source.replace(/^none: /, 'this project: ') }),
    ...(example === undefined || silent === undefined
      ? {}
      : {
          warning: {
            warned: fragmentOf(example.warns[0], example.kind),
            warnings: admitExample(example.warns[0], example, false)
              .warnings.filter(({ id }) => id === index.id)
              .map(renderWarning),
            silent: fragmentOf(silent, example.kind),
          },
        }),
  };
};
