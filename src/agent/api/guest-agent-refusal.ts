import { isLibvirtError } from 'node-libvirt';
import { conflict, type StatusError } from '../../agent-api/status-error.js';
import { errorMessage } from '../../kube/client/api-error.js';
import { foreignText } from '../hypervisor/foreign-text.js';
import type { RunningGuest } from './running-guest.js';

/* Why a guest's agent does not do what it is asked for, and what to do about it. */

/** Of what libvirt and the guest's agent say. */
const MAX_REASON_BYTES = 300;

/** 409, with the name of the VMI. */
export const refuse = ({ vmi }: Pick<RunningGuest, 'vmi'>, text: string): StatusError =>
  conflict('virtualmachineinstances', vmi.metadata?.name ?? '', text);

/** @throws StatusError 409 while no agent has its end of the channel open */
export const requireAgent = (guest: RunningGuest): void => {
  if (guest.view.xml.guestAgentConnected) return;
  throw refuse(
    guest,
    'VMI does not have guest agent connected: install qemu-guest-agent in the guest and start it there',
  );
};

/** qemu-guest-agent's own words, through libvirt, for a command that it has not or may not do. */
const SWITCHED_OFF = /has (?:been disabled|not been found)|is (?:disabled|not allowed|not supported)/i;

/** @param command of the agent's protocol, which failed */
export const agentRefusal = (guest: RunningGuest, command: string, error: unknown): StatusError => {
  const said = foreignText(errorMessage(error), MAX_REASON_BYTES);
  if (isLibvirtError(error, 'AGENT_UNRESPONSIVE') || isLibvirtError(error, 'AGENT_UNSYNCED'))
    return refuse(guest, `the guest agent does not answer: restart qemu-guest-agent in the guest (${said})`);
  if (SWITCHED_OFF.test(said))
    return refuse(
      guest,
      `the guest agent does not do ${command}: take it out of block-rpcs, or put it into allow-rpcs, in the settings of ` +
        `qemu-guest-agent in the guest, unless its file systems are frozen (${said})`,
    );
  return refuse(guest, `${command} failed in the guest: ${said}`);
};
