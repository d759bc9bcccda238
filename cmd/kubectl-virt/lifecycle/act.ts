import type { ApiClient } from '../client/client.js';
import { inParallel } from '../client/list.js';
import { missingNamespace } from '../client/namespace.js';
import { ApiStatusError } from '../client/status.js';
import { type VirtualMachineState, whyNotRunning } from '../client/why-not-running.js';
import { spinner } from '../spinner.js';
import { parseDuration } from '../duration.js';
import { CliError, ExitCode, UsageError, isCliError, messageOf } from '../errors.js';
import { connectTo } from '../connect.js';
import { note, noteError, print } from '../io.js';
import type { Io } from '../io.js';
import { printAs } from '../output.js';
import { objectPath, subresourcePath } from '../paths.js';
import type { Target, TargetKind } from '../target.js';
import type { ActFlags } from './act-flags.js';
import type { Action } from './action.js';
import { actionBody, checkTogether, parseDryRun, type DryRun } from './body.js';
import { namedTargets, selectedTargets } from './targets.js';
import { DONE, instanceBefore, waitFor } from './wait.js';

const KIND_NAME: Readonly<Record<TargetKind, string>> = { vm: 'VirtualMachine', vmi: 'VirtualMachineInstance' };

/** A target, and the API server as its namespace sees it. */
interface Place {
  readonly client: ApiClient;
  readonly target: Target;
}

/** What all of one command line have in common. */
interface Act {
  readonly io: Io;
  readonly action: Action;
  readonly flags: ActFlags;
  readonly dryRun: DryRun;
  readonly body: Record<string, unknown>;
}

const remedyFor = (error: ApiStatusError, action: Action, namespace: string, name: string): string | undefined => {
  if (error.remedy !== undefined) return error.remedy;
  const resource = action.on === 'vm' ? 'virtualmachines' : 'virtualmachineinstances';
  switch (error.code) {
    case 403:
      return `You need the verb update on ${resource}/${action.subresource} in subresources.kubevirt.io, for example from the ClusterRole kubevirt.io:edit.`;
    case 404:
      return `See what there is: kubectl get ${resource} -n ${namespace}`;
    case 409:
      return `See its state: kubectl get ${resource} ${name} -n ${namespace}`;
    default:
      return undefined;
  }
};

/** For `pause vm/x` when there is no VMI: whether the VM itself is missing or just not running. */
const explainMissingVmi = async ({ io }: Act, client: ApiClient, name: string): Promise<CliError> => {
  const { namespace } = client;
  let vm: VirtualMachineState;
  try {
    vm = await client.get<VirtualMachineState>(objectPath('vm', namespace, name));
  } catch (error) {
    return error instanceof CliError ? error : new CliError(messageOf(error));
  }
  const why = whyNotRunning(vm);
  return new CliError(`VirtualMachine ${name} is not running${why === undefined ? '' : `: ${why}`}`, {
    remedy: `Start it first: ${io.program} start ${name} -n ${namespace}`,
  });
};

const explain = async (act: Act, { client, target }: Place, error: ApiStatusError): Promise<CliError> => {
  const { action } = act;
  const { name, kind } = target;
  const isMissing = error.code === 404 && error.remedy === undefined;
  const cause =
    (isMissing ? await missingNamespace(client, error) : undefined) ??
    (isMissing && action.on === 'vmi' && kind === 'vm' ? await explainMissingVmi(act, client, name) : error);
  return new CliError(`cannot ${action.name} ${KIND_NAME[action.on]} ${name}: ${cause.message}`, {
    remedy: cause.remedy ?? remedyFor(error, action, client.namespace, name),
    cause: error,
  });
};

/** Sends the change of one. @returns what waiting for it compares with */
const change = async (act: Act, place: Place): Promise<string | undefined> => {
  const { action, dryRun, body, flags } = act;
  const { client, target } = place;
  const before =
    flags.wait === true && action.until === 'replaced' ? await instanceBefore(client, target.name) : undefined;
  // What the server cannot rehearse is not sent.
  if (dryRun === 'none' || (dryRun === 'server' && action.serverDryRun)) {
    const path = subresourcePath(action.on, client.namespace, target.name, action.subresource);
    try {
      await client.request({ method: 'PUT', path, body });
    } catch (error) {
      throw error instanceof ApiStatusError ? await explain(act, place, error) : error;
    }
  }
  return before;
};

/** At a time: a whole namespace is changed soon, and neither API server nor webhook is flooded. */
const WIDTH = 8;

/**
 * Each by itself: what goes wrong with one is said, and does not keep the others. `tell` gets what is done in the order
 * of the list, as soon as those before it are.
 */
const forEach = async <T, R>(
  io: Io,
  list: readonly T[],
  act: (one: T) => Promise<R>,
  tell: (one: T) => void = () => undefined,
): Promise<[T, R][]> => {
  const tellings: (() => void)[] = [];
  let told = 0;
  const done = await inParallel(list, WIDTH, async (one, index): Promise<[T, R] | undefined> => {
    let result: [T, R] | undefined;
    try {
      result = [one, await act(one)];
      tellings[index] = () => tell(one);
    } catch (error) {
      if (list.length === 1 || !isCliError(error)) throw error;
      tellings[index] = () => noteError(io, error);
    }
    for (let next = tellings[told]; next !== undefined; next = tellings[told]) {
      told += 1;
      next();
    }
    return result;
  });
  return done.filter((each) => each !== undefined);
};

const waitForAll = async (act: Act, changed: readonly [Place, string | undefined][]): Promise<Place[]> => {
  const { io, action, flags } = act;
  const { until } = action;
  if (flags.wait !== true || until === undefined) return changed.map(([place]) => place);
  const { timeout = '' } = flags;
  const deadline = Date.now() + parseDuration('timeout', timeout, 's');
  const progress = spinner(io.stderr);
  const reached = await forEach(io, changed, async ([{ client, target }, before]) => {
    let said = '';
    // Several wait at once: each tells what is new of it, and does not repeat itself after another's words.
    const say = (text: string): void => {
      if (text !== said) progress.say(text);
      said = text;
    };
    try {
      await waitFor({ name: target.name, goal: until, before }, { client, deadline, timeout, say });
    } finally {
      progress.stop();
    }
    if (flags.output === undefined) print(io, `${action.on.toUpperCase()} ${target.name} is ${DONE[until]}`);
  });
  return reached.map(([[place]]) => place);
};

const printObjects = async ({ io, action, flags }: Act, places: readonly Place[]): Promise<void> => {
  if (flags.output === undefined || places.length === 0) return;
  if (flags.output === 'name') {
    for (const { target } of places) print(io, `${KIND_NAME[action.on].toLowerCase()}.kubevirt.io/${target.name}`);
    return;
  }
  const objects: unknown[] = [];
  for (const { client, target } of places) {
    objects.push(await client.get(objectPath(action.on, client.namespace, target.name)));
  }
  // As kubectl prints several.
  const [first, ...rest] = objects;
  await printAs(io, flags.output, rest.length === 0 ? first : { apiVersion: 'v1', kind: 'List', items: objects });
};

const checkOutput = (output: string | undefined): void => {
  if (output === undefined || ['json', 'yaml', 'name'].includes(output)) return;
  throw new UsageError(`unsupported output format "${output}"`, { remedy: 'Use -o json, -o yaml or -o name.' });
};

/** The targets with their clients: one for each namespace. */
const placesOf = async ({ io, flags, action }: Act, named: readonly Target[]): Promise<Place[]> => {
  const clients = new Map<string | undefined, ApiClient>();
  const clientFor = async (namespace: string | undefined): Promise<ApiClient> => {
    const client = clients.get(namespace) ?? (await connectTo(io, flags, namespace));
    clients.set(namespace, client);
    return client;
  };
  if (named.length > 0) {
    const places: Place[] = [];
    for (const target of named) places.push({ target, client: await clientFor(target.namespace) });
    return places;
  }
  const client = await clientFor(undefined);
  const found = await selectedTargets(client, action, flags.selector);
  if (found.length > 0) return found.map((target) => ({ target, client }));
  const missing = await missingNamespace(client);
  if (missing !== undefined) throw missing;
  note(io, `No ${KIND_NAME[action.on]} of namespace ${client.namespace} is chosen: nothing to do.`);
  return [];
};

/**
 * Runs start, stop, restart, pause, unpause, soft-reboot or reset. Returns when the server has accepted it, or with
 * `--wait` when it is done.
 */
export const act = async (io: Io, action: Action, flags: ActFlags): Promise<number> => {
  const named = namedTargets(action, flags, io.program);
  const dryRun = parseDryRun(flags['dry-run']);
  checkTogether(io, action, flags, dryRun);
  checkOutput(flags.output);
  const all: Act = { io, action, flags, dryRun, body: actionBody(action, flags, dryRun) };
  const places = await placesOf(all, named);
  if (dryRun !== 'none' && flags.output === undefined) print(io, 'Dry Run execution');
  const changed = await forEach(
    io,
    places,
    (place) => change(all, place),
    ({ target: { name } }) => {
      if (flags.output === undefined)
        print(io, `${action.on.toUpperCase()} ${name} was scheduled to ${action.scheduledTo}`);
    },
  );
  const reached = await waitForAll(all, changed);
  await printObjects(all, reached);
  return reached.length === places.length ? ExitCode.ok : ExitCode.failure;
};
