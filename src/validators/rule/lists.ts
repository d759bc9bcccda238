import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';

/* The lists of a VMI's spec on whose items several files have rules; see `rulesOn`. */

export const DISKS = {
  list: 'domain.devices.disks',
  of: ({ domain }: VirtualMachineInstanceSpec) => domain.devices.disks,
} as const;

export const INTERFACES = {
  list: 'domain.devices.interfaces',
  of: ({ domain }: VirtualMachineInstanceSpec) => domain.devices.interfaces,
} as const;

export const NETWORKS = { list: 'networks', of: ({ networks }: VirtualMachineInstanceSpec) => networks } as const;

export const VOLUMES = { list: 'volumes', of: ({ volumes }: VirtualMachineInstanceSpec) => volumes } as const;
