import { SOURCE_WORDS } from '../../api/access/foreign-source.js';
import type { Warning } from './warning.js';

/** Where permissions cannot be checked (`kubectl virt lint`), what will be checked in a cluster. */
export const sourceWarnings: readonly Warning[] = [
  {
    id: 'W-SRC-1',
    told: 'lint',
    kinds: ['VirtualMachine'],
    when: 'a DataVolume template copies from another namespace, and nobody can be asked whether the user may: by `kubectl virt lint`, not in a cluster',
    source: 'docs/data-volumes.md',
    check: ({ elsewhere = [] }) =>
      elsewhere.map(({ field, kind, namespace, name }) => ({
        field,
        message: `copies ${SOURCE_WORDS[kind]} ${JSON.stringify(name.slice(0, 40))} of namespace ${JSON.stringify(namespace.slice(0, 40))}: refused in a cluster unless you may create datavolumes/source or pods there`,
      })),
  },
];
