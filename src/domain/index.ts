export { buildDomain } from './build.js';
export type { DiskContext, DomainContext } from './context.js';
export { DomainError, type DomainErrorCode } from './error.js';
export { firmwareUuid } from './identity.js';
export { domainNotices, type DomainNotice } from './nested.js';
