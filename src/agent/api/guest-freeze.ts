import type { AgentRequest } from '../../agent-api/agent-request.js';
import { readOptions } from '../../agent-api/options.js';
import { badRequest, StatusError } from '../../agent-api/status-error.js';
import { VMI_SUBRESOURCES } from '../../agent-api/vmi-subresources.js';
import { durationMs } from '../../api/duration.js';
import { FreezerBusy, ThawedMeanwhile } from '../vm/freezer.js';
import { agentRefusal, refuse, requireAgent } from './guest-agent-refusal.js';
import type { RunningGuest } from './running-guest.js';

/* `freeze` and `unfreeze`: the guest's file systems stand still while somebody copies its disks. */

/** A guest that is frozen for longer is dead. */
const MOST_MS = 24 * 60 * 60_000;

/** @throws StatusError 400, 409 */
export const freezeGuest = async (guest: RunningGuest, { options }: AgentRequest): Promise<void> => {
  const { unfreezeTimeout } = readOptions(options, VMI_SUBRESOURCES.freeze.options);
  if (unfreezeTimeout === undefined)
    throw badRequest('Unfreeze timeout in freeze request is not set: send unfreezeTimeout, such as "5m0s"');
  const forMs = durationMs(unfreezeTimeout) ?? 0;
  if (forMs <= 0 || forMs > MOST_MS)
    throw badRequest(
      `unfreezeTimeout is ${unfreezeTimeout}: send more than 0 and at most 24h, after which it is thawed`,
    );
  requireAgent(guest);
  try {
    await guest.session.freezer.freeze(guest.hypervisor, forMs);
  } catch (error) {
    if (error instanceof FreezerBusy)
      throw new StatusError('TooManyRequests', `${guest.key}: ${error.message}: try again`);
    if (error instanceof ThawedMeanwhile)
      throw refuse(
        guest,
        `its file systems are not frozen any more: ${error.message}. What was copied since is not consistent: freeze them again`,
      );
    throw agentRefusal(guest, 'guest-fsfreeze-freeze', error);
  }
};

/** @throws StatusError 409 */
export const unfreezeGuest = async (guest: RunningGuest): Promise<void> => {
  requireAgent(guest);
  try {
    await guest.session.freezer.thaw(guest.hypervisor);
  } catch (error) {
    throw agentRefusal(guest, 'guest-fsfreeze-thaw', error);
  }
};
