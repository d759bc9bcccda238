import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import { resolveClusterConfig } from '../../../src/api/cluster-config.js';
import { manifest } from '../../../src/validators/examples/manifest.js';
import type { Change } from '../../../src/validators/examples/shared.js';

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
    assert.deepEqual(warnings, [
      `${DEVELOPER}.featureGates[1]: Hostdisk is no feature gate of this version (did you mean "HostDisk"?): it has no effect, remove it.`,
      `${DEVELOPER}.featureGates[2]: LiveMigration is always on: it has no effect, remove it.`,
      `${DEVELOPER}.featureGates[3]: Passt no longer exists: it has no effect, remove it.`,
      `${DEVELOPER}.featureGates[4]: HotplugVolumes is deprecated: it has no effect, remove it.`,
      `${DEVELOPER}.featureGates[5]: constructor is no feature gate of this version: it has no effect, remove it.`,
      `${DEVELOPER}.disabledFeatureGates[2]: NUMA is always on and cannot be switched off: it has no effect, remove it.`,
    ]);
  });
  it('warns of a default interface that is not permitted, and of settings for ppc64le', () => {
    const network = (more: object) => create({ 'spec.configuration.network': more }).warnings;
    assert.equal(network({ permitBridgeInterfaceOnPodNetwork: false }).length, 1);
    assert.deepEqual(network({ permitBridgeInterfaceOnPodNetwork: false, defaultNetworkInterface: 'masquerade' }), []);
    const old = create({ 'spec.configuration.architectureConfiguration.ppc64le': { machineType: 'pseries' } });
    assert.match(old.warnings.join(), /ppc64le has no effect/);
  });
});
