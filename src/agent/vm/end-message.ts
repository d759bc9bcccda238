import { OOM_KILLED, oomMessage } from '../../agent-api/instance-end.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { End } from './status.js';

/** The memory limit that the VM asks for; its pod's is larger by the overhead. */
const limitOf = ({ spec }: VirtualMachineInstance): string | undefined => {
  const limit = spec.domain.resources?.limits?.['memory'];
  return limit === undefined ? undefined : `${limit} and the overhead`;
};

/** What is said of a VM that has ended. */
export const endMessage = ({ reason, message }: End, vmi: VirtualMachineInstance): string =>
  reason === OOM_KILLED ? oomMessage(limitOf(vmi)) : message;
