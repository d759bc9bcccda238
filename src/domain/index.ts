export { buildDomain } from './build.js';
export type { BlockSizes, DiskContext, DomainContext } from './domain-input.js';
export type { ExclusiveCpus } from './cpu-pool.js';
export { deviceNames } from './device-names.js';
export { DomainError, type DomainErrorCode } from './error.js';
export { firmwareUuid } from './identity.js';
export type { DomainNotice } from './notice.js';
export { element, writeXml, type XmlElement } from './xml.js';
export { domainNotices } from './notice-list.js';
