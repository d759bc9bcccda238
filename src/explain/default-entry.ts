import { PLACEHOLDERS, traceInstance } from '../admission/trace.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { INSTANCE_DEFAULTS } from '../mutators/instance.js';
import { manifest } from '../validators/rule/example-manifest.js';
import { DEFAULT_EXAMPLES } from './default-examples.js';
import type { DefaultRun, Entry, IndexEntry } from './entry.js';
import { fragmentOf } from './fragment.js';
import { configOf, settingsText } from './run-example.js';

const defaultRun = (id: string): DefaultRun | undefined => {
  const example = DEFAULT_EXAMPLES[id];
  if (example === undefined) return undefined;
  const vmi = manifest(example.change) as unknown as VirtualMachineInstance;
  const { applied } = traceInstance(vmi, { config: configOf(example), ...PLACEHOLDERS });
  return {
    ...settingsText(example),
    submitted: fragmentOf(example.change),
    changes: applied.find((one) => one.id === id)?.changes ?? [],
  };
};

/** All there is to say of a default. */
export const defaultEntry = (index: IndexEntry): Entry => {
  const position = INSTANCE_DEFAULTS.findIndex(({ id }) => id === index.id);
  const run = defaultRun(index.id);
  const why = DEFAULT_EXAMPLES[index.id]?.why;
  return {
    ...index,
    ...(why === undefined ? {} : { why }),
    kinds: [position < 0 ? 'VirtualMachine' : 'VirtualMachineInstance'],
    operations: ['CREATE'],
    ...(position < 0 ? {} : { order: position + 1 }),
    ...(run === undefined ? {} : { run }),
  };
};
