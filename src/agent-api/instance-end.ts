/*
 * What an agent says of the end of a guest that ran, in `status.reason` of an instance that failed: the controller
 * tells the VM by it how its instance ended.
 */
export const ENDED_BY_FORCE = 'The VirtualMachineInstance was ended by force: the guest did not power off.';
/** The reason in its place where the kernel killed QEMU for want of memory; the words are in a condition then. */
export const OOM_KILLED = 'OOMKilled';

/** What is said of it. @param limit of the pod's memory, undefined where it has none */
export const oomMessage = (limit: string | undefined): string =>
  `the kernel killed the guest for its memory: ${
    limit === undefined
      ? 'the node had none left: give the VM requests.memory, so that it is placed where there is enough'
      : `the guest and QEMU needed more than the pod's limit of ${limit}: raise limits.memory, or give it no limit`
  }`;
export const CRASHED = 'The VirtualMachineInstance crashed.';

/** The reason where kubelet ended the pod's container because the guest did not answer its liveness probe. */
export const LIVENESS_FAILED = 'LivenessProbeFailed';
export const LIVENESS_MESSAGE =
  'kubelet ended the guest, which did not answer its liveness probe: the pod’s events say what was asked';
/**
 * Exit status of the launcher's entrypoint when a VM with such a probe is told to stop (128 + SIGTERM): by kubelet for
 * the probe, or with its pod (src/launcher/entrypoint.sh).
 */
export const TOLD_TO_STOP = 143;
