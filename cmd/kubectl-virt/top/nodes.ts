import { Annotation, GROUP, Label, STORED_VERSION } from '../../../src/api/names.js';
import { parseQuantity } from '../../../src/api/quantity.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { guestMemory, vcpuCount } from '../../../src/api/vmi/guest-size.js';
import { isFinal } from '../../../src/api/vmi/phase.js';
import type { ApiClient } from '../client/client.js';
import { ifThere } from '../client/if-there.js';
import { ApiStatusError } from '../client/status.js';
import { CliError, ExitCode } from '../errors.js';
import { listAll } from '../client/list.js';
import { mebibytes, percent, UNKNOWN } from '../table.js';
import type { Shown, SortKey } from './shown.js';

export interface NodeChoice {
  readonly name: string | undefined;
  readonly selector: string | undefined;
  readonly sortBy: SortKey;
}

interface Node {
  readonly metadata?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly capacity?: Readonly<Record<string, string>> };
}

/** What VMs have of one node. */
interface Load {
  vms: number;
  vcpus: number;
  guestBytes: number;
}

/** As much of the annotation as is read: whoever may write Nodes may have written it. */
const MAX_ANNOTATION = 16 * 1024;

interface Report {
  readonly swapBytes?: number;
  readonly warnings?: readonly string[];
}

const reportOf = ({ metadata }: Node): Report => {
  const text = metadata?.annotations?.[Annotation.nodeDensity] ?? '';
  if (text === '' || text.length > MAX_ANNOTATION) return {};
  try {
    const report = JSON.parse(text) as { readonly swapBytes?: unknown; readonly warnings?: unknown } | null;
    const { swapBytes, warnings } = report ?? {};
    return {
      ...(typeof swapBytes === 'number' && swapBytes >= 0 ? { swapBytes } : {}),
      ...(Array.isArray(warnings) ? { warnings: warnings.filter((word) => typeof word === 'string') } : {}),
    };
  } catch {
    return {};
  }
};

const amount = (text: string | undefined): number | undefined => {
  try {
    return text === undefined ? undefined : Number(parseQuantity(text).milliValue()) / 1000;
  } catch {
    return undefined;
  }
};

const isForbidden = (error: unknown): boolean => error instanceof ApiStatusError && error.code === 403;

/** By node; undefined: the user may not see VMs of all namespaces. */
const loads = async (client: ApiClient): Promise<ReadonlyMap<string, Load> | undefined> => {
  let vmis: readonly VirtualMachineInstance[];
  try {
    vmis = await listAll<VirtualMachineInstance>(client, `/apis/${GROUP}/${STORED_VERSION}/virtualmachineinstances`);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
  const found = new Map<string, Load>();
  for (const vmi of vmis) {
    const node = vmi.status?.nodeName;
    if (node === undefined || isFinal(vmi)) continue;
    const load = found.get(node) ?? { vms: 0, vcpus: 0, guestBytes: 0 };
    load.vms += 1;
    load.vcpus += vcpuCount(vmi.spec);
    load.guestBytes += Number(guestMemory(vmi.spec));
    found.set(node, load);
  }
  return found;
};

const nodesOf = async (client: ApiClient, { name, selector }: NodeChoice): Promise<readonly Node[]> => {
  try {
    if (name === undefined) return await listAll<Node>(client, '/api/v1/nodes', { selector });
    const node = await ifThere(client.get<Node>(`/api/v1/nodes/${name}`));
    if (node !== undefined) return [node];
  } catch (error) {
    if (!isForbidden(error)) throw error;
    throw new CliError((error as Error).message, {
      remedy: 'Nodes are in no namespace: ask for get and list of nodes, or see VMs with: kubectl virt top vm',
      cause: error,
    });
  }
  throw new CliError(`there is no node "${name}"`, { remedy: 'See which there are: kubectl get nodes' });
};

const HEADER = [
  'NAME',
  'VMS',
  'VCPUS',
  'CPUS',
  'VCPUS/CPU',
  'GUESTS(bytes)',
  'MEMORY(bytes)',
  'OVERCOMMIT',
  'SWAP',
  'WARNINGS',
];

interface Row {
  readonly name: string;
  readonly load: Load | undefined;
  readonly cpus: number | undefined;
  readonly memory: number | undefined;
  readonly report: Report;
}

const ratio = (part: number | undefined, whole: number | undefined): string =>
  part === undefined || whole === undefined || whole <= 0 ? UNKNOWN : (part / whole).toFixed(1);

const cells = ({ name, load, cpus, memory, report }: Row): string[] => [
  name,
  load === undefined ? UNKNOWN : String(load.vms),
  load === undefined ? UNKNOWN : String(load.vcpus),
  cpus === undefined ? UNKNOWN : String(cpus),
  ratio(load?.vcpus, cpus),
  mebibytes(load?.guestBytes),
  mebibytes(memory),
  percent(load?.guestBytes, memory),
  mebibytes(report.swapBytes),
  report.warnings === undefined ? UNKNOWN : report.warnings.join(',') || '<none>',
];

const SORTED_BY: Readonly<Record<Exclude<SortKey, 'name'>, (row: Row) => number>> = {
  cpu: ({ load, cpus }) => (load?.vcpus ?? -1) / (cpus ?? 1),
  memory: ({ load, memory }) => (load?.guestBytes ?? -1) / (memory ?? 1),
  guest: ({ load }) => load?.guestBytes ?? -1,
};

const sorted = (rows: readonly Row[], key: SortKey): Row[] => {
  const named = rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return key === 'name' ? named : named.toSorted((a, b) => SORTED_BY[key](b) - SORTED_BY[key](a));
};

/** Nodes where VMs may run, by what is written of them: no node is asked. */
export const nodeRows = async (client: ApiClient, choice: NodeChoice): Promise<Shown> => {
  const nodes = await nodesOf(client, choice);
  const found = await loads(client);
  const rows = nodes
    .filter(({ metadata }) => choice.name !== undefined || metadata?.labels?.[Label.schedulable] !== undefined)
    .map((node): Row => {
      const { metadata, status } = node;
      const name = metadata?.name ?? '';
      return {
        name,
        load: found === undefined ? undefined : (found.get(name) ?? { vms: 0, vcpus: 0, guestBytes: 0 }),
        cpus: amount(status?.capacity?.['cpu']),
        memory: amount(status?.capacity?.['memory']),
        report: reportOf(node),
      };
    });
  return {
    rows: [HEADER, ...sorted(rows, choice.sortBy).map(cells)],
    nothing: 'No node has an agent of kubectl-virt: kubectl get pods -n kubevirt -l kubevirt.io=virt-agent',
    exitCode: ExitCode.ok,
  };
};
