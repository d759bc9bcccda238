import type { Cause } from '../api/cause.js';
import type { VirtualMachine } from '../api/schema/kinds.js';
import { differenceAt } from '../api/schema-check/semantic-difference.js';
import { runRules } from '../validators/rule/run-rules.js';
import type { MachineSubject, Request } from '../validators/rule/subject.js';
import { MACHINE_STATE_RULES, VIRTUAL_MACHINE_RULES, VOLUME_REQUEST_RULES } from '../validators/rules.js';
import { expansionOf, type Expansion } from './expansion.js';
import { checkTemplate, defaultTemplate, type DefaultedTemplate } from './template.js';
import type { AdmissionContext, AdmissionRequest } from './types.js';

const subjectOf = (
  admitted: AdmissionRequest,
  template: DefaultedTemplate | undefined,
  request: Request,
  admission: AdmissionContext,
  expansion: Expansion | undefined,
): MachineSubject => {
  const vm = admitted.object as VirtualMachine;
  const { metadata } = vm.spec.template;
  return {
    vm,
    indexes: new Map(),
    old: admitted.oldObject ?? undefined,
    namespace: admitted.namespace,
    defaulted: template?.spec,
    instancetypes: expansion?.findings,
    templateCauses: (spec) => checkTemplate(defaultTemplate({ metadata, spec }, admission), request),
    ...request,
  };
};

const same = (place: string, pick: (vm: MachineSubject['old']) => unknown, { vm, old }: MachineSubject): boolean =>
  old !== undefined && differenceAt('VirtualMachine', place, pick(vm), pick(old)) === undefined;

/** What the VM is to be is as it was; whether it runs may change. */
const keepsTemplate = (subject: MachineSubject): boolean =>
  same('spec.template', (vm) => vm?.spec?.template, subject) &&
  same('spec.dataVolumeTemplates', (vm) => vm?.spec?.dataVolumeTemplates, subject);

/**
 * Our programs start and stop VMs, and put their finalizer on them. What they do not change they need not correct: a
 * VM that was admitted before today's rules, or before a feature gate was switched off, can still be stopped.
 */
export const isOnlyStartedOrStopped = (admitted: AdmissionRequest, request: Request): boolean => {
  if (!request.byOurPrograms || admitted.operation !== 'UPDATE' || admitted.kind !== 'VirtualMachine') return false;
  const [vm, old] = [admitted.object as VirtualMachine, admitted.oldObject ?? undefined];
  return keepsTemplate({ vm, indexes: new Map(), old, templateCauses: () => [], ...request });
};

/** Requests that our own programs find stored do not keep them from writing the rest of the status. */
const requestCauses = (subject: MachineSubject): Cause[] => {
  const stored = same('status.volumeRequests', (vm) => vm?.status?.volumeRequests, subject);
  if (subject.byOurPrograms && stored && keepsTemplate(subject)) return [];
  return runRules(VOLUME_REQUEST_RULES, subject);
};

/** A VM that is created or changed. */
export const validateMachine = (
  admitted: AdmissionRequest,
  template: DefaultedTemplate | undefined,
  request: Request,
  admission: AdmissionContext,
): readonly Cause[] => {
  const expansion = expansionOf(admitted.object as VirtualMachine, admitted.namespace, admission);
  const subject = subjectOf(admitted, template, request, admission, expansion);
  const state = [...runRules(MACHINE_STATE_RULES, subject), ...requestCauses(subject)];
  if (isOnlyStartedOrStopped(admitted, request)) return state;
  return [...checkTemplate(template, request), ...runRules(VIRTUAL_MACHINE_RULES, subject), ...state];
};

/** The status of a VM that is written through its sub-resource. */
export const validateMachineStatus = (
  admitted: AdmissionRequest,
  request: Request,
  admission: AdmissionContext,
): readonly Cause[] => {
  const subject = subjectOf(admitted, undefined, request, admission, undefined);
  return [...requestCauses(subject), ...runRules(MACHINE_STATE_RULES, subject)];
};
