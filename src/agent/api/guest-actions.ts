import type { Socket } from 'node:net';
import type { AgentRequest } from '../../agent-api/agent-request.js';
import { StatusError } from '../../agent-api/status-error.js';
import type { AgentAction, AgentStream } from '../../agent-api/vmi-subresources.js';
import type { Clock } from '../../kube/clock.js';
import type { Launcher } from '../pod/launcher.js';
import type { CpuRates } from '../vm/cpu-rates.js';
import type { Session } from '../vm/session.js';
import { usageOf } from '../vm/usage.js';
import { runInGuest } from './guest-command.js';
import { freezeGuest, unfreezeGuest } from './guest-freeze.js';
import { guestFileSystems, guestOsInfo, guestUsers } from './guest-reports.js';
import type { RunningGuest } from './running-guest.js';

/*
 * What the agent does for each subresource of a VMI, by the words of src/agent-api/vmi-subresources.ts. Both records
 * are complete: a word without an action does not compile, and a word that is not in the table is refused by the
 * server.
 */

/** What is asked of the guest's machine, which libvirt is asked about first. */
interface GuestAction {
  /** @returns what is answered; undefined: nothing. @throws StatusError, LibvirtError */
  readonly run: (guest: RunningGuest, asked: AgentRequest) => Promise<unknown>;
  /** Reason and message of the event when it has been done; absent where a change of the status is reported. */
  readonly event?: readonly [reason: string, message: string];
}

/** What the agent knows of a VM whether or not its libvirtd answers. */
interface Question {
  readonly answer: (session: Session, sources: AnswerSources) => Promise<object>;
}

export interface AnswerSources {
  readonly rates: Pick<CpuRates, 'rate'>;
  readonly clock: Clock;
}

const refuse = (text: string): StatusError => new StatusError('Conflict', text);

export const ACTIONS: Readonly<Record<AgentAction, GuestAction | Question>> = {
  pause: { run: ({ hypervisor }) => hypervisor.pause() },
  unpause: { run: ({ hypervisor }) => hypervisor.unpause() },
  softreboot: {
    run: ({ key, vmi, view, hypervisor }) => {
      if (view.xml.guestAgentConnected) return hypervisor.reboot('guest-agent');
      if (vmi.spec.domain.features?.acpi?.enabled !== false) return hypervisor.reboot('acpi');
      throw refuse(`${key} has neither a guest agent nor ACPI, so it cannot be asked to reboot`);
    },
    event: ['SoftRebooted', 'VirtualMachineInstance soft rebooted'],
  },
  reset: { run: ({ hypervisor }) => hypervisor.reset(), event: ['Reset', 'VirtualMachineInstance reset'] },
  guestosinfo: { run: guestOsInfo },
  userlist: { run: guestUsers },
  filesystemlist: { run: guestFileSystems },
  freeze: { run: freezeGuest },
  unfreeze: { run: unfreezeGuest },
  guestexec: { run: runInGuest },
  usage: { answer: (session, { rates, clock }) => usageOf(session, rates, clock) },
};

/** The guest's end of each stream. */
export const STREAMS: Readonly<Record<AgentStream, (launcher: Launcher) => Promise<Socket>>> = {
  console: (launcher) => launcher.console(),
  vnc: (launcher) => launcher.screen(),
};
