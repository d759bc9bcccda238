/**
 * What is given to libvirt, with names: flags and choices. Names and values are those of the public headers
 * (`libvirt-domain.h`, `libvirt-host.h`, `libvirt-qemu.h`) without the common prefix. Flags are combined with `|`.
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

/** virConnectGetAllDomainStatsFlags; NOWAIT omits what a busy monitor cannot report at once. */
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

/** virDomainChannelFlags: FORCE throws another client out. */
export const ChannelFlag = { FORCE: 1 } as const;

/** virDomainMetadataType */
export const MetadataType = { DESCRIPTION: 0, TITLE: 1, ELEMENT: 2 } as const;

/** virNodeSuspendTarget: to memory, to disk, both. */
export const SuspendTarget = { MEM: 0, DISK: 1, HYBRID: 2 } as const;

/** virDomainMemoryFlags, for `peekMemory`: addresses as a program sees them, or as the machine does. */
export const MemoryPeekFlag = { VIRTUAL: 1, PHYSICAL: 2 } as const;

/** virDomainBlockJobInfoFlags: bandwidth in bytes/s. */
export const BlockJobInfoFlag = { BANDWIDTH_BYTES: 1 } as const;

/** virDomainBlockJobAbortFlags */
export const BlockJobAbortFlag = { ASYNC: 1, PIVOT: 2 } as const;

/** virDomainBlockCommitFlags */
export const BlockCommitFlag = { SHALLOW: 1, DELETE: 2, ACTIVE: 4, RELATIVE: 8, BANDWIDTH_BYTES: 16 } as const;

/** virDomainSaveRestoreFlags */
export const SaveFlag = { BYPASS_CACHE: 1, RUNNING: 2, PAUSED: 4, RESET_NVRAM: 8 } as const;

/** virDomainCoreDumpFormat */
export const DumpFormat = { RAW: 0, KDUMP_ZLIB: 1, KDUMP_LZO: 2, KDUMP_SNAPPY: 3, WIN_DMP: 4 } as const;

/** virDomainCoreDumpFlags */
export const DumpFlag = { CRASH: 1, LIVE: 2, BYPASS_CACHE: 4, RESET: 8, MEMORY_ONLY: 16 } as const;

/** virDomainGetJobStatsFlags */
export const JobStatsFlag = { COMPLETED: 1, KEEP_COMPLETED: 2 } as const;

/** virDomainSnapshotCreateFlags */
export const SnapshotCreateFlag = {
  REDEFINE: 1,
  CURRENT: 2,
  NO_METADATA: 4,
  HALT: 8,
  DISK_ONLY: 16,
  REUSE_EXT: 32,
  QUIESCE: 64,
  ATOMIC: 128,
  LIVE: 256,
  VALIDATE: 512,
} as const;

/** virDomainSnapshotListFlags; ROOTS for a domain, DESCENDANTS (the same number) for a snapshot. */
export const SnapshotListFlag = {
  ROOTS: 1,
  DESCENDANTS: 1,
  METADATA: 2,
  LEAVES: 4,
  NO_LEAVES: 8,
  NO_METADATA: 16,
  INACTIVE: 32,
  ACTIVE: 64,
  DISK_ONLY: 128,
  INTERNAL: 256,
  EXTERNAL: 512,
  TOPOLOGICAL: 1024,
} as const;

/** virDomainSnapshotRevertFlags */
export const SnapshotRevertFlag = { RUNNING: 1, PAUSED: 2, FORCE: 4, RESET_NVRAM: 8 } as const;

/** virDomainSnapshotDeleteFlags */
export const SnapshotDeleteFlag = { CHILDREN: 1, METADATA_ONLY: 2, CHILDREN_ONLY: 4 } as const;

/** virDomainSetTimeFlags */
export const TimeFlag = { SYNC: 1 } as const;

/** virDomainSetUserPasswordFlags */
export const PasswordFlag = { ENCRYPTED: 1 } as const;

/** virDomainGetHostnameFlags: 0 lets libvirt choose. */
export const HostnameFlag = { LEASE: 1, AGENT: 2 } as const;

/** virConnectCompareCPUFlags */
export const CompareCpuFlag = { FAIL_INCOMPATIBLE: 1, VALIDATE_XML: 2 } as const;

/** virConnectBaselineCPUFlags */
export const BaselineCpuFlag = { EXPAND_FEATURES: 1, MIGRATABLE: 2 } as const;

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
