import type { Cause } from '../api/cause.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { specDifference } from '../validators/updates/instance-update.js';
import { findNotActedOn, withoutWhatIsRemoved } from '../validators/not-acted-on.js';
import { runRules } from '../validators/rule/run-rules.js';
import type { InstanceUpdateSubject, Request } from '../validators/rule/subject.js';
import { INSTANCE_RULES, INSTANCE_HOTPLUG_RULES, INSTANCE_UPDATE_RULES } from '../validators/rules.js';
import { START_ANYWAY } from '../validators/start-anyway.js';
import { instanceSubject } from './rule-request.js';
import { checkShape } from './schema.js';
import type { AdmissionContext, AdmissionRequest } from './types.js';

const INSTANCE = { path: 'spec', metadataPath: 'metadata' } as const;

/** An object, whatever it holds. */
const asInstance = (value: unknown): VirtualMachineInstance =>
  (typeof value === 'object' && value !== null ? value : {}) as VirtualMachineInstance;

const updateSubject = ({ object, oldObject }: AdmissionRequest, request: Request): InstanceUpdateSubject => {
  const [vmi, old] = [asInstance(object), asInstance(oldObject)];
  const changed = specDifference(vmi, old);
  return { vmi, old, changed, ...request };
};

/** Fields that nothing acts on and that the stored object has not: only what is new is the writer's. */
const newlyNotActedOn = ({ vmi, old }: InstanceUpdateSubject): Cause[] => {
  const stored = new Set(findNotActedOn('VirtualMachineInstance', old).map(({ field }) => field));
  return findNotActedOn('VirtualMachineInstance', vmi).filter(({ field }) => !stored.has(field));
};

/** Who may write what; also of a VMI that is being deleted, and of one of any shape. */
export const updateCauses = (admitted: AdmissionRequest, request: Request): readonly Cause[] =>
  // No API server sends an update without the old object; another client that does must not crash this program.
  admitted.oldObject == null ? [] : runRules(INSTANCE_UPDATE_RULES, updateSubject(admitted, request));

const validateUpdate = (
  admitted: AdmissionRequest,
  request: Request,
  admission: AdmissionContext,
): readonly Cause[] => {
  if (admitted.oldObject == null) return [];
  const subject = updateSubject(admitted, request);
  const who = runRules(INSTANCE_UPDATE_RULES, subject);
  // Nothing but hotplug by our own programs gets further.
  if (subject.changed === undefined || who.length > 0) return who;
  const notActedOn = admission.allowNotActedOn ? [] : newlyNotActedOn(subject);
  if (!checkShape('VirtualMachineInstance', admitted.oldObject).shaped) return notActedOn;
  return [...notActedOn, ...withoutWhatIsRemoved(runRules(INSTANCE_HOTPLUG_RULES, subject), notActedOn)];
};

/** A VMI that is created or changed. */
export const validateInstance = (
  admitted: AdmissionRequest,
  request: Request,
  admission: AdmissionContext,
): readonly Cause[] => {
  if (admitted.operation === 'UPDATE') return validateUpdate(admitted, request, admission);
  const { metadata = {}, spec } = admitted.object as VirtualMachineInstance;
  const causes = runRules(INSTANCE_RULES, instanceSubject(request, INSTANCE, metadata, spec));
  // What virt-controller makes is in a template that was admitted, or stored before today's rules.
  const isFromTemplate = request.byOurPrograms && request.agent === undefined;
  return isFromTemplate ? causes.filter(({ rule = '' }) => !START_ANYWAY.has(rule)) : causes;
};
