import { cpuWishes } from '../api/vmi/cpu-selector.js';
import { dedicatedCpus } from '../api/vmi/dedicated-cpus.js';
import { Label } from '../api/names.js';
import { GUEST_ID } from '../api/pod-layout.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { gracePeriod } from '../api/vmi/grace-period.js';
import { wantsNestedHostModel } from '../api/virtlet/annotations.js';
import { compute, copyBusybox, imageContainers, type Container } from './containers.js';
import { consoleLog } from './console-log.js';
import { serviceAccountName } from './content.js';
import { heldImages } from './held-images.js';
import { affinityOf } from './keep-apart.js';
import { keptOff } from './keep-off.js';
import type { LauncherContext } from './pod-input.js';
import { hostName, podMetadata, type PodMetadata } from './metadata.js';
import { computeSeccomp } from './seccomp.js';
import { sharingContainers } from './shared-directories.js';
import type { PodVolumeSource } from './volume-parts.js';
import { podVolumes } from './volumes.js';

type Spec = VirtualMachineInstance['spec'];
/** What the VMI says about its pod, passed on as it is. */
type Copied = Pick<
  Spec,
  | 'affinity'
  | 'dnsConfig'
  | 'dnsPolicy'
  | 'priorityClassName'
  | 'schedulerName'
  | 'serviceAccountName'
  | 'subdomain'
  | 'tolerations'
  | 'topologySpreadConstraints'
>;

export interface LauncherPodSpec extends Copied {
  restartPolicy: 'Never';
  terminationGracePeriodSeconds: number;
  shareProcessNamespace: true;
  enableServiceLinks: false;
  automountServiceAccountToken: false;
  hostname: string;
  nodeSelector: Record<string, string>;
  runtimeClassName?: string;
  securityContext: Record<string, unknown>;
  imagePullSecrets?: { name: string }[];
  initContainers?: Container[];
  containers: Container[];
  volumes: PodVolumeSource[];
}

/** A pod as the API server takes it. */
export interface LauncherPod {
  apiVersion: 'v1';
  kind: 'Pod';
  metadata: PodMetadata;
  spec: LauncherPodSpec;
}

/**
 * Seconds kubelet waits beyond the guest's own grace period before it kills the pod: 15 for the entrypoint to destroy
 * the guest, 15 for the images' containers and libvirtd to end (docs/reference/domain.md §8.1).
 */
const KUBELET_MARGIN = 30;

const copied = (spec: Spec): Omit<Copied, 'affinity'> => ({
  dnsConfig: spec.dnsConfig,
  dnsPolicy: spec.dnsPolicy,
  priorityClassName: spec.priorityClassName,
  schedulerName: spec.schedulerName,
  serviceAccountName: serviceAccountName(spec),
  subdomain: spec.subdomain,
  tolerations: spec.tolerations,
  topologySpreadConstraints: spec.topologySpreadConstraints,
});

/**
 * Where emulation is allowed no node needs KVM, nor can all be asked to nest: the guest then runs without nesting, and
 * its owner is notified.
 */
const needsNesting = (vmi: VirtualMachineInstance, { config }: LauncherContext): boolean =>
  wantsNestedHostModel(vmi.metadata) && !config.useEmulation;

/**
 * Only nodes whose agent is ready. The cluster's come last: they are where VMs may run, whatever a VM says (admission
 * reports this to the user).
 */
const nodeSelector = (vmi: VirtualMachineInstance, context: LauncherContext): Record<string, string> => ({
  [Label.schedulable]: 'true',
  'kubernetes.io/arch': (vmi.spec.architecture || context.config.defaultArchitecture).toLowerCase(),
  ...(needsNesting(vmi, context) ? { [Label.nestedVirtualization]: 'true' } : {}),
  ...Object.fromEntries(cpuWishes(vmi, context.config).map(({ label }) => [label, 'true'])),
  ...(dedicatedCpus(vmi) === undefined ? {} : { [Label.cpuManager]: 'true' }),
  ...vmi.spec.nodeSelector,
  ...context.config.nodeSelectors,
});

const securityContext = (context: LauncherContext): Record<string, unknown> => ({
  runAsUser: GUEST_ID,
  runAsGroup: GUEST_ID,
  runAsNonRoot: true,
  fsGroup: GUEST_ID,
  // A volume whose root is ours is ours: kubelet need not go through all of it at every start.
  fsGroupChangePolicy: 'OnRootMismatch',
  ...(context.unprivilegedPortsSysctl === true
    ? { sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] }
    : {}),
});

const pullSecrets = (vmi: VirtualMachineInstance): { name: string }[] => {
  const names = heldImages(vmi).map(({ imagePullSecret }) => imagePullSecret);
  return [...new Set(names)].flatMap((name) => (name === undefined || name === '' ? [] : [{ name }]));
};

/** Drops what is undefined or an empty list: the pod reads as one would write it. */
const compact = <T extends object>(value: T): T =>
  Object.fromEntries(
    Object.entries(value).filter(([, v]) => v !== undefined && !(Array.isArray(v) && v.length === 0)),
  ) as T;

/**
 * The pod in which a defaulted VMI runs. Pure. Source: docs/reference/domain.md §8 with the layout of
 * `src/api/pod-layout.ts`.
 */
export const buildLauncherPod = (vmi: VirtualMachineInstance, context: LauncherContext): LauncherPod => {
  const images = imageContainers(vmi, context);
  const seccomp = computeSeccomp(vmi, nodeSelector(vmi, context), context.nodes);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: podMetadata(vmi),
    spec: compact<LauncherPodSpec>({
      ...copied(vmi.spec),
      affinity: keptOff(affinityOf(vmi, context), vmi),
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: gracePeriod(vmi) + KUBELET_MARGIN,
      shareProcessNamespace: true,
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      hostname: hostName(vmi),
      nodeSelector: seccomp.nodeSelector,
      runtimeClassName: context.config.defaultRuntimeClass,
      securityContext: securityContext(context),
      imagePullSecrets: pullSecrets(vmi),
      initContainers: images.length > 0 ? [compact(copyBusybox(vmi, context))] : undefined,
      containers: [
        compact(compute(vmi, context, seccomp.profile)),
        ...images.map(compact),
        ...sharingContainers(vmi, context).map(compact),
        ...consoleLog(vmi, context).map(compact),
      ],
      volumes: podVolumes(vmi, context),
    }),
  };
};
