import type { ToldEvent } from './check.js';
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

/**
 * The last warnings about the VM, its instance (they have one name) and its pods. Nothing where one may not see them.
 */
export const lastWarnings = async (reader: Reader, name: string): Promise<readonly ToldEvent[]> => {
  const { namespace } = reader.client;
  const read = await reader.list<Event>(`/api/v1/namespaces/${namespace}/events?fieldSelector=type%3DWarning`);
  if (read.is !== 'there') return [];
  return read.content
    .filter(({ involvedObject }) => {
      const of = involvedObject?.name ?? '';
      return of === name || of.startsWith(`virt-launcher-${name}-`);
    })
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .slice(-SHOWN)
    .map((event) => ({
      time: timeOf(event),
      object: `${event.involvedObject?.kind ?? ''} ${event.involvedObject?.name ?? ''}`,
      reason: event.reason ?? '',
      message: event.message ?? '',
    }));
};
