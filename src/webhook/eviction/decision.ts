import { Annotation, Label } from '../../api/names.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import { isTrue } from '../../api/vmi/condition.js';
import { isFinal } from '../../api/vmi/phase.js';
import type { Pod } from '../../kube/types.js';
import type { EvictionRequest } from './review.js';

/*
 * Whether a pod may be evicted, as a pure decision. An eviction that is allowed is a
 * deletion of the pod: its SIGTERM powers the guest off within its grace period. One that is refused is refused with
 * 429, which kubectl drain and the descheduler take for "not now": they ask again.
 */

/** What a decision reads of a VMI. */
export interface EvictionInstance {
  readonly metadata?: VirtualMachineInstance['metadata'];
  readonly spec: Pick<VirtualMachineInstance['spec'], 'evictionStrategy'>;
  readonly status?: VirtualMachineInstance['status'];
}

/** What the caches hold under the names of a request. */
export interface EvictionSubject {
  /** Undefined: no pod of a VM. */
  readonly pod?: Pod | undefined;
  /** Of a hotplug pod: the launcher pod that it belongs to. */
  readonly owner?: Pod | undefined;
  /** The VMI that the launcher pod names. */
  readonly vmi?: EvictionInstance | undefined;
}

export interface EvictionSettings {
  /** The caches hold every pod of a VM and every VMI; before that nothing that is missing there means anything. */
  readonly cachesFilled: boolean;
  /** The caller is the API server. No other caller learns what the caches contain, or causes a change. */
  readonly callerKnown: boolean;
  /** `configuration.evictionStrategy`, for a VMI that names none. */
  readonly clusterStrategy: string;
}

/** A merge patch of the VMI. The uid is a precondition: another VMI of the same name is not marked. */
export interface EvacuationMark {
  readonly metadata: { readonly uid?: string | undefined; readonly annotations?: Readonly<Record<string, string>> };
  readonly status: { readonly evacuationNodeName: string };
}

export type EvictionDecision =
  | { readonly do: 'allow'; readonly warning?: string }
  /** 429 with this message. */
  | { readonly do: 'deny'; readonly message: string }
  /** Mark the VMI, then 429 with this message: a program that watches the mark takes the guest off the node. */
  | {
      readonly do: 'mark';
      readonly namespace: string;
      readonly name: string;
      readonly mark: EvacuationMark;
      readonly dryRun: boolean;
      readonly message: string;
    };

/** Values of the label `kubevirt.io` on the pods of a VM. */
export const LAUNCHER = 'virt-launcher';
export const HOTPLUG = 'hotplug-disk';
/** How the pods of plugged volumes are named; a VM's own pod begins with {@link LAUNCHER}. */
export const HOTPLUG_PREFIX = 'hp-volume';
/** Only a webhook that does not know the pods yet decides by names. */
const NAMES_OF_OURS = new RegExp(`^(${LAUNCHER}|${HOTPLUG_PREFIX})-`);
/** How the descheduler signs its evictions. */
const DESCHEDULER = 'sigs.k8s.io/descheduler';

const ALLOW: EvictionDecision = { do: 'allow' };
const deny = (message: string): EvictionDecision => ({ do: 'deny', message });
const STARTING = 'virt-webhook has just started and does not know the pods of VMs yet: try again in a few seconds';
const UNKNOWN_CALLER =
  'virt-webhook cannot tell yet that the API server asks for this, and is registering how it can: try again in a few seconds';
const UNREADABLE =
  'the request holds no Eviction that can be read: send one of policy/v1, or policy/v1beta1 before 1.22';

const isOf = (pod: Pod, app: string): boolean => pod.metadata?.labels?.[Label.app] === app;
const domainOf = (pod: Pod): string | undefined => pod.metadata?.annotations?.[Annotation.domain];
/** A launcher pod whose guest may run. */
const isLauncher = (pod: Pod): boolean => isOf(pod, LAUNCHER) && !isFinal(pod) && Boolean(domainOf(pod));

const nameOf = ({ metadata }: EvictionInstance): string => `VMI "${metadata?.namespace ?? ''}/${metadata?.name ?? ''}"`;
const isMachines = ({ metadata }: EvictionInstance): boolean =>
  metadata?.ownerReferences?.some(({ kind, controller }) => kind === 'VirtualMachine' && controller === true) === true;
/** How a user ends it. */
const stopIt = (vmi: EvictionInstance): string =>
  isMachines(vmi) ? 'stop it with kubectl virt stop' : 'delete it with kubectl delete vmi';
const isLiveMigratable = ({ status }: EvictionInstance): boolean => isTrue(status?.conditions, 'LiveMigratable');

export const decideEviction = (
  request: EvictionRequest,
  subject: EvictionSubject,
  settings: EvictionSettings,
): EvictionDecision => {
  if (!settings.callerKnown) return NAMES_OF_OURS.test(request.name) ? deny(UNKNOWN_CALLER) : ALLOW;
  if (!settings.cachesFilled) return NAMES_OF_OURS.test(request.name) ? deny(STARTING) : ALLOW;
  const { pod } = subject;
  if (pod === undefined) return ALLOW;
  if (isOf(pod, HOTPLUG)) return decideHotplug(pod, subject);
  return isLauncher(pod) ? decideLauncher(request, pod, subject.vmi, settings) : ALLOW;
};

/** A pod that carries a volume of a running VM is deleted with the VM. */
const decideHotplug = (pod: Pod, { owner, vmi }: EvictionSubject): EvictionDecision => {
  if (pod.metadata?.ownerReferences?.length !== 1) return ALLOW;
  if (owner === undefined || !isLauncher(owner) || vmi === undefined) return ALLOW;
  if (owner.metadata?.uid !== vmi.status?.launcherPod?.uid) return ALLOW;
  return deny(`this pod carries a volume of the running ${nameOf(vmi)} and is deleted with it: evict its launcher pod`);
};

const decideLauncher = (
  request: EvictionRequest,
  pod: Pod,
  vmi: EvictionInstance | undefined,
  { clusterStrategy }: EvictionSettings,
): EvictionDecision => {
  if (vmi === undefined || vmi.metadata?.uid !== pod.metadata?.labels?.[Label.createdBy]) {
    const named = `"${pod.metadata?.namespace ?? ''}/${domainOf(pod) ?? ''}"`;
    return deny(`VMI ${named}, whose pod this is, is not known here: try again in a few seconds, or delete the pod`);
  }
  // Labels and annotations are what a tenant writes; which pod is the VM's, virt-controller alone. Another one is an
  // ordinary pod.
  const recorded = vmi.status?.launcherPod?.uid;
  if (recorded !== undefined && recorded !== pod.metadata?.uid) return ALLOW;
  const strategy = vmi.spec.evictionStrategy || clusterStrategy;
  switch (strategy) {
    case 'LiveMigrate':
      return isLiveMigratable(vmi) ? evacuate(request, pod, vmi, strategy) : deny(notMigratable(vmi));
    case 'LiveMigrateIfPossible':
      return isLiveMigratable(vmi)
        ? evacuate(request, pod, vmi, strategy)
        : { do: 'allow', warning: `${nameOf(vmi)} is not live-migratable: its guest is shut down` };
    case 'External':
      return evacuate(request, pod, vmi, strategy);
    default:
      return ALLOW;
  }
};

const notMigratable = (vmi: EvictionInstance): string => {
  if (vmi.metadata?.deletionTimestamp !== undefined) {
    return `${nameOf(vmi)} has evictionStrategy LiveMigrate and is shutting down already: its pod is deleted with it`;
  }
  const changeIt = isMachines(vmi)
    ? 'set evictionStrategy: None in its VirtualMachine and restart it'
    : 'create it again with evictionStrategy: None';
  return `${nameOf(vmi)} has evictionStrategy LiveMigrate but is not live-migratable: ${stopIt(vmi)}, or ${changeIt}`;
};

/** The guest is to be moved off the node by other means than the end of its pod. */
const evacuate = (
  { dryRun, eviction }: EvictionRequest,
  pod: Pod,
  vmi: EvictionInstance,
  strategy: string,
): EvictionDecision => {
  const next =
    strategy === 'External'
      ? `status.evacuationNodeName asks your controller to move it; without one, ${stopIt(vmi)}`
      : 'its pod is deleted when its guest has moved';
  // The descheduler knows both sentences about an evacuation by their first words.
  const triggered = `Eviction triggered evacuation of ${nameOf(vmi)}: ${next}`;
  if (vmi.status?.evacuationNodeName) return deny(`Evacuation in progress: ${triggered}`);
  const node = pod.spec?.nodeName;
  const isRecorded = vmi.status?.launcherPod?.uid !== undefined;
  if (!isRecorded || !node || node !== vmi.status.nodeName) return deny(elsewhere(vmi));
  if (eviction === undefined) return deny(UNREADABLE);
  const { namespace = '', name = '', uid } = vmi.metadata ?? {};
  const byDescheduler = eviction.requestedBy === DESCHEDULER;
  const annotations = byDescheduler ? { annotations: { [Annotation.evictionSource]: 'descheduler' } } : {};
  return {
    do: 'mark',
    namespace,
    name,
    mark: { metadata: { uid, ...annotations }, status: { evacuationNodeName: node } },
    dryRun: dryRun || eviction.dryRun,
    message: triggered,
  };
};

/** The pod is not where the guest runs: the guest has not started, or is moving into it. */
const elsewhere = (vmi: EvictionInstance): string =>
  vmi.status?.nodeName
    ? `this pod is not where ${nameOf(vmi)} runs, but may be where it moves to: try again later`
    : `${nameOf(vmi)} is still being started: try again when it runs, or ${stopIt(vmi)}`;
