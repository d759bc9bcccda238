import { isWithin, TOO_MANY_CAUSES, type Cause } from '../api/cause.js';
import { differenceAt } from '../api/schema-check/semantic-difference.js';
import { StoredPlaces } from '../api/schema-check/stored-place.js';
import { INSTANCE_HOTPLUG_RULES, INSTANCE_UPDATE_RULES, MACHINE_STATE_RULES } from '../validators/rules.js';
import type { AdmissionRequest } from './types.js';
import type { AdmissionWarning } from './warnings/warning.js';
import { isRecord } from '../api/record.js';

/*
 * What is wrong with an object and was stored so, under older rules or while no webhook ran, does not keep a write from
 * it that leaves it as it is: labels, finalizers, a start and a stop. Such a cause becomes a warning, as in the
 * validation of Kubernetes' own custom resources. What is newly wrong, or was changed and is still wrong, is refused.
 */

/** Causes of an update by whether they are the writer's. */
export interface Judged {
  readonly refused: readonly Cause[];
  readonly storedBefore: readonly Cause[];
}

/** On who may write what, and what may change now: about the write, not about what is written. */
const ABOUT_THE_WRITE: ReadonlySet<string> = new Set(
  [...INSTANCE_UPDATE_RULES, ...INSTANCE_HOTPLUG_RULES, ...MACHINE_STATE_RULES].map(({ id }) => id),
);

const specOf = (object: unknown): unknown => (isRecord(object) ? object['spec'] : undefined);

/** Whether a VM runs says nothing about what it is. */
const withoutRunState = (spec: unknown): unknown =>
  isRecord(spec) ? { ...spec, running: undefined, runStrategy: undefined } : spec;

const keepsSpec = ({ kind, object, oldObject }: AdmissionRequest): boolean =>
  differenceAt(kind, 'spec', specOf(object), specOf(oldObject)) === undefined;

const keepsAllButRunState = ({ kind, object, oldObject }: AdmissionRequest): boolean => {
  const [now, before] = [specOf(object), specOf(oldObject)];
  const [left, right] = kind === 'VirtualMachine' ? [withoutRunState(now), withoutRunState(before)] : [now, before];
  return differenceAt(kind, 'spec', left, right) === undefined;
};

/** List entries may have moved, and messages name their places. */
const keyOf = ({ rule = '', message }: Cause, path: string): string =>
  `${rule} ${path} ${message.replaceAll(/\[\d+\]/g, '[]')}`;

const isAboutTheWrite = ({ rule = '' }: Cause): boolean => ABOUT_THE_WRITE.has(rule);

/** Each cause by itself: the stored object has the same one, at a place that holds the same. */
const judgeEach = (causes: readonly Cause[], request: AdmissionRequest, stored: readonly Cause[]): Judged => {
  const places = new StoredPlaces(request.kind, request.object, request.oldObject);
  const known = new Set(stored.filter((cause) => !isAboutTheWrite(cause)).map((cause) => keyOf(cause, cause.field)));
  const isStored = (cause: Cause): boolean => {
    if (cause.rule === TOO_MANY_CAUSES.rule) return stored.includes(TOO_MANY_CAUSES) && keepsAllButRunState(request);
    const path = places.storedPath(cause.field);
    if (path === undefined || !known.has(keyOf(cause, path)) || !places.isUnchanged(cause.field)) return false;
    return cause.because === undefined || places.isUnchanged(cause.because);
  };
  const storedBefore = causes.filter(isStored);
  return { storedBefore, refused: causes.filter((cause) => !storedBefore.includes(cause)) };
};

/**
 * Tells the causes of an update from those that were stored.
 * @param isReadable false: of what has a wrong shape the rules know nothing, so nothing but metadata and the run state
 * may have changed
 * @param causesOfStored what is wrong with the stored object; asked only where that may decide
 */
export const judge = (
  causes: readonly Cause[],
  request: AdmissionRequest,
  isReadable: boolean,
  causesOfStored: () => readonly Cause[],
): Judged => {
  const all: Judged = { refused: causes, storedBefore: [] };
  if (causes.length === 0 || request.operation !== 'UPDATE' || !isRecord(request.oldObject)) return all;
  if (!isReadable && !keepsAllButRunState(request)) return all;
  // The spec is what it was: so is all that is wrong with it.
  const isOfSpec = (cause: Cause): boolean =>
    (isWithin(cause.field, 'spec') || cause.rule === TOO_MANY_CAUSES.rule) && !isAboutTheWrite(cause);
  const ofSpec = keepsSpec(request) ? causes.filter(isOfSpec) : [];
  const others = causes.filter((cause) => !ofSpec.includes(cause));
  const { refused, storedBefore } =
    others.length === 0 ? { refused: [], storedBefore: [] } : judgeEach(others, request, causesOfStored());
  return { refused, storedBefore: [...ofSpec, ...storedBefore] };
};

/** As many as anybody reads; the API server passes on 4 KiB. */
const MAX_WARNINGS = 15;

/** What is said of them to the writer. */
export const storedWarnings = (causes: readonly Cause[]): AdmissionWarning[] => {
  const named = causes.filter(({ field }) => field !== '');
  const warnings = named.slice(0, MAX_WARNINGS).map(({ field, message, rule = 'schema' }) => ({
    id: rule,
    field,
    message: `was stored so and stays; it will be refused when it is changed: ${message.replace(`${field} `, '')}`,
  }));
  const more = named.length - warnings.length;
  return more === 0
    ? warnings
    : [...warnings, { id: 'stored', field: 'spec', message: `${more} more mistakes were stored so and stay` }];
};
