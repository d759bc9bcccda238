import { foreignSources, isAmong, storedForeignSources } from '../api/access/foreign-source.js';
import { Annotation } from '../api/names.js';
import { TAKE_OVER } from '../api/access/requester.js';
import type { Cause } from '../api/cause.js';
import type { VirtualMachine } from '../api/schema/kinds.js';
import { isOurProgram } from './our-programs.js';
import type { AdmissionContext, AdmissionRequest } from './types.js';

const recordIn = (vm: VirtualMachine | null | undefined): string | undefined =>
  vm?.metadata?.annotations?.[Annotation.requestedBy];

/** The VM with this record, or without one. The same object where that is no change. */
const withRecord = (vm: VirtualMachine, record: string | undefined): VirtualMachine => {
  if (recordIn(vm) === record) return vm;
  const others = Object.entries(vm.metadata?.annotations ?? {}).filter(([key]) => key !== Annotation.requestedBy);
  const kept = Object.fromEntries(record === undefined ? others : [...others, [Annotation.requestedBy, record]]);
  return { ...vm, metadata: { ...vm.metadata, annotations: kept } };
};

/** The record as it is stored: for an object that nothing else can be read of. */
export const keepRecord = (request: AdmissionRequest): unknown =>
  request.kind === 'VirtualMachine'
    ? withRecord(request.object as VirtualMachine, recordIn(request.oldObject as VirtualMachine))
    : request.object;

const unrecorded = (field: string): Cause => ({
  type: 'FieldValueForbidden',
  field,
  message:
    'is made on your word, which could not be written down: virt-webhook has no key yet, or you are in too many groups (64 KiB); try again, or make the DataVolume yourself',
  rule: 'access.requester',
});

/**
 * The VM with a record of who answers for what its templates copy from other namespaces. Whatever a user writes in its
 * place is replaced: the record that was there stays as long as no source is added or changed, and a source that was
 * stored without a record gets none by an update of something else: who changes a label does not answer for it. `renew`
 * makes the writer answer.
 */
export const recordRequester = (
  request: AdmissionRequest,
  { recordRequester: record, installNamespace }: AdmissionContext,
  refuse: (cause: Cause) => void,
): unknown => {
  if (record === undefined || request.kind !== 'VirtualMachine') return request.object;
  const vm = request.object as VirtualMachine;
  const templates = vm.spec.dataVolumeTemplates;
  const before = request.oldObject as VirtualMachine | null | undefined;
  const { user, namespace = '' } = request;
  if (!templates?.length || user === undefined) return withRecord(vm, undefined);
  if (isOurProgram(user.username, installNamespace)) return withRecord(vm, recordIn(before));
  const sources = foreignSources(templates, namespace);
  const [first] = sources;
  if (first === undefined) return withRecord(vm, undefined);
  const isUnchanged = request.operation === 'UPDATE' && isAmong(sources, storedForeignSources(before, namespace));
  if (isUnchanged && recordIn(vm) !== TAKE_OVER) return withRecord(vm, recordIn(before));
  const { name = '', generateName = '' } = vm.metadata ?? {};
  // The stored one's: an update need not contain it.
  const uid = before?.metadata?.uid;
  const bound = request.operation === 'UPDATE' && uid !== undefined ? { uid } : {};
  const made = record({ namespace, name, generateName, user, sources, ...bound });
  if (made === undefined) refuse(unrecorded(first.field));
  return made === undefined ? vm : withRecord(vm, made);
};
