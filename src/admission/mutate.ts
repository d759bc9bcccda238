import { shortened, type Cause } from '../api/cause.js';
import type { VirtualMachine, VirtualMachineInstance } from '../api/schema/kinds.js';
import { defaultInstance, protectStatus } from '../mutators/instance.js';
import { keepIdentity } from '../mutators/kept-identity.js';
import type { MutationContext } from '../mutators/mutation.js';
import { defaultVirtualMachine, virtualMachineInference } from '../mutators/virtual-machine.js';
import type { InstancetypeSource } from '../instancetypes/source.js';
import { inferMatchers } from '../instancetypes/infer.js';
import { shippedSource } from '../instancetypes/shipped/index.js';
import { makePatch } from './json-patch.js';
import { withNullsOf } from '../api/schema-check/without-nulls.js';
import { isOurProgram } from './our-programs.js';
import { isRelease } from './deletion.js';
import { keepRecord, recordRequester } from './requester.js';
import { checkShape } from './schema.js';
import { judge } from './stored-before.js';
import type { AdmissionContext, AdmissionRequest, MutationOutcome } from './types.js';
import { warningsBeforeDefaults } from './warnings/index.js';

const EPOCH = '1970-01-01T00:00:00Z';

/** The mutators' context, and what they refused. */
export const mutationContext = ({
  config,
  newUuid,
  now,
}: AdmissionContext): { context: MutationContext; refused: Cause[] } => {
  const refused: Cause[] = [];
  return { refused, context: { config, newUuid, now: now ?? (() => EPOCH), refuse: (cause) => refused.push(cause) } };
};

const mutateInstance = (request: AdmissionRequest, admission: AdmissionContext, context: MutationContext): unknown => {
  const vmi = request.object as VirtualMachineInstance;
  if (request.operation === 'CREATE') return defaultInstance(vmi, context);
  const byOurPrograms = isOurProgram(request.user?.username, admission.installNamespace);
  // No API server sends an update without the old object; another client that does must not crash this program.
  const old = request.oldObject as VirtualMachineInstance | null | undefined;
  return protectStatus(vmi, old ?? undefined, byOurPrograms);
};

/** A VM whose volumes say what it is for. */
const withInferred = (
  { object, namespace }: AdmissionRequest,
  source: InstancetypeSource | undefined,
  { refuse }: MutationContext,
): VirtualMachine => {
  const vm = object as VirtualMachine;
  if (!vm.spec.instancetype?.inferFromVolume && !vm.spec.preference?.inferFromVolume) return vm;
  const where = namespace || (vm.metadata?.namespace ?? '');
  const { vm: inferred, problems } = inferMatchers(vm, where, source ?? shippedSource);
  for (const { field, message } of problems)
    refuse({ type: 'FieldValueNotFound', field, message: shortened(message), rule: virtualMachineInference.id });
  return inferred;
};

/** The object with its defaults; the request's object must have the shape of its kind. */
export const defaulted = (
  request: AdmissionRequest,
  admission: AdmissionContext,
  context: MutationContext,
): unknown => {
  if (request.kind === 'VirtualMachineInstance') return mutateInstance(request, admission, context);
  if (request.kind === 'VirtualMachine') {
    const vm = withInferred(request, admission.instancetypes, context);
    return request.operation === 'CREATE' ? defaultVirtualMachine(vm, context) : keepIdentity(vm, request.oldObject);
  }
  // Templates and configuration are stored as submitted.
  return request.object;
};

/**
 * What of an object without the shape of its kind is sure: it is stored as it came, unless it was stored so. Then it is
 * not defaulted, and what only our programs write stays.
 */
const unreadable = (
  request: AdmissionRequest,
  { recordRequester: record, installNamespace }: AdmissionContext,
  found: readonly Cause[],
): MutationOutcome => {
  const { kind, object, oldObject, user } = request;
  const { refused } = judge(found, request, false, () => checkShape(kind, oldObject).causes);
  if (refused.length > 0) return { object, patch: [], causes: refused, suspicions: [], warnings: [] };
  const kept =
    kind === 'VirtualMachineInstance'
      ? protectStatus(
          object as VirtualMachineInstance,
          oldObject as VirtualMachineInstance,
          isOurProgram(user?.username, installNamespace),
        )
      : record === undefined
        ? object
        : keepRecord(request);
  return { object: kept, patch: makePatch(object, kept), causes: [], suspicions: [], warnings: [] };
};

/**
 * The first half of admission: defaults, in the order of docs/reference/admission.md §4.2. Pure; the submitted object
 * is not changed. An object of a wrong shape is not defaulted: its causes say why.
 */
export const mutate = (submitted: AdmissionRequest, admission: AdmissionContext): MutationOutcome => {
  // What comes through /status changes nothing that has defaults.
  const nothing = { object: submitted.object, patch: [], suspicions: [], warnings: [] };
  if (submitted.subResource !== undefined || isRelease(submitted, admission)) return { ...nothing, causes: [] };
  const { causes, shaped, object: given } = checkShape(submitted.kind, submitted.object);
  if (!shaped) return unreadable(submitted, admission, causes);
  const request = given === submitted.object ? submitted : { ...submitted, object: given };
  const { context, refused } = mutationContext(admission);
  const recorded = recordRequester(request, admission, context.refuse);
  const complete = defaulted(
    recorded === request.object ? request : { ...request, object: recorded },
    admission,
    context,
  );
  // Where a field stands beside the empty object that it was meant for, that one says so; refused it is in any case.
  const isRefused = submitted.operation === 'CREATE' && causes.length > 0 && request !== submitted;
  const object = isRefused ? withNullsOf(submitted.object, complete) : complete;
  if (refused.length > 0) return { ...nothing, causes: refused };
  // The second half reads what the schema has objections to.
  const warnings = causes.length === 0 ? warningsBeforeDefaults(request, admission) : [];
  return { object, patch: makePatch(submitted.object, object), causes: [], suspicions: causes, warnings };
};
