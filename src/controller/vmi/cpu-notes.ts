import { CPU_MODELS } from '../../api/cpu-names.js';
import { Label } from '../../api/names.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { cpuAvoided, cpuWishes, type CpuWish } from '../../api/vmi/cpu-selector.js';
import type { Node } from '../../kube/types.js';

/* Of a VM that no node takes: which CPU it asks for, and which nodes have what. */

type Labels = Readonly<Record<string, string>>;

/** As many nodes, and as many wishes, as are named. */
const NAMED = 3;

const hostModel = (labels: Labels): string =>
  [...CPU_MODELS].find((name) => labels[`${Label.hostModelPrefix}${name}`] === 'true') ?? 'no CPU that it reports';

/** "node-1 is EPYC-Milan, node-2 is Haswell and 3 more" */
const described = (nodes: readonly Node[]): string => {
  const first = nodes
    .slice(0, NAMED)
    .map(({ metadata }) => `${metadata?.name ?? ''} has ${hostModel(metadata?.labels ?? {})}`);
  return first.join(', ') + (nodes.length > NAMED ? ` and ${nodes.length - NAMED} more` : '');
};

const isObsolete = ({ what, name }: CpuWish, { obsoleteCpuModels }: ClusterConfig): boolean =>
  what === 'model' && obsoleteCpuModels.includes(name);

/** Undefined: its CPU is not what keeps it. */
export const cpuNotes = (
  vmi: VirtualMachineInstance,
  config: ClusterConfig,
  nodes: readonly Node[],
): string | undefined => {
  const wishes = cpuWishes(vmi, config);
  const avoided = cpuAvoided(vmi);
  if (wishes.length + avoided.length === 0) return undefined;
  const offers = ({ label }: CpuWish, { metadata }: Node): boolean => metadata?.labels?.[label] === 'true';
  const nowhere = wishes.filter((wish) => !nodes.some((node) => offers(wish, node)));
  const obsolete = nowhere.find((wish) => isObsolete(wish, config));
  if (obsolete !== undefined)
    return `${obsolete.field}: the CPU model ${obsolete.name} is among obsoleteCPUModels of the cluster's configuration: name another one, or none`;
  if (nowhere.length > 0) {
    const named = nowhere
      .slice(0, NAMED)
      .map(({ field, what, name }) => `${field}: no node has the CPU ${what} ${name}`);
    const more = nowhere.length > NAMED ? ` (and ${nowhere.length - NAMED} more)` : '';
    return `${named.join(', ')}${more}; ${described(nodes)}: ask for what a node has, or leave it out`;
  }
  const fit = nodes.filter((node) => wishes.every((wish) => offers(wish, node)));
  const inTheWay = avoided.filter((one) => fit.length > 0 && fit.every((node) => offers(one, node)));
  const [first] = inTheWay;
  if (first !== undefined)
    return `${first.field}: every node ${wishes.length === 0 ? '' : 'that fits otherwise '}has the CPU feature ${first.name}, which the VM forbids; ${described(fit)}: write policy: disable to take it from the guest alone`;
  if (fit.length > 0) return undefined;
  const names = wishes.slice(0, NAMED).map(({ name }) => name);
  return `spec.domain.cpu: no single node has all of ${names.join(', ')}; ${described(nodes)}: ask for less, or add such a node`;
};
