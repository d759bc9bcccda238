/** A client of libvirt's RPC protocol with no native code. See README.md. */
export { connect, type ConnectOptions } from './connect.js';
export { Connection, type DomainCapabilitiesQuery } from './connection.js';
export type { ConnectionEvents } from './connection-base.js';
export * from './constants.js';
export { domainEvents, type DomainEvent, type DomainEventKind } from './domain-events.js';
export type { DomainInfo, DomainStatsRecord, GuestInterface, VcpuInfo } from './domain-queries.js';
export { ErrorCode, ErrorDomain } from './error-codes.js';
export {
  CallTimeoutError,
  ConnectionClosedError,
  isLibvirtError,
  LibvirtError,
  LimitError,
  ProtocolError,
  XdrError,
  type CloseReason,
  type LibvirtErrorFields,
} from './errors.js';
export type { Subscription } from './event-registry.js';
export type { KeepAliveOptions } from './keep-alive.js';
export { DEFAULT_LIMITS, type ConnectionLimits } from './limits.js';
export { procedures, type Procedure } from './procedures.js';
export { LibvirtStream } from './stream.js';
export type { Domain, TypedParameters, TypedValue } from './wire-types.js';
