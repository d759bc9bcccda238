import type { Cause } from '../api/cause.js';
import { findStatusNotActedOn, withoutWhatIsRemoved } from '../validators/not-acted-on.js';
import { ruleRequest } from './rule-request.js';
import { checkShape } from './schema.js';
import type { AdmissionContext, AdmissionRequest } from './types.js';
import { validateMachineStatus } from './validate-machine.js';

/**
 * A write through /status: what is wrong with the spec was stored so and is not this writer's. A request in the status
 * that nothing would act on is refused, unless it is stored already.
 */
export const statusCauses = (admitted: AdmissionRequest, admission: AdmissionContext): readonly Cause[] => {
  const { kind, oldObject } = admitted;
  // Without what is null, which is absent.
  const { causes, shaped, object } = checkShape(kind, admitted.object);
  const ofStatus = causes.filter(({ field }) => field === 'status' || field.startsWith('status.'));
  if (!shaped || kind !== 'VirtualMachine') return ofStatus;
  const notActedOn = admission.allowNotActedOn ? [] : findStatusNotActedOn(object, oldObject);
  const fromRules = validateMachineStatus({ ...admitted, object }, ruleRequest(admitted, admission), admission);
  return [...ofStatus, ...notActedOn, ...withoutWhatIsRemoved(fromRules, notActedOn)];
};
