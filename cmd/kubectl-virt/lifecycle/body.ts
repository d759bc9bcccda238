import { parseDuration } from '../duration.js';
import { UsageError } from '../errors.js';
import type { Io } from '../io.js';
import type { ActFlags } from './act-flags.js';
import type { Action } from './action.js';

export type DryRun = 'none' | 'client' | 'server';

/** kubectl's values, and `true`/`false` of KubeVirt's boolean flag. Source: docs/reference/control.md §8. */
export const parseDryRun = (text: string | undefined): DryRun => {
  if (text === undefined || text === 'none' || text === 'false') return 'none';
  if (text === 'client') return 'client';
  if (text === 'server' || text === 'true' || text === '') return 'server';
  throw new UsageError(`invalid --dry-run "${text}"`, { remedy: 'Use none, client or server.' });
};

/**
 * Flags that need or exclude each other. `--force` and `--grace-period` only together (docs/reference/control.md §1.4),
 * because a forced stop without a time is ambiguous and a time alone looks like a graceful stop.
 */
export const checkTogether = (io: Io, action: Action, flags: ActFlags, dryRun: DryRun): void => {
  const { force = false, 'grace-period': gracePeriod, wait = false, timeout } = flags;
  const { targets = [], selector, namespace } = flags;
  if (action.gracePeriodField !== undefined && force !== (gracePeriod !== undefined)) {
    const chosen = targets[0] ?? (selector === undefined ? '--all' : `-l ${selector}`);
    throw new UsageError('--force and --grace-period belong together', {
      remedy: `For example: ${io.program} ${action.name} ${chosen}${namespace === undefined ? '' : ` -n ${namespace}`} --force --grace-period=0`,
    });
  }
  if (gracePeriod !== undefined && (!Number.isInteger(gracePeriod) || gracePeriod < 0)) {
    throw new UsageError(`invalid --grace-period ${gracePeriod}`, { remedy: 'Give whole seconds, 0 or more.' });
  }
  if (wait && dryRun !== 'none')
    throw new UsageError('--wait and --dry-run exclude each other: nothing will happen that could be waited for', {
      remedy: 'Leave one of them out.',
    });
  if (timeout !== undefined) parseDuration('timeout', timeout, 's');
};

/** The request's body. */
export const actionBody = (action: Action, flags: ActFlags, dryRun: DryRun): Record<string, unknown> => {
  const { 'grace-period': gracePeriod, 'unfreeze-timeout': time } = flags;
  return {
    ...(flags.paused === true ? { paused: true } : {}),
    ...(action.gracePeriodField === undefined || gracePeriod === undefined
      ? {}
      : { [action.gracePeriodField]: gracePeriod }),
    ...(action.timeField === undefined || time === undefined
      ? {}
      : { [action.timeField]: `${parseDuration('unfreeze-timeout', time, 's')}ms` }),
    ...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
  };
};
