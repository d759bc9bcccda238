import type { WebSocket } from 'ws';
import type { REFUSAL_CAUSES } from '../../../src/agent-api/refusal.js';
import type { ApiClient } from '../client/client.js';
import { ApiStatusError } from '../client/status.js';
import { backsOff, type VirtualMachineState, whyNotRunning } from '../client/why-not-running.js';
import { CliError } from '../errors.js';
import { objectPath } from '../paths.js';

/** Between two attempts; what virtctl uses too. */
const RETRY_MS = 1000;
/** A replica of virt-webhook that dies is out of the API server's way, or back, well within this. */
const UNAVAILABLE_MS = 30_000;

export interface WaitOptions {
  readonly client: Pick<ApiClient, 'get' | 'namespace'>;
  readonly name: string;
  readonly open: () => Promise<WebSocket>;
  /** Milliseconds to keep trying; 0 tries once. */
  readonly timeout: number;
  /** What is waited for, to show it. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Whether waiting may change what our server refuses for. */
const CHANGES: Readonly<Record<keyof typeof REFUSAL_CAUSES, boolean>> = {
  NotRunningYet: true,
  AgentNotReady: true,
  HasEnded: false,
  NoGraphics: false,
  NoSerialConsole: false,
  PortClosed: false,
  PortSilent: false,
};
const isRefusalCause = (word: string): word is keyof typeof REFUSAL_CAUSES => Object.hasOwn(CHANGES, word);

/**
 * Whether the refusal is about the guest's state, which changes by itself. Servers answer 400 until the guest runs
 * (ours of an earlier version 409), and for "no serial console" too (docs/reference/control.md §2.5).
 */
export const isStateError = (error: ApiStatusError): boolean => {
  const { detail = '' } = error;
  if (isRefusalCause(detail)) return CHANGES[detail];
  if (/failed|has ended|no serial console/i.test(error.message)) return false;
  return (
    error.code === 409 ||
    (error.code === 400 && /not running|instead of Running|no virt-agent is ready/i.test(error.message))
  );
};

/** The instance is over. Why, the server does not say; its VM does. */
const hasEnded = ({ code, detail, message }: ApiStatusError): boolean =>
  detail === 'HasEnded' || (code === 409 && /in failed status|has ended/.test(message));

/**
 * After "VMI not found", or that it has ended: is there a VM of this name that is about to run?
 * @throws CliError when waiting is pointless
 */
const vmAboutToRun = async ({ client, name }: WaitOptions, refusal: ApiStatusError): Promise<string> => {
  let vm: VirtualMachineState;
  try {
    vm = await client.get<VirtualMachineState>(objectPath('vm', client.namespace, name));
  } catch {
    // No such VM, or no right to look: the first answer is the one to show.
    const look = hasEnded(refusal)
      ? `See how it ended: kubectl describe vmi ${name}`
      : 'See what runs: kubectl get vmi';
    throw new CliError(refusal.message, { remedy: `${look} -n ${client.namespace}`, cause: refusal });
  }
  const status = vm.status?.printableStatus ?? '';
  const strategy = vm.spec?.runStrategy ?? (vm.spec?.running === true ? 'Always' : 'Halted');
  const why = whyNotRunning(vm);
  if (backsOff(vm)) {
    throw new CliError(`VirtualMachine ${name} does not run: ${why ?? status}`, {
      remedy: `Correct what it says and try at once: kubectl virt start ${name} -n ${client.namespace}`,
      cause: refusal,
    });
  }
  const wanted = strategy === 'Always' || strategy === 'Once' || ['Starting', 'Provisioning'].includes(status);
  if (!wanted) {
    throw new CliError(`VirtualMachine ${name} is stopped${why === undefined ? '' : `: ${why}`}`, {
      remedy: `Start it first: kubectl virt start ${name} -n ${client.namespace}`,
      cause: refusal,
    });
  }
  return described(status === '' ? 'no instance yet' : status, why);
};

const described = (status: string, why: string | undefined): string =>
  why === undefined ? status : `${status}: ${why}`;

/** Statuses of a VM that say no more than the server's answer does. */
const ON_ITS_WAY = ['', 'Starting', 'Running', 'Paused', 'Stopped'];

/** What it waits for, by its VM: the instance's phase alone does not say what keeps it. */
const stateOf = async ({ client, name }: WaitOptions, { message }: ApiStatusError): Promise<string> => {
  try {
    const vm = await client.get<VirtualMachineState>(objectPath('vm', client.namespace, name));
    const status = vm.status?.printableStatus ?? '';
    const why = whyNotRunning(vm);
    if (!ON_ITS_WAY.includes(status)) return described(status, why);
    return described(message, status === 'Starting' ? why : undefined);
  } catch {
    // An instance without a VM, or no right to look.
    return message;
  }
};

const pause = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, RETRY_MS);
    signal.addEventListener('abort', done);
  });

/**
 * Opens the console as soon as the guest runs.
 * @throws ApiStatusError or CliError for what waiting does not change, and when the time is over
 */
export const openWhenRunning = async (options: WaitOptions): Promise<WebSocket> => {
  const { client, name, open, timeout, say, signal } = options;
  const deadline = Date.now() + timeout;
  const unavailableUntil = Date.now() + Math.min(timeout, UNAVAILABLE_MS);
  for (;;) {
    let state: string;
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof ApiStatusError)) throw error;
      if ((error.code === 404 && error.remedy === undefined) || hasEnded(error))
        state = await vmAboutToRun(options, error);
      else if (isStateError(error)) state = await stateOf(options, error);
      else if (error.code === 503 && Date.now() < unavailableUntil) state = error.message;
      else throw withRemedy(error, client.namespace);
      if (timeout === 0)
        throw new CliError(state, { remedy: 'Without --timeout=0 the console waits until it runs.', cause: error });
    }
    if (Date.now() >= deadline) {
      throw new CliError(`${name} did not run within ${timeout / 1000} s: ${state}`, {
        remedy: `See why: kubectl describe vm,vmi ${name} -n ${client.namespace}; or wait longer with --timeout.`,
      });
    }
    say(`Waiting for ${name} to run (${state})`);
    await pause(signal);
    signal.throwIfAborted();
  }
};

const withRemedy = (error: ApiStatusError, namespace: string): CliError => {
  if (error.code !== 403 || error.remedy !== undefined) return error;
  return new CliError(error.message, {
    remedy: `You need the verb get on virtualmachineinstances/console in subresources.kubevirt.io in namespace ${namespace}, for example from the ClusterRole kubevirt.io:edit.`,
    cause: error,
  });
};
