import { CPU_FEATURES, CPU_MODELS } from '../api/cpu-names.js';
import { Annotation, Label } from '../api/names.js';
import {
  CPU_VENDORS,
  DENSITY_WARNINGS,
  PROFILE_DIGEST,
  SWAP_BEHAVIORS,
  type KubeletMemorySettings,
  type NodeDensity,
  type VirtNodeSpec,
} from '../api/virt-node/virt-node.js';

/*
 * What an agent says of its node, and what becomes of it: the agent writes the VirtNode of its node, virt-controller
 * copies it into these labels of the Node of the same name and into no others. An agent names no label: it cannot
 * invent one.
 */

/**
 * How often an agent renews its report. Each renewal is a write to etcd: at a thousand nodes a third of what kubelets'
 * own leases (every 10 s) cost.
 */
export const HEARTBEAT_MS = 30_000;
/**
 * A report that has not changed for so long is suspect: five heartbeats. An agent that is updated is away for less,
 * image included, and a VM that is placed meanwhile only waits for it. (KubeVirt waits five minutes with a heartbeat a
 * minute.)
 */
export const STALE_MS = 5 * HEARTBEAT_MS;

const vendorLabels = (vendor: VirtNodeSpec['cpuVendor']): Record<string, string | null> =>
  Object.fromEntries(CPU_VENDORS.map((name) => [`${Label.cpuVendorPrefix}${name}`, name === vendor ? 'true' : null]));

/** Of all names that are known, those that are reported: a forged report cannot invent one. */
const nameLabels = (
  prefix: string,
  known: ReadonlySet<string>,
  reported: readonly string[] = [],
): Record<string, string | null> => {
  const names = new Set(reported);
  return Object.fromEntries([...known].map((name) => [`${prefix}${name}`, names.has(name) ? 'true' : null]));
};

/** The part of a report that says which CPUs guests can have. */
interface CpuReport {
  readonly cpuModels?: readonly string[];
  readonly cpuFeatures?: readonly string[];
  readonly hostModel?: string | undefined;
}

const cpuLabels = ({ cpuModels, cpuFeatures, hostModel }: CpuReport): Record<string, string | null> => ({
  ...nameLabels(Label.cpuModelPrefix, CPU_MODELS, cpuModels),
  ...nameLabels(Label.cpuFeaturePrefix, CPU_FEATURES, cpuFeatures),
  ...nameLabels(Label.hostModelPrefix, CPU_MODELS, hostModel === undefined ? [] : [hostModel]),
});

/** The part of a report that describes the machine. */
export type MachineReport = Pick<VirtNodeSpec, 'kvmUsable' | 'nestedVirtualization' | 'cpuVendor'>;

/**
 * The labels that describe the machine; null: it must not have this one. Whatever a report holds, each value is one of
 * two.
 */
export const machineLabels = (report: MachineReport): Record<string, string | null> => ({
  [Label.kvmUsable]: String(report.kvmUsable === true),
  [Label.nestedVirtualization]: String(report.nestedVirtualization === true),
  ...vendorLabels(report.cpuVendor),
});

/** A digest, or no label at all: a forged report cannot put any other text into it. */
const digestOrNone = (digest: string | undefined): string | null =>
  digest !== undefined && PROFILE_DIGEST.test(digest) ? digest : null;

/** Whatever it is that a report holds there. */
const isTrue = (value: unknown): boolean => value === true;

/** All labels of a node whose agent reports. */
export const labelsOf = (
  report: MachineReport & CpuReport & Pick<VirtNodeSpec, 'cpuManager' | 'seccompProfile' | 'ksm'>,
): Record<string, string | null> => ({
  [Label.schedulable]: 'true',
  [Label.cpuManager]: String(report.cpuManager === true),
  [Label.seccompProfile]: digestOrNone(report.seccompProfile),
  // Of an agent that has not looked yet, or of a version that never does: nothing.
  [Label.ksmEnabled]: report.ksm === undefined ? null : String(isTrue(report.ksm.enabled)),
  ...machineLabels(report),
  ...cpuLabels(report),
});

const whole = (value: number | undefined): number => (Number.isSafeInteger(value) ? (value ?? 0) : 0);
const wholeOrNone = (value: number | undefined): number | undefined =>
  Number.isSafeInteger(value) ? value : undefined;

const kubeletSettings = (settings: KubeletMemorySettings): KubeletMemorySettings => ({
  evictionHardBytes: whole(settings.evictionHardBytes),
  evictionSoftBytes: wholeOrNone(settings.evictionSoftBytes),
  evictionSoftGraceSeconds: wholeOrNone(settings.evictionSoftGraceSeconds),
  evictionMaxPodGraceSeconds: whole(settings.evictionMaxPodGraceSeconds),
  systemReservedBytes: whole(settings.systemReservedBytes),
  kubeReservedBytes: whole(settings.kubeReservedBytes),
  failSwapOn: isTrue(settings.failSwapOn),
  swapBehavior: SWAP_BEHAVIORS.find((known) => known === settings.swapBehavior) ?? 'NoSwap',
});

/** The density report as JSON: numbers and words that we know, whatever a report holds. */
const densityText = (density: NodeDensity): string =>
  JSON.stringify({
    kubelet: density.kubelet && kubeletSettings(density.kubelet),
    memoryBytes: whole(density.memoryBytes),
    allocatableBytes: wholeOrNone(density.allocatableBytes),
    swapBytes: whole(density.swapBytes),
    vms: whole(density.vms),
    guestMemoryBytes: whole(density.guestMemoryBytes),
    requestedMemoryBytes: whole(density.requestedMemoryBytes),
    memoryOvercommitPercent: whole(density.memoryOvercommitPercent),
    warnings: DENSITY_WARNINGS.filter((known) => density.warnings.includes(known)),
  } satisfies NodeDensity);

/** All annotations of a node whose agent reports; null: it must not have this one. */
export const annotationsOf = ({
  ksm,
  density,
}: Pick<VirtNodeSpec, 'ksm' | 'density'>): Record<string, string | null> => ({
  [Annotation.ksmHandlerManaged]: ksm === undefined ? null : String(isTrue(ksm.managed)),
  [Annotation.nodeDensity]: density === undefined ? null : densityText(density),
});

/** The labels that are there. */
export const present = (labels: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== null));
