import type { VirtualMachineInstance } from '../api/schema/kinds.js';

/** libvirt's name for the flavour of virtio devices: transitional ones also speak virtio 0.9, for old guests. */
export const virtioModel = (vmi: VirtualMachineInstance): 'virtio-transitional' | 'virtio-non-transitional' =>
  vmi.spec.domain.devices.useVirtioTransitional === true ? 'virtio-transitional' : 'virtio-non-transitional';
