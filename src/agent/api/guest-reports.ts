import type {
  VirtualMachineInstanceFileSystemList as FileSystemList,
  VirtualMachineInstanceGuestAgentInfo as GuestAgentInfo,
  VirtualMachineInstanceGuestOSUserList as UserList,
} from '../../api/schema/guest-info.js';
import type { GuestAnswer, GuestQuestion } from '../vm/guest-questions.js';
import { agentRefusal, requireAgent } from './guest-agent-refusal.js';
import type { RunningGuest } from './running-guest.js';

/*
 * What a guest says of itself (docs/reference/control.md §2.3). All of it is asked for when somebody asks, within the
 * time that virt-webhook waits: what a slow agent has not answered until then is left out.
 */

/** Milliseconds for all of it; virt-webhook gives an agent ten seconds. */
const PATIENCE_MS = 7_000;

/** One question, whose answer is all that is wanted. @throws StatusError 409 */
const answerTo = async <Q extends GuestQuestion>(guest: RunningGuest, question: Q): Promise<GuestAnswer<Q>> => {
  requireAgent(guest);
  try {
    return await guest.session.questions.ask(guest.hypervisor, question);
  } catch (error) {
    throw agentRefusal(guest, question, error);
  }
};

export const guestUsers = async (guest: RunningGuest): Promise<UserList> => ({
  items: await answerTo(guest, 'guest-get-users'),
});

export const guestFileSystems = async (guest: RunningGuest): Promise<FileSystemList> => ({
  items: await answerTo(guest, 'guest-get-fsinfo'),
});

/** @throws StatusError 409 where the agent answers nothing at all */
export const guestOsInfo = async (guest: RunningGuest): Promise<GuestAgentInfo> => {
  const until = guest.clock.now() + PATIENCE_MS;
  const info = await answerTo(guest, 'guest-info');
  const ask = async <Q extends GuestQuestion>(question: Q): Promise<GuestAnswer<Q> | undefined> => {
    const seconds = Math.floor((until - guest.clock.now()) / 1_000);
    if (seconds < 1) return undefined;
    return guest.session.questions.ask(guest.hypervisor, question, seconds).catch(() => undefined);
  };
  const hostname = await ask('guest-get-host-name');
  const os = await ask('guest-get-osinfo');
  const timezone = await ask('guest-get-timezone');
  const userList = (await ask('guest-get-users')) ?? [];
  const disks = (await ask('guest-get-fsinfo')) ?? [];
  const fsFreezeStatus = await ask('guest-fsfreeze-status');
  return {
    ...info,
    ...(hostname === undefined ? {} : { hostname }),
    ...(os === undefined ? {} : { os }),
    ...(timezone === undefined ? {} : { timezone }),
    userList,
    fsInfo: { disks },
    ...(fsFreezeStatus === undefined ? {} : { fsFreezeStatus }),
  };
};
