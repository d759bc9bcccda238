import assert from 'node:assert/strict';
import { FEATURE_GATES, hasFeatureGate, type GateState } from '../../../../src/api/settings/feature-gates.js';

const none = { featureGates: [], disabledFeatureGates: [] };
const listed = (...featureGates: string[]) => ({ ...none, featureGates });
const disabled = (...disabledFeatureGates: string[]) => ({ ...none, disabledFeatureGates });

/**
 * The gates of docs/reference/admission.md §15.2 that decide whether a rule fires, and whether they are on by default.
 */
const OFF = [
  ...[
    'AlignCPUs',
    'ContainerPathVolumes',
    'DownwardMetrics',
    'EnableVirtioFsStorageVolumes',
    'HostDevices',
    'HostDisk',
  ],
  ...['ExperimentalIgnitionSupport', 'GraceIOVirtualization', 'IOMMUFD', 'IncrementalBackup', 'OCIExport', 'Plugins'],
  ...['NetworkDevicesWithDRA', 'PCINUMAAwareTopology', 'PortRangesSpec', 'ReservedOverheadMemlock', 'Root', 'Sidecar'],
  ...['UtilityVolumes', 'VSOCK', 'WorkloadEncryptionTDX'],
];
const ON = [
  ...[
    'DecentralizedLiveMigration',
    'DeclarativeHotplugVolumes',
    'GPUsWithDRA',
    'HostDevicesWithDRA',
    'NodeRestriction',
  ],
  ...['PasstBinding', 'RebootPolicy', 'Snapshot', 'WorkloadEncryptionSEV'],
];
const ALWAYS = [
  ...['EnableVirtioFsConfigVolumes', 'ExpandDisks', 'GPU', 'HotplugNICs', 'LiveMigration', 'MigrationPriorityQueue'],
  ...['NUMA', 'NetworkBindingPlugins', 'PanicDevices', 'SRIOVLiveMigration', 'SecureExecution', 'VMExport'],
  ...['VMLiveUpdateFeatures', 'VideoConfig', 'VolumeMigration', 'VolumesUpdateStrategy'],
];
const GONE = [
  ...['DisableMDEVConfiguration', 'DockerSELinuxMCSWorkaround', 'HotplugVolumes', 'MultiArchitecture'],
  ...['ExperimentalVirtiofsSupport', 'Macvtap', 'Passt', 'PasstIPStackMigration'],
];

describe('feature gates', () => {
  it('of alpha, deprecated and discontinued features are off unless listed', () => {
    for (const gate of [...OFF, ...GONE]) {
      assert.equal(hasFeatureGate(none, gate), false, gate);
      assert.equal(hasFeatureGate(listed(gate), gate), true, gate);
      assert.equal(hasFeatureGate(listed('Other'), gate), false, gate);
    }
  });
  it('of beta features are on unless disabled; being listed comes first', () => {
    for (const gate of ON) {
      assert.equal(hasFeatureGate(none, gate), true, gate);
      assert.equal(hasFeatureGate(disabled(gate), gate), false, gate);
      assert.equal(hasFeatureGate({ ...listed(gate), disabledFeatureGates: [gate] }, gate), true, gate);
    }
  });
  it('of finished features are on, whatever is said', () => {
    for (const gate of ALWAYS) {
      assert.equal(hasFeatureGate(none, gate), true, gate);
      assert.equal(hasFeatureGate(disabled(gate), gate), true, gate);
    }
  });
  it('that nobody knows are off, even where listed', () => {
    assert.equal(hasFeatureGate(listed('NoSuchGate', 'constructor'), 'NoSuchGate'), false);
    assert.equal(hasFeatureGate(listed('constructor'), 'constructor'), false);
  });
  it('PersistentReservation: a setting decides, else whether it is literally listed', () => {
    const gate = 'PersistentReservation';
    assert.equal(hasFeatureGate(none, gate), false);
    assert.equal(hasFeatureGate(listed(gate), gate), true);
    assert.equal(hasFeatureGate({ ...none, persistentReservation: true }, gate), true);
    assert.equal(hasFeatureGate({ ...listed(gate), persistentReservation: false }, gate), false);
  });
  it('are known with their states', () => {
    // Names of old manifests, no gates of the reference.
    const gates = [...FEATURE_GATES].filter(([name]) => !['BlockVolume', 'DataVolumes'].includes(name));
    const names = (...states: GateState[]) => gates.filter(([, state]) => states.includes(state)).map(([name]) => name);
    assert.deepEqual(names('Alpha').sort(), [...OFF].sort());
    assert.deepEqual(names('Beta').sort(), [...ON].sort());
    assert.deepEqual(names('Deprecated', 'Discontinued').sort(), [...GONE].sort());
    for (const gate of [...ALWAYS, 'PersistentReservation']) assert.equal(FEATURE_GATES.get(gate), 'GA', gate);
  });
});
