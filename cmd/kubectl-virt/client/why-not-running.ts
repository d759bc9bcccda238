import { visibleLine } from '../../../src/api/visible-text.js';

/** What of a VM says why its guest does not run. */
export interface VirtualMachineState {
  readonly spec?: { readonly running?: boolean; readonly runStrategy?: string };
  readonly status?: {
    readonly printableStatus?: string;
    readonly conditions?: readonly { type: string; status: string; message?: string }[];
    readonly startFailure?: { readonly consecutiveFailCount?: number };
    readonly lastTermination?: { readonly message?: string };
  };
}

/** As much as a terminal shows at once. */
const MAX_REASON = 700;

/** Where the reason is, most telling first; the VM has its instance's conditions among its own. */
const TELLING = [
  ['Failure', 'True'],
  ['Synchronized', 'False'],
  ['PodScheduled', 'False'],
  ['DataVolumesReady', 'False'],
] as const;

/** In one line what the controller says of it; undefined where nothing is wrong. */
export const whyNotRunning = ({ status }: VirtualMachineState): string | undefined => {
  for (const [type, value] of TELLING) {
    const found = status?.conditions?.find((condition) => condition.type === type && condition.status === value);
    if (found?.message) return shown(found.message);
  }
  // While the next try is under way, why the one before it failed.
  const { startFailure, lastTermination } = status ?? {};
  if ((startFailure?.consecutiveFailCount ?? 0) === 0 || !lastTermination?.message) return undefined;
  return `the last start failed: ${shown(lastTermination.message)}`;
};

const shown = (text: string): string => visibleLine(text.slice(0, MAX_REASON));

/** It failed to start, and the next try is some time away: a start that has just been asked for has ended that. */
export const backsOff = ({ status }: VirtualMachineState): boolean =>
  status?.printableStatus === 'CrashLoopBackOff' && (status.startFailure?.consecutiveFailCount ?? 0) > 0;
