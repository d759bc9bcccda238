import { createHash } from 'node:crypto';

/**
 * Labels, annotations, finalizers and names that several programs must agree on. Source: docs/reference/domain.md §8.1,
 * docs/reference/control.md §5.6.
 */

/** The newest release of `kubevirt/kubevirt` whose API the schemas hold (docs/reference/README.md names the commit). */
export const KUBEVIRT_RELEASE = 'v1.9.0';

export const GROUP = 'kubevirt.io';
export const STORED_VERSION = 'v1';
/** Served for old manifests, same schema as v1, deprecated. */
export const DEPRECATED_VERSIONS = ['v1alpha3', 'v1alpha2'] as const;
export const SUBRESOURCE_GROUP = 'subresources.kubevirt.io';
export const SUBRESOURCE_VERSIONS = ['v1', 'v1alpha3'] as const;

/** Of what platform teams write: policies and exceptions from them. */
export const POLICY_GROUP = 'policies.kubectl-virt.io';
export const POLICY_VERSION = 'v1alpha1';

/** Where the product and its one KubeVirt object live, unless the programs are configured otherwise. */
export const INSTALL_NAMESPACE = 'kubevirt';
export const KUBEVIRT_OBJECT_NAME = 'kubevirt';

export const Label = {
  /** On a VMI: the node whose agent owns it from phase Scheduled on. Agents select by it. */
  nodeName: 'kubevirt.io/nodeName',
  /** On a launcher pod: `virt-launcher`; on our own pods the program's name. */
  app: 'kubevirt.io',
  /** On a launcher pod: the VMI's uid. */
  createdBy: 'kubevirt.io/created-by',
  /** On a launcher pod: the VMI's host name. */
  hostName: 'vm.kubevirt.io/name',
  /** On a launcher pod: the VMI's name, shortened when it is over 63 characters. */
  vmiId: 'vmi.kubevirt.io/id',
  /** On a node: "true" while its agent is ready for VMs. */
  schedulable: 'kubevirt.io/schedulable',
  /** On a node: "true" or "false", the outcome of the KVM self-test. */
  kvmUsable: 'kubevirt.io/kvm-usable',
  /** The node's kubelet gives CPUs away exclusively (CPU manager policy `static`). */
  cpuManager: 'kubevirt.io/cpumanager',
  /**
   * On a node: "true" where KVM works and lets guests run guests of their own, else "false". Launcher pods may select
   * by it.
   */
  nestedVirtualization: 'kubevirt.io/nested-virtualization',
  /** On a node: the digest of the seccomp profile for launcher pods that its agent has laid down for kubelet. */
  seccompProfile: 'kubevirt.io/seccomp-profile',
  /** On a node, followed by the vendor of its CPU in libvirt's words (Intel, AMD …): "true". */
  cpuVendorPrefix: 'cpu-vendor.node.kubevirt.io/',
  /** On a node, followed by a CPU model that guests can have there: "true". */
  cpuModelPrefix: 'cpu-model.node.kubevirt.io/',
  /** On a node, followed by a CPU feature that guests can have there: "true". */
  cpuFeaturePrefix: 'cpu-feature.node.kubevirt.io/',
  /** On a node, followed by the CPU model that is the host's, or the nearest that has a name: "true". */
  hostModelPrefix: 'host-model-cpu.node.kubevirt.io/',
  /** On a launcher pod whose VM's SMBIOS UUID a user chose: that UUID. */
  systemUuid: 'kubevirt.io/system-uuid',
  /** On a node: "true" where the cluster's settings have its agent merge equal pages of memory, else "false". */
  ksmEnabled: 'kubevirt.io/ksm-enabled',
} as const;

export const Annotation = {
  /** On a launcher pod: the VMI's name. */
  domain: 'kubevirt.io/domain',
  vmGeneration: 'kubevirt.io/vm-generation',
  pciTopologyVersion: 'kubevirt.io/pci-topology-version',
  /** On the KubeVirt object and on a VMI: emulator threads get a CPU more where that makes the number even. */
  emulatorThreadEvenParity: 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity',
  /** On a VMI with TDX: the host's socket of the service that signs its quotes. */
  qgsSocketPath: 'kubevirt.io/qgs-socket-path',
  /** On a VMI that is to be moved off its node: `descheduler` when that requested it. */
  evictionSource: 'kubevirt.io/eviction-source',
  /** On a node: how full it may become and is, as JSON (`src/api/virt-node/node-density.ts`). */
  nodeDensity: 'kubevirt.io/node-density',
  /** On a node: "true" while its agent runs KSM there. It stops no KSM that it does not run. */
  ksmHandlerManaged: 'kubevirt.io/ksm-handler-managed',
  /**
   * On the KubeVirt object: ids of the warnings that admission does not give (`src/api/settings/warning-switch.ts`).
   */
  disabledWarnings: 'admission.kubectl-virt.io/disabled-warnings',
  /** On the KubeVirt object: ids of the warnings that are given at apply too, not by `lint` and an event alone. */
  warningsAtApply: 'admission.kubectl-virt.io/warnings-at-apply',
  /**
   * On a VM whose templates copy from other namespaces: for whom, signed by the webhook
   * (`src/api/access/requester.ts`).
   */
  requestedBy: 'kubectl-virt.io/requested-by',
} as const;

/** On policies; those of a pause on the KubeVirt object too, for all policies. */
export const PolicyAnnotation = {
  /** Until when it acts as Audit. Who, is written by the webhook. */
  pausedUntil: 'policies.kubectl-virt.io/paused-until',
  pausedBy: 'policies.kubectl-virt.io/paused-by',
  pauseReason: 'policies.kubectl-virt.io/pause-reason',
  /** On an exception: who made it. Written by the webhook; without it nobody has checked the exception. */
  createdBy: 'policies.kubectl-virt.io/created-by',
} as const;

export const Finalizer = {
  /** On a VMI until its domain and pod no longer exist. Added by the VMI mutator. */
  vmi: 'kubevirt.io/foregroundDeleteVirtualMachine',
  /** On a VM until its VMI is deleted; on a VMI of a VM until the VM controller has observed its end. */
  vm: 'kubevirt.io/virtualMachineControllerFinalize',
} as const;

/** Device plugin resources. */
export const DeviceResource = {
  kvm: 'devices.kubevirt.io/kvm',
  /** For taps, with /dev/vhost-net where the node has it. */
  tun: 'devices.kubevirt.io/tun',
} as const;

/**
 * libvirt calls its files after the domain (`NAME.pid`, `NAME.xml.new`, `NAME_VARS.fd`), and a file's name has at most
 * 255 bytes. Names of Kubernetes have up to 253 characters, namespaces 63.
 */
const MAX_DOMAIN_NAME = 240;
const DOMAIN_HASH = 16;

/** The libvirt domain of a VMI; of a long name the beginning and a hash, so that no two are alike. */
export const domainName = (namespace: string, name: string): string => {
  const full = `${namespace}_${name}`;
  if (full.length <= MAX_DOMAIN_NAME) return full;
  const hash = createHash('sha256').update(full).digest('hex').slice(0, DOMAIN_HASH);
  return `${full.slice(0, MAX_DOMAIN_NAME - DOMAIN_HASH - 1)}-${hash}`;
};
