import type { Descriptions } from './descriptions.js';

const migration = {
  allowAutoConverge: 'Slows the guest down to end.',
  allowPostCopy: 'Fetches memory after the switch.',
  allowWorkloadDisruption: 'Pauses the guest to end.',
  bandwidthPerMigration: 'Bytes per second, at most.',
  completionTimeoutPerGiB: 'Seconds per GiB, at most.',
  disableTLS: 'Migrates in the clear.',
  experimental: 'Settings under trial.',
  matchSELinuxLevelOnMigration: 'Keeps the SELinux level.',
  maxDowntimeMs: 'Milliseconds of standstill, at most.',
  network: 'Network to migrate by.',
  nodeDrainTaintKey: 'Taint that drains a node.',
  parallelMigrationsPerCluster: 'At a time in the cluster.',
  parallelOutboundMigrationsPerNode: 'At a time from a node.',
  progressTimeout: 'Seconds without progress, at most.',
  unsafeMigrationOverride: 'Migrates what is not safe.',
  utilityVolumesTimeout: 'Seconds to wait for volumes.',
};

/** How VMs move from node to node. */
export const KUBEVIRT_MIGRATION: Descriptions = {
  MigrationConfiguration: migration,
  VMIMConfigurationOptions: migration,
  ExperimentalMigrationOptions: {
    compression: 'Compression in use.',
    downtimeTuning: 'How standstill is raised.',
    stallDetector: 'How a stall is seen.',
  },
  DowntimeTuningOptions: {
    cooldownSeconds: 'Seconds between steps.',
    initialMs: 'Milliseconds at first.',
    startAfterIteration: 'Rounds before the first step.',
    steps: 'Number of steps.',
  },
  StallDetectorOptions: {
    completionTimeoutFactor: 'Factor on the timeout.',
    ewmaAlpha: 'Weight of new values.',
    patienceWindowDecayFactor: 'How patience wears off.',
    precopyPossibleFactor: 'When copying can still end.',
    searchLocalMinima: 'Waits for a good moment.',
    stallMargin: 'Margin in percent.',
    stallProgressTimeout: 'Seconds of a stall.',
    switchoverTimeout: 'Seconds for the switch.',
  },
};
