import { Annotation, GROUP, Label, STORED_VERSION } from '../api/names.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { LABEL_LENGTH, vmiId } from '../api/vmi/instance-label.js';
import { attachments } from './attachments.js';
import { uuidLabel } from './keep-apart.js';

/** What the guest is called: `spec.hostname`, else the VMI's name up to its first dot. */
export const hostName = (vmi: VirtualMachineInstance): string => {
  const name = vmi.spec.hostname || (vmi.metadata?.name ?? '').split('.', 1)[0] || '';
  // Cutting a name may leave a dash at its end, which DNS does not allow.
  return name.slice(0, LABEL_LENGTH).replace(/-+$/, '');
};

/** Copies nothing of kubectl's bookkeeping, of the API versions seen in storage, nor of what Multus has to say. */
const NOT_COPIED =
  /^kubectl\.kubernetes\.io|^kubevirt\.io\/(storage|latest)-observed-api-version$|^k8s\.v1\.cni\.cncf\.io\/networks?-status$/;

const annotations = (vmi: VirtualMachineInstance, name: string): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(vmi.metadata?.annotations ?? {}).filter(([key]) => !NOT_COPIED.test(key))),
  ...attachments(vmi),
  [Annotation.domain]: name,
  'kubectl.kubernetes.io/default-container': 'compute',
  // The descheduler may ask, by the eviction API; it must not delete.
  'descheduler.alpha.kubernetes.io/request-evict-only': '',
});

export interface PodMetadata {
  generateName: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  ownerReferences: {
    apiVersion: string;
    kind: string;
    name: string;
    uid: string;
    controller: boolean;
    blockOwnerDeletion: boolean;
  }[];
}

/** A user's own label of that name would keep VMs of others off the node. */
const withoutUuid = (labels: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => name !== Label.systemUuid));

/** Source: docs/reference/domain.md §8.1. */
export const podMetadata = (vmi: VirtualMachineInstance): PodMetadata => {
  const { name = '', namespace = 'default', uid = '' } = vmi.metadata ?? {};
  const istio = vmi.metadata?.annotations?.['sidecar.istio.io/inject'];
  return {
    generateName: `virt-launcher-${name}-`,
    namespace,
    labels: {
      ...withoutUuid(vmi.metadata?.labels),
      ...uuidLabel(vmi),
      [Label.app]: 'virt-launcher',
      [Label.createdBy]: uid,
      [Label.hostName]: hostName(vmi),
      [Label.vmiId]: vmiId(name),
      ...(istio === undefined ? {} : { 'sidecar.istio.io/inject': istio }),
    },
    annotations: annotations(vmi, name),
    ownerReferences: [
      {
        apiVersion: `${GROUP}/${STORED_VERSION}`,
        kind: 'VirtualMachineInstance',
        name,
        uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  };
};
