import { logsSerialConsole } from '../../api/vmi/serial-log.js';
import { isDeleting, isFinal, phaseOf } from '../../api/vmi/phase.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { LauncherContainer, LauncherPod } from '../../api/schema/virtualmachineinstance-status.js';
import {
  COMPUTE_CONTAINER,
  CONSOLE_LOG_CONTAINER,
  heldImages,
  launcherPodName,
  sharedDirectories,
} from '../../launcher/index.js';
import type { SlimPod } from '../cache-transforms.js';
import { isOwnedBy } from '../vm/instance.js';

/*
 * Which pod is a VMI's: the one whose uid this controller wrote into `status.launcherPod` when its own call had created
 * it. Labels, owner references, names and images are whatever a tenant writes.
 */

/** What of the VMI's pod is written when its create call has returned. */
export const identityOf = (pod: SlimPod): LauncherPod => ({
  name: pod.metadata?.name ?? '',
  uid: pod.metadata?.uid ?? '',
  specDigest: pod.specDigest,
});

/** The pod is the one that the status names. An agent may have written there: the name is ours to make, too. */
export const isLauncherPodOf = (vmi: VirtualMachineInstance, pod: SlimPod): boolean => {
  const known = vmi.status?.launcherPod;
  const { namespace, name, uid } = pod.metadata ?? {};
  return (
    known !== undefined &&
    uid !== undefined &&
    uid === known.uid &&
    name === launcherPodName(vmi) &&
    namespace === vmi.metadata?.namespace &&
    isOwnedBy(pod, vmi.metadata?.uid)
  );
};

/**
 * A pod that nobody has recorded, of a VMI that is on its way out or has ended: its create call had returned and its
 * writer was killed. All that is done to it is to delete it, which its owner reference asks for anyhow.
 */
export const isLeftoverOf = (vmi: VirtualMachineInstance, pod: SlimPod): boolean =>
  vmi.status?.launcherPod === undefined &&
  (isDeleting(vmi) || isFinal(vmi)) &&
  pod.metadata?.name === launcherPodName(vmi) &&
  pod.metadata.namespace === vmi.metadata?.namespace &&
  isOwnedBy(pod, vmi.metadata?.uid);

/** A VMI that an earlier version of this controller has brought this far, which recorded no pod. */
export const lacksIdentity = (vmi: VirtualMachineInstance): boolean =>
  vmi.status?.launcherPod === undefined &&
  !isDeleting(vmi) &&
  ['Scheduling', 'Scheduled', 'Running'].includes(phaseOf(vmi));

/** Why the pod is not the one that was created any more; undefined: it is. */
export const podChange = (vmi: VirtualMachineInstance, pod: SlimPod): string | undefined => {
  const name = pod.metadata?.name ?? '';
  if (pod.specDigest !== vmi.status?.launcherPod?.specDigest) {
    return `pod ${name} was changed after it had been created (an image, say): nobody may do that to a VM's pod`;
  }
  // Nothing in it is ever started again (restartPolicy Never), but for an image that is replaced.
  const again = pod.status?.containerStatuses?.find(
    (status) => (status.restartCount ?? 0) > 0 && containerNames(vmi).includes(status.name),
  );
  return again && `container ${again.name} of pod ${name} was started again, as one is whose image was replaced`;
};

/**
 * The containers that we asked for: compute, and one for each image and shared directory. What others inject is not
 * ours.
 */
const containerNames = (vmi: VirtualMachineInstance): string[] => [
  COMPUTE_CONTAINER,
  ...[...heldImages(vmi), ...sharedDirectories(vmi)].map(({ container }) => container),
  ...(logsSerialConsole(vmi.spec.domain.devices) ? [CONSOLE_LOG_CONTAINER] : []),
];

/** `containerd://`, `cri-o://`, `docker://` and the id, which all of them make of hexadecimal digits. */
const CONTAINER_ID = /^[a-z][a-z0-9-]{0,31}:\/\/([0-9a-f]{12,64})$/;

/**
 * Our containers by their ids; a text where one cannot be identified: a program that acts on a container has to know
 * it.
 */
export const launcherContainers = (vmi: VirtualMachineInstance, pod: SlimPod): LauncherContainer[] | string => {
  const found: LauncherContainer[] = [];
  for (const name of containerNames(vmi)) {
    const id = pod.status?.containerStatuses?.find((status) => status.name === name)?.containerID ?? '';
    const digits = CONTAINER_ID.exec(id)?.[1];
    if (digits === undefined) {
      const what =
        id === ''
          ? 'no id'
          : `the id ${JSON.stringify(id).slice(0, 100)}, which is not of the form containerd://<12 to 64 hexadecimal digits>`;
      return `container ${name} of pod ${pod.metadata?.name ?? ''} has ${what}`;
    }
    found.push({ name, id: digits });
  }
  return found;
};
