import assert from 'node:assert/strict';
import { decide, type Action, type Situation } from '../../../../src/agent/vm/decide.js';

const base: Situation = {
  phase: 'Running',
  deleting: false,
  gracePeriodSeconds: 30,
  launcher: 'alive',
  connected: true,
  domain: { state: 'running', ours: true },
};
const noDomain: Partial<Situation> = { domain: undefined };
const off = (reason: 'unknown' | 'shutdown' | 'destroyed' | 'crashed' | 'failed-to-start'): Partial<Situation> => ({
  domain: { state: 'off', reason, ours: true },
});
const gone: Partial<Situation> = { launcher: 'gone', connected: false, domain: undefined };

/** What, in which situation (over a running VM), and the action: its kind, phase or time. */
type Expected = {
  do: Action['do'];
  forMs?: number;
  againInMs?: number;
  phase?: string;
  problem?: RegExp;
  reason?: string;
};
const table: [string, Partial<Situation>, Expected][] = [
  ['a final VMI is let go', { phase: 'Succeeded' }, { do: 'release' }],
  ['a VMI of the controller is left alone', { phase: 'Scheduling' }, { do: 'release' }],
  ['a running domain is reported', {}, { do: 'report' }],
  [
    'so is one that runs before its VMI says so: the agent was killed in between',
    { phase: 'Scheduled' },
    { do: 'report' },
  ],
  ['and a paused one', { domain: { state: 'paused', by: 'user', ours: true } }, { do: 'report' }],
  ['a scheduled VMI without a domain starts', { phase: 'Scheduled', ...noDomain }, { do: 'start' }],
  ['one that was defined and not started starts', { phase: 'Scheduled', ...off('unknown') }, { do: 'start' }],
  ['one whose start failed starts again', { phase: 'Scheduled', ...off('failed-to-start') }, { do: 'start' }],
  [
    'the event of a failed start is no end',
    { phase: 'Scheduled', ...noDomain, stopSeen: 'failed-to-start' },
    { do: 'start' },
  ],
  [
    "a foreign VMI's domain is in the way of a start",
    { phase: 'Scheduled', domain: { state: 'running', ours: false } },
    { do: 'start' },
  ],
  ['a domain that ran is not started twice', { ...off('unknown'), domainMissingForMs: 0 }, { do: 'wait' }],
  ['its loss is an end', { ...off('unknown'), domainMissingForMs: 30_000 }, { do: 'finish', phase: 'Failed' }],
  ['a lost domain too', { ...noDomain, domainMissingForMs: 31_000 }, { do: 'finish', phase: 'Failed' }],
  ['power off by the guest is success', off('shutdown'), { do: 'finish', phase: 'Succeeded' }],
  [
    'even before it was reported running',
    { phase: 'Scheduled', ...off('shutdown') },
    { do: 'finish', phase: 'Succeeded' },
  ],
  ['a crash is failure', off('crashed'), { do: 'finish', phase: 'Failed' }],
  [
    'one for want of memory too, and has a word of its own',
    { ...off('crashed'), oomKilled: true },
    { do: 'finish', phase: 'Failed', reason: 'OOMKilled' },
  ],
  [
    'a kill of something else is none of the guest’s',
    { ...off('shutdown'), oomKilled: true },
    { do: 'finish', phase: 'Succeeded' },
  ],
  ['nor is it while the guest runs', { oomKilled: true }, { do: 'report' }],
  [
    'a guest that was told to stop, nobody says why, waits for who may yet say it',
    { ...off('shutdown'), unexplainedForMs: 500 },
    { do: 'wait', forMs: 1_500 },
  ],
  [
    'then it was kubelet, for its probe, however it obeyed',
    { ...off('shutdown'), unexplainedForMs: 2_000 },
    { do: 'finish', phase: 'Failed', reason: 'LivenessProbeFailed' },
  ],
  [
    'or did not obey',
    { ...gone, launcherResult: 'destroyed', unexplainedForMs: 2_500 },
    { do: 'finish', phase: 'Failed', reason: 'LivenessProbeFailed' },
  ],
  ['a crash is one all the same', { ...off('crashed'), unexplainedForMs: 2_000 }, { do: 'finish', phase: 'Failed' }],
  ['destroyed within a grace period is failure', off('destroyed'), { do: 'finish', phase: 'Failed' }],
  [
    'destroyed without a grace period is success',
    { ...off('destroyed'), gracePeriodSeconds: 0 },
    { do: 'finish', phase: 'Succeeded' },
  ],
  [
    'an end that was seen counts when libvirtd is gone',
    { ...gone, stopSeen: 'shutdown' },
    { do: 'finish', phase: 'Succeeded' },
  ],
  ['so does the word the launcher left', { ...gone, launcherResult: 'crashed' }, { do: 'finish', phase: 'Failed' }],
  ['the launcher gets a moment to leave its word', { ...gone, launcherGoneForMs: 1000 }, { do: 'wait', forMs: 2000 }],
  ['without a word it failed', { ...gone, launcherGoneForMs: 3000 }, { do: 'finish', phase: 'Failed' }],
  [
    'a VM that was stopped before it ran did not fail',
    { ...gone, phase: 'Scheduled', deleting: true, deletingForMs: 0, launcherGoneForMs: 3000 },
    { do: 'finish', phase: 'Succeeded' },
  ],
  [
    'a libvirtd that starts is looked for often',
    { phase: 'Scheduled', connected: false, starting: true, disconnectedForMs: 0, ...noDomain },
    { do: 'wait', forMs: 100 },
  ],
  [
    'one that restarts is waited for silently',
    { connected: false, disconnectedForMs: 1000, ...noDomain },
    { do: 'wait', problem: undefined },
  ],
  [
    'and with a word after 5 s',
    { connected: false, disconnectedForMs: 5000, ...noDomain },
    { do: 'wait', problem: /does not answer/ },
  ],
  [
    'one that comes up slowly is waited for silently',
    { phase: 'Scheduled', connected: false, disconnectedForMs: 29_000, ...noDomain },
    { do: 'wait', problem: undefined },
  ],
  [
    'and with a word after 30 s',
    { phase: 'Scheduled', connected: false, disconnectedForMs: 30_000, ...noDomain },
    { do: 'wait', problem: /has not answered yet/ },
  ],
  ['a running VM never fails by that alone', { connected: false, disconnectedForMs: 1e9, ...noDomain }, { do: 'wait' }],
  [
    'one that never came up fails after 3 minutes',
    { phase: 'Scheduled', connected: false, disconnectedForMs: 180_000, ...noDomain },
    { do: 'finish', phase: 'Failed' },
  ],
  ['deletion presses the power button', { deleting: true, deletingForMs: 0 }, { do: 'shutdown', againInMs: 5000 }],
  ['not again within 5 s', { deleting: true, deletingForMs: 2000, signalledMsAgo: 2000 }, { do: 'wait', forMs: 3000 }],
  ['again after 5 s', { deleting: true, deletingForMs: 5000, signalledMsAgo: 5000 }, { do: 'shutdown' }],
  [
    'the last repeat ends with the grace period',
    { deleting: true, deletingForMs: 28_000 },
    { do: 'shutdown', againInMs: 2000 },
  ],
  [
    'after the grace period it is destroyed',
    { deleting: true, deletingForMs: 30_000, signalledMsAgo: 1 },
    { do: 'destroy' },
  ],
  ['without a grace period at once', { deleting: true, deletingForMs: 0, gracePeriodSeconds: 0 }, { do: 'destroy' }],
  [
    'a guest that powers off is left in peace',
    { deleting: true, deletingForMs: 6000, domain: { state: 'stopping', ours: true } },
    { do: 'wait', forMs: 5000 },
  ],
  [
    'but not beyond its time',
    { deleting: true, deletingForMs: 30_000, domain: { state: 'stopping', ours: true } },
    { do: 'destroy' },
  ],
  [
    'a paused guest cannot power off and is destroyed at the end',
    { deleting: true, deletingForMs: 30_000, domain: { state: 'paused', by: 'user', ours: true } },
    { do: 'destroy' },
  ],
  [
    'a VM deleted before its start never starts',
    { phase: 'Scheduled', deleting: true, deletingForMs: 0, ...noDomain },
    { do: 'finish', phase: 'Succeeded' },
  ],
  [
    'without libvirtd the launcher itself is asked',
    { deleting: true, deletingForMs: 6000, connected: false, disconnectedForMs: 5000, ...noDomain },
    { do: 'terminate' },
  ],
  [
    'and given up after the grace period and 30 s',
    { deleting: true, deletingForMs: 60_001, connected: false, disconnectedForMs: 60_000, ...noDomain },
    { do: 'finish', phase: 'Failed' },
  ],
];

describe('decide', () => {
  for (const [what, change, expected] of table)
    it(what, () => {
      const action = decide({ ...base, ...change }) as unknown as Record<string, unknown>;
      for (const [field, value] of Object.entries(expected))
        if (value instanceof RegExp) assert.match(String(action[field]), value);
        else assert.equal(action[field], value, field);
    });
});
