import { isOurProgram } from './our-programs.js';
import type { AdmissionContext, AdmissionRequest } from './types.js';

const isBeingDeleted = (object: unknown): boolean =>
  (object as { metadata?: { deletionTimestamp?: unknown } } | null | undefined)?.metadata?.deletionTimestamp !==
  undefined;

/**
 * A write to an object that is being deleted: nothing is left to check, and its finalizers must be removable even if
 * today's schema or rules would refuse the object (it was admitted by an older version). A VMI's spec and labels are in
 * use until its guest is off, so those only our own programs may change.
 */
export const isRelease = (request: AdmissionRequest, { installNamespace }: AdmissionContext): boolean =>
  request.operation === 'UPDATE' &&
  isBeingDeleted(request.oldObject ?? request.object) &&
  (request.kind !== 'VirtualMachineInstance' || isOurProgram(request.user?.username, installNamespace));
