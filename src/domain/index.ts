export { buildDomain } from './build.js';
export type { DiskContext, DomainContext } from './context.js';
export { topology, vcpuCount } from './cpu.js';
export { DomainError, type DomainErrorCode } from './error.js';
export { firmwareUuid } from './identity.js';
export { guestMemory } from './memory.js';
