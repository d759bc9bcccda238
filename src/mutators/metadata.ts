import { Annotation, Finalizer } from '../api/names.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { MutationStep } from './mutation.js';

/** The layout of PCI slots that a VM keeps for life; v3 leaves room for hotplug. */
const PCI_TOPOLOGY_VERSION = 'v3';

const PCI_ARCHITECTURES: readonly string[] = ['amd64', 'arm64'];

const hasPciExpress = (machine: string): boolean => machine.includes('q35') || machine.startsWith('virt');

export const pciTopology: MutationStep = {
  id: 'mut.pci-topology',
  summary: `Annotation \`${Annotation.pciTopologyVersion}\` becomes ${PCI_TOPOLOGY_VERSION} on q35 and virt machines.`,
  apply: (vmi) => {
    const { architecture = '', domain } = vmi.spec;
    if (!PCI_ARCHITECTURES.includes(architecture) || !hasPciExpress(domain.machine?.type ?? '')) return;
    const metadata = (vmi.metadata ??= {});
    if (metadata.annotations?.[Annotation.pciTopologyVersion] !== undefined) return;
    (metadata.annotations ??= {})[Annotation.pciTopologyVersion] = PCI_TOPOLOGY_VERSION;
  },
};

const annotate = (vmi: VirtualMachineInstance, annotation: string, value: string): void => {
  vmi.metadata = { ...vmi.metadata, annotations: { ...vmi.metadata?.annotations, [annotation]: value } };
};

export const evenParity: MutationStep = {
  id: 'mut.even-parity',
  summary: `Annotation \`${Annotation.emulatorThreadEvenParity}\` of the KubeVirt object goes to VMs with an isolated emulator thread (feature gate AlignCPUs).`,
  apply: (vmi, { config }) => {
    if (!vmi.spec.domain.cpu?.isolateEmulatorThread) return;
    if (!config.emulatorThreadCompleteToEvenParity || !config.hasFeatureGate('AlignCPUs')) return;
    annotate(vmi, Annotation.emulatorThreadEvenParity, '');
  },
};

export const quoteSocket: MutationStep = {
  id: 'mut.qgs',
  summary: `Annotation \`${Annotation.qgsSocketPath}\` of a VM with TDX becomes the cluster's socket path, whatever the user wrote.`,
  apply: (vmi, { config }) => {
    if (!vmi.spec.domain.launchSecurity?.tdx || config.tdxQgsSocketPath === '') return;
    annotate(vmi, Annotation.qgsSocketPath, config.tdxQgsSocketPath);
  },
};

export const finalizer: MutationStep = {
  id: 'mut.finalizer',
  summary: `Finalizer \`${Finalizer.vmi}\` holds the object until its domain and pod are gone.`,
  apply: (vmi) => {
    const metadata = (vmi.metadata ??= {});
    if (metadata.finalizers?.includes(Finalizer.vmi)) return;
    metadata.finalizers = [...(metadata.finalizers ?? []), Finalizer.vmi];
  },
};
