import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo } from '../connect.js';
import { UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { note, print, type Io } from '../io.js';
import { parseTarget } from '../target.js';
import { nodeRows } from './nodes.js';
import type { SortKey } from './shown.js';
import { aligned } from '../table.js';
import { vmRows } from './vms.js';

export interface TopFlags extends GlobalFlags {
  what?: string;
  name?: string;
  'all-namespaces'?: boolean;
  selector?: string;
  'sort-by'?: SortKey;
  watch?: boolean;
  headers?: boolean;
}

const WATCH_MS = 5_000;

const VM_WORD = /^v(m|mi|irtualmachine|irtualmachineinstance)s?$/i;
const NODE_WORD = /^no(de)?s?$/i;

interface Asked {
  readonly kind: 'vm' | 'node';
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

/** `top`, `top vm [NAME]`, `top node [NAME]`, and `top vm/NAME`. */
const whatIsAsked = ({ what = 'vm', name }: TopFlags): Asked => {
  if (NODE_WORD.test(what)) return { kind: 'node', name: name && parseTarget(name).name, namespace: undefined };
  const isWord = VM_WORD.test(what);
  if (!isWord && !what.includes('/'))
    throw new UsageError(`unsupported resource type '${what}'`, {
      remedy: `Write vm or node first: top vm${name === undefined ? ` ${what}` : ''}`,
    });
  const target = isWord ? name : what;
  if (target === undefined) return { kind: 'vm', name: undefined, namespace: undefined };
  const { name: only, namespace } = parseTarget(target);
  return { kind: 'vm', name: only, namespace };
};

const check = (asked: Asked, flags: TopFlags): void => {
  const all = flags['all-namespaces'] === true;
  if (asked.name !== undefined && (all || flags.selector !== undefined))
    throw new UsageError(`a name stands beside ${all ? '--all-namespaces' : '--selector'}`, {
      remedy: 'Give a name, or choose several.',
    });
  if (asked.kind === 'node' && all)
    throw new UsageError('nodes are in no namespace', { remedy: 'Leave out --all-namespaces.' });
};

/** `top`: once, or again and again until somebody interrupts it. */
export const top = async (io: Io, flags: TopFlags): Promise<number> => {
  const asked = whatIsAsked(flags);
  check(asked, flags);
  const client = await connectTo(io, flags, asked.namespace);
  const choice = { name: asked.name, selector: flags.selector, sortBy: flags['sort-by'] ?? 'name' };
  for (;;) {
    const { rows, nothing, exitCode } =
      asked.kind === 'node'
        ? await nodeRows(client, choice)
        : await vmRows(io, client, { ...choice, allNamespaces: flags['all-namespaces'] === true });
    if (flags.watch === true && io.stdout.isTTY) io.stdout.clearScreen();
    if (rows.length <= 1) note(io, nothing);
    else for (const line of aligned(rows).slice(flags.headers === false ? 1 : 0)) print(io, line);
    if (flags.watch !== true) return exitCode;
    await sleep(WATCH_MS);
    if (!io.stdout.isTTY) print(io, '');
  }
};
