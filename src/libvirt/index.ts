/** A client of libvirt's RPC protocol with no native code. See README.md. */
export { connect, type ConnectOptions } from './connect.js';
export { Connection, type ConnectionEvents } from './connection.js';
export type { Consoles } from './consoles.js';
export * from './flags.js';
export * from './states.js';
export type { Devices } from './devices.js';
export type { BlockJob, CommitRange, Disks } from './disks.js';
export { domainEvents, type DomainEvent, type DomainEventKind } from './domain-events.js';
export type { DomainInfo, Domains, MetadataQuery } from './domains.js';
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
export type { Events } from './events.js';
export type { GuestFilesystem, GuestInterface, Guests } from './guests.js';
export type { JobInfo, Jobs } from './jobs.js';
export type { KeepAliveOptions } from './keep-alive.js';
export { DEFAULT_LIMITS, type ConnectionLimits } from './limits.js';
export type { DomainCapabilitiesQuery, Node, NodeInfo } from './node.js';
export { procedures, type Procedure } from './procedures.js';
export type { Resources, VcpuInfo } from './resources.js';
export type { SavedStates } from './saved-states.js';
export type { Snapshots } from './snapshots.js';
export type { DomainStatsRecord, Statistics } from './statistics.js';
export { LibvirtStream } from './stream.js';
export type { Domain, Snapshot, TypedParameters, TypedValue } from './wire-types.js';
