import { Type } from 'typebox';
import { int32, int64, quantity } from './scalars.js';

export const DowntimeTuningOptions = Type.Object({
  cooldownSeconds: Type.Optional(int32()),
  initialMs: Type.Optional(int64()),
  startAfterIteration: Type.Optional(int64()),
  steps: Type.Optional(int32()),
});
export type DowntimeTuningOptions = Type.Static<typeof DowntimeTuningOptions>;

export const StallDetectorOptions = Type.Object({
  completionTimeoutFactor: Type.Optional(quantity()),
  ewmaAlpha: Type.Optional(quantity()),
  patienceWindowDecayFactor: Type.Optional(quantity()),
  precopyPossibleFactor: Type.Optional(quantity()),
  searchLocalMinima: Type.Optional(Type.Boolean()),
  stallMargin: Type.Optional(int64()),
  stallProgressTimeout: Type.Optional(int64()),
  switchoverTimeout: Type.Optional(int64()),
});
export type StallDetectorOptions = Type.Static<typeof StallDetectorOptions>;

export const ExperimentalMigrationOptions = Type.Object({
  compression: Type.Optional(Type.String()),
  downtimeTuning: Type.Optional(DowntimeTuningOptions),
  stallDetector: Type.Optional(StallDetectorOptions),
});
export type ExperimentalMigrationOptions = Type.Static<typeof ExperimentalMigrationOptions>;

export const MigrationConfiguration = Type.Object({
  allowAutoConverge: Type.Optional(Type.Boolean()),
  allowPostCopy: Type.Optional(Type.Boolean()),
  allowWorkloadDisruption: Type.Optional(Type.Boolean()),
  bandwidthPerMigration: Type.Optional(quantity()),
  completionTimeoutPerGiB: Type.Optional(int64()),
  disableTLS: Type.Optional(Type.Boolean()),
  matchSELinuxLevelOnMigration: Type.Optional(Type.Boolean()),
  maxDowntimeMs: Type.Optional(int64()),
  network: Type.Optional(Type.String()),
  nodeDrainTaintKey: Type.Optional(Type.String()),
  parallelMigrationsPerCluster: Type.Optional(int64()),
  parallelOutboundMigrationsPerNode: Type.Optional(int64()),
  progressTimeout: Type.Optional(int64()),
  unsafeMigrationOverride: Type.Optional(Type.Boolean()),
  utilityVolumesTimeout: Type.Optional(int64()),
});
export type MigrationConfiguration = Type.Static<typeof MigrationConfiguration>;
