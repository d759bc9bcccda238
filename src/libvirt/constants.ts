/**
 * libvirt's numbers with names: flags, states, reasons. Names and values are those of the public headers
 * (`libvirt-domain.h`, `libvirt-qemu.h`) without the common prefix. Flags are combined with `|`.
 */

/** virConnectFlags, for `connect` */
export const ConnectFlag = { READ_ONLY: 1 } as const;

/** virDomainDefineFlags */
export const DefineFlag = { VALIDATE: 1 } as const;

/** virDomainCreateFlags */
export const CreateFlag = {
  PAUSED: 1,
  AUTODESTROY: 2,
  BYPASS_CACHE: 4,
  FORCE_BOOT: 8,
  VALIDATE: 16,
  RESET_NVRAM: 32,
} as const;

/** virDomainDestroyFlagsValues */
export const DestroyFlag = { GRACEFUL: 1, REMOVE_LOGS: 2 } as const;

/** virDomainShutdownFlagValues and virDomainRebootFlagValues: how the guest is asked. 0 lets libvirt choose. */
export const ShutdownFlag = { ACPI_POWER_BUTTON: 1, GUEST_AGENT: 2, INITCTL: 4, SIGNAL: 8, PARAVIRT: 16 } as const;

/** virDomainUndefineFlagsValues */
export const UndefineFlag = {
  MANAGED_SAVE: 1,
  SNAPSHOTS_METADATA: 2,
  NVRAM: 4,
  KEEP_NVRAM: 8,
  CHECKPOINTS_METADATA: 16,
  TPM: 32,
  KEEP_TPM: 64,
} as const;

/** virDomainXMLFlags */
export const XmlFlag = { SECURE: 1, INACTIVE: 2, UPDATE_CPU: 4, MIGRATABLE: 8 } as const;

/** virDomainModificationImpact: which of the domain's definitions a change is for; FORCE ejects a locked tray. */
export const AffectFlag = { CURRENT: 0, LIVE: 1, CONFIG: 2, FORCE: 4 } as const;

/** virDomainMemoryModFlags */
export const MemoryFlag = { CURRENT: 0, LIVE: 1, CONFIG: 2, MAXIMUM: 4 } as const;

/** virDomainVcpuFlags */
export const VcpuFlag = { CURRENT: 0, LIVE: 1, CONFIG: 2, MAXIMUM: 4, GUEST: 8, HOTPLUGGABLE: 16 } as const;

/** virConnectListAllDomainsFlags; within a group they add up, groups narrow each other. 0 lists all. */
export const ListFlag = {
  ACTIVE: 1,
  INACTIVE: 2,
  PERSISTENT: 4,
  TRANSIENT: 8,
  RUNNING: 16,
  PAUSED: 32,
  SHUTOFF: 64,
  OTHER: 128,
} as const;

/** virDomainStatsTypes; 0 asks for all that the daemon knows. */
export const StatsType = {
  STATE: 1,
  CPU_TOTAL: 2,
  BALLOON: 4,
  VCPU: 8,
  INTERFACE: 16,
  BLOCK: 32,
  PERF: 64,
  IOTHREAD: 128,
  MEMORY: 256,
  DIRTYRATE: 512,
  VM: 1024,
} as const;

/** virConnectGetAllDomainStatsFlags; NOWAIT leaves out what a busy monitor cannot tell at once. */
export const StatsFlag = {
  ACTIVE: 1,
  INACTIVE: 2,
  PERSISTENT: 4,
  TRANSIENT: 8,
  RUNNING: 16,
  PAUSED: 32,
  SHUTOFF: 64,
  OTHER: 128,
  NOWAIT: 0x2000_0000,
  BACKING: 0x4000_0000,
  ENFORCE_STATS: 0x8000_0000,
} as const;

/** virDomainConsoleFlags: FORCE throws another client out, SAFE opens only devices that support being shared out. */
export const ConsoleFlag = { FORCE: 1, SAFE: 2 } as const;

/** virDomainBlockResizeFlags; without BYTES the size is in KiB. */
export const BlockResizeFlag = { BYTES: 1 } as const;

/** virDomainQemuMonitorCommandFlags; HMP is the human monitor's language, without it the command is QMP JSON. */
export const MonitorCommandFlag = { HMP: 1 } as const;

/** virDomainQemuAgentCommandTimeoutValues: instead of seconds. */
export const AgentTimeout = { BLOCK: -2, DEFAULT: -1, NOWAIT: 0 } as const;

/** virDomainInterfaceAddressesSource */
export const AddressSource = { LEASE: 0, AGENT: 1, ARP: 2 } as const;

/** virDomainGuestInfoTypes; 0 asks for all that the guest agent supports. */
export const GuestInfoType = {
  USERS: 1,
  OS: 2,
  TIMEZONE: 4,
  HOSTNAME: 8,
  FILESYSTEM: 16,
  DISKS: 32,
  INTERFACES: 64,
} as const;

/** virKeycodeSet */
export const KeycodeSet = {
  LINUX: 0,
  XT: 1,
  ATSET1: 2,
  ATSET2: 3,
  ATSET3: 4,
  OSX: 5,
  XT_KBD: 6,
  USB: 7,
  WIN32: 8,
  QNUM: 9,
} as const;

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
