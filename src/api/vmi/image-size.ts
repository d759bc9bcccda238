/**
 * QEMU refuses to write to a raw image past the host's cache whose size is no multiple of the block in which its file
 * system does that: 4096 bytes at most.
 */
export const ALIGNMENT = 4096n;

export const isAligned = (bytes: bigint): boolean => bytes % ALIGNMENT === 0n;

/** The next size that fits. */
export const alignedBytes = (bytes: bigint): bigint => ((bytes + ALIGNMENT - 1n) / ALIGNMENT) * ALIGNMENT;
