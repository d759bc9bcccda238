import { Label } from '../../../src/api/names.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { vmiId } from '../../../src/api/vmi/instance-label.js';
import type { ApiClient } from './client.js';
import { listAll } from './list.js';

export interface ContainerStatus {
  readonly name?: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: { readonly reason?: string; readonly message?: string; readonly exitCode?: number };
  };
}

/** What is read of a launcher pod. */
export interface LauncherPod {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind?: string; readonly name?: string; readonly uid?: string }[];
  };
  readonly spec?: { readonly nodeName?: string; readonly containers?: readonly { readonly name?: string }[] };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** The launcher pods of the instances that have this name or had it, the newest first. */
export const launcherPods = async (client: ApiClient, name: string): Promise<readonly LauncherPod[]> => {
  const pods = await listAll<LauncherPod>(client, `/api/v1/namespaces/${client.namespace}/pods`, {
    selector: `${Label.app}=virt-launcher,${Label.vmiId}=${vmiId(name)}`,
  });
  return pods
    .filter(({ metadata }) => (metadata?.ownerReferences ?? []).some((owner) => owner.name === name))
    .toSorted((a, b) => (b.metadata?.creationTimestamp ?? '').localeCompare(a.metadata?.creationTimestamp ?? ''));
};

/** That of this instance: by the uid that virt-controller wrote, not by a label that anybody can write on a pod. */
export const isPodOf = (pod: LauncherPod, vmi: VirtualMachineInstance): boolean => {
  const { uid = '', ownerReferences = [] } = pod.metadata ?? {};
  const active = vmi.status?.activePods;
  return active !== undefined && Object.keys(active).length > 0
    ? Object.hasOwn(active, uid)
    : ownerReferences.some((owner) => owner.uid !== undefined && owner.uid === vmi.metadata?.uid);
};
