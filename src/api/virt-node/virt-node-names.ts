/** CPU vendors in libvirt's words. */
export const CPU_VENDORS = ['Intel', 'AMD', 'Hygon'] as const;
export type CpuVendor = (typeof CPU_VENDORS)[number];

/** How a seccomp profile is called: 128 bits of its SHA-256, as hexadecimal digits. */
export const PROFILE_DIGEST = /^[0-9a-f]{32}$/;

export const VIRT_NODES = 'virtnodes';
