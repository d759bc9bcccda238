import type { VirtualMachine } from '../../../../src/api/schema/kinds.js';
import type { ApiClient } from '../../client/client.js';
import { CliError } from '../../errors.js';
import { objectPath, subresourcePath } from '../../paths.js';
import type { TargetKind } from '../../target.js';
import {
  ACTION_WORDS,
  type ActionWord,
  type ActRequest,
  type ApplyRequest,
  type LintAnswer,
  type ManifestAnswer,
  PATHS,
} from '../shared/protocol.js';
import type { Editor } from './editor.js';
import { placeOf } from './place.js';

/*
 * All that the page can have done: the closed list of calls. None takes a path, a verb or a kind from the page, so
 * whoever should get at the page has the user's rights on VMs by these calls, and on nothing else.
 */

/** The PUT of each action. `force`: the body's name for the grace period. */
const ACTIONS: Readonly<Record<ActionWord, { readonly on: TargetKind; readonly force?: string }>> = {
  start: { on: 'vm' },
  stop: { on: 'vm', force: 'gracePeriod' },
  restart: { on: 'vm', force: 'gracePeriodSeconds' },
  pause: { on: 'vmi' },
  unpause: { on: 'vmi' },
};

export interface CallSources {
  readonly client: ApiClient;
  readonly editor: Editor;
}

type Call = (sources: CallSources, request: Readonly<Record<string, unknown>>) => Promise<object>;

const textOf = ({ text }: Readonly<Record<string, unknown>>): string => {
  if (typeof text === 'string') return text;
  throw new CliError('the request has no text');
};

const act: Call = async ({ client }, request) => {
  const { namespace, name } = placeOf(request);
  const { action, force } = request as Partial<ActRequest>;
  if (action === undefined || !ACTION_WORDS.includes(action)) throw new CliError('the request names no action');
  const { on, force: grace } = ACTIONS[action];
  const body = force === true && grace !== undefined ? { [grace]: 0 } : {};
  await client.request({ method: 'PUT', path: subresourcePath(on, namespace, name, action), body });
  return {};
};

const lint: Call = async ({ editor }, request): Promise<LintAnswer> => ({
  findings: await editor.lint(textOf(request)),
});

const apply: Call = ({ editor, client }, request) => {
  const { replaces } = request as Partial<ApplyRequest>;
  return editor.apply(client, textOf(request), replaces === undefined ? undefined : placeOf(replaces));
};

const manifest: Call = async ({ editor, client }, request): Promise<ManifestAnswer> => {
  const { namespace, name } = placeOf(request);
  return { text: await editor.write(await client.get<VirtualMachine>(objectPath('vm', namespace, name))) };
};

/** By path. All are POSTs with a JSON body, which no form and no link of another page can send. */
export const CALLS: ReadonlyMap<string, Call> = new Map([
  [PATHS.act, act],
  [PATHS.lint, lint],
  [PATHS.apply, apply],
  [PATHS.manifest, manifest],
]);
