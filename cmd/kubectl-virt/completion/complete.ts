import { isVisibleLine } from '../../../src/api/visible-text.js';
import { ACTIONS } from '../commands/actions.js';
import { connectTo } from '../connect.js';
import { GLOBAL_FLAGS } from '../global-flags.js';
import type { GlobalFlags } from '../global-flags.js';
import type { Io } from '../io.js';
import { loadKubeconfig } from '../../../src/kube/kubeconfig/load.js';
import { objectPath } from '../paths.js';
import { silentWriter } from '../text-writer.js';
import type { TargetKind } from '../target.js';
import { COMMAND_FLAGS, COMMANDS } from './commands.js';

/** Bits of the last line, which tell the shell what to do (cobra's protocol, spec/control.md §8). */
const Directive = { error: 1, noSpace: 2, noFiles: 4, extensions: 8, directories: 16, keepOrder: 32 } as const;

/** A candidate, optionally with a tab and its description. */
export interface Completion {
  readonly candidates: readonly string[];
  readonly directive: number;
}

/** Completion is worth this much waiting and no more. */
const TIMEOUT_MS = 2000;
/** Enough to choose from, and one page for the API server. */
const LIST_LIMIT = 500;

const none: Completion = { candidates: [], directive: Directive.noFiles };
const files: Completion = { candidates: [], directive: 0 };

/** What a shell would act on, or read as its end, were it typed for the user: no name that one completes has it. */
const ACTED_ON = /[\s"'`$\\|&;<>(){}[\]*?!#~^]/;

/** The names among these that may stand on a command line as they are: one with a line feed would be two candidates. */
const harmless = (names: readonly unknown[]): string[] =>
  names.filter((name): name is string => typeof name === 'string' && isVisibleLine(name) && !ACTED_ON.test(name));

/** The names in a list, without transferring the objects. */
const listNames = async (io: Io, flags: GlobalFlags, path: (namespace: string) => string): Promise<string[]> => {
  const client = await connectTo(io, flags);
  const list = await client.get<{ items?: { metadata?: { name?: string } }[] }>(
    `${path(client.namespace)}?limit=${LIST_LIMIT}`,
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
  );
  return harmless((list.items ?? []).map(({ metadata }) => metadata?.name));
};

/** Flags that are complete on the words so far, so that `-n prod start <TAB>` lists what is in prod. */
const readFlags = (words: readonly string[]): GlobalFlags => {
  const flags: Record<string, unknown> = { 'request-timeout': `${TIMEOUT_MS}ms`, v: 0 };
  const groups: string[] = [];
  for (const [index, word] of words.entries()) {
    const match = /^(--?)([a-z-]+)(?:=(.*))?$/.exec(word);
    const name = flagName(match?.[1] ?? '', match?.[2] ?? '');
    if (name === undefined) continue;
    const option = GLOBAL_FLAGS[name];
    const value = match?.[3] ?? words[index + 1];
    if (option.type === 'boolean') flags[name] = match?.[3] !== 'false';
    else if (name === 'as-group' && value !== undefined) groups.push(value);
    else if (option.type === 'string' && name !== 'request-timeout') flags[name] = value;
  }
  return { ...flags, 'as-group': groups.length > 0 ? groups : undefined } as unknown as GlobalFlags;
};

const flagName = (dashes: string, name: string): keyof typeof GLOBAL_FLAGS | undefined => {
  if (dashes === '--') return name in GLOBAL_FLAGS ? (name as keyof typeof GLOBAL_FLAGS) : undefined;
  const found = Object.entries(GLOBAL_FLAGS).find(([, option]) => 'alias' in option && option.alias === name);
  return found?.[0] as keyof typeof GLOBAL_FLAGS | undefined;
};

const kindOf = (command: string): TargetKind | undefined => {
  if (command === 'console') return 'vmi';
  return ACTIONS.find((action) => action.command === command)?.on;
};

/** Ids of rules and defaults, each with its summary. */
const completeIds = async (): Promise<Completion> => {
  const { explainedIds } = await import('../offline/index.js');
  return { candidates: explainedIds().map(([id, what]) => `${id}\t${what}`), directive: Directive.noFiles };
};

const completeTarget = async (io: Io, command: string, flags: GlobalFlags, current: string): Promise<Completion> => {
  const kind = kindOf(command);
  if (kind === undefined) return none;
  const prefix = /^(vms?|vmis?|virtualmachines?|virtualmachineinstances?)\//i.exec(current)?.[0] ?? '';
  const listed = prefix === '' ? kind : /^v(m|irtualmachine)s?\/$/i.test(prefix) ? 'vm' : 'vmi';
  const names = await listNames(io, flags, (namespace) => objectPath(listed, namespace));
  return { candidates: names.map((name) => prefix + name), directive: Directive.noFiles };
};

const completeValue = async (
  io: Io,
  command: string,
  flag: string,
  flags: GlobalFlags,
): Promise<Completion | undefined> => {
  const words = (candidates: readonly string[]): Completion => ({ candidates, directive: Directive.noFiles });
  const own = COMMAND_FLAGS[command]?.[flag];
  if (own !== undefined)
    return own.values === undefined ? undefined : own.values === 'file' ? files : words(own.values);
  switch (flag) {
    case 'namespace':
      return words(await listNames(io, flags, () => '/api/v1/namespaces'));
    case 'context':
    case 'cluster':
    case 'user': {
      const config = await loadKubeconfig(flags.kubeconfig, io.env);
      return words(harmless([...config[`${flag}s`].keys()]));
    }
    case 'kubeconfig':
    case 'certificate-authority':
    case 'client-certificate':
    case 'client-key':
      return files;
    default:
      return none;
  }
};

const completeFlagNames = (command: string): Completion => {
  const own = Object.entries(COMMAND_FLAGS[command] ?? {}).map(([name, { describe }]) => `--${name}\t${describe}`);
  const common = Object.entries(GLOBAL_FLAGS).map(([name, { describe }]) => `--${name}\t${describe}`);
  return { candidates: [...own, ...common], directive: Directive.noFiles };
};

/** Which flag's value is being typed: `--flag VALUE`, `--flag=VALUE` or `-f VALUE`. */
const flagBeingTyped = (
  command: string,
  previous: string,
  current: string,
): { flag: string; prefix: string } | undefined => {
  const inline = /^(--([a-z-]+)=)/.exec(current);
  if (inline?.[1] !== undefined && inline[2] !== undefined) return { flag: inline[2], prefix: inline[1] };
  const long = /^--([a-z-]+)$/.exec(previous)?.[1];
  const short = /^-([a-z])$/.exec(previous)?.[1];
  const alias = Object.entries(COMMAND_FLAGS[command] ?? {}).find(([, option]) => option.alias === short);
  const flag = long ?? (short === undefined ? undefined : (alias?.[0] ?? flagName('-', short)));
  if (flag === undefined) return undefined;
  const option: { type?: string; boolean?: boolean } =
    COMMAND_FLAGS[command]?.[flag] ?? (flag in GLOBAL_FLAGS ? GLOBAL_FLAGS[flag as keyof typeof GLOBAL_FLAGS] : {});
  return option.boolean === true || option.type === 'boolean' ? undefined : { flag, prefix: '' };
};

/** The words of the command line that are not flags or flags' values. */
const plainWords = (command: string | undefined, words: readonly string[]): string[] =>
  words.filter(
    (word, index) => !word.startsWith('-') && flagBeingTyped(command ?? '', words[index - 1] ?? '', word) === undefined,
  );

/** What could come next. `words` are those after the program's name; the last is the one being typed. */
const candidatesFor = async (io: Io, words: readonly string[]): Promise<Completion> => {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [command, ...rest] = plainWords(undefined, before);
  const flags = readFlags(before);
  const typed = flagBeingTyped(command ?? '', before.at(-1) ?? '', current);
  if (typed !== undefined) {
    const value = await completeValue(io, command ?? '', typed.flag, flags);
    if (value !== undefined) return { ...value, candidates: value.candidates.map((each) => typed.prefix + each) };
    return none;
  }
  if (current.startsWith('-')) return completeFlagNames(command ?? '');
  if (command === undefined)
    return { candidates: COMMANDS.map(([name, what]) => `${name}\t${what}`), directive: Directive.noFiles };
  if (['lint', 'explain-admission', 'render', 'run'].includes(command)) return files;
  if (command === 'explain') return rest.length === 0 ? await completeIds() : none;
  if (command === 'completion')
    return { candidates: ['bash', 'zsh', 'fish', 'powershell'], directive: Directive.noFiles };
  const typeWord =
    (command === 'pause' || command === 'unpause') && rest.length === 1 && /^vmi?s?$/i.test(rest[0] ?? '');
  return rest.length === 0 || typeWord
    ? completeTarget(io, typeWord && /^vms?$/i.test(rest[0] ?? '') ? 'start' : command, flags, current)
    : none;
};

/**
 * `__complete WORD…`: one candidate per line, then `:DIRECTIVE`. Never an error on the terminal: the user is in the
 * middle of a line.
 */
export const complete = async (io: Io, words: readonly string[]): Promise<number> => {
  const current = words.at(-1) ?? '';
  let result: Completion = { candidates: [], directive: Directive.error | Directive.noFiles };
  const quiet = { ...io, stderr: silentWriter };
  try {
    result = await candidatesFor(quiet, words);
  } catch {
    // The directive says that there was an error.
  }
  const fitting = result.candidates.filter((candidate) => candidate.startsWith(current));
  io.stdout.write(`${[...fitting, `:${result.directive}`].join('\n')}\n`);
  return 0;
};
