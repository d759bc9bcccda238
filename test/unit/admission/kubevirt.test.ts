import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import { renderWarning } from '../../../src/admission/warnings/index.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';

const offline: AdmissionContext = { config: resolveClusterConfig(), newUuid: () => 'uuid' };
const context: AdmissionContext = { ...offline, installNamespace: 'kubevirt' };
const create = (change: Change, more: Partial<AdmissionContext> = {}, namespace = 'kubevirt') =>
  admit(
    { kind: 'KubeVirt', operation: 'CREATE', object: manifest(change, 'KubeVirt'), namespace },
    { ...context, ...more },
  );
const fields = (outcome: ReturnType<typeof create>) => outcome.causes.map(({ field }) => field);
const DEVELOPER = 'spec.configuration.developerConfiguration';

describe('the KubeVirt object', () => {
  it('is one, where the programs look for it', () => {
    assert.deepEqual(fields(create({}, { installNamespace: 'vms' })), ['metadata.namespace']);
    assert.deepEqual(fields(create({ 'metadata.namespace': undefined }, {}, 'default')), ['metadata.namespace']);
    // Offline nobody knows where the product is installed.
    const object = manifest({ 'metadata.namespace': 'vms' }, 'KubeVirt');
    assert.deepEqual(admit({ kind: 'KubeVirt', operation: 'CREATE', object }, offline).causes, []);
    assert.deepEqual(fields(create({ 'metadata.name': 'mine' })), []);
    assert.deepEqual(fields(create({ 'metadata.name': 'mine' }, { settingsObject: 'kubevirt' })), ['metadata.name']);
  });
  it('gets a refusal for each setting that nothing reads', () => {
    assert.deepEqual(fields(create({ 'spec.configuration.ovmfPath': '/x', 'spec.imageTag': 'v1' })).sort(), [
      'spec.configuration.ovmfPath',
      'spec.imageTag',
    ]);
  });
  it('warns of feature gates that do nothing, each by its place', () => {
    const { warnings, causes } = create({
      [`${DEVELOPER}.featureGates`]: [
        'HostDisk',
        'Hostdisk',
        'LiveMigration',
        'Passt',
        'HotplugVolumes',
        'constructor',
        'PersistentReservation',
      ],
      [`${DEVELOPER}.disabledFeatureGates`]: ['DataVolumes', 'BlockVolume', 'NUMA'],
    });
    assert.deepEqual(causes, []);
    assert.deepEqual(warnings.map(renderWarning), [
      `${DEVELOPER}.featureGates[3]: feature gate Passt is gone with its feature; remove it [W-GATE-1]`,
      `${DEVELOPER}.featureGates[4]: feature gate HotplugVolumes is deprecated; remove it [W-GATE-1]`,
      `${DEVELOPER}.featureGates[2]: feature gate LiveMigration is always on; remove it [W-GATE-2]`,
      `${DEVELOPER}.disabledFeatureGates[2]: feature gate NUMA cannot be switched off; remove it [W-GATE-2]`,
      `${DEVELOPER}.featureGates[1]: no such feature gate: "Hostdisk"; did you mean HostDisk? [W-GATE-3]`,
      `${DEVELOPER}.featureGates[5]: no such feature gate: "constructor"; remove it [W-GATE-3]`,
    ]);
  });
  it('warns of a default interface that is not permitted, and of settings for ppc64le', () => {
    const network = (more: object) => create({ 'spec.configuration.network': more }).warnings;
    assert.equal(network({ permitBridgeInterfaceOnPodNetwork: false }).length, 1);
    assert.deepEqual(network({ permitBridgeInterfaceOnPodNetwork: false, defaultNetworkInterface: 'masquerade' }), []);
    const old = create({ 'spec.configuration.architectureConfiguration.ppc64le': { machineType: 'pseries' } });
    assert.match(old.warnings.map(renderWarning).join(), /ppc64le: no effect/);
  });
});
