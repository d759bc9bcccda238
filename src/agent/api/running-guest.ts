import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Clock } from '../../kube/clock.js';
import type { DomainView, Hypervisor } from '../hypervisor/hypervisor.js';
import type { Session } from '../vm/session.js';

/** A guest that is up, as libvirt has just said. */
export interface RunningGuest {
  /** `namespace/name`. */
  readonly key: string;
  readonly vmi: VirtualMachineInstance;
  readonly view: DomainView;
  readonly hypervisor: Hypervisor;
  readonly session: Session;
  readonly clock: Clock;
  /** An event of the VMI, and a line in the agent's log: of events an object has so many and no more. */
  readonly tell: (reason: string, message: string) => void;
}
