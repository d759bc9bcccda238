import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { admit } from '../../../src/admission/admit.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import type { CheckedKind } from '../../../src/api/schema-check/check-schema.js';
import { asksForNothing } from '../../../src/api/settings/asks.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';

/* What is empty, null or switched off asks for nothing, and is admitted. */

const context: AdmissionContext = {
  config: resolveClusterConfig(),
  newUuid: () => '00000000-0000-4000-8000-000000000000',
};
const admitted = (kind: CheckedKind, object: object) =>
  admit({ kind, operation: 'CREATE', object: { apiVersion: 'kubevirt.io/v1', kind, ...object } }, context);
const fields = (kind: CheckedKind, object: object): string[] => admitted(kind, object).causes.map(({ field }) => field);

const metadata = { name: 'a' };
const memory = { guest: '1Gi' };
const vmi = (spec: object, more: object = {}): object => ({
  metadata,
  spec: { ...spec, domain: { memory, devices: {}, ...more } },
});

const KUBEVIRT: Readonly<Record<string, string>> = {
  'v0.59 to v1.6': `
    certificateRotateStrategy: {}
    configuration:
      developerConfiguration:
        featureGates: []
    customizeComponents: {}
    imagePullPolicy: IfNotPresent
    workloadUpdateStrategy: {}`,
  'gates of all sorts': `
    configuration:
      developerConfiguration:
        useEmulation: true
        featureGates: [LiveMigration, HotplugVolumes, CPUManager, DataVolumes, SRIOV, Macvtap, GPU, WithHostModelCPU, NoSuchGate]
    workloadUpdateStrategy: {workloadUpdateMethods: [LiveMigrate]}`,
  'an operator of OpenShift': `
    certificateRotateStrategy:
      selfSigned: {ca: {duration: 48h0m0s, renewBefore: 24h0m0s}, server: {duration: 24h0m0s, renewBefore: 12h0m0s}}
    configuration:
      developerConfiguration:
        diskVerification: {memoryLimit: 2G}
        featureGates: [CPUManager, Snapshot, ExpandDisks, GPU, HostDevices, VMExport]
      evictionStrategy: LiveMigrate
      migrations: {allowAutoConverge: false, completionTimeoutPerGiB: 150, parallelMigrationsPerCluster: 5}
      network: {defaultNetworkInterface: masquerade}
      obsoleteCPUModels: {"486": true, pentium: true}
      seccompConfiguration:
        virtualMachineInstanceProfile: {customProfile: {localhostProfile: kubevirt/kubevirt.json}}
      selinuxLauncherType: virt_launcher.process
      smbios: {family: Red Hat, manufacturer: Red Hat, product: OpenShift Virtualization}
      tlsConfiguration: {minTLSVersion: VersionTLS12, ciphers: [TLS_AES_128_GCM_SHA256]}
      virtualMachineOptions: {disableSerialConsoleLog: {}}
      apiConfiguration: {restClient: {rateLimiter: {tokenBucketRateLimiter: {burst: 400, qps: 200}}}}
    customizeComponents: {}
    uninstallStrategy: BlockUninstallIfWorkloadsExist
    productName: hyperconverged-cluster
    infra: {nodePlacement: {}, replicas: 2}
    workloads: {nodePlacement: {}}
    workloadUpdateStrategy: {batchEvictionInterval: 1m0s, batchEvictionSize: 10, workloadUpdateMethods: [LiveMigrate]}`,
  Harvester: `
    certificateRotateStrategy: {}
    configuration:
      developerConfiguration:
        featureGates: [LiveMigration, HotplugVolumes, HostDevices, GPU, Snapshot, VMPersistentState]
        logVerbosity: {virtAPI: 2, virtController: 2}
      permittedHostDevices: {}
      network: {permitBridgeInterfaceOnPodNetwork: true, permitSlirpInterface: true, defaultNetworkInterface: bridge}
      vmStateStorageClass: vmstate-persistence
      vmRolloutStrategy: LiveUpdate
      liveUpdateConfiguration: {}
    customizeComponents: {}
    imagePullPolicy: IfNotPresent
    infra: {replicas: 1}
    workloadUpdateStrategy: {}`,
};

describe('a KubeVirt object as it is shipped', () => {
  for (const [who, spec] of Object.entries(KUBEVIRT)) {
    it(`is admitted: ${who}`, () => {
      const object = { metadata: { name: 'kubevirt', namespace: 'kubevirt' }, spec: parse(spec) as object };
      assert.deepEqual(fields('KubeVirt', object), []);
    });
  }
  it('gets a warning for each setting that has no effect, and none for an empty one', () => {
    const spec = { workloadUpdateStrategy: { workloadUpdateMethods: ['LiveMigrate'] }, infra: { nodePlacement: {} } };
    const { warnings } = admitted('KubeVirt', { metadata: { name: 'kubevirt' }, spec });
    assert.deepEqual(
      warnings.map(({ id, field }) => [id, field]),
      [['W-SET-2', 'spec.workloadUpdateStrategy']],
    );
  });
  it('is refused where somebody would rely on what has no effect', () => {
    const placed = { nodePlacement: { nodeSelector: { zone: 'a' } } };
    const spec = { workloads: placed, customizeComponents: { flags: { api: { v: '5' } } }, imageTag: 'v1' };
    assert.deepEqual(fields('KubeVirt', { metadata: { name: 'kubevirt' }, spec }).sort(), [
      'spec.customizeComponents',
      'spec.imageTag',
      'spec.workloads',
    ]);
  });
});

describe('what is off or empty', () => {
  const OFF: readonly [what: string, object: object][] = [
    ['devices that are off', vmi({}, { devices: { tpm: { enabled: false }, autoattachVSOCK: false } })],
    ['a TPM that is off and persistent', vmi({}, { devices: { tpm: { enabled: false, persistent: true } } })],
    ['enlightenments of the node that are off', vmi({}, { features: { hypervPassthrough: { enabled: false } } })],
    [
      'enlightenments beside those of the node, which are off',
      vmi({}, { features: { hypervPassthrough: { enabled: false }, hyperv: { relaxed: {} } } }),
    ],
    ['lists without items', vmi({ accessCredentials: [], utilityVolumes: [], resourceClaims: [], tolerations: [] })],
    ['devices without items', vmi({}, { devices: { gpus: [], hostDevices: [], filesystems: [] } })],
    ['probes that are null', vmi({ livenessProbe: null, readinessProbe: null })],
    ['sections that are empty', vmi({}, { cpu: { numa: {} }, firmware: { kernelBoot: {} } })],
    ['memory that is not locked', vmi({}, { memory: { ...memory, reservedOverhead: {} } })],
    ['sections that are null', vmi({ affinity: null, dnsConfig: null, nodeSelector: null }, { cpu: null })],
    ['metadata that is null', { ...vmi({}), metadata: { ...metadata, annotations: null, labels: null } }],
  ];
  for (const [what, object] of OFF) {
    it(`is admitted: ${what}`, () => assert.deepEqual(fields('VirtualMachineInstance', object), []));
  }
  it('is admitted in a template, and written without what is null', () => {
    const template = {
      metadata: { annotations: null, creationTimestamp: null },
      spec: { domain: { memory, devices: { tpm: null } } },
    };
    const spec = { runStrategy: 'Halted', dataVolumeTemplates: null, instancetype: {}, preference: null, template };
    const { causes, object, patch } = admitted('VirtualMachine', { metadata, spec });
    assert.deepEqual(causes, []);
    assert.deepEqual((object as { spec: { template: { metadata: object } } }).spec.template.metadata, {
      creationTimestamp: null,
    });
    assert.ok(patch.some(({ op, path }) => op === 'remove' && path === '/spec/template/metadata/annotations'));
  });
  it('is none of what is wanted by being there', () => {
    assert.deepEqual(fields('VirtualMachineInstance', vmi({}, { devices: { clientPassthrough: {} } })), [
      'spec.domain.devices.clientPassthrough',
    ]);
    assert.deepEqual(fields('VirtualMachineInstance', vmi({}, { launchSecurity: { sev: {} } })), [
      'spec.domain.launchSecurity',
    ]);
  });
  it('is told by one function', () => {
    for (const nothing of [undefined, null, false, '', [], { enabled: false }]) assert.ok(asksForNothing(nothing));
    for (const something of [true, 'a', 1, [{}], {}, { enabled: true }]) assert.ok(!asksForNothing(something));
    assert.ok(asksForNothing({ a: '', b: null, c: [] }, 'section'));
    assert.ok(!asksForNothing({ a: {} }, 'section'));
    assert.ok(asksForNothing({ a: { b: {} } }, 'sections'));
    assert.ok(!asksForNothing({ a: { b: 1 } }, 'sections'));
  });
});
