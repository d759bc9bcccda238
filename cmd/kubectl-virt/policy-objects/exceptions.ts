import { visibleLine } from '../../../src/api/visible-text.js';
import { connectTo } from '../connect.js';
import { parseDuration } from '../duration.js';
import { ExitCode } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { note, print, type Io } from '../io.js';
import { printAs } from '../output.js';
import { aligned } from '../table.js';
import { listPolicyObjects } from './fetch.js';
import { recordOf } from '../../../src/api/record.js';

/*
 * `policy exceptions`: who is let off what, for how long yet. Those that end first stand first.
 */

export interface ExceptionsFlags extends GlobalFlags {
  'all-namespaces'?: boolean;
  expiring?: string;
  output?: string;
}

const DAY_MS = 86_400_000;

const parseSpan = (text: string): number => {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  return days === undefined ? parseDuration('expiring', text, 'm') : Number(days) * DAY_MS;
};

interface Shown {
  readonly namespace: string;
  readonly name: string;
  readonly policies: readonly string[];
  readonly state: string;
  readonly expiresAt: string;
  readonly owner: string;
  readonly ticket: string;
}

type Json = Readonly<Record<string, unknown>>;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const policyWord = (reference: unknown): string => {
  const { kind, name, validations } = recordOf(reference);
  const own = kind === 'VirtualMachinePolicy' ? `vmpol/${text(name)}` : text(name);
  return Array.isArray(validations) && validations.length > 0 ? `${own}(${validations.map(text).join(',')})` : own;
};

/** What the status says; what the time says where that is older. */
const stateOf = (status: Json, expires: number, now: number): string =>
  expires <= now ? 'Expired' : text(status['state']) === '' ? 'Unknown' : text(status['state']);

const shownOf = (object: Json, now: number): Shown => {
  const [metadata, spec, status] = [recordOf(object['metadata']), recordOf(object['spec']), recordOf(object['status'])];
  const expiresAt = text(spec['expiresAt']);
  return {
    ...{ namespace: text(metadata['namespace']), name: text(metadata['name']), expiresAt },
    policies: Array.isArray(spec['policies']) ? spec['policies'].map(policyWord) : [],
    state: stateOf(status, Date.parse(expiresAt), now),
    ...{ owner: text(spec['owner']), ticket: text(spec['ticket']) },
  };
};

const span = (milliseconds: number): string => {
  const hours = Math.floor(Math.abs(milliseconds) / 3_600_000);
  const words = hours >= 48 ? `${Math.floor(hours / 24)}d` : hours >= 1 ? `${hours}h` : '<1h';
  return milliseconds < 0 ? `${words} ago` : words;
};

const table = (shown: readonly Shown[], all: boolean, now: number): string[] =>
  aligned([
    [...(all ? ['NAMESPACE'] : []), 'NAME', 'POLICIES', 'STATE', 'EXPIRES', 'OWNER', 'TICKET'],
    ...shown.map(({ namespace, name, policies, state, expiresAt, owner, ticket }) => [
      ...(all ? [namespace] : []),
      ...[name, policies.join(','), state, span(Date.parse(expiresAt) - now), owner, ticket],
    ]),
  ]);

export const policyExceptions = async (io: Io, flags: ExceptionsFlags): Promise<number> => {
  const within = flags.expiring === undefined ? undefined : parseSpan(flags.expiring);
  const all = flags['all-namespaces'] === true;
  const client = await connectTo(io, flags);
  const now = Date.now();
  const objects = await listPolicyObjects(client, 'VirtualMachinePolicyException', all ? undefined : client.namespace);
  const shown = objects
    .map((object) => shownOf(object, now))
    .filter(({ expiresAt }) => within === undefined || Date.parse(expiresAt) - now <= within)
    .toSorted((one, other) => Date.parse(one.expiresAt) - Date.parse(other.expiresAt));
  if (flags.output !== undefined) await printAs(io, flags.output, { exceptions: shown });
  else if (shown.length > 0) for (const line of table(shown, all, now)) print(io, line);
  else {
    const which = flags.expiring === undefined ? 'There is no exception' : `No exception ends within ${flags.expiring}`;
    note(io, visibleLine(`${which}${all ? '' : ` in namespace ${client.namespace}`}.`));
  }
  return ExitCode.ok;
};
