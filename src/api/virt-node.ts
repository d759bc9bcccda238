/* Names and types of VirtNode; its definition is apart, because programs do not need what it is made with. */
export type { VirtNode, VirtNodeSpec } from './virt-node-crd.js';

/** CPU vendors in libvirt's words. */
export const CPU_VENDORS = ['Intel', 'AMD', 'Hygon'] as const;
export type CpuVendor = (typeof CPU_VENDORS)[number];

export const VIRT_NODES = 'virtnodes';
