import { findCondition } from '../../api/vmi/condition.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';

/**
 * `status.printableStatus` of a VM whose instance waits for something that a user can name: the reason of the
 * instance's condition Synchronized, and the word for it. The first four are the reference's; where the message of that
 * condition has the remedy, "Starting" would send nobody to it.
 */
const WAITING: Readonly<Record<string, string>> = {
  FailedPvcNotFound: 'ErrorPvcNotFound',
  ErrImagePull: 'ErrImagePull',
  ImagePullBackOff: 'ImagePullBackOff',
  ClaimNotBound: 'WaitingForVolumeBinding',
  FailedPvcDeleted: 'ErrorPvcDeleted',
  ClaimInUse: 'ErrorPvcInUse',
  ClaimLost: 'ErrorPvcLost',
  BlockVolumeDisabled: 'ErrorBlockVolumeDisabled',
  StorageClassNotFound: 'ErrorStorageClassNotFound',
  SecretNotFound: 'ErrorSecretNotFound',
  ConfigMapNotFound: 'ErrorConfigMapNotFound',
  ServiceAccountNotFound: 'ErrorServiceAccountNotFound',
  PriorityClassNotFound: 'ErrorPriorityClassNotFound',
  RuntimeClassNotFound: 'ErrorRuntimeClassNotFound',
  QuotaExceeded: 'ErrorQuotaExceeded',
  LimitRangeExceeded: 'ErrorLimitRangeExceeded',
  PodSecurityViolation: 'ErrorPodSecurity',
  PodRefused: 'ErrorPodRefused',
  FailedMount: 'ErrorFailedMount',
  'Synchronizing with the Domain failed.': 'ErrorSyncFailed',
};

/** The word; undefined where it waits for nothing that is named. */
export const waitingStatus = (vmi: VirtualMachineInstance): string | undefined => {
  const told = findCondition(vmi.status?.conditions, 'Synchronized');
  const reason = told?.status === 'False' ? (told.reason ?? '') : '';
  return Object.hasOwn(WAITING, reason) ? WAITING[reason] : undefined;
};
