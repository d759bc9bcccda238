/* Names and types of VirtNode; its definition is apart, because programs do not need what it is made with. */
export type { VirtNode, VirtNodeSpec } from './virt-node-crd.js';
export type { KubeletMemorySettings, NodeDensity } from './node-density.js';
export {
  CPU_VENDORS,
  DENSITY_WARNINGS,
  PROFILE_DIGEST,
  SWAP_BEHAVIORS,
  VIRT_NODES,
  type CpuVendor,
  type DensityWarning,
} from './virt-node-names.js';
