import type { KubeVirt, VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { resolveClusterConfig, type ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { GROUP, STORED_VERSION } from '../../../src/api/names.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { hasMatchers } from '../../../src/instancetypes/find.js';
import { isFinal } from '../../../src/api/vmi/phase.js';
import { pendingChanges, type PendingChange } from '../../../src/mutators/pending-changes.js';
import type { ApiClient } from '../client/client.js';
import { missingNamespace } from '../client/namespace.js';
import { ApiStatusError } from '../client/status.js';
import { connectTo } from '../connect.js';
import { CliError, ExitCode, messageOf, UsageError } from '../errors.js';
import type { GlobalFlags } from '../global-flags.js';
import { note, print, type Io } from '../io.js';
import { printAs } from '../output.js';
import { objectPath, subresourcePath } from '../paths.js';
import { parseTarget } from '../target.js';

export interface PendingFlags extends GlobalFlags {
  target: string;
  output?: string;
}

const HIDDEN: readonly number[] = [403, 404];

/** Undefined for an answer that says that there is nothing to see. */
const unless = async <T>(codes: readonly number[], answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiStatusError && codes.includes(error.code)) return undefined;
    throw error;
  }
};

/**
 * The cluster's settings decide what a template leaves open. Who may not read them gets the defaults of an
 * installation.
 */
const settingsOf = async (io: Io, client: ApiClient): Promise<ClusterConfig> => {
  const path = `/apis/${GROUP}/${STORED_VERSION}/kubevirts`;
  const list = await unless(HIDDEN, client.get<{ items?: KubeVirt[] }>(path));
  if (list === undefined)
    note(io, 'The settings of the cluster cannot be read: its defaults are taken for those of a new one.');
  return resolveClusterConfig(list?.items?.[0]);
};

const changesOf = (
  place: { readonly name: string; readonly namespace: string },
  vm: VirtualMachine,
  vmi: VirtualMachineInstance,
  config: ClusterConfig,
): readonly PendingChange[] => {
  try {
    return pendingChanges(vm, vmi, config);
  } catch (error) {
    throw new CliError(`the template cannot be compared with what runs: ${visibleLine(messageOf(error))}`, {
      remedy: `See what is wrong with it: kubectl get vm ${place.name} -n ${place.namespace} -o yaml | kubectl virt lint -f -`,
      cause: error,
    });
  }
};

const isOwnedBy = (vmi: VirtualMachineInstance, vm: VirtualMachine): boolean =>
  (vmi.metadata?.ownerReferences ?? []).some(({ uid }) => uid === vm.metadata?.uid);

const machineOf = async (client: ApiClient, name: string): Promise<VirtualMachine> => {
  try {
    return await client.get<VirtualMachine>(objectPath('vm', client.namespace, name));
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.code !== 404 || error.remedy !== undefined) throw error;
    const remedy = `See what there is: kubectl get virtualmachines -n ${client.namespace}`;
    throw (await missingNamespace(client, error)) ?? new CliError(error.message, { remedy, cause: error });
  }
};

/** The VMI of a VM while its guest runs, or is about to. */
const runningOf = async (client: ApiClient, vm: VirtualMachine, name: string) => {
  const path = objectPath('vmi', client.namespace, name);
  const vmi = await unless([404], client.get<VirtualMachineInstance>(path));
  return vmi !== undefined && isOwnedBy(vmi, vm) && !isFinal(vmi) ? vmi : undefined;
};

/** JSON has no undefined: what is absent is null. */
const written = ({ field, running = null, wanted = null }: PendingChange) => ({ field, running, wanted });

/** Longer values, such as those of a volume that is added, are in the JSON. */
const MAX_VALUE = 60;
const shown = (value: unknown): string => {
  const text = visibleLine(value === undefined ? '<none>' : typeof value === 'string' ? value : JSON.stringify(value));
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE - 1)}…`;
};

const table = (changes: readonly PendingChange[]): string[] => {
  const rows = [
    ['FIELD', 'RUNNING', 'WANTED'] as const,
    ...changes.map(({ field, running, wanted }) => [visibleLine(field), shown(running), shown(wanted)] as const),
  ];
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length)) + 3;
  const [first, second] = [width(0), width(1)];
  return rows.map(([field, running, wanted]) => `${field.padEnd(first)}${running.padEnd(second)}${wanted}`);
};

/** What the VM would be: as its instance type and preference make it, where it names any. */
const wantedOf = (client: ApiClient, vm: VirtualMachine, name: string): VirtualMachine | Promise<VirtualMachine> =>
  hasMatchers(vm) ? client.get<VirtualMachine>(subresourcePath('vm', client.namespace, name, 'expand-spec')) : vm;

/** `pending VM`: what a restart would change. */
export const pending = async (io: Io, flags: PendingFlags): Promise<number> => {
  const target = parseTarget(flags.target);
  if (target.kind === 'vmi')
    throw new UsageError('a VirtualMachineInstance waits for nothing: its spec does not change', {
      remedy: 'Name the VirtualMachine that owns it: vm/NAME.',
    });
  const client = await connectTo(io, flags, target.namespace);
  const { namespace } = client;
  const { name } = target;
  const vm = await machineOf(client, name);
  const vmi = await runningOf(client, vm, name);
  const changes =
    vmi === undefined
      ? []
      : changesOf({ name, namespace }, await wantedOf(client, vm, name), vmi, await settingsOf(io, client));
  if (flags.output !== undefined) {
    await printAs(io, flags.output, { namespace, name, running: vmi !== undefined, pending: changes.map(written) });
    return ExitCode.ok;
  }
  if (vmi === undefined) print(io, `${name} does not run: its next start takes everything.`);
  else if (changes.length === 0) print(io, `Nothing of ${name} waits for a restart.`);
  else for (const line of table(changes)) print(io, line);
  return ExitCode.ok;
};
