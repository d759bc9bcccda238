import { Label } from '../../api/names.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import {
  buildLauncherPod,
  COMPUTE_CONTAINER,
  CONFINED,
  generatedName,
  type LauncherContext,
} from '../../launcher/index.js';
import type { Pod } from '../../kube/types.js';

/** On pods that only bind claims, as the value of {@link Label.app}. */
const BINDING = 'virt-binding';

export const bindingPodName = ({ metadata }: VirtualMachineInstance): string =>
  generatedName(BINDING, metadata?.name ?? '', metadata?.uid ?? '');

/**
 * A pod that is scheduled where the VMI's launcher pod would be and does nothing there. A claim of a class that waits
 * for its first consumer is bound so on a node that suits the VM, before it is filled: the launcher pod itself cannot
 * run on an empty disk, and the importer pod would take any node. It asks for what the launcher pod asks for, so that
 * the node has room for both one after the other. Pure.
 */
export const buildBindingPod = (vmi: VirtualMachineInstance, context: LauncherContext): Pod => {
  const { metadata, spec } = buildLauncherPod(vmi, context);
  const compute = spec.containers.find(({ name }) => name === COMPUTE_CONTAINER);
  const volumes = spec.volumes.filter((volume) => 'persistentVolumeClaim' in volume);
  const isClaim = ({ name }: { name: string }): boolean => volumes.some((volume) => volume.name === name);
  const { affinity, nodeSelector, priorityClassName, runtimeClassName, schedulerName } = spec;
  const { tolerations, topologySpreadConstraints, securityContext } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: bindingPodName(vmi),
      namespace: metadata.namespace,
      labels: { [Label.app]: BINDING },
      ownerReferences: metadata.ownerReferences,
    },
    spec: {
      affinity,
      nodeSelector,
      priorityClassName,
      runtimeClassName,
      schedulerName,
      tolerations,
      topologySpreadConstraints,
      securityContext,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      containers: [
        {
          name: 'binding',
          image: context.launcherImage,
          imagePullPolicy: compute?.imagePullPolicy,
          command: ['/bin/true'],
          resources: compute?.resources,
          volumeMounts: compute?.volumeMounts.filter(isClaim),
          volumeDevices: compute?.volumeDevices?.filter(isClaim),
          securityContext: CONFINED,
        },
      ] as never,
      volumes,
    },
  };
};
