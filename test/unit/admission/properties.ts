import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { applyPatch } from 'rfc6902';
import type { JsonPatchOperation } from '../../../src/admission/json-patch.js';
import { mutate } from '../../../src/admission/mutate.js';
import type { AdmissionContext, AdmissionRequest } from '../../../src/admission/types.js';
import { validate } from '../../../src/admission/validate.js';
import { CAUSE_TYPES, MAX_MESSAGE, type Cause } from '../../../src/api/cause.js';
import { schemaOf, type CheckedKind } from '../../../src/api/schema-check/check-schema.js';
import { GROUP } from '../../../src/api/names.js';
import { isObjectMeta, type SchemaNode } from '../../../src/api/schema-check/schema-node.js';
import { decide } from '../../../src/webhook/admission/routes.js';
import type { AdmissionReview } from '../../../src/webhook/admission/answers.js';
import { decodeReview } from '../../../src/webhook/admission/review.js';
import { requestOf, type Plan } from './generators.js';

/* What holds of admission whatever it is asked. The unit tests and `npm run fuzz` (test/fuzz/main.ts) run the same. */

export const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
};

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

export const review = (
  { kind, operation, object, oldObject, user, namespace, subResource }: AdmissionRequest,
  uid: string,
) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid,
    kind: { group: GROUP, version: 'v1', kind },
    operation,
    object,
    oldObject: oldObject ?? null,
    userInfo: { ...user },
    ...(namespace === undefined ? {} : { namespace }),
    ...(subResource === undefined ? {} : { subResource }),
  },
});

/** Whether a cause's field is a place that the kind has: the true path of what is wrong, or of what is missing. */
const isPlace = (kind: CheckedKind, field: string, isUnknown: boolean): boolean => {
  let node = schemaOf(kind);
  const steps = [...field.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map(([name, key]) => key ?? name);
  for (const [i, step] of steps.entries()) {
    if (isObjectMeta(node) || node['x-kubernetes-preserve-unknown-fields']) return true;
    if (node.items !== undefined && !/^\d+$/.test(step)) return false;
    const known: SchemaNode | undefined = node.items ?? node.additionalProperties ?? node.properties?.[step];
    if (known === undefined) return isUnknown && i === steps.length - 1;
    node = known;
  }
  return true;
};

const checkRefusal = ({ kind, operation }: AdmissionRequest, { status }: AdmissionReview['response']): void => {
  assert.equal(status?.code, 422);
  const causes = status.details?.causes ?? [];
  assert.ok(causes.length > 0, 'refused without a cause');
  for (const { reason, message, field } of causes) {
    // An update may drop a field that only the stored object has, from before its schema forgot it.
    const isUnknown = operation === 'UPDATE' || message.includes('is not a known field');
    assert.ok(isPlace(kind, field, isUnknown), `${field} is no place of ${kind}`);
    assert.ok((CAUSE_TYPES as readonly string[]).includes(reason), reason);
    assert.ok(message.length > 0 && message.length <= MAX_MESSAGE, `${message.length} characters: ${message}`);
  }
  const said = causes.map(({ field, message }) => `${field}: ${message}`);
  assert.equal(new Set(said).size, said.length, `a cause is said twice: ${said.join('; ')}`);
};

/** An answer has the request's uid, and is complete. */
const answer = (
  phase: 'mutate' | 'validate',
  request: AdmissionRequest,
  context: AdmissionContext,
): AdmissionReview['response'] => {
  const uid = `uid-of-${phase}`;
  const { response, ...rest } = decide(phase, decodeReview(review(request, uid)), context);
  assert.deepEqual(rest, { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
  assert.equal(response.uid, uid);
  assert.ok(isDeepStrictEqual(json(response), response), 'the answer is not JSON');
  if (!response.allowed) checkRefusal(request, response);
  return response;
};

const patchOf = ({ patch }: AdmissionReview['response']): JsonPatchOperation[] =>
  patch === undefined ? [] : (JSON.parse(Buffer.from(patch, 'base64').toString()) as JsonPatchOperation[]);

/** Applied by two libraries that are not ours. */
const applied = (object: unknown, patch: readonly JsonPatchOperation[]): unknown => {
  const one = fastJsonPatch.applyPatch(json(object), json(patch) as Operation[], true).newDocument;
  const other = json(object);
  const errors = applyPatch(other, json(patch) as Parameters<typeof applyPatch>[1]);
  assert.deepEqual(errors.filter(Boolean), []);
  assert.ok(isDeepStrictEqual(one, other), 'two libraries disagree about the patch');
  return one;
};

/** Rules that say nothing before the defaults, because only these say what is meant. */
const NEED_DEFAULTS: Readonly<Record<string, string>> = {
  'hv.dep': 'who names a feature means it to be on',
  'disk.iothread-bus': 'a CD-ROM and a lun have no bus yet',
  'cpu.max-sockets': 'there are as many sockets as CPUs are asked for',
  'ann.cpu-setting-numa': 'there are no vCPUs yet to be in a cell',
};

/** A VM that names no architecture is judged by the cluster's, which only the defaults bring. */
const namesArchitecture = ({ object }: AdmissionRequest): boolean => {
  const { spec } = object as { spec: { architecture?: string; template?: { spec?: { architecture?: string } } } };
  return Boolean(spec.architecture ?? spec.template?.spec?.architecture);
};

/** What is valid as it is written stays valid with its defaults. */
const checkStaysValid = (request: AdmissionRequest, defaulted: AdmissionRequest, context: AdmissionContext): void => {
  // An update brings the stored status, which here is whatever a plan makes of it.
  if (request.operation !== 'CREATE' || !namesArchitecture(request)) return;
  if (validate(request, context).causes.length > 0) return;
  const refused = validate(defaulted, context).causes.filter(({ rule }) => !Object.hasOwn(NEED_DEFAULTS, rule ?? ''));
  assert.deepEqual(refused, [], 'a valid object is refused after its defaults');
};

/** One edit, and still several causes on one place, each another thing to put right. */
const SEVERAL: Readonly<Record<string, string>> = {
  'ann.cpu-setting-numa': 'cells of a text, each with its place in it',
  'cpu.numa-dedicated': 'NUMA needs dedicated CPUs',
  'cpu.numa-hugepages': '… and huge pages',
  'disk.serial-chars': 'a serial number of wrong characters',
  'disk.serial-length': '… that is too long as well',
  'dra.claims-listed': 'claims that several devices use, missing in one list',
  'meta.label-form': 'a key that cannot be, with a value that cannot be',
  'tpl.labels': '… in a template',
};

/** The valid manifest with one thing changed; an update differs from what is stored in many. */
const isOneEdit = ({ how, options, edits }: Plan, { operation }: AdmissionRequest): boolean =>
  how === 'nearly' && options.length === 0 && edits.length === 1 && operation === 'CREATE';

/** One mistake has one cause; at least, no place has two. */
const checkOneCause = (causes: readonly Cause[]): void => {
  const single = causes.filter(({ rule = '' }) => !Object.hasOwn(SEVERAL, rule));
  const twice = single.filter(({ field }, i) => single.findIndex((other) => other.field === field) !== i);
  const all = causes.filter(({ field }) => twice.some((other) => other.field === field));
  assert.deepEqual(all, [], 'one mistake has several causes');
};

/** What came of a case: for the ratios. */
export interface Outcome {
  readonly admitted: boolean;
}

/** Checks everything about one case. @throws AssertionError, or whatever admission throws */
export const check = (plan: Plan, old: Plan): Outcome => {
  const { request, context } = requestOf(plan, old);
  // Whoever changes what he was given throws.
  deepFreeze(request);
  const answered = answer('mutate', request, context);
  answer('validate', request, context);
  if (isOneEdit(plan, request)) checkOneCause(validate(request, context).causes);
  if (!answered.allowed) return { admitted: false };

  const mutation = deepFreeze(mutate(request, context));
  const patch = patchOf(answered);
  assert.ok(isDeepStrictEqual(patch, json(mutation.patch)), 'the answer has another patch');
  const defaulted = deepFreeze(applied(request.object, patch));
  assert.ok(isDeepStrictEqual(defaulted, json(mutation.object)), 'the patch makes another object');

  const next = { ...request, object: defaulted };
  assert.deepEqual(mutate(next, context).patch, [], 'defaulting twice changes something');
  const { allowed } = answer('validate', next, context);
  if (!allowed && isOneEdit(plan, request)) checkOneCause(validate(next, context).causes);
  if (!allowed) checkStaysValid(request, next, context);
  return { admitted: allowed };
};
