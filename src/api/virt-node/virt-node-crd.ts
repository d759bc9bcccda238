import { Type } from 'typebox';
import { structuralSchema } from '../crd.js';
import { GROUP, STORED_VERSION } from '../names.js';
import { ObjectMeta } from '../schema/meta.js';
import { enumOf, time } from '../schema/scalars.js';
import type { SchemaNode } from '../schema-check/schema-node.js';
import { NodeDensity } from './node-density.js';
import { CPU_VENDORS, PROFILE_DIGEST, VIRT_NODES } from './virt-node-names.js';

/*
 * VirtNode: what the agent of a node reports of it. One object per node, named like it, so that no agent needs a right
 * on Nodes. Not KubeVirt's; users need not know it. Like CSINode, which kubelet writes, it holds what is so under
 * `spec`.
 */

export const VirtNodeSpec = Type.Object({
  heartbeat: time(),
  kvmUsable: Type.Optional(Type.Boolean()),
  nestedVirtualization: Type.Optional(Type.Boolean()),
  cpuManager: Type.Optional(Type.Boolean()),
  cpuVendor: Type.Optional(enumOf(CPU_VENDORS)),
  seccompProfile: Type.Optional(Type.String({ pattern: PROFILE_DIGEST.source })),
  ksm: Type.Optional(Type.Object({ enabled: Type.Boolean(), managed: Type.Boolean() })),
  density: Type.Optional(NodeDensity),
});
export type VirtNodeSpec = Type.Static<typeof VirtNodeSpec>;

export const VirtNode = Type.Object({
  apiVersion: Type.Optional(Type.String()),
  kind: Type.Optional(Type.String()),
  metadata: Type.Optional(ObjectMeta),
  spec: VirtNodeSpec,
});
export type VirtNode = Type.Static<typeof VirtNode>;

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  apiVersion: 'Version of this format.',
  kind: 'VirtNode.',
  spec: 'What the agent reports.',
  heartbeat:
    "When the agent last reported, by its node's clock. Where it stops changing, no new VM is placed on the node.",
  kvmUsable:
    "Whether KVM works on the node, proved by running a guest; copied into the node's label kubevirt.io/kvm-usable.",
  nestedVirtualization:
    "Whether guests can run guests of their own; copied into the node's label kubevirt.io/nested-virtualization.",
  cpuManager:
    "Whether the node's kubelet gives CPUs away exclusively; copied into the node's label kubevirt.io/cpumanager.",
  cpuVendor: "Maker of the node's CPU; copied into the node's label cpu-vendor.node.kubevirt.io/VENDOR.",
  seccompProfile:
    "Digest of the seccomp profile for launcher pods that lies in kubelet's directory; copied into the node's label kubevirt.io/seccomp-profile.",
  ksm: "What the agent does about kernel same-page merging; copied into the node's label kubevirt.io/ksm-enabled and annotation kubevirt.io/ksm-handler-managed.",
  enabled: 'Whether the settings of the cluster have equal pages merged on this node, and its kernel can.',
  managed: 'Whether the agent runs it now. It stops none that it does not run.',
  density:
    "How full the node may become and is; copied into the node's annotation kubevirt.io/node-density, which has the same form.",
  kubelet: "The memory settings of the node's kubelet, its defaults filled in. Absent: they could not be read.",
  evictionHardBytes:
    'With less memory than this left kubelet kills pods at once. 0: it was told to have no such threshold.',
  evictionSoftBytes: 'With less than this left for long enough kubelet asks pods to end. Absent: it never does.',
  evictionSoftGraceSeconds: 'How long less must be left before a soft eviction.',
  evictionMaxPodGraceSeconds: 'What a pod gets to end in after a soft eviction; negative: its own grace period.',
  systemReservedBytes: 'Memory set aside for the programs of the system (systemReserved).',
  kubeReservedBytes: 'Memory set aside for kubelet and the container runtime (kubeReserved).',
  failSwapOn: 'Whether kubelet refuses to start where swap is on.',
  swapBehavior: 'Which containers kubelet lets swap (memorySwap.swapBehavior).',
  memoryBytes: 'Memory of the node.',
  allocatableBytes: "What the scheduler may give to pods of it, by the Node's status.",
  swapBytes: 'Swap space of the node.',
  vms: 'VMs of the node that are starting or run.',
  guestMemoryBytes: 'What their guests have.',
  requestedMemoryBytes: 'What they request for their guests.',
  memoryOvercommitPercent: "What their guests have, in per cent of the node's memory.",
  warnings: 'What there is to be done about; each is an event on the Node too.',
};

const column = (name: string, type: string, field: string) => ({ name, type, jsonPath: `.spec.${field}` });

/** The CustomResourceDefinition, ready to be written as YAML. */
export const virtNodeDefinition = (): Record<string, unknown> => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${VIRT_NODES}.${GROUP}`, labels: { [GROUP]: '' } },
  spec: {
    group: GROUP,
    names: {
      kind: 'VirtNode',
      listKind: 'VirtNodeList',
      plural: VIRT_NODES,
      singular: 'virtnode',
      shortNames: ['vnode', 'vnodes'],
    },
    scope: 'Cluster',
    conversion: { strategy: 'None' },
    versions: [
      {
        name: STORED_VERSION,
        served: true,
        storage: true,
        additionalPrinterColumns: [
          column('Heartbeat', 'date', 'heartbeat'),
          column('KVM', 'boolean', 'kvmUsable'),
          column('Nested', 'boolean', 'nestedVirtualization'),
          column('CPU-Manager', 'boolean', 'cpuManager'),
          column('CPU', 'string', 'cpuVendor'),
        ],
        schema: {
          openAPIV3Schema: structuralSchema(
            VirtNode as unknown as SchemaNode,
            'What the virt-agent of a node reports of it. Written by that agent only.',
            (_, property) => DESCRIPTIONS[property],
            new Map(),
          ),
        },
      },
    ],
  },
});
