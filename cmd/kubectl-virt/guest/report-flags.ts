import { defineCommand, type Command } from '../command.js';
import type { Flag } from '../flag.js';
import { VMI_TARGET } from '../shared-flags.js';

/** What is asked of a guest's agent, and shown as it is or as a table. */
export interface Report {
  readonly name: string;
  readonly subresource: 'guestosinfo' | 'userlist' | 'filesystemlist';
  /** Completes "cannot …", of one VM. */
  readonly doing: string;
  readonly describe: string;
  readonly examples: Command['examples'];
}

/** virtctl prints JSON, and scripts read it. */
const OUTPUT = {
  type: 'string',
  alias: 'o',
  describe: 'Output format: json, yaml or table',
  default: 'json',
  choices: ['json', 'yaml', 'table'],
} as const satisfies Flag;

export const reportCommand = (report: Report): Command =>
  defineCommand({
    name: report.name,
    group: 'Virtual machines in a cluster',
    describe: report.describe,
    arguments: { target: VMI_TARGET },
    flags: { output: OUTPUT },
    examples: report.examples,
    epilogue: 'The guest says it of itself, through qemu-guest-agent, which must run in it: take it as its word.',
    run: async (io, flags) => (await import('./report.js')).showReport(io, report, flags),
  });
