import assert from 'node:assert/strict';
import {
  configuredCpuModel,
  hasFeatureGate,
  resolveClusterConfig,
} from '../../../../src/api/settings/cluster-config.js';

const resolve = (configuration: object, status = {}) => resolveClusterConfig({ spec: { configuration }, status });

describe('api/cluster-config', () => {
  it('has a default for everything', () => {
    const config = resolveClusterConfig();
    assert.equal(config.defaultArchitecture, 'amd64');
    assert.equal(config.machineTypes.amd64, 'q35');
    assert.deepEqual(config.emulatedMachines.amd64, ['q35*', 'pc-q35*']);
    assert.deepEqual(config.network, { defaultNetworkInterface: 'bridge', permitBridge: true, binding: {} });
    assert.equal(config.cpuAllocationRatio, 10);
    assert.equal(config.memoryOvercommit, 100);
    assert.equal(config.evictionStrategy, 'None');
    assert.equal(config.useEmulation, false);
    assert.equal(config.memBalloonStatsPeriod, 10);
    assert.equal(config.vmRolloutStrategy, 'LiveUpdate');
    assert.equal(config.liveUpdate.maxHotplugRatio, 4);
    assert.equal(config.cpuRequest, undefined);
  });

  it('takes the KubeVirt object over the defaults, the global machine type over the architecture', () => {
    const config = resolve({
      machineType: 'pc-q35-8.2',
      architectureConfiguration: {
        amd64: { machineType: 'q35', emulatedMachines: ['pc*'] },
        defaultArchitecture: 'arm64',
      },
      cpuRequest: '200m',
      memBalloonStatsPeriod: 0,
      developerConfiguration: { useEmulation: true, cpuAllocationRatio: 1 },
      virtualMachineOptions: { disableSerialConsoleLog: {} },
    });
    assert.equal(config.machineTypes.amd64, 'pc-q35-8.2');
    assert.deepEqual(config.emulatedMachines.amd64, ['pc*']);
    assert.equal(config.defaultArchitecture, 'arm64');
    assert.equal(config.cpuRequest?.toString(), '200m');
    assert.equal(config.memBalloonStatsPeriod, 0);
    assert.equal(config.useEmulation, true);
  });

  it('takes the default architecture from the spec, the status, the caller', () => {
    assert.equal(resolve({}, { defaultArchitecture: 's390x' }).defaultArchitecture, 's390x');
    assert.equal(resolveClusterConfig(undefined, 'arm64').defaultArchitecture, 'arm64');
  });

  it('takes a request of 100m as none, and a malformed quantity as not set', () => {
    assert.equal(resolve({ cpuRequest: '0.1' }).cpuRequest, undefined);
    assert.equal(resolve({ cpuRequest: 'much' }).cpuRequest, undefined);
  });

  it('knows which gates are on', () => {
    const config = resolve({
      developerConfiguration: { featureGates: ['HostDisk', 'NoSuchGate'], disabledFeatureGates: ['Snapshot', 'GPU'] },
    });
    const gates: [string, boolean][] = [
      ['HostDisk', true],
      ['DownwardMetrics', false],
      ['Snapshot', false],
      ['NodeRestriction', true],
      ['GPU', true],
      ['BlockVolume', true],
      ['DataVolumes', true],
      ['NoSuchGate', false],
      ['PersistentReservation', false],
    ];
    for (const [gate, on] of gates) assert.equal(config.hasFeatureGate(gate), on, gate);
    assert.equal(
      hasFeatureGate(resolve({ persistentReservationConfiguration: { enabled: true } }), 'PersistentReservation'),
      true,
    );
  });

  it('picks the node entry that matches with the highest priority, the later one at a tie', () => {
    const config = resolve({
      nodeConfigs: [
        { cpuModel: 'any' },
        { cpuModel: 'first', nodeSelector: { rack: 'a' }, priority: 5 },
        { cpuModel: 'second', nodeSelector: { rack: 'a' }, priority: 5 },
        { cpuModel: 'other', nodeSelector: { rack: 'b' }, priority: 9 },
        // Has no say on the model, so it does not hide those that have.
        { nodeSelector: { rack: 'a' }, priority: 99 },
      ],
      cpuModel: 'cluster',
    });
    assert.equal(configuredCpuModel(config, { rack: 'a' }), 'second');
    assert.equal(configuredCpuModel(config, {}), 'any');
    assert.equal(configuredCpuModel(resolve({ cpuModel: 'cluster' }), {}), 'cluster');
    assert.equal(configuredCpuModel(resolveClusterConfig(), {}), undefined);
  });

  it('are without warnings of density where densityWarnings is false', () => {
    const of = (densityWarnings?: boolean) =>
      resolveClusterConfig({ spec: { configuration: { densityWarnings } } }).disabledWarnings;
    assert.deepEqual([of(), of(true)], [[], []]);
    assert.ok(['W-CPU-1', 'W-MEM-2', 'W-QOS-1', 'W-GFX-1'].every((id) => of(false).includes(id)));
    assert.ok(!of(false).includes('W-DEP-1'));
  });
});
