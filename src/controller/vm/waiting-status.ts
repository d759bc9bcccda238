/*
 * `status.printableStatus` of a VM whose instance waits for something that a user can name: the reason of the
 * instance's condition Synchronized, and the word. Ours but for the ones of the reference: it says "Starting", which
 * sends nobody to the condition that has the remedy.
 */

type Words = readonly { readonly reason: string; readonly word: string }[];

/** The scheduler says of these only that no node takes the pod. */
export const CLAIM_WORDS: Words = [
  { reason: 'ClaimNotBound', word: 'WaitingForVolumeBinding' },
  { reason: 'StorageClassNotFound', word: 'ErrorStorageClassNotFound' },
  { reason: 'ClaimLost', word: 'ErrorPvcLost' },
];

export const WAITING_WORDS: Words = [
  { reason: 'FailedPvcDeleted', word: 'ErrorPvcDeleted' },
  { reason: 'ClaimInUse', word: 'ErrorPvcInUse' },
  { reason: 'BlockVolumeDisabled', word: 'ErrorBlockVolumeDisabled' },
  { reason: 'SecretNotFound', word: 'ErrorSecretNotFound' },
  { reason: 'ConfigMapNotFound', word: 'ErrorConfigMapNotFound' },
  { reason: 'ServiceAccountNotFound', word: 'ErrorServiceAccountNotFound' },
  { reason: 'PriorityClassNotFound', word: 'ErrorPriorityClassNotFound' },
  { reason: 'RuntimeClassNotFound', word: 'ErrorRuntimeClassNotFound' },
  { reason: 'QuotaExceeded', word: 'ErrorQuotaExceeded' },
  { reason: 'LimitRangeExceeded', word: 'ErrorLimitRangeExceeded' },
  { reason: 'PodSecurityViolation', word: 'ErrorPodSecurity' },
  { reason: 'PodRefused', word: 'ErrorPodRefused' },
  { reason: 'FailedMount', word: 'ErrorFailedMount' },
  { reason: 'Synchronizing with the Domain failed.', word: 'ErrorSyncFailed' },
];
