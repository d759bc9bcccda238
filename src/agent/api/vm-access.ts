import type { Socket } from 'node:net';
import type { AgentRequest } from '../../agent-api/agent-request.js';
import { isAgentPhase } from '../../agent-api/instance-status.js';
import { portName, type GuestPort } from '../../agent-api/forward.js';
import { notRunningYet, portClosed, portSilent } from '../../agent-api/refusal.js';
import { StatusError } from '../../agent-api/status-error.js';
import {
  requirePauseState,
  VMI_SUBRESOURCES,
  type AgentAction,
  type AgentStream,
} from '../../agent-api/vmi-subresources.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { phaseOf } from '../../api/vmi/phase.js';
import { errorMessage } from '../../kube/client/api-error.js';
import type { EventRecorder, EventType } from '../../kube/events.js';
import type { Log } from '../../kube/program/log.js';
import { isLibvirtError } from 'node-libvirt';
import { foreignText } from '../hypervisor/foreign-text.js';
import type { Hypervisor } from '../hypervisor/hypervisor.js';
import { DialError, type DialledSocket } from '../network/dialler.js';
import { guestAddress } from '../network/guest-address.js';
import { NodeCommands } from '../vm/node-commands.js';
import type { SessionTable } from '../vm/session-table.js';
import type { Session } from '../vm/session.js';
import { ACTIONS, STREAMS, type AnswerSources } from './guest-actions.js';
import { Screenshots } from './screenshot.js';
import type { VmAccess } from './server.js';

/** libvirtd's messages are printed on the user's terminal. */
const MAX_REASON_BYTES = 512;

/** What the kernel says where nobody answers: no host has the address, or whoever has it is silent. */
const SILENT: readonly string[] = ['ETIMEDOUT', 'EHOSTUNREACH'];

/** What the agent's server does for a user with this node's VMs. */
export class NodeVms implements VmAccess {
  private readonly screenshots = new Screenshots();
  private readonly commands: NodeCommands;

  constructor(
    private readonly options: {
      readonly get: (key: string) => VirtualMachineInstance | undefined;
      readonly sessions: Pick<SessionTable, 'get'>;
      readonly events: Pick<EventRecorder, 'event'>;
      readonly sources: AnswerSources;
      readonly log: Pick<Log, 'info'>;
    },
  ) {
    this.commands = new NodeCommands(options.sources.clock);
  }

  async open(key: string, stream: AgentStream): Promise<Socket> {
    const { session } = this.running(key, (why) => notRunningYet(why));
    try {
      return await STREAMS[stream](session.launcher);
    } catch (error) {
      throw new StatusError(
        'ServiceUnavailable',
        `the ${VMI_SUBRESOURCES[stream].what} of ${key} cannot be reached: ${errorMessage(error)}`,
      );
    }
  }

  /** A connection to a port of a guest. */
  async dial(key: string, port: GuestPort, given: AbortSignal): Promise<DialledSocket> {
    const { vmi, session } = this.running(key, (why) => notRunningYet(why));
    const where = guestAddress(vmi, port);
    try {
      return await session.launcher.network.dial({ ...port, ...where }, given);
    } catch (error) {
      if (error instanceof StatusError) throw error;
      if (error instanceof DialError && error.code === 'ECONNREFUSED') throw portClosed(port);
      if (error instanceof DialError && SILENT.includes(error.code)) throw portSilent(port);
      throw new StatusError(
        'ServiceUnavailable',
        `${portName(port)} of ${key} cannot be reached: ${errorMessage(error)}`,
      );
    }
  }

  async picture(key: string, moves: boolean): Promise<AsyncGenerator<Buffer>> {
    const { session } = this.running(key, (why) => notRunningYet(why));
    return this.screenshots.take(key, session, moves);
  }

  async act(key: string, action: AgentAction, asked: AgentRequest): Promise<unknown> {
    const { vmi, session } = this.running(key);
    const entry = ACTIONS[action];
    if ('answer' in entry) return entry.answer(session, this.options.sources);
    const { run, event } = entry;
    const hypervisor = this.hypervisor(session);
    const { commands } = this;
    const { clock } = this.options.sources;
    const tell = (type: EventType, reason: string, message: string): void => {
      this.options.events.event(vmi, type, reason, message, reason);
      this.options.log.info({ vmi: key, reason }, message);
    };
    let said: unknown;
    try {
      const view = await hypervisor.observe();
      if (view === undefined || view.state === 'off') throw new StatusError('Conflict', `${key} is not running`);
      requirePauseState(action, vmi, view.state === 'paused');
      said = await run({ key, vmi, view, hypervisor, session, clock, commands, tell }, asked);
    } catch (error) {
      if (error instanceof StatusError) throw error;
      // The guest's state has changed under the request.
      const reason = isLibvirtError(error, 'OPERATION_INVALID') ? 'Conflict' : 'InternalError';
      const detail = foreignText(errorMessage(error), MAX_REASON_BYTES);
      throw new StatusError(reason, `${action} of ${key} failed: ${detail}`);
    }
    // Pausing is an event of the domain, reported where the condition is written.
    if (event !== undefined) this.options.events.event(vmi, 'Normal', ...event);
    return said;
  }

  /** @param refuse makes the refusal of one that may yet run: for streams one that the official client repeats on. */
  private running(
    key: string,
    refuse?: (why: string) => StatusError,
  ): { vmi: VirtualMachineInstance; session: Session } {
    const vmi = this.options.get(key);
    if (vmi === undefined) throw new StatusError('NotFound', `there is no VirtualMachineInstance ${key} on this node`);
    const session = this.options.sessions.get(key);
    const phase = phaseOf(vmi);
    const isAhead = refuse !== undefined && isAgentPhase(phase);
    if (isAhead && (session === undefined || phase !== 'Running')) throw refuse(`its phase is ${phase}`);
    if (session === undefined || phase !== 'Running')
      throw new StatusError('Conflict', `${key} is not running (phase ${phase})`);
    return { vmi, session };
  }

  private hypervisor(session: Session): Hypervisor {
    try {
      return session.require();
    } catch (error) {
      throw new StatusError('ServiceUnavailable', errorMessage(error));
    }
  }
}
