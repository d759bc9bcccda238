import { recordOf } from '../../api/record.js';
import { isDeepStrictEqual } from 'node:util';
import {
  AGENT_CONDITIONS,
  AGENT_STATUS_FIELDS,
  AGENT_VOLUME_FIELDS,
  GUEST_ENDED,
  isAgentInterfaceField,
} from '../../agent-api/instance-status.js';
import { isFinal } from '../../api/vmi/phase.js';
import { isVirtletKey } from '../../api/virtlet/annotations.js';
import { RESTRICTED_LABELS } from '../metadata/metadata.js';

/*
 * Where a write of an agent changes what is not an agent's. Whatever is not in the lists of
 * src/agent-api/instance-status.ts stays: a field that comes later is refused until it is added there. Objects may have
 * any shape, because older versions stored them.
 */

type Json = Readonly<Record<string, unknown>>;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const own = (object: Json, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);
const keysOf = (...objects: readonly Json[]): string[] => [...new Set(objects.flatMap(Object.keys))];
const same = (now: unknown, before: unknown): boolean => isDeepStrictEqual(now ?? undefined, before ?? undefined);

const without = (object: Json, isLeftOut: (key: string) => boolean): Json =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !isLeftOut(key)));

/** What the API server changes with every write, of any client. */
const SERVER_MANAGED = ['resourceVersion', 'generation', 'managedFields', 'selfLink'];
/** In these maps, what other rules of updates report already. */
const REPORTED_ELSEWHERE = new Map<string, (key: string) => boolean>([
  ['labels', (label) => RESTRICTED_LABELS.includes(label)],
  ['annotations', isVirtletKey],
]);

const metadataChanges = (now: Json, before: Json): string[] =>
  keysOf(now, before)
    .filter((key) => !SERVER_MANAGED.includes(key))
    .filter((key) => {
      const isReported = REPORTED_ELSEWHERE.get(key);
      if (isReported === undefined) return !same(own(now, key), own(before, key));
      return !same(without(recordOf(own(now, key)), isReported), without(recordOf(own(before, key)), isReported));
    })
    .map((key) => `metadata.${key}`);

/**
 * What of the items of a list is not an agent's, by the item's name, those of the same name one after the other. An
 * item of which an agent writes everything leaves nothing, so it may come and go.
 */
const protectedParts = (items: unknown, key: string, isAgents: (item: Json, field: string) => boolean) => {
  const parts = new Map<string, Json[]>();
  for (const value of list(items)) {
    const item = recordOf(value);
    const part = without(item, (field) => isAgents(item, field));
    if (Object.keys(part).length === 0) continue;
    const name = JSON.stringify([own(item, key)]);
    parts.set(name, [...(parts.get(name) ?? []), part]);
  }
  return parts;
};

const isAmong = (names: readonly string[], name: unknown): boolean => typeof name === 'string' && names.includes(name);

/** The lists of which a part is an agent's. */
const PARTLY = new Map<string, (items: unknown) => unknown>([
  ['conditions', (items) => protectedParts(items, 'type', ({ type }) => isAmong(AGENT_CONDITIONS, type))],
  [
    'interfaces',
    (items) => protectedParts(items, 'name', (item, field) => isAgentInterfaceField(field, item['podInterfaceName'])),
  ],
  ['volumeStatus', (items) => protectedParts(items, 'name', (_, field) => isAmong(AGENT_VOLUME_FIELDS, field))],
]);

/**
 * Of a guest that has ended an agent takes Ready away, in its own words; it gives it to none, and takes it from none
 * that runs.
 */
const takesReady = (status: Json): boolean => {
  const [ready, ...others] = list(own(status, 'conditions'))
    .map(recordOf)
    .filter(({ type }) => type === 'Ready');
  const isTaken = ready?.['status'] === 'False' && ready['reason'] === GUEST_ENDED.reason;
  return isFinal({ status }) && isTaken && others.length === 0;
};

const withoutReady = (status: Json): Json => ({
  ...status,
  conditions: list(own(status, 'conditions')).filter((value) => own(recordOf(value), 'type') !== 'Ready'),
});

/** A history is only added to. */
const goesOn = (now: unknown, before: unknown): boolean => same(list(now).slice(0, list(before).length), list(before));

const statusFieldChanged = (field: string, now: unknown, before: unknown): boolean => {
  const part = PARTLY.get(field);
  if (part !== undefined) return !same(part(now), part(before));
  if (field === 'phaseTransitionTimestamps') return !goesOn(now, before);
  return !isAmong(AGENT_STATUS_FIELDS, field) && !same(now, before);
};

/** The paths that a write of an agent changes and that are not an agent's. The spec is reported by another rule. */
export const forbiddenToAgents = (vmi: unknown, old: unknown): string[] => {
  const [now, before] = [recordOf(vmi), recordOf(old)];
  const stored = [recordOf(own(now, 'status')), recordOf(own(before, 'status'))] as const;
  const [status, statusBefore] = takesReady(stored[0]) ? stored.map(withoutReady) : stored;
  return [
    ...metadataChanges(recordOf(own(now, 'metadata')), recordOf(own(before, 'metadata'))),
    ...keysOf(status, statusBefore)
      .filter((field) => statusFieldChanged(field, own(status, field), own(statusBefore, field)))
      .map((field) => `status.${field}`),
  ];
};
