import type { Socket } from 'node:net';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { EventRecorder } from '../../kube/events.js';
import { isLibvirtError } from 'node-libvirt';
import { foreignText } from '../hypervisor/foreign-text.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';
import { RequestError } from './request-error.js';
import type { StateChange, VmAccess } from './server.js';
import type { SessionTable } from '../vm/session-table.js';
import type { Session } from '../vm/session.js';

const EVENTS: Readonly<Partial<Record<StateChange, readonly [string, string]>>> = {
  softreboot: ['SoftRebooted', 'VirtualMachineInstance soft rebooted'],
  reset: ['Reset', 'VirtualMachineInstance reset'],
};

/** libvirtd's words go to the user's terminal. */
const MAX_REASON_BYTES = 512;

/** What the agent's server does for a user with this node's VMs. */
export class NodeVms implements VmAccess {
  constructor(
    private readonly options: {
      readonly get: (key: string) => VirtualMachineInstance | undefined;
      readonly sessions: Pick<SessionTable, 'get'>;
      readonly events: Pick<EventRecorder, 'event'>;
    },
  ) {}

  async openConsole(key: string): Promise<Socket> {
    const { session } = this.running(key);
    try {
      return await session.launcher.console();
    } catch (error) {
      throw new RequestError(503, `the serial console of ${key} cannot be reached: ${errorMessage(error)}`);
    }
  }

  async change(key: string, change: StateChange): Promise<void> {
    const { vmi, session } = this.running(key);
    const hypervisor = this.hypervisor(session);
    try {
      await this.carryOut(change, key, vmi, hypervisor);
    } catch (error) {
      if (error instanceof RequestError) throw error;
      // The guest's state has changed under the request.
      const code = isLibvirtError(error, 'OPERATION_INVALID') ? 409 : 500;
      throw new RequestError(code, `${change} of ${key} failed: ${foreignText(errorMessage(error), MAX_REASON_BYTES)}`);
    }
    const [reason, message] = EVENTS[change] ?? [];
    // Pausing is an event of the domain, reported where the condition is written.
    if (reason !== undefined && message !== undefined) this.options.events.event(vmi, 'Normal', reason, message);
  }

  private async carryOut(
    change: StateChange,
    key: string,
    vmi: VirtualMachineInstance,
    hypervisor: Hypervisor,
  ): Promise<void> {
    const view = await hypervisor.observe();
    if (view === undefined || view.state === 'off') throw new RequestError(409, `${key} is not running`);
    const paused = view.state === 'paused';
    if (change === 'unpause') {
      if (!paused) throw new RequestError(409, `${key} is not paused`);
      return hypervisor.unpause();
    }
    if (change === 'reset') return hypervisor.reset();
    if (paused) throw new RequestError(409, `${key} is paused`);
    if (change === 'pause') return hypervisor.pause();
    const acpi = vmi.spec.domain.features?.acpi?.enabled !== false;
    if (!view.xml.guestAgentConnected && !acpi)
      throw new RequestError(409, `${key} has neither a guest agent nor ACPI, so it cannot be asked to reboot`);
    return hypervisor.reboot(view.xml.guestAgentConnected ? 'guest-agent' : 'acpi');
  }

  private running(key: string): { vmi: VirtualMachineInstance; session: Session } {
    const vmi = this.options.get(key);
    if (vmi === undefined) throw new RequestError(404, `there is no VirtualMachineInstance ${key} on this node`);
    const session = this.options.sessions.get(key);
    if (session === undefined || vmi.status?.phase !== 'Running')
      throw new RequestError(409, `${key} is not running (phase ${vmi.status?.phase ?? 'unknown'})`);
    return { vmi, session };
  }

  private hypervisor(session: Session): Hypervisor {
    try {
      return session.require();
    } catch (error) {
      throw new RequestError(503, errorMessage(error));
    }
  }
}
