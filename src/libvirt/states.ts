/**
 * What libvirt answers, with names: states, reasons, kinds. Names and values are those of the public headers
 * (`libvirt-domain.h`, `libvirt-host.h`) without the common prefix.
 */

/** virDomainDiskErrorCode */
export const DiskError = { NONE: 0, UNSPEC: 1, NO_SPACE: 2 } as const;

/** virDomainBlockJobType */
export const BlockJobType = { UNKNOWN: 0, PULL: 1, COPY: 2, COMMIT: 3, ACTIVE_COMMIT: 4, BACKUP: 5 } as const;

/** virDomainJobType */
export const JobType = { NONE: 0, BOUNDED: 1, UNBOUNDED: 2, COMPLETED: 3, FAILED: 4, CANCELLED: 5 } as const;

/** virCPUCompareResult */
export const CpuComparison = { ERROR: -1, INCOMPATIBLE: 0, IDENTICAL: 1, SUPERSET: 2 } as const;

/** virDomainState */
export const DomainState = {
  NOSTATE: 0,
  RUNNING: 1,
  BLOCKED: 2,
  PAUSED: 3,
  SHUTDOWN: 4,
  SHUTOFF: 5,
  CRASHED: 6,
  PMSUSPENDED: 7,
} as const;

/** virDomainRunningReason */
export const RunningReason = {
  UNKNOWN: 0,
  BOOTED: 1,
  MIGRATED: 2,
  RESTORED: 3,
  FROM_SNAPSHOT: 4,
  UNPAUSED: 5,
  MIGRATION_CANCELED: 6,
  SAVE_CANCELED: 7,
  WAKEUP: 8,
  CRASHED: 9,
  POSTCOPY: 10,
  POSTCOPY_FAILED: 11,
} as const;

/** virDomainPausedReason */
export const PausedReason = {
  UNKNOWN: 0,
  USER: 1,
  MIGRATION: 2,
  SAVE: 3,
  DUMP: 4,
  IOERROR: 5,
  WATCHDOG: 6,
  FROM_SNAPSHOT: 7,
  SHUTTING_DOWN: 8,
  SNAPSHOT: 9,
  CRASHED: 10,
  STARTING_UP: 11,
  POSTCOPY: 12,
  POSTCOPY_FAILED: 13,
} as const;

/** virDomainShutoffReason */
export const ShutoffReason = {
  UNKNOWN: 0,
  SHUTDOWN: 1,
  DESTROYED: 2,
  CRASHED: 3,
  MIGRATED: 4,
  SAVED: 5,
  FAILED: 6,
  FROM_SNAPSHOT: 7,
  DAEMON: 8,
} as const;

/** virDomainCrashedReason */
export const CrashedReason = { UNKNOWN: 0, PANICKED: 1 } as const;

/** virDomainEventType: `event` of a lifecycle event. */
export const LifecycleEvent = {
  DEFINED: 0,
  UNDEFINED: 1,
  STARTED: 2,
  SUSPENDED: 3,
  RESUMED: 4,
  STOPPED: 5,
  SHUTDOWN: 6,
  PMSUSPENDED: 7,
  CRASHED: 8,
} as const;

/** virDomainEventStartedDetailType: `detail` when `event` is STARTED. */
export const StartedDetail = { BOOTED: 0, MIGRATED: 1, RESTORED: 2, FROM_SNAPSHOT: 3, WAKEUP: 4 } as const;

/** virDomainEventSuspendedDetailType: `detail` when `event` is SUSPENDED. */
export const SuspendedDetail = {
  PAUSED: 0,
  MIGRATED: 1,
  IOERROR: 2,
  WATCHDOG: 3,
  RESTORED: 4,
  FROM_SNAPSHOT: 5,
  API_ERROR: 6,
  POSTCOPY: 7,
  POSTCOPY_FAILED: 8,
} as const;

/** virDomainEventStoppedDetailType: `detail` when `event` is STOPPED. */
export const StoppedDetail = {
  SHUTDOWN: 0,
  DESTROYED: 1,
  CRASHED: 2,
  MIGRATED: 3,
  SAVED: 4,
  FAILED: 5,
  FROM_SNAPSHOT: 6,
} as const;

/** virDomainEventShutdownDetailType: `detail` when `event` is SHUTDOWN; GUEST: the guest powered itself off. */
export const ShutdownDetail = { FINISHED: 0, GUEST: 1, HOST: 2 } as const;

/** virDomainEventCrashedDetailType: `detail` when `event` is CRASHED. */
export const CrashedDetail = { PANICKED: 0, CRASHLOADED: 1 } as const;

/** virConnectDomainEventAgentLifecycleState */
export const AgentState = { CONNECTED: 1, DISCONNECTED: 2 } as const;

/** virDomainEventIOErrorAction: what QEMU did about a failed read or write. */
export const IoErrorAction = { NONE: 0, PAUSE: 1, REPORT: 2 } as const;

/** virDomainEventWatchdogAction */
export const WatchdogAction = {
  NONE: 0,
  PAUSE: 1,
  RESET: 2,
  POWEROFF: 3,
  SHUTDOWN: 4,
  DEBUG: 5,
  INJECTNMI: 6,
} as const;

/** virVcpuState */
export const VcpuState = { OFFLINE: 0, RUNNING: 1, BLOCKED: 2 } as const;

/** virDomainMemoryStatTags, in the order of their numbers: KiB, except faults and allocations (counts). */
export const memoryStatNames = [
  'swapIn',
  'swapOut',
  'majorFault',
  'minorFault',
  'unused',
  'available',
  'actualBalloon',
  'rss',
  'usable',
  'lastUpdate',
  'diskCaches',
  'hugetlbPgalloc',
  'hugetlbPgfail',
] as const;

/** The name of a value of `getMemoryStats`. `lastUpdate` is in seconds since 1970. */
export type MemoryStatName = (typeof memoryStatNames)[number];
