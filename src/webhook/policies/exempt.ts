import { recordOf } from '../../api/record.js';
import { isOurProgram } from '../../admission/our-programs.js';
import type { AdmissionRequest } from '../../admission/types.js';
import { differenceAt } from '../../api/schema-check/semantic-difference.js';
import { POLICY_KINDS } from '../../api/schema/policies.js';
import type { PolicyKind } from '../../policies/environments.js';
import { isBeingDeleted, isExemptNamespace } from '../../policies/exempt.js';

/*
 * Writes that policies have no say in: so none stops the cluster, the product, or its own repair.
 */

/** Of a VM whether it runs may change: that its template is checked again is nobody's wish at a start or a stop. */
const KEPT: Readonly<Record<PolicyKind, readonly string[]>> = {
  VirtualMachine: ['spec.template', 'spec.dataVolumeTemplates'],
  VirtualMachineInstance: ['spec'],
  VirtualMachineInstanceReplicaSet: ['spec.template'],
};

const at = (object: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, step) => recordOf(value)[step], object);

const keeps = (kind: PolicyKind, { object, oldObject }: AdmissionRequest): boolean =>
  KEPT[kind].every((path) => differenceAt(kind, path, at(object, path), at(oldObject, path)) === undefined);

export const policyKindOf = ({ kind }: Pick<AdmissionRequest, 'kind'>): PolicyKind | undefined =>
  POLICY_KINDS.find((known) => known === kind);

/** Whether no policy is asked. */
export const isExempt = (kind: PolicyKind, request: AdmissionRequest, installNamespace: string): boolean => {
  const { namespace, operation, oldObject, subResource, user } = request;
  // What comes through /status changes nothing that policies are about.
  if (subResource !== undefined || isExemptNamespace(namespace, installNamespace)) return true;
  if (operation !== 'UPDATE') return false;
  if (isBeingDeleted(oldObject)) return true;
  return isOurProgram(user?.username, installNamespace) && keeps(kind, request);
};
