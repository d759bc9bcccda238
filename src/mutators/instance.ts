import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { architecture } from './architecture.js';
import { instanceDraft, shallowCopy } from './clone.js';
import { cpuHotplug, cpuRequestFromLimit, cpuRequestOfCluster, cpuTopology } from './cpu.js';
import { attachedInput, graphicsAlias, inputs, probes, ramFramebuffer, timers, watchdog } from './devices.js';
import { cdrom, diskBus, diskTarget, matchVolume, volumeDisk } from './disks.js';
import { eviction } from './eviction.js';
import { featureStates, s390xAcpi, spinlocks } from './features.js';
import { arm64Cpu, arm64Firmware, firmwareUuid } from './firmware.js';
import { hypervDependencies } from './hyperv.js';
import { machine } from './machine.js';
import { guestMemory, memoryHotplug } from './memory.js';
import { evenParity, finalizer, pciTopology, quoteSocket } from './metadata.js';
import type { MutationContext, MutationStep } from './mutation.js';
import { defaultNetwork } from './network.js';
import { firstStatus } from './status.js';
import { virtletTopology, virtletUuid } from './virtlet.js';
import { pullPolicy } from './volumes.js';

/**
 * Every default of a VirtualMachineInstance that is created, in the order of docs/reference/admission.md §4.2: later
 * steps build on earlier ones. There is no default CPU model: it belongs to the node.
 */
export const INSTANCE_DEFAULTS: readonly MutationStep[] = [
  architecture,
  machine,
  cpuRequestFromLimit,
  cpuRequestOfCluster,
  guestMemory,
  virtletTopology,
  cpuTopology,
  pullPolicy,
  eviction,
  defaultNetwork,
  graphicsAlias,
  volumeDisk,
  s390xAcpi,
  diskTarget,
  attachedInput,
  inputs,
  probes,
  virtletUuid,
  firmwareUuid,
  timers,
  featureStates,
  spinlocks,
  cdrom,
  matchVolume,
  ramFramebuffer,
  hypervDependencies,
  arm64Cpu,
  arm64Firmware,
  diskBus,
  watchdog,
  cpuHotplug,
  memoryHotplug,
  pciTopology,
  evenParity,
  quoteSocket,
  finalizer,
  firstStatus,
];

/** A defaulted copy of a VMI that is created. The argument must fit the schema and is not changed. */
export const defaultInstance = (vmi: VirtualMachineInstance, context: MutationContext): VirtualMachineInstance => {
  const draft = instanceDraft(vmi);
  for (const step of INSTANCE_DEFAULTS) step.apply(draft, context);
  return draft;
};

/**
 * On update nothing is defaulted. Users may not write status (a VMI has no status subresource that would keep it from
 * them), so theirs is replaced by the old one. Source: docs/reference/admission.md §4.4.
 */
export const protectStatus = (
  vmi: VirtualMachineInstance,
  old: VirtualMachineInstance | undefined,
  byOurPrograms: boolean,
): VirtualMachineInstance => {
  if (byOurPrograms || old === undefined) return vmi;
  const draft = shallowCopy(vmi);
  if (old.status === undefined) delete draft.status;
  else draft.status = old.status;
  return draft;
};
