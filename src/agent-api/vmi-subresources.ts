import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { isTrue } from '../api/vmi/condition.js';
import { podInterface } from '../api/vmi/guest-network.js';
import { phaseOf } from '../api/vmi/phase.js';
import { hasEnded, noGraphics, noSerialConsole, notRunningYet } from './refusal.js';
import { badRequest, conflict, forbidden } from './status-error.js';
import type { AgentEntry, ForwardEntry, PictureEntry, StreamEntry } from './subresource.js';

/*
 * The subresources of VirtualMachineInstances. Each is done by the agent of the VMI's node, whose record of actions
 * (src/agent/api/guest-actions.ts) has the same words: the compiler wants all of them there.
 *
 * What must hold before a request is sent to a node (docs/reference/control.md §2.5): a state that may still change is
 * a 409, which clients may try again; a configuration that will not change is a 400. Of a stream it is the official
 * client that decides: a guest that may yet run is a 400 (`refusal.ts`).
 *
 * Whether the guest is paused is libvirt's to say: the status is a little behind what the last request has done.
 */

const nameOf = (vmi: VirtualMachineInstance) => vmi.metadata?.name ?? '';
const refuse = (vmi: VirtualMachineInstance, text: string) => conflict('virtualmachineinstances', nameOf(vmi), text);
const requireRunning = (vmi: VirtualMachineInstance) => {
  const phase = vmi.status?.phase;
  if (phase !== 'Running') throw refuse(vmi, `VMI is not running: its phase is ${phase ?? 'not set yet'}`);
};

/** kubelet would end a guest that is paused and answers no probe; what asks its agent knows that it is paused. */
const requireNoOtherProbe = (vmi: VirtualMachineInstance) => {
  const { livenessProbe } = vmi.spec;
  if (livenessProbe === undefined || livenessProbe.guestAgentPing !== undefined) return;
  throw forbidden(
    'virtualmachineinstances',
    nameOf(vmi),
    'a paused guest does not answer its livenessProbe, and kubelet would end it: only a probe by guestAgentPing can be paused',
  );
};

/** What every stream needs. */
const requireStream = (vmi: VirtualMachineInstance) => {
  const phase = phaseOf(vmi);
  if (phase === 'Failed') throw hasEnded(nameOf(vmi), 'VMI is in failed status');
  if (phase === 'Succeeded') throw hasEnded(nameOf(vmi), 'VMI has ended: its guest was shut down');
  if (phase !== 'Running') throw notRunningYet(`its phase is ${vmi.status?.phase ?? 'not set yet'}`);
};

/** Every command is a PUT, for who may edit VMs. */
const COMMAND = { served: 'agent', method: 'PUT', verb: 'update', role: 'edit' } as const;

/** A paused guest's agent answers nothing; whether there is one, libvirt knows better than the status. */
const GUEST_REPORT = {
  served: 'agent',
  method: 'GET',
  verb: 'get',
  role: 'view',
  options: {},
  check: requireRunning,
  paused: { must: false, refusal: 'VMI is paused, and its guest answers nothing until it runs again' },
} as const;

/** Of a stream: who comes later is refused, and takes nothing over. */
export const PRESERVE_SESSION = 'preserveSession';
/** Of the screen: who comes looks on, beside whoever has it, and neither types nor points. */
export const WATCH = 'watch';

/** Of a picture: the guest's pointer is moved first, which wakes a screen that has gone dark. */
export const MOVE_CURSOR = 'moveCursor';

const requireScreen = (vmi: VirtualMachineInstance) => {
  if (vmi.spec.domain.devices.autoattachGraphicsDevice === false) throw noGraphics(vmi);
  requireStream(vmi);
};

const PICTURE = {
  served: 'picture',
  method: 'GET',
  verb: 'get',
  options: {},
  query: [MOVE_CURSOR],
  check: requireScreen,
} as const;

export const VMI_SUBRESOURCES = {
  console: {
    served: 'stream',
    method: 'GET',
    verb: 'get',
    role: 'edit',
    what: 'console',
    summary: 'the serial console; one user at a time, a newcomer takes over',
    options: {},
    check: (vmi) => {
      if (vmi.spec.domain.devices.autoattachSerialConsole === false) throw noSerialConsole(vmi);
      requireStream(vmi);
    },
  },
  vnc: {
    served: 'stream',
    method: 'GET',
    verb: 'get',
    role: 'edit',
    what: 'screen',
    summary:
      'the screen, by the RFB protocol; one user at a time, a newcomer takes over, unless it says `preserveSession=true`; with `watch=true` it looks on beside him, without keys and pointer',
    options: {},
    query: [PRESERVE_SESSION, WATCH],
    check: requireScreen,
  },
  screenshot: {
    ...PICTURE,
    // Whoever may open the screen may have a picture of it.
    role: 'edit',
    summary: 'a picture of the screen, PNG; with `moveCursor=true` the pointer is moved first, which wakes it',
  },
  'vnc/screenshot': {
    ...PICTURE,
    // KubeVirt's, with its right; the API server itself asks for `vnc`, the first word of the two.
    role: 'admin',
    summary: 'the same under KubeVirt’s name, for its client',
  },
  portforward: {
    served: 'forward',
    method: 'GET',
    verb: 'get',
    role: 'edit',
    summary: 'a connection to a port of the guest, `portforward/PORT[/tcp|udp]`',
    options: {},
    check: (vmi) => {
      requireStream(vmi);
      if (isTrue(vmi.status?.conditions, 'Paused')) throw refuse(vmi, 'VMI is paused');
      if (podInterface(vmi) === undefined)
        throw badRequest(`no network interfaces are present on the pod network: give "${nameOf(vmi)}" one`);
    },
  },
  pause: {
    ...COMMAND,
    summary: 'stops the guest’s vCPUs, keeping its memory',
    options: { dryRun: 'dryRun' },
    check: (vmi) => {
      requireRunning(vmi);
      requireNoOtherProbe(vmi);
    },
    paused: { must: false, refusal: 'VMI is already paused' },
  },
  unpause: {
    ...COMMAND,
    summary: 'lets a paused guest run on',
    options: { dryRun: 'dryRun' },
    check: requireRunning,
    paused: { must: true, refusal: 'VMI is not paused' },
  },
  softreboot: {
    ...COMMAND,
    summary: 'asks the guest to reboot itself, by its agent or else by ACPI',
    options: {},
    check: (vmi) => {
      requireRunning(vmi);
      const acpi = vmi.spec.domain.features?.acpi?.enabled ?? true;
      if (!acpi && !isTrue(vmi.status?.conditions, 'AgentConnected')) {
        throw refuse(vmi, 'VMI neither has the agent connected nor the ACPI feature enabled');
      }
    },
    paused: { must: false, refusal: 'VMI is paused' },
  },
  reset: {
    ...COMMAND,
    summary: 'resets the machine as its reset button would, paused or not',
    options: {},
    check: requireRunning,
  },
  freeze: {
    ...COMMAND,
    summary:
      'freezes the guest’s file systems, by its agent, for a copy of its disks; thawed after `unfreezeTimeout` at the latest',
    options: { unfreezeTimeout: 'duration' },
    check: requireRunning,
    paused: { must: false, refusal: 'VMI is paused, and its guest freezes nothing until it runs again' },
  },
  unfreeze: {
    ...COMMAND,
    summary: 'thaws them',
    options: {},
    check: requireRunning,
    paused: { must: false, refusal: 'VMI is paused, and its guest thaws nothing until it runs again' },
  },
  guestosinfo: {
    ...GUEST_REPORT,
    summary: 'what the guest’s agent says of its system: version, host name, time zone, users, file systems',
  },
  userlist: { ...GUEST_REPORT, summary: 'who is logged in to the guest, by its agent' },
  filesystemlist: { ...GUEST_REPORT, summary: 'the guest’s file systems with size and use, by its agent' },
  guestexec: {
    served: 'agent',
    method: 'POST',
    // Not `get`, which whoever may look at things is often given of everything.
    verb: 'create',
    // Whoever may do it is root in the guest.
    role: 'admin',
    summary: 'runs a command in the guest, by its agent: `command` starts one, `id` waits for one that was started',
    options: { command: 'words', stdin: 'base64', id: 'text' },
    bodyBytes: 512 * 1024,
    check: requireRunning,
    paused: { must: false, refusal: 'VMI is paused, and its guest runs nothing until it runs again' },
  },
  usage: {
    served: 'agent',
    method: 'GET',
    verb: 'get',
    role: 'view',
    summary: 'what the VM uses of its node: CPU, memory, disk, network',
    options: {},
    check: requireRunning,
  },
} as const satisfies Readonly<Record<string, AgentEntry | StreamEntry | PictureEntry | ForwardEntry>>;

/** @throws StatusError 409 where the action asks for the other state @param paused as libvirt has just said */
export const requirePauseState = (action: AgentAction, vmi: VirtualMachineInstance, paused: boolean): void => {
  const { paused: demand }: AgentEntry = VMI_SUBRESOURCES[action];
  if (demand !== undefined && demand.must !== paused) throw refuse(vmi, demand.refusal);
};

type Words<Served> = {
  [Word in keyof typeof VMI_SUBRESOURCES]: (typeof VMI_SUBRESOURCES)[Word]['served'] extends Served ? Word : never;
}[keyof typeof VMI_SUBRESOURCES];

/** Requests that an agent answers. */
export type AgentAction = Words<'agent'>;
/** Streams that an agent opens. */
export type AgentStream = Words<'stream'>;
/** Connections to ports that an agent opens. */
export type AgentForward = Words<'forward'>;
/** Pictures; an agent knows one word for all of them. */
export type AgentPicture = Words<'picture'>;
export const PICTURE_AT_AGENT = 'screenshot' satisfies AgentPicture;

const isServed = (word: string, served: 'agent' | 'stream' | 'forward'): boolean =>
  Object.hasOwn(VMI_SUBRESOURCES, word) && VMI_SUBRESOURCES[word as keyof typeof VMI_SUBRESOURCES].served === served;

export const isAgentAction = (word: string): word is AgentAction => isServed(word, 'agent');
export const isAgentStream = (word: string): word is AgentStream => isServed(word, 'stream');
export const isAgentForward = (word: string): word is AgentForward => isServed(word, 'forward');
