import type { StopReason } from './hypervisor.js';

/** Where the launcher's entrypoint writes how the guest ended, below the `private` volume (src/launcher/entrypoint.sh). */
export const RESULT_FILE: readonly string[] = ['result'];

const REASONS: Readonly<Record<string, StopReason>> = {
  shutdown: 'shutdown',
  destroyed: 'destroyed',
  crashed: 'crashed',
};

/** The entrypoint's word, or undefined when there is none. The file is the guest's uid's: anything else in it is ignored. */
export const parseLauncherResult = (text: string | undefined): StopReason | undefined =>
  text === undefined ? undefined : REASONS[text.trim()];
