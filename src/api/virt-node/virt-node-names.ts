/** CPU vendors in libvirt's words. */
export const CPU_VENDORS = ['Intel', 'AMD', 'Hygon'] as const;
export type CpuVendor = (typeof CPU_VENDORS)[number];

/** Of a CPU model or feature; the lists of those that are known are longer than any host's. */
export const CPU_NAME = /^[0-9A-Za-z][0-9A-Za-z._-]{0,61}$/;
export const MAX_CPU_NAMES = 1024;

/** How a seccomp profile is called: 128 bits of its SHA-256, as hexadecimal digits. */
export const PROFILE_DIGEST = /^[0-9a-f]{32}$/;

export const VIRT_NODES = 'virtnodes';
