import { isDeleting, isFinal } from '../../api/vmi/phase.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { visibleLine } from '../../api/visible-text.js';
import { pendingChanges, type PendingChange } from '../../mutators/pending-changes.js';
import { ANNOTATION_TEMPLATE_HASH, templateHash } from './instance.js';

const RESTART = 'a non-live-updatable field was changed in the template spec';
/** Named; the others are counted. */
const NAMED = 5;
/** Keys of maps are in paths, and may be long. */
const MAX_FIELD = 100;

const named = (changes: readonly PendingChange[]): string => {
  const fields = changes.slice(0, NAMED).map(({ field }) => visibleLine(field).slice(0, MAX_FIELD));
  const more = changes.length - fields.length;
  return `${RESTART}: ${fields.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

/**
 * Why a VM needs a restart; undefined where it needs none. The digest of the template's text is looked at first: it is
 * as it was in nearly all VMs. Where it is not, the VMI that would be made now is compared with the one that runs.
 */
export const restartRequired = (
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  config: ClusterConfig,
): string | undefined => {
  // One that goes is no more in the way of what was written.
  if (vmi === undefined || isFinal(vmi) || isDeleting(vmi)) return undefined;
  const started = vmi.metadata?.annotations?.[ANNOTATION_TEMPLATE_HASH];
  if (started === undefined || started === templateHash(vm)) return undefined;
  try {
    const changes = pendingChanges(vm, vmi, config);
    return changes.length === 0 ? undefined : named(changes);
  } catch {
    // A template that cannot be read, stored under another schema: that it is another one is all that is known.
    return RESTART;
  }
};
