import type { VmiUsage } from '../../../src/agent-api/vmi-usage.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { isVisibleLine } from '../../../src/api/visible-text.js';
import { GROUP, STORED_VERSION } from '../../../src/api/names.js';
import type { ApiClient } from '../client/client.js';
import { ifThere } from '../client/if-there.js';
import { missingNamespace } from '../client/namespace.js';
import { ApiStatusError } from '../client/status.js';
import { type VirtualMachineState, whyNotRunning } from '../client/why-not-running.js';
import { CliError, ExitCode, messageOf } from '../errors.js';
import { warn, type Io } from '../io.js';
import { objectPath, subresourcePath } from '../paths.js';
import { inParallel, listAll } from '../client/list.js';
import { mebibytes, milliCpu, percent, UNKNOWN } from '../table.js';
import type { Shown, SortKey } from './shown.js';

export interface VmChoice {
  readonly name: string | undefined;
  readonly selector: string | undefined;
  readonly sortBy: SortKey;
  readonly allNamespaces: boolean;
}

/** Questions at a time: each goes through the API server and the webhook to the agent of its node. */
const WIDTH = 16;
/** Failures that are told one by one. */
const MAX_WARNINGS = 5;

interface Row {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly usage: VmiUsage | undefined;
}

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;

/** What an agent said, which may be of another version, or not ours any more. */
const readUsage = (said: unknown): VmiUsage => {
  const { cpu, memory } = (typeof said === 'object' && said !== null ? said : {}) as Partial<VmiUsage>;
  return {
    timestamp: '',
    cpu: { vcpus: number(cpu?.vcpus), cores: number(cpu?.cores) },
    memory: {
      resident: number(memory?.resident),
      guest: number(memory?.guest),
      guestUsed: number(memory?.guestUsed),
    },
  };
};

const FORBIDDEN =
  'Ask for the role view in that namespace: it has get of virtualmachineinstances/usage in subresources.kubevirt.io.';

const OLDER = 'The virt-webhook of this cluster may be older than this plugin: kubectl virt version';

const usageOf = async (client: ApiClient, namespace: string, name: string): Promise<VmiUsage> => {
  try {
    return readUsage(await client.get(subresourcePath('vmi', namespace, name, 'usage')));
  } catch (error) {
    if (error instanceof ApiStatusError && error.code === 403)
      throw new CliError(error.message, { remedy: FORBIDDEN, cause: error });
    throw error;
  }
};

const runs = ({ status, metadata }: VirtualMachineInstance): boolean =>
  status?.phase === 'Running' && metadata?.deletionTimestamp === undefined;

/** One that was named and does not run. */
const notRunning = async (client: ApiClient, name: string, vmi?: VirtualMachineInstance): Promise<CliError> => {
  const vm = await ifThere(client.get<VirtualMachineState>(objectPath('vm', client.namespace, name)));
  if (vm === undefined && vmi === undefined) {
    const missing = await missingNamespace(client);
    const remedy = `See what there is: kubectl get vm -n ${client.namespace}`;
    return missing ?? new CliError(`there is no virtual machine "${name}" in ${client.namespace}`, { remedy });
  }
  const state = vm?.status?.printableStatus ?? vmi?.status?.phase ?? 'Pending';
  const why = vm === undefined ? undefined : whyNotRunning(vm);
  return new CliError(`${name} does not run: it is ${state}${why === undefined ? '' : `: ${why}`}`, {
    remedy: `${state === 'Stopped' ? 'Start it: kubectl virt start' : 'Look at it: kubectl describe vmi'} ${name} -n ${client.namespace}`,
  });
};

/** Those that run, of those that were chosen, and how many do not. */
const chosen = async (
  client: ApiClient,
  { name, selector, allNamespaces }: VmChoice,
): Promise<{ readonly running: readonly VirtualMachineInstance[]; readonly others: number }> => {
  if (name !== undefined) {
    const vmi = await ifThere(client.get<VirtualMachineInstance>(objectPath('vmi', client.namespace, name)));
    if (vmi === undefined || !runs(vmi)) throw await notRunning(client, name, vmi);
    return { running: [vmi], others: 0 };
  }
  const path = allNamespaces
    ? `/apis/${GROUP}/${STORED_VERSION}/virtualmachineinstances`
    : objectPath('vmi', client.namespace);
  const vmis = await listAll<VirtualMachineInstance>(client, path, { selector });
  const running = vmis.filter(runs);
  return { running, others: vmis.length - running.length };
};

const COLUMN: Readonly<Record<Exclude<SortKey, 'name'>, (row: Row) => number | undefined>> = {
  cpu: ({ usage }) => usage?.cpu.cores,
  memory: ({ usage }) => usage?.memory.resident,
  guest: ({ usage }) => usage?.memory.guestUsed,
};

const byName = (a: Row, b: Row): number =>
  a.namespace === b.namespace ? (a.name < b.name ? -1 : 1) : a.namespace < b.namespace ? -1 : 1;

/** The largest first, what is not known last, equal ones by name. */
const sorted = (rows: readonly Row[], key: SortKey): Row[] => {
  const named = rows.toSorted(byName);
  if (key === 'name') return named;
  const value = COLUMN[key];
  return named.toSorted((a, b) => (value(b) ?? -1) - (value(a) ?? -1));
};

const HEADER = ['NAME', 'CPU(cores)', 'CPU%', 'MEMORY(bytes)', 'GUEST(bytes)', 'GUEST%', 'NODE'];

const cells = ({ name, node, usage }: Row): string[] => [
  name,
  milliCpu(usage?.cpu.cores),
  percent(usage?.cpu.cores, usage?.cpu.vcpus),
  mebibytes(usage?.memory.resident),
  mebibytes(usage?.memory.guestUsed),
  percent(usage?.memory.guestUsed, usage?.memory.guest),
  node,
];

/** A name of the server's that may stand in a path. */
const isName = (name: string): boolean => isVisibleLine(name) && !/[/\s%?#]/.test(name);

export const vmRows = async (io: Io, client: ApiClient, choice: VmChoice): Promise<Shown> => {
  const { running, others } = await chosen(client, choice);
  const failures: unknown[] = [];
  const gone: ApiStatusError[] = [];
  const asked = await inParallel(running, WIDTH, async ({ metadata, status }): Promise<Row[]> => {
    const { namespace = client.namespace, name = '' } = metadata ?? {};
    const row = { namespace, name, node: status?.nodeName ?? UNKNOWN };
    if (!isName(name) || !isName(namespace)) return [{ ...row, usage: undefined }];
    try {
      return [{ ...row, usage: await usageOf(client, namespace, name) }];
    } catch (error) {
      // It has stopped since it was listed.
      if (error instanceof ApiStatusError && (error.code === 404 || error.code === 409)) {
        if (error.code === 404) gone.push(error);
        return [];
      }
      failures.push(error);
      if (failures.length <= MAX_WARNINGS) warn(io, `${namespace}/${name}: ${messageOf(error)}`);
      return [{ ...row, usage: undefined }];
    }
  });
  const rows = asked.flat();
  const [first] = failures;
  // Not one of them is there: rather the question is not.
  if (gone.length > 0 && gone.length === running.length)
    throw new CliError(gone[0]?.message ?? '', { remedy: OLDER, cause: gone[0] });
  // Nothing is known of any of them: that is no table but an error, with what to do.
  if (rows.length > 0 && failures.length === rows.length) throw first;
  const where = choice.allNamespaces ? '' : ` in ${client.namespace}`;
  const nothing = `No virtual machine runs${where}${others === 0 ? '' : `; ${others} do not run at the moment`}.`;
  const head = choice.allNamespaces ? ['NAMESPACE', ...HEADER] : HEADER;
  const body = sorted(rows, choice.sortBy).map((row) =>
    choice.allNamespaces ? [row.namespace, ...cells(row)] : cells(row),
  );
  return { rows: [head, ...body], nothing, exitCode: ExitCode.ok };
};
