import { timestamp } from '../../api/timestamp.js';
import { findCondition, withCondition } from '../../api/vmi/condition.js';
import { isDeleting, isFinal, isHandedOver } from '../../api/vmi/phase.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Pod } from '../../kube/types.js';
import { type LauncherPod, podDifference } from '../../launcher/index.js';
import { setConditions } from './conditions.js';
import { identityOf, launcherContainers } from './launcher-identity.js';
import { type SlimPod, slimPod } from '../cache-transforms.js';
import type { VmiPlan } from './plan.js';
import { isOwnedBy } from '../vm/instance.js';

/*
 * Pods of a VMI's name that nobody has recorded: who made them cannot be seen, so what they are has to be what we would
 * have made, in everything that matters.
 */

/** Why the pod of the name cannot be taken for the VMI's; undefined: it can. */
export const notOurs = (
  vmi: VirtualMachineInstance,
  pod: Pod,
  built: LauncherPod,
  earlierImages?: readonly string[],
): string | undefined => {
  if (!isOwnedBy(pod, vmi.metadata?.uid)) return 'it does not belong to this VirtualMachineInstance';
  // Nothing of it will run any more: its end is waited for, and a new one is created.
  if (isDeleting(pod)) return undefined;
  return podDifference(built, pod, earlierImages === undefined ? {} : { earlierImages });
};

export const nameTaken = ({ metadata }: Pod, why: string): string => {
  const { name = '', namespace = '' } = metadata ?? {};
  return `pod ${name} exists and virt-controller did not make it: ${why}. Find out who did, then: kubectl delete pod -n ${namespace} ${name}`;
};

export type Recognized =
  /** The VMI has no pod. */
  | { readonly do: 'none' }
  /** It is this one, and the VMI says so from now on. */
  | { readonly do: 'take'; readonly pod: SlimPod; readonly vmi: VirtualMachineInstance }
  /** It cannot be determined whether it is. */
  | { readonly do: 'tell'; readonly message: string };

/**
 * The pod of a VMI that an earlier version has brought to Scheduling or further without recording the pod's uid. Where
 * it has been handed to a node, that version wrote the uid into `activePods`, which is not enough: it believed labels.
 * Pure.
 */
export const recognize = (
  vmi: VirtualMachineInstance,
  found: Pod | undefined,
  built: LauncherPod,
  earlierImages: readonly string[] = [],
): Recognized => {
  const uid = found?.metadata?.uid ?? '';
  const handedOver = isHandedOver(vmi);
  if (found === undefined || (handedOver && !Object.hasOwn(vmi.status?.activePods ?? {}, uid))) return { do: 'none' };
  const pod = slimPod(found);
  const taken = (more: object): Recognized => ({
    do: 'take',
    pod,
    vmi: { ...vmi, status: { ...vmi.status, launcherPod: { ...identityOf(pod), ...more } } },
  });
  const foreign = notOurs(vmi, found, built, earlierImages);
  if (foreign !== undefined) return { do: 'tell', message: notRecognized(found, foreign) };
  if (!handedOver || isFinal(pod) || isDeleting(pod)) return taken({});
  const containers = launcherContainers(vmi, pod);
  return typeof containers === 'string'
    ? { do: 'tell', message: notRecognized(found, containers) }
    : taken({ containers });
};

const notRecognized = ({ metadata }: Pod, why: string): string =>
  `pod ${metadata?.name ?? ''} was made by an earlier version and is not recognized: ${why}. Nothing is done to it; restart the VM to give it a new one`;

const REASON = 'PodNotRecognized';

/** Reports it, once. */
export const reportNotRecognized = (vmi: VirtualMachineInstance, message: string, now: number): VmiPlan => {
  const conditions = vmi.status?.conditions;
  const reported = findCondition(conditions, 'Synchronized')?.message === message;
  const content = { type: 'Synchronized', status: 'False', reason: REASON, message } as const;
  return {
    createPod: false,
    deletePods: [],
    assumesNoPod: false,
    after: setConditions(vmi, withCondition(conditions, content, timestamp(now))),
    events: reported ? [] : [{ type: 'Warning', reason: REASON, message }],
  };
};
