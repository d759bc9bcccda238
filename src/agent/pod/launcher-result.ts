import type { StopReason } from '../hypervisor/hypervisor.js';

/**
 * Where the launcher's entrypoint writes how the guest ended, below the `private` volume (src/launcher/entrypoint.sh).
 */
export const resultFile = (vmiUid: string): readonly string[] => [vmiUid, 'result'];
/** Empty: that it is there says all. */
export const toldToStopFile = (vmiUid: string): readonly string[] => [vmiUid, 'told-to-stop'];
/** `{"state":"shutoff","reason":"destroyed"}` and a line end, with room. */
export const MAX_RESULT_BYTES = 256;

const REASONS: readonly StopReason[] = ['shutdown', 'destroyed', 'crashed'];

/**
 * The entrypoint's report; undefined when there is none, or the guest never ran. The file is the guest's uid's:
 * anything else in it is ignored.
 */
export const parseLauncherResult = (text: string | undefined): StopReason | undefined => {
  if (text === undefined) return undefined;
  try {
    const { reason } = JSON.parse(text) as { reason?: unknown };
    return REASONS.find((known) => known === reason);
  } catch {
    return undefined;
  }
};
