import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { badRequest, conflict, StatusError } from './status-error.js';
import { portName, type GuestPort } from './forward.js';

/*
 * Why a VMI cannot be asked for something now. The official client repeats the opening of a console on 400, whatever
 * it means, and on nothing else (docs/reference/control.md §1.5); which case it is, `details.causes` says.
 */

/** `reason` of a cause, and what it means. */
export const REFUSAL_CAUSES = {
  NotRunningYet: 'The guest does not run, and may by itself: try again.',
  AgentNotReady: 'The agent of its node starts or is down: try again.',
  HasEnded: 'The guest has ended, and no other is to follow.',
  NoGraphics: 'The VM is without a screen, and stays so until it is started with one.',
  NoSerialConsole: 'The VM is without a serial console, and stays so until it is started with one.',
  PortClosed: 'The guest refuses connections to the port: nothing listens there.',
  PortSilent: 'The guest does not answer at the port: its firewall drops what comes, or it has no network yet.',
} as const;

type RefusalCause = keyof typeof REFUSAL_CAUSES;

const causes = (reason: RefusalCause, message: string, field?: string) => [
  { reason, message, ...(field === undefined ? {} : { field }) },
];

/** @param why completes "VMI is not running" */
export const notRunningYet = (why: string): StatusError => {
  const message = `VMI is not running: ${why}`;
  return badRequest(message, causes('NotRunningYet', message));
};

export const agentNotReady = (node: string | undefined): StatusError => {
  const message = `no virt-agent is ready on its node ${node ?? '(none yet)'}`;
  return badRequest(message, causes('AgentNotReady', message));
};

export const hasEnded = (name: string, text: string): StatusError =>
  conflict('virtualmachineinstances', name, text, causes('HasEnded', text));

export const noSerialConsole = ({ metadata }: VirtualMachineInstance): StatusError => {
  const field = 'spec.domain.devices.autoattachSerialConsole';
  const message = `"${metadata?.name ?? ''}" has no serial console: remove ${field}: false and start it again`;
  return badRequest(message, causes('NoSerialConsole', message, field));
};

export const noGraphics = ({ metadata }: VirtualMachineInstance): StatusError => {
  const field = 'spec.domain.devices.autoattachGraphicsDevice';
  const message = `No graphics devices are present: remove ${field}: false from "${metadata?.name ?? ''}" and start it again`;
  return badRequest(message, causes('NoGraphics', message, field));
};

const unreachable = (reason: RefusalCause, message: string): StatusError =>
  new StatusError('ServiceUnavailable', message, { causes: causes(reason, message) });

/** What is said of a closed port, by a refusal or by the end of a connection. */
export const portClosedText = (port: GuestPort): string =>
  `the guest refuses connections to ${portName(port)}: nothing listens there`;

export const portClosed = (port: GuestPort): StatusError => unreachable('PortClosed', portClosedText(port));

export const portSilent = (port: GuestPort): StatusError =>
  unreachable(
    'PortSilent',
    `the guest does not answer at ${portName(port)}: it drops what comes there, or has no network yet`,
  );

/** The cause that an agent of whatever version names, where it is one of these. */
export const knownCauses = (details: unknown, message: string): ReturnType<typeof causes> | undefined => {
  const [cause] = (details as { causes?: { reason?: unknown }[] } | undefined)?.causes ?? [];
  const reason = (Object.keys(REFUSAL_CAUSES) as RefusalCause[]).find((word) => word === cause?.reason);
  return reason && causes(reason, message);
};
