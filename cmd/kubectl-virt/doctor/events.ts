import type { LauncherPod } from '../client/launcher-pod.js';
import type { ToldEvent } from './check.js';
import { podsPath } from './pod.js';
import type { Reader } from './reader.js';

interface Event {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly metadata?: { readonly creationTimestamp?: string };
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

/** Enough to see a pattern. */
const SHOWN = 5;

const timeOf = ({ lastTimestamp, metadata }: Event): string => lastTimestamp ?? metadata?.creationTimestamp ?? '';

/** Pods whose events are asked for: a VM has one, and while it starts again two. */
const MAX_PODS = 3;

/** The launcher pods by their owner's name: a pod of VM web-2 is called virt-launcher-web-2-…, one of VM web too. */
const podNames = async (reader: Reader, name: string): Promise<string[]> => {
  const read = await reader.list<LauncherPod>(podsPath(reader.client.namespace, name));
  if (read.is !== 'there') return [];
  return read.content
    .filter(({ metadata }) => (metadata?.ownerReferences ?? []).some((owner) => owner.name === name))
    .flatMap(({ metadata }) => metadata?.name ?? [])
    .slice(0, MAX_PODS);
};

/** Of one object alone: a namespace has the events of others, which nobody wants in a bundle, and more than a page. */
const warningsOf = async (reader: Reader, kind: string, name: string): Promise<readonly Event[]> => {
  const selector = `involvedObject.kind=${kind},involvedObject.name=${name},type=Warning`;
  const path = `/api/v1/namespaces/${reader.client.namespace}/events?fieldSelector=${encodeURIComponent(selector)}`;
  const read = await reader.list<Event>(path);
  return read.is === 'there' ? read.content : [];
};

/**
 * The last warnings about the VM, its instance (they have one name) and its pods. Nothing where one may not see them.
 */
export const lastWarnings = async (reader: Reader, name: string): Promise<readonly ToldEvent[]> => {
  const events: Event[] = [];
  for (const kind of ['VirtualMachine', 'VirtualMachineInstance'])
    events.push(...(await warningsOf(reader, kind, name)));
  for (const pod of await podNames(reader, name)) events.push(...(await warningsOf(reader, 'Pod', pod)));
  return events
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .slice(-SHOWN)
    .map((event) => ({
      time: timeOf(event),
      object: `${event.involvedObject?.kind ?? ''} ${event.involvedObject?.name ?? ''}`,
      reason: event.reason ?? '',
      message: event.message ?? '',
    }));
};
