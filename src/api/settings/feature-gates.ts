/*
 * Feature gates and whether each is on. Source: docs/reference/admission.md §15. `Beta` gates are on unless disabled,
 * `GA` gates always, all others off unless listed.
 */
export type GateState = 'Alpha' | 'Beta' | 'GA' | 'Deprecated' | 'Discontinued';

const gates = <const T extends readonly string[]>(state: GateState, names: T): [T[number], GateState][] =>
  names.map((name) => [name, state]);

export const FEATURE_GATES: ReadonlyMap<string, GateState> = new Map<string, GateState>([
  ...gates('Alpha', [
    'AlignCPUs',
    'ContainerPathVolumes',
    'DownwardMetrics',
    'EnableVirtioFsStorageVolumes',
    'ExperimentalIgnitionSupport',
    'GraceIOVirtualization',
    'HostDevices',
    'HostDisk',
    'IOMMUFD',
    'IncrementalBackup',
    'NetworkDevicesWithDRA',
    'OCIExport',
    'PCINUMAAwareTopology',
    'Plugins',
    'PortRangesSpec',
    'ReservedOverheadMemlock',
    'Root',
    'Sidecar',
    'UtilityVolumes',
    'VSOCK',
    'WorkloadEncryptionTDX',
  ]),
  ...gates('Beta', [
    'DecentralizedLiveMigration',
    'DeclarativeHotplugVolumes',
    'GPUsWithDRA',
    'HostDevicesWithDRA',
    'NodeRestriction',
    'PasstBinding',
    'RebootPolicy',
    'Snapshot',
    'WorkloadEncryptionSEV',
  ]),
  ...gates('GA', [
    'EnableVirtioFsConfigVolumes',
    'ExpandDisks',
    'GPU',
    'HotplugNICs',
    'LiveMigration',
    'MigrationPriorityQueue',
    'NUMA',
    'NetworkBindingPlugins',
    'PanicDevices',
    // Special: decided by a setting or by being listed, not by its state.
    'PersistentReservation',
    'SRIOVLiveMigration',
    'SecureExecution',
    'VMExport',
    'VMLiveUpdateFeatures',
    'VideoConfig',
    'VolumeMigration',
    'VolumesUpdateStrategy',
  ]),
  ...gates('Deprecated', [
    'DisableMDEVConfiguration',
    'DockerSELinuxMCSWorkaround',
    'HotplugVolumes',
    'MultiArchitecture',
  ]),
  ...gates('Discontinued', ['ExperimentalVirtiofsSupport', 'Macvtap', 'Passt', 'PasstIPStackMigration']),
  // Names of old manuals; what they stand for is available unless a user switches it off.
  ...gates('Beta', ['BlockVolume', 'DataVolumes']),
]);

/** What decides a gate: the two lists of `developerConfiguration`, and a setting that overrules one of them. */
export interface GateConfig {
  readonly featureGates: readonly string[];
  readonly disabledFeatureGates: readonly string[];
  /** `persistentReservationConfiguration.enabled`, which comes before the gate PersistentReservation. */
  readonly persistentReservation?: boolean;
}

export const hasFeatureGate = (config: GateConfig, name: string): boolean => {
  if (name === 'PersistentReservation') return config.persistentReservation ?? config.featureGates.includes(name);
  const state = FEATURE_GATES.get(name);
  if (state === undefined) return false;
  if (state === 'GA') return true;
  if (config.featureGates.includes(name)) return true;
  return state === 'Beta' && !config.disabledFeatureGates.includes(name);
};
