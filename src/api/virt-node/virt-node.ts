/* Names and types of VirtNode; its definition is apart, because programs do not need what it is made with. */
export type { VirtNode, VirtNodeSpec } from './virt-node-crd.js';
export type { KubeletMemorySettings, NodeDensity } from './node-density.js';
export { CPU_VENDORS, PROFILE_DIGEST, VIRT_NODES, type CpuVendor } from './virt-node-names.js';
