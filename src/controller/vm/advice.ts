import { adviceOf } from '../../admission/warnings/advice.js';
import type { VirtualMachine } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';

/**
 * What `kubectl virt lint` would advise about the VM and applying it did not say, as the message of an event at its
 * start; undefined for nothing, and where it starts again and again: then other things are worth the events.
 */
export const adviceMessage = (vm: VirtualMachine, config: ClusterConfig): string | undefined => {
  const { metadata = {}, spec } = vm.spec.template;
  if (spec === undefined || vm.status?.startFailure !== undefined) return undefined;
  const path = 'spec.template.spec';
  const advice = adviceOf({ path, metadataPath: 'spec.template.metadata', metadata, spec }, config);
  return advice.length === 0
    ? undefined
    : advice.map(({ id, field, message }) => `${field.replace(`${path}.`, '')}: ${message} [${id}]`).join('; ');
};
