import type { VirtualMachine, VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import type { Condition } from '../../../../src/api/vmi/condition.js';
import { guestMemory, vcpuCount } from '../../../../src/api/vmi/guest-size.js';
import type { KubernetesObject } from '../../../../src/kube/types.js';
import type { ConditionRow, EventRow, VmDetail } from '../shared/protocol.js';
import { shownLine, terminationText } from './rows.js';

/** As much of an event as is read. */
export interface EventObject extends KubernetesObject {
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  involvedObject?: { kind?: string; name?: string };
  series?: { count?: number; lastObservedTime?: string };
}

/** Rows of each table: what is in them comes from the cluster, and a page shows no more. */
const MOST_CONDITIONS = 50;
const MOST_FACTS_OF_A_KIND = 32;

const MEBIBYTE = 2n ** 20n;

const attempt = (make: () => string): string | undefined => {
  try {
    return make();
  } catch {
    // An object that no admission has seen may say anything.
    return undefined;
  }
};

type Facts = [label: string, text: string][];

const factsOf = (vm: VirtualMachine | undefined, vmi: VirtualMachineInstance | undefined): Facts => {
  const facts: Facts = [];
  const fact = (label: string, text: string | undefined): void => {
    if (text !== undefined && text !== '') facts.push([shownLine(label), shownLine(text)]);
  };
  const spec = vmi?.spec ?? vm?.spec.template.spec;
  if (spec !== undefined) {
    fact(
      'vCPUs',
      attempt(() => String(vcpuCount(spec))),
    );
    fact(
      'Memory',
      attempt(() => `${(guestMemory(spec) / MEBIBYTE).toString()} MiB`),
    );
  }
  fact(
    'Run strategy',
    vm?.spec.runStrategy ?? (vm?.spec.running === undefined ? undefined : `running: ${vm.spec.running}`),
  );
  fact('Instance type', vm?.spec.instancetype?.name);
  fact('Node', vmi?.status?.nodeName);
  fact('Guest', vmi?.status?.guestOSInfo?.prettyName);
  for (const { name, ipAddress, ipAddresses, mac } of (vmi?.status?.interfaces ?? []).slice(0, MOST_FACTS_OF_A_KIND))
    fact(
      `Network ${name ?? ''}`,
      [...(ipAddresses ?? (ipAddress === undefined ? [] : [ipAddress])), mac ?? ''].join(' '),
    );
  for (const { name } of (spec?.volumes ?? []).slice(0, MOST_FACTS_OF_A_KIND)) fact('Volume', name);
  if (vm !== undefined) fact('Last termination', terminationText(vm));
  return facts;
};

const conditionRows = (conditions: readonly Condition[]): ConditionRow[] =>
  conditions.slice(0, MOST_CONDITIONS).map(({ type, status, reason = '', message = '', lastTransitionTime }) => ({
    type: shownLine(type),
    status: shownLine(status),
    reason: shownLine(reason),
    message: shownLine(message),
    since: shownLine(lastTransitionTime ?? ''),
  }));

const lastSeen = ({ series, lastTimestamp, eventTime, metadata }: EventObject): string =>
  series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? '';

export const eventRow = (event: EventObject): EventRow => ({
  uid: event.metadata?.uid ?? '',
  warning: event.type === 'Warning',
  reason: shownLine(event.reason ?? ''),
  message: shownLine(event.message ?? ''),
  count: event.series?.count ?? event.count ?? 1,
  last: shownLine(lastSeen(event)),
});

export interface DetailSources {
  readonly key: string;
  readonly vm: VirtualMachine | undefined;
  readonly vmi: VirtualMachineInstance | undefined;
  /** The newest first. */
  readonly events: readonly EventRow[];
  readonly eventsProblem: string | undefined;
}

/** What the page of one VM shows. A VM has its instance's conditions among its own. */
export const detailOf = ({ key, vm, vmi, events, eventsProblem }: DetailSources): VmDetail => ({
  key,
  facts: factsOf(vm, vmi),
  conditions: conditionRows(vm?.status?.conditions ?? vmi?.status?.conditions ?? []),
  events,
  ...(eventsProblem === undefined ? {} : { eventsProblem }),
});
