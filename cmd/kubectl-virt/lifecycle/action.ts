import { defineCommand } from '../command.js';
import type { Command } from '../command.js';
import type { Arguments, Flags } from '../flag.js';
import { VM_TARGETS, VMI_TARGETS } from '../shared-flags.js';
import type { TargetKind } from '../target.js';

/**
 * One PUT on a subresource: what differs between start, stop, restart, pause, unpause, soft-reboot and reset.
 * Source: docs/reference/control.md §1.3, §1.4 and §2.3.
 */
export interface Action {
  readonly name: string;
  readonly describe: string;
  /** What the subresource belongs to. A `vm/x` target of a VMI action means the VMI of that VM. */
  readonly on: TargetKind;
  readonly subresource: string;
  /** Completes "VM x was scheduled to …". */
  readonly scheduledTo: string;
  readonly acceptsPaused?: boolean;
  /** The body's name for the grace period in seconds; undefined: the action has none. */
  readonly gracePeriodField?: string;
  /** The body's name for how long it lasts; undefined: it has no end. */
  readonly timeField?: string;
  /** Whether the type may be a word of its own, as in `pause vm web`. */
  readonly takesTypeWord?: boolean;
  /** What `--wait` waits for; undefined: nothing of it can be observed. */
  readonly until?: Goal;
  /** Whether the server knows `dryRun` for it (docs/reference/control.md §2.3). */
  readonly serverDryRun: boolean;
  /** Command lines without the program's name, each with what it does. */
  readonly examples: Command['examples'];
}

/** The state in which a change is done: `replaced` runs in another instance than before. */
export type Goal = 'running' | 'replaced' | 'stopped' | 'paused' | 'unpaused';

const FLAGS = {
  selector: {
    type: 'string',
    alias: 'l',
    describe: 'All with these labels, such as app=web,tier!=db',
    complete: [],
  },
  all: { type: 'boolean', describe: 'All of the namespace' },
  'dry-run': {
    type: 'string',
    describe: 'none, client or server; alone it means server',
    default: 'none',
    alone: 'server',
    complete: ['none', 'client', 'server'],
  },
  output: {
    type: 'string',
    alias: 'o',
    describe: 'Print the object afterwards: json, yaml or name',
    complete: ['json', 'yaml', 'name'],
  },
} as const satisfies Flags;

const WAIT_FLAGS = {
  wait: { type: 'boolean', describe: 'Return when it is done, not when it is accepted' },
  timeout: { type: 'string', default: '5m', describe: 'How long --wait waits: 90s, 5m', complete: ['30s', '5m'] },
} as const satisfies Flags;

const PAUSED_FLAG = { paused: { type: 'boolean', describe: 'Start with the vCPUs stopped' } } as const satisfies Flags;

const GRACE_FLAGS = {
  force: { type: 'boolean', describe: 'Do not wait for the guest; needs --grace-period' },
  'grace-period': {
    type: 'number',
    describe: 'Seconds that the guest has; only with --force',
    complete: ['0'],
  },
} as const satisfies Flags;

const TIME_FLAGS = {
  'unfreeze-timeout': {
    type: 'string',
    default: '5m',
    describe: 'When it is thawed at the latest: 30s, 5m; 24h at most',
    complete: ['30s', '5m'],
  },
} as const satisfies Flags;

/** The command of an action. */
export const actionCommand = (action: Action): Command =>
  defineCommand<Arguments, Flags>({
    name: action.name,
    group: 'Virtual machines in a cluster',
    describe: action.describe,
    arguments: {
      targets: action.on === 'vm' ? VM_TARGETS : VMI_TARGETS,
    },
    flags: {
      ...FLAGS,
      ...(action.until === undefined ? {} : WAIT_FLAGS),
      ...(action.acceptsPaused === true ? PAUSED_FLAG : {}),
      ...(action.gracePeriodField === undefined ? {} : GRACE_FLAGS),
      ...(action.timeField === undefined ? {} : TIME_FLAGS),
    },
    examples: action.examples,
    // Which of its optional flags there are depends on the action, and `act` asks for those only.
    run: async (io, flags) => (await import('./act.js')).act(io, action, flags),
  });
