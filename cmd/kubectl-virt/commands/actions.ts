import type { TargetKind } from '../target.js';

/** One PUT on a subresource: what differs between start, stop, restart, pause, unpause and soft-reboot. */
export interface Action {
  readonly command: string;
  readonly describe: string;
  /** What the subresource belongs to. A `vm/x` target of a VMI action means the VMI of that VM. */
  readonly on: TargetKind;
  readonly subresource: string;
  /** Completes "VM x was scheduled to …". */
  readonly scheduledTo: string;
  readonly acceptsPaused?: boolean;
  /** The body's name for the grace period in seconds; undefined: the action has none. */
  readonly gracePeriodField?: string;
  /** Whether the server knows `dryRun` for it (spec/control.md §2.3). */
  readonly serverDryRun: boolean;
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [string, string])[];
}

/** Source: spec/control.md §1.3, §1.4 and §2.3. */
export const ACTIONS: readonly Action[] = [
  {
    command: 'start',
    describe: 'Start a virtual machine',
    on: 'vm',
    subresource: 'start',
    scheduledTo: 'start',
    acceptsPaused: true,
    serverDryRun: true,
    examples: [
      ['start web', 'Start the VM web'],
      ['start web --paused', 'Start it with its vCPUs stopped; unpause lets it run'],
    ],
  },
  {
    command: 'stop',
    describe: 'Stop a virtual machine',
    on: 'vm',
    subresource: 'stop',
    scheduledTo: 'stop',
    gracePeriodField: 'gracePeriod',
    serverDryRun: true,
    examples: [
      ['stop web', 'Ask the guest to shut down; stop it after its grace period'],
      ['stop web --force --grace-period=0', 'Stop it at once'],
    ],
  },
  {
    command: 'restart',
    describe: 'Stop a virtual machine and start it anew',
    on: 'vm',
    subresource: 'restart',
    scheduledTo: 'restart',
    gracePeriodField: 'gracePeriodSeconds',
    serverDryRun: true,
    examples: [
      ['restart web', 'Restart the VM web in a new pod'],
      ['restart web --force --grace-period=0', 'Restart it without waiting for the guest'],
    ],
  },
  {
    command: 'pause',
    describe: "Stop a running guest's vCPUs, keeping its memory",
    on: 'vmi',
    subresource: 'pause',
    scheduledTo: 'pause',
    serverDryRun: true,
    examples: [
      ['pause web', 'Pause the running VM web'],
      ['pause vmi web', 'The same, with the type as a word of its own'],
    ],
  },
  {
    command: 'unpause',
    describe: 'Let a paused guest run on',
    on: 'vmi',
    subresource: 'unpause',
    scheduledTo: 'unpause',
    serverDryRun: true,
    examples: [['unpause web', 'Let the paused VM web run on']],
  },
  {
    command: 'soft-reboot',
    describe: 'Ask the guest to reboot itself, in the same pod',
    on: 'vmi',
    subresource: 'softreboot',
    scheduledTo: 'soft-reboot',
    serverDryRun: false,
    examples: [['soft-reboot web', 'Reboot through the guest agent, or else the ACPI power button']],
  },
];
