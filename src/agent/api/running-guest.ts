import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Clock } from '../../kube/clock.js';
import type { EventType } from '../../kube/events.js';
import type { DomainView, Hypervisor } from '../hypervisor/hypervisor.js';
import type { NodeCommands } from '../vm/node-commands.js';
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
  readonly commands: NodeCommands;
  /**
   * An event of the VMI, of which one has so many and no more, those of `reason` apart from all others; and a line in
   * the agent's log, always.
   */
  readonly tell: (type: EventType, reason: string, message: string) => void;
}
