import { instanceWarning } from './warning.js';

/**
 * What an eviction does where the strategy asks for more than a shutdown (docs/reference/admission.md §13): VMs are not
 * migrated yet.
 */
const EVICTIONS: ReadonlyMap<string, string> = new Map([
  [
    'LiveMigrate',
    'VMs are not migrated yet: an eviction is refused, and a node drain waits until the VM is stopped; write None to have the guest shut down instead',
  ],
  [
    'LiveMigrateIfPossible',
    'VMs are not migrated yet: an eviction shuts the guest down within its grace period; write None to say that this is meant',
  ],
  [
    'External',
    'an eviction is refused and only marks the VM (status.evacuationNodeName): without a controller of yours that moves or stops it, a node drain never ends',
  ],
]);

export const evictionWarnings = [
  instanceWarning(
    'W-EVC-3',
    'apply',
    'docs/reference/admission.md §13',
    `\`evictionStrategy\` is one of ${[...EVICTIONS.keys()].join(', ')}`,
    ({ path, spec }) => {
      const message = EVICTIONS.get(spec.evictionStrategy ?? '');
      return message === undefined ? undefined : { field: `${path}.evictionStrategy`, message };
    },
  ),
];
