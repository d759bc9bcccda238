import { findCondition } from '../../api/vmi/condition.js';
import { phaseOf } from '../../api/vmi/phase.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Pod } from '../../kube/types.js';
import type { ControllerContext } from '../context.js';
import { hugePages } from '../../api/vmi/hugepages.js';
import { podAsks } from './amounts.js';
import { unschedulable } from './conditions.js';
import { cpuNotes } from './cpu-notes.js';
import { type UnboundClaim, unboundClaim } from './unbound-claims.js';

/** What we know about a pod that no node takes and the scheduler does not say. */
export interface SchedulingNotes {
  /** A claim that keeps it. */
  readonly unbound?: UnboundClaim | undefined;
  /** Which nodes it wants, how much was asked, and is free: goes on from the scheduler's words. */
  readonly room?: string | undefined;
}

/** The scheduler's words for too little, and for a node that is full. */
const TOO_LITTLE = /Insufficient|Too many pods/;
/** And for nodes with other labels, with affinity in the same breath. */
const OTHER_LABELS = /node (?:selector|affinity)/;
const BETWEEN = '; ';
/** As many labels as are named. */
const NAMED_LABELS = 3;

const wantedNodes = ({ spec: { nodeSelector = {}, affinity } }: VirtualMachineInstance): string | undefined => {
  const labels = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`);
  const more = labels.length > NAMED_LABELS ? ` and ${labels.length - NAMED_LABELS} more` : '';
  const wants = [
    ...(labels.length === 0 ? [] : [`nodeSelector (${labels.slice(0, NAMED_LABELS).join(', ')}${more})`]),
    ...(affinity?.nodeAffinity === undefined ? [] : ['affinity.nodeAffinity']),
  ];
  if (wants.length === 0) return undefined;
  return `the VM runs only on nodes that fit its ${wants.join(' and its ')}: label a node so, or change the VM`;
};

/** The scheduler's words name the resource; what it means for the VM, and what to do, only we know. */
const wantedPages = ({ spec }: VirtualMachineInstance, words: string): string | undefined => {
  const pages = hugePages(spec);
  if (pages === undefined || !words.includes(`Insufficient ${pages.resource}`)) return undefined;
  return `no node has that many huge pages free (memory.hugepages.pageSize ${String(spec.domain.memory?.hugepages?.pageSize)}): reserve them on a node and restart its kubelet, or remove memory.hugepages`;
};

export const schedulingNotes = async (
  { client, caches, nodeRoom, config }: Pick<ControllerContext, 'client' | 'caches' | 'nodeRoom' | 'config'>,
  vmi: VirtualMachineInstance,
  [pod]: Pod[],
): Promise<SchedulingNotes> => {
  const told = pod === undefined || phaseOf(vmi) !== 'Scheduling' ? undefined : unschedulable(pod);
  if (pod === undefined || told === undefined) return {};
  const claim = (name: string) => caches.claims.get(`${vmi.metadata?.namespace ?? ''}/${name}`);
  const unbound = await unboundClaim({ vmi, claim, client });
  const words = told.message ?? '';
  const wanted = OTHER_LABELS.test(words)
    ? (cpuNotes(vmi, config(), caches.nodes.list()) ?? wantedNodes(vmi))
    : undefined;
  if (!TOO_LITTLE.test(words)) return { unbound, room: wanted };
  // Looked up once for as long as the scheduler says the same: what is free changes by the minute.
  const before = findCondition(vmi.status?.conditions, told.type)?.message ?? '';
  const start = words + BETWEEN;
  if (words !== '' && before.startsWith(start)) return { unbound, room: before.slice(start.length) };
  const free = await nodeRoom.describe();
  const asks = `the VM asks for ${podAsks(vmi, pod.spec?.containers ?? [])}`;
  const notes = [wanted, wantedPages(vmi, words), asks, free].filter((note) => note !== undefined);
  return { unbound, room: notes.join(BETWEEN) };
};

/** The scheduler's condition, with what we know besides. */
export const withRoom = <T extends { message?: string | undefined }>(told: T, room: string | undefined): T =>
  room === undefined ? told : { ...told, message: `${told.message ?? ''}${BETWEEN}${room}` };
