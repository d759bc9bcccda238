import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findCondition } from '../../../src/api/vmi/condition.js';
import { parseQuantity } from '../../../src/api/quantity.js';
import type { DataVolume } from '../../../src/api/schema/datavolume.js';
import { providerOf } from '../../../src/controller/data-volumes/api.js';
import { dataVolumeProblem as checkDataVolume } from '../../../src/controller/data-volumes/check.js';
import { buildClaim, diskSize } from '../../../src/controller/data-volumes/claim.js';
import { decideDataVolume, type DataVolumeView } from '../../../src/controller/data-volumes/decision.js';
import { buildImporterPod } from '../../../src/controller/data-volumes/importer-pod.js';
import { cloneProblem, dataVolumeProblem, storageStatus } from '../../../src/controller/data-volumes/readiness.js';
import { buildDataVolume } from '../../../src/controller/data-volumes/template.js';
import { vmStorage } from '../../../src/controller/data-volumes/vm-storage.js';
import type { ContainerStatus, PersistentVolumeClaim, Pod } from '../../../src/kube/types.js';
import { buildBindingPod } from '../../../src/controller/data-volumes/binding-pod.js';
import { decideVmi } from '../../../src/controller/vmi/decision.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { SlimPod } from '../../../src/controller/cache-transforms.js';
import { instance, machine, NOW, pod as launcherPod } from './objects.js';

const UID = 'dv-uid';
const HTTP = { http: { url: 'http://images.example/disk.qcow2' } };
const storage = (size = '10Gi') => ({ resources: { requests: { storage: size } } });
const volume = (spec: Partial<DataVolume['spec']> = {}, more: Partial<DataVolume> = {}): DataVolume => ({
  apiVersion: 'cdi.kubevirt.io/v1beta1',
  kind: 'DataVolume',
  ...more,
  metadata: { name: 'alpine', namespace: 'ns', uid: UID, ...more.metadata },
  spec: { source: HTTP, storage: storage(), ...spec },
});
const claim = (more: Partial<PersistentVolumeClaim> = {}): PersistentVolumeClaim => ({
  spec: { volumeMode: 'Filesystem', storageClassName: 'fast' },
  status: { phase: 'Bound' },
  ...more,
  metadata: {
    name: 'alpine',
    namespace: 'ns',
    ownerReferences: [{ apiVersion: 'x', kind: 'DataVolume', name: 'alpine', uid: UID, controller: true }],
    ...more.metadata,
  },
});
const populated = { annotations: { 'kubectl-virt.io/populated-by': UID } };
const pod = (status: Pod['status'] = {}, metadata: Pod['metadata'] = {}): Pod => ({
  metadata: {
    name: 'importer-alpine-x',
    uid: 'pod-uid',
    ownerReferences: [{ apiVersion: 'x', kind: 'DataVolume', name: 'alpine', uid: UID, controller: true }],
    ...metadata,
  },
  status: { phase: 'Pending', ...status },
});
const importer = (more: Partial<ContainerStatus>): Pod =>
  pod({ phase: 'Running', containerStatuses: [{ name: 'importer', restartCount: 0, ...more }] });
const running = importer({ state: { running: {} } });
const ended = (exitCode: number, message = 'why'): ContainerStatus['state'] => ({ terminated: { exitCode, message } });

const view = (more: Partial<DataVolumeView> = {}): DataVolumeView => ({
  dataVolume: volume(),
  claim: claim(),
  waitsForConsumer: false,
  pod: undefined,
  progress: undefined,
  now: NOW,
  ...more,
});
const decide = (more: Partial<DataVolumeView> = {}) => decideDataVolume(view(more));
const status = (phase: string): DataVolume['status'] => ({ phase });

describe('what is done about a DataVolume', () => {
  const table: [string, Partial<DataVolumeView>, string, string][] = [
    ['makes the claim first', { claim: undefined }, 'createClaim', 'Pending'],
    ['waits for a claim to be bound', { claim: claim({ status: { phase: 'Pending' } }) }, 'none', 'Pending'],
    [
      'waits for whoever uses it, where the class does',
      { claim: claim({ status: { phase: 'Pending' } }), waitsForConsumer: true },
      'none',
      'WaitForFirstConsumer',
    ],
    [
      'does not wait where it is told so',
      {
        claim: claim({ status: { phase: 'Pending' } }),
        waitsForConsumer: true,
        dataVolume: volume(
          {},
          { metadata: { annotations: { 'cdi.kubevirt.io/storage.bind.immediate.requested': 'true' } } },
        ),
      },
      'createPod',
      'ImportScheduled',
    ],
    ['makes the importer when the claim is bound', {}, 'createPod', 'ImportScheduled'],
    ['waits for the importer to start', { pod: pod() }, 'none', 'ImportScheduled'],
    ['watches it', { pod: running }, 'none', 'ImportInProgress'],
    [
      'believes no pod of its name that says it is done, and deletes none, unless it is its own',
      { pod: pod({ phase: 'Succeeded' }, { ownerReferences: [] }) },
      'none',
      'Pending',
    ],
    [
      'deletes no pod of somebody else when it is done',
      { claim: claim({ metadata: populated }), pod: pod({ phase: 'Succeeded' }, { ownerReferences: [] }) },
      'none',
      'Succeeded',
    ],
    [
      'lets kubelet start it again',
      { pod: importer({ restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended(1) }) },
      'none',
      'ImportInProgress',
    ],
    ['gives up when the importer does', { pod: importer({ state: ended(3) }) }, 'deletePod', 'Failed'],
    [
      'gives up also when kubelet has started it again meanwhile',
      { pod: importer({ state: { running: {} }, lastState: ended(3) }) },
      'deletePod',
      'Failed',
    ],
    [
      'replaces one that was evicted',
      { pod: pod({ phase: 'Failed', reason: 'Evicted' }) },
      'deletePod',
      'ImportScheduled',
    ],
    [
      'marks the claim when it is done',
      { pod: pod({ phase: 'Succeeded', containerStatuses: [{ name: 'importer', state: ended(0) }] }) },
      'markPopulated',
      'ImportInProgress',
    ],
    [
      'is done when the claim is marked',
      { claim: claim({ metadata: populated }), pod: pod({ phase: 'Succeeded' }) },
      'deletePod',
      'Succeeded',
    ],
    [
      'is not done by the mark of another',
      { claim: claim({ metadata: { annotations: { 'kubectl-virt.io/populated-by': 'else' } } }) },
      'createPod',
      'ImportScheduled',
    ],
    [
      'stays done when its claim is gone',
      { dataVolume: volume({}, { status: status('Succeeded') }), claim: undefined },
      'none',
      'Succeeded',
    ],
    ['stays failed', { dataVolume: volume({}, { status: status('Failed') }) }, 'none', 'Failed'],
    [
      'leaves a claim of somebody else alone',
      { claim: claim({ metadata: { ownerReferences: [] } }) },
      'none',
      'Pending',
    ],
    [
      'takes it as it is on demand',
      {
        claim: claim({ metadata: { ownerReferences: [] } }),
        dataVolume: volume({}, { metadata: { annotations: { 'cdi.kubevirt.io/allowClaimAdoption': 'true' } } }),
      },
      'none',
      'Succeeded',
    ],
    ['fails with its volume', { claim: claim({ status: { phase: 'Lost' } }) }, 'none', 'Failed'],
    [
      'waits for a claim to go',
      { claim: claim({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }) },
      'none',
      'Pending',
    ],
  ];
  for (const [what, more, action, phase] of table) {
    it(what, () => {
      const plan = decide(more);
      assert.deepEqual([plan.action, plan.status.phase], [action, phase]);
    });
  }

  it('clones what is there and not in use', () => {
    const dataVolume = volume({ source: { pvc: { name: 'base', namespace: 'ns' } }, storage: {} });
    const base = claim({ metadata: { name: 'base' }, spec: { resources: { requests: { storage: '3Gi' } } } });
    const missing = decide({ dataVolume, claim: undefined, source: { claim: undefined, usedBy: undefined } });
    assert.deepEqual([missing.action, missing.event?.reason], ['none', 'SourcePVCNotAvailable']);
    const used = decide({ dataVolume, source: { claim: base, usedBy: 'VirtualMachineInstance web' } });
    assert.deepEqual([used.action, used.event?.reason], ['none', 'CloneSourceInUse']);
    const again = decide({
      dataVolume: { ...dataVolume, status: used.status },
      source: { claim: base, usedBy: 'VirtualMachineInstance web' },
    });
    assert.equal(again.event, undefined, 'told once');
    const free = decide({ dataVolume, source: { claim: base, usedBy: undefined } });
    assert.deepEqual([free.action, free.status.phase], ['createPod', 'CloneScheduled']);
    assert.equal(diskSize(dataVolume, base).claim, parseQuantity('3Gi').value());
  });

  it('says that a change of its manifest comes too late, until it is undone', () => {
    const made = claim({ metadata: { annotations: buildClaim(volume()).metadata?.annotations ?? {} } });
    assert.equal(decide({ claim: made }).action, 'createPod');
    const changed = volume({ source: { http: { url: 'http://images.example/other.qcow2' } } });
    const plan = decide({ dataVolume: changed, claim: made, pod: running });
    assert.deepEqual([plan.action, plan.status.phase], ['none', 'Failed']);
    assert.match(plan.event?.message ?? '', /undo the change, or delete the DataVolume/);
    assert.equal(decide({ dataVolume: volume({}, { status: plan.status }), claim: made }).action, 'createPod');
  });

  it('shows progress, restarts and what the importer says', () => {
    const shown = decide({ pod: running, progress: 41.5 }).status;
    assert.equal(shown.progress, '41.50%');
    const failing = importer({
      restartCount: 2,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: ended(1, 'broken off'),
    });
    const after = decide({ dataVolume: volume({}, { status: shown }), pod: failing }).status;
    assert.equal(after.progress, '41.50%', 'is not forgotten');
    assert.equal(after.restartCount, 2);
    const condition = after.conditions?.find(({ type }) => type === 'Running');
    assert.deepEqual([condition?.status, condition?.reason, condition?.message], ['False', 'Error', 'broken off']);
    const pulling = importer({ state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } } });
    assert.equal(
      decide({ pod: pulling }).status.conditions?.find(({ type }) => type === 'Running')?.reason,
      'ImagePullFailed',
    );
  });

  it('says why it failed, once, and forgets a refusal when the manifest is corrected', () => {
    const wrong = volume({ source: { s3: { url: 's3://x' } } });
    const plan = decide({ dataVolume: wrong, claim: undefined });
    assert.deepEqual([plan.action, plan.status.phase, plan.event?.reason], ['none', 'Failed', 'ImportFailed']);
    assert.match(plan.event?.message ?? '', /^spec\.source\.s3: .*remove it/);
    assert.equal(decide({ dataVolume: { ...wrong, status: plan.status }, claim: undefined }).event, undefined);
    assert.equal(decide({ dataVolume: volume({}, { status: plan.status }), claim: undefined }).action, 'createClaim');
  });

  it('comes to an end from wherever it is left, and never makes a second pod', () => {
    const anyPod = fc.constantFrom(
      undefined,
      pod(),
      running,
      pod({ phase: 'Failed' }),
      pod({ phase: 'Succeeded' }),
      importer({ state: ended(1) }),
      importer({ lastState: ended(3) }),
    );
    const anyClaim = fc.constantFrom(
      undefined,
      claim(),
      claim({ status: { phase: 'Pending' } }),
      claim({ metadata: populated }),
    );
    const anyPhase = fc.constantFrom(
      undefined,
      'Pending',
      'ImportScheduled',
      'ImportInProgress',
      'Succeeded',
      'Failed',
    );
    fc.assert(
      fc.property(anyPod, anyClaim, anyPhase, fc.boolean(), (one, its, phase, waitsForConsumer) => {
        const plan = decide({
          pod: one,
          claim: its,
          waitsForConsumer,
          dataVolume: volume({}, phase === undefined ? {} : { status: status(phase) }),
        });
        if (plan.action === 'createPod') assert.ok(one === undefined && its !== undefined);
        if (plan.action === 'createClaim') assert.equal(its, undefined);
        // Nothing but the mark, or what was said before, makes it succeed; and only a pod that has succeeded makes the
        // mark.
        if (plan.status.phase === 'Succeeded')
          assert.ok(phase === 'Succeeded' || its?.metadata?.annotations !== undefined);
        if (plan.action === 'markPopulated') assert.equal(one?.status?.phase, 'Succeeded');
        // The same again changes nothing but what was written.
        const next = decide({
          pod: one,
          claim: its,
          waitsForConsumer,
          dataVolume: volume({}, { status: plan.status }),
        });
        if (plan.action === 'none') assert.deepEqual(next.status, plan.status);
        assert.equal(next.action === 'none' || next.action === plan.action, true);
      }),
    );
  });
});

describe('a DataVolume of the built-in importer', () => {
  const refused: [Partial<DataVolume['spec']>, RegExp][] = [
    [{ source: {} }, /^spec\.source: is missing/],
    [{ source: { ...HTTP, blank: {} } }, /has 2 sources \(http, blank\)/],
    [{ source: { upload: {} } }, /^spec\.source\.upload: .*http, registry, pvc and blank/],
    [{ sourceRef: { kind: 'DataSource', name: 'd' } }, /^spec\.sourceRef/],
    [{ contentType: 'archive' }, /^spec\.contentType: .*"archive".*write kubevirt/],
    [
      { source: { registry: { url: 'docker://a/b', pullMethod: 'pod' } } },
      /^spec\.source\.registry\.pullMethod: .*write node/,
    ],
    [{ source: { registry: { url: 'a/b' } } }, /write docker:\/\/REGISTRY/],
    [{ source: { registry: { url: 'docker://a/b', secretRef: 's' } } }, /default service account/],
    [{ source: { http: { url: 'ftp://a/b' } } }, /is not an HTTP URL/],
    [{ source: { http: { url: 'file:///etc/shadow' } } }, /is not an HTTP URL/],
    [{ source: { http: { url: 'http://u:p@a/b' } } }, /secretRef/],
    [{ source: { http: { url: 'http://a/b', checksum: 'sha256:12' } } }, /is no checksum/],
    [{ source: { http: { url: 'http://a/b', extraHeaders: ['x: y'] } } }, /^spec\.source\.http\.extraHeaders/],
    [{ source: { pvc: { name: 'b', namespace: 'other' } } }, /another namespace.*or install CDI/],
    [{ source: { pvc: { name: 'alpine', namespace: 'ns' } } }, /this DataVolume itself/],
    [{ storage: {} }, /requests\.storage: is missing/],
    [{ storage: storage('1') }, /at least 1Mi/],
    [{ pvc: storage() }, /one target/],
    [{ storage: { ...storage(), volumeMode: 'FromStorageProfile' } }, /write Filesystem or Block|write Filesystem/],
  ];
  for (const [spec, message] of refused) {
    it(`is refused with the field and the remedy: ${JSON.stringify(spec)}`, () => {
      const problem = checkDataVolume(volume(spec)) ?? '';
      assert.match(problem, message);
      assert.ok(problem.length <= 300, String(problem.length));
    });
  }

  it('is accepted with every source and both targets', () => {
    const registry = { url: 'docker://registry.example:5000/team/disk:1.2', pullMethod: 'node' };
    const sources = [HTTP, { registry }, { blank: {} }, { pvc: { name: 'base', namespace: 'ns' } }];
    for (const source of sources) assert.equal(checkDataVolume(volume({ source })), undefined);
    const { spec } = volume();
    assert.equal(
      checkDataVolume(volume({ ...spec, storage: undefined, pvc: { ...storage(), accessModes: ['ReadWriteOnce'] } })),
      undefined,
    );
  });

  it('makes a claim with room for the disk and its file system', () => {
    const GI = 1024n ** 3n;
    const { claim: size, disk, most } = diskSize(volume());
    assert.deepEqual([disk, most], [10n * GI, 10n * GI]);
    assert.ok((size * 94n) / 100n >= disk && size < 11n * GI, size.toString());
    const exact = { ...volume().spec, storage: undefined, pvc: storage() } as never;
    assert.equal(diskSize(volume(exact)).claim, 10n * GI);
    assert.ok(diskSize(volume(exact)).disk < 10n * GI);
    const block = volume({ storage: { ...storage(), volumeMode: 'Block' } });
    assert.deepEqual(diskSize(block), { claim: 10n * GI, disk: 10n * GI, most: 10n * GI });
    const made = buildClaim(volume());
    assert.deepEqual(made.spec?.accessModes, ['ReadWriteOnce']);
    assert.deepEqual(
      made.metadata?.ownerReferences?.map(({ kind, uid, controller }) => [kind, uid, controller]),
      [['DataVolume', UID, true]],
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 1n << 20n, max: 1n << 50n }), (bytes) => {
        const asked = diskSize(volume({ storage: storage(bytes.toString()) }));
        assert.ok((asked.claim * 94n) / 100n >= bytes && asked.claim % (1n << 20n) === 0n);
      }),
    );
  });

  it('is filled by a pod without rights that Pod Security "restricted" admits', () => {
    const sources: [Partial<DataVolume['spec']>, string[]][] = [
      [
        { source: { http: { url: 'http://a/b', secretRef: 's', certConfigMap: 'c' } } },
        ['target', 'run', 'credentials', 'certificates'],
      ],
      [{ source: { registry: { url: 'docker://a/b:1' } } }, ['target', 'run', 'virt-bin-share-dir']],
      [{ source: { pvc: { name: 'base', namespace: 'ns' } } }, ['target', 'run', 'source']],
      [{ source: { blank: {} } }, ['target', 'run']],
    ];
    for (const [spec, volumes] of sources) {
      const source = spec.source?.pvc === undefined ? undefined : claim({ metadata: { name: 'base' } });
      const built = buildImporterPod(volume(spec), { image: 'launcher:1', claim: claim(), source });
      const pod = built.spec as unknown as {
        automountServiceAccountToken: boolean;
        securityContext: Record<string, unknown>;
        volumes: { name: string }[];
        initContainers?: { securityContext: object }[];
        containers: { image: string; securityContext: object; resources: { limits?: { memory?: string } } }[];
      };
      assert.equal(pod.automountServiceAccountToken, false);
      const { runAsUser, runAsNonRoot, seccompProfile } = pod.securityContext;
      assert.deepEqual([runAsUser, runAsNonRoot, seccompProfile], [107, true, { type: 'RuntimeDefault' }]);
      assert.deepEqual(
        pod.volumes.map(({ name }) => name),
        volumes,
      );
      for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        });
      }
      if (spec.source?.registry) assert.equal(pod.containers[1]?.image, 'a/b:1');
    }
    const block = buildImporterPod(volume(), { image: 'i', claim: claim({ spec: { volumeMode: 'Block' } }) });
    const [container] = block.spec?.containers as unknown as {
      volumeDevices: object[];
      env: { name: string; value: string }[];
    }[];
    assert.deepEqual(container?.volumeDevices, [{ name: 'target', devicePath: '/dev/import-target' }]);
    assert.ok(container.env.some(({ name, value }) => name === 'IMPORT_TARGET' && value === '/dev/import-target'));
  });
});

describe('who serves DataVolumes', () => {
  const crd = (labels: Record<string, string>, more: object = {}) =>
    providerOf({
      metadata: { name: 'datavolumes.cdi.kubevirt.io', labels },
      spec: { versions: [{ name: 'v1beta1', served: true }] },
      status: { conditions: [{ type: 'Established', status: 'True' }] },
      ...more,
    });
  const ours = { 'kubectl-virt.io/built-in-importer': '' };
  it('is told by the definition: nothing of CDI’s is ever taken for ours', () => {
    assert.equal(providerOf(undefined), 'none');
    assert.equal(crd(ours), 'built-in');
    assert.equal(crd({}), 'cdi');
    assert.equal(crd({ 'cdi.kubevirt.io': '' }), 'cdi');
    assert.equal(crd({ ...ours, 'cdi.kubevirt.io': '' }), 'cdi', 'CDI was installed over ours');
    assert.equal(crd({ ...ours, 'operator.cdi.kubevirt.io': '' }), 'cdi');
    assert.equal(crd(ours, { spec: { versions: [{ name: 'v1alpha1', served: true }] } }), 'none');
    assert.equal(crd(ours, { status: {} }), 'none');
  });
});

describe('a VM with DataVolume templates', () => {
  const template = { metadata: { name: 'alpine', labels: { a: 'b' } }, spec: { source: HTTP, storage: storage() } };
  const vm = (metadata = {}) => machine({ dataVolumeTemplates: [template] }, { metadata });
  const look = (
    dataVolumes: DataVolume[],
    provider: 'cdi' | 'built-in' | 'none' | 'unknown' = 'cdi',
    starting = true,
    which = vm(),
  ) =>
    vmStorage(
      which,
      { provider, dataVolumes: new Map(dataVolumes.map((one) => [one.metadata?.name ?? '', one])) },
      starting,
    );
  const at = (phase: string, conditions: NonNullable<DataVolume['status']>['conditions'] = []): DataVolume =>
    volume({}, { status: { phase, conditions } });

  it('makes them with label, owner and permission to adopt', () => {
    const made = buildDataVolume(machine({}, { metadata: { uid: 'vm-uid' } }), template);
    assert.deepEqual(made.metadata?.labels, { a: 'b', 'kubevirt.io/created-by': 'vm-uid' });
    assert.equal(made.metadata.annotations?.['cdi.kubevirt.io/allowClaimAdoption'], 'true');
    assert.deepEqual(
      made.metadata.ownerReferences?.map(({ kind, uid, controller }) => [kind, uid, controller]),
      [['VirtualMachine', 'vm-uid', true]],
    );
    assert.deepEqual([made.metadata.namespace, made.spec], ['ns', template.spec]);
  });

  it('waits until all are filled, or wait for it', () => {
    assert.deepEqual(look([]).create, [template]);
    assert.equal(look([]).ready, false);
    for (const phase of ['Succeeded', 'WaitForFirstConsumer', 'PendingPopulation'])
      assert.equal(look([at(phase)]).ready, true);
    for (const phase of ['', 'Pending', 'ImportInProgress', 'Failed']) assert.equal(look([at(phase)]).ready, false);
    assert.deepEqual([look([], 'unknown').ready, look([], 'unknown').create], [false, []]);
  });

  it('says what is missing where nobody serves them', () => {
    const { blocked, create } = look([], 'none');
    assert.match(blocked?.message ?? '', /install CDI, or apply manifests\/data-volumes\.yaml/);
    assert.deepEqual(create, []);
  });

  it('makes them at its start only, when it says so', () => {
    const later = vm({ annotations: { 'kubevirt.io/immediate-data-volume-creation': 'false' } });
    assert.deepEqual(look([], 'cdi', false, later).create, []);
    assert.deepEqual(look([], 'cdi', true, later).create, [template]);
    assert.deepEqual(look([], 'cdi', false).create, [template]);
  });

  it('tells of a failed import once', () => {
    const failed = at('Failed', [{ type: 'Running', status: 'False', reason: 'Error', message: '404' }]);
    const { status: shown, events } = look([failed]);
    assert.equal(shown, 'DataVolumeError');
    assert.deepEqual(events, [
      { type: 'Warning', reason: 'FailedDataVolumeImport', message: 'DataVolume alpine: 404' },
    ]);
    const told = { ...vm(), status: { printableStatus: 'DataVolumeError' } };
    assert.deepEqual(look([failed], 'cdi', true, told).events, []);
  });

  it('shows rows 7, 9 and 10 of the table of printable statuses', () => {
    const bound = [{ type: 'Bound', status: 'True' }];
    assert.equal(storageStatus([at('Succeeded')]), undefined);
    assert.equal(storageStatus([at('Succeeded'), at('ImportInProgress')]), 'Provisioning');
    assert.equal(storageStatus([at('WaitForFirstConsumer')]), 'WaitingForVolumeBinding');
    assert.equal(storageStatus([at('WaitForFirstConsumer', bound)]), 'Provisioning');
    assert.equal(
      storageStatus([at('ImportInProgress', [{ type: 'Running', status: 'False', reason: 'ImagePullFailed' }])]),
      'DataVolumeError',
    );
  });
});

describe('a VMI whose volume is a DataVolume', () => {
  const byName = { name: 'root', dataVolume: { name: 'alpine' } };
  const byClaim = { name: 'root', persistentVolumeClaim: { claimName: 'alpine' } };
  const importing = volume({}, { status: status('ImportInProgress') });
  it('waits for it, under whichever name, and not for what is not its own', () => {
    assert.equal(dataVolumeProblem(byName, undefined, claim()), undefined);
    assert.equal(dataVolumeProblem(byName, volume({}, { status: status('Succeeded') }), claim()), undefined);
    assert.equal(dataVolumeProblem(byName, importing, undefined)?.reason, 'DataVolumeNotReady');
    assert.equal(dataVolumeProblem(byClaim, importing, claim())?.reason, 'DataVolumeNotReady');
    assert.equal(dataVolumeProblem(byClaim, importing, claim({ metadata: { ownerReferences: [] } })), undefined);
    const failed = dataVolumeProblem(byName, volume({}, { status: status('Failed') }), claim());
    assert.equal(failed?.reason, 'DataVolumeFailed');
    assert.match(failed.message, /^volume root: DataVolume alpine has a problem/);
    assert.equal(
      dataVolumeProblem(byName, volume({}, { status: status('WaitForFirstConsumer') }), claim())?.waitsForPod,
      true,
    );
  });
});

describe('a VMI whose claim is being cloned', () => {
  it('waits until that is done', () => {
    const clone = (phase: string) =>
      volume({ source: { pvc: { name: 'base', namespace: 'ns' } } }, { status: { phase } });
    const ask = (phase: string, name = 'base') => cloneProblem('root', name, [clone(phase)]);
    assert.match(ask('CloneInProgress')?.message ?? '', /being cloned to DataVolume alpine/);
    assert.ok(ask('CloneScheduled'));
    assert.equal(ask('CloneInProgress', 'other'), undefined);
    assert.equal(ask('Succeeded'), undefined);
  });
});

describe('a VMI that waits for its DataVolumes', () => {
  const look = (vmi = instance({}), problem?: ReturnType<typeof dataVolumeProblem>, pods: SlimPod[] = []) =>
    decideVmi({ vmi, pods, nodeGone: false, ownerGone: false, dataVolumeProblem: problem, now: NOW });
  const ready = (plan: ReturnType<typeof look>) => findCondition(plan.after.status?.conditions, 'DataVolumesReady');
  const filling = { reason: 'DataVolumeNotReady', message: 'not filled', waitsForPod: false } as const;

  it('has a condition and no pod, no event while it goes well, and one when it does not', () => {
    const waiting = look(instance({}), filling);
    assert.deepEqual([waiting.createPod, waiting.events, waiting.bindingPod], [false, [], undefined]);
    assert.deepEqual([ready(waiting)?.status, ready(waiting)?.reason], ['False', 'NotAllDVsReady']);
    const failed = look(waiting.after, { reason: 'DataVolumeFailed', message: 'broken', waitsForPod: false });
    assert.deepEqual(failed.events, [{ type: 'Warning', reason: 'DataVolumeFailed', message: 'broken' }]);
    assert.equal(findCondition(failed.after.status?.conditions, 'Synchronized')?.reason, 'DataVolumeFailed');
    const again = look(failed.after, filling);
    assert.equal(findCondition(again.after.status?.conditions, 'Synchronized'), undefined);
    const done = look(again.after);
    assert.deepEqual([done.createPod, done.bindingPod], [true, 'done']);
    assert.equal(ready(look(again.after, undefined, [launcherPod()]))?.reason, 'AllDVsReady');
    assert.equal(look().bindingPod, undefined);
  });

  it('has a pod made that binds its claims, where and as large as its own will be', () => {
    assert.equal(look(instance({}), { ...filling, waitsForPod: true }).bindingPod, 'needed');
    const base = instance({});
    const spec = {
      ...base.spec,
      nodeSelector: { disk: 'fast' },
      volumes: [
        { name: 'root', dataVolume: { name: 'alpine' } },
        { name: 'more', emptyDisk: { capacity: '1Gi' } },
      ],
    };
    const built = buildBindingPod({ ...base, spec }, { config: resolveClusterConfig(), launcherImage: 'launcher:1' });
    const its = built.spec as unknown as {
      nodeSelector: object;
      volumes: object[];
      containers: { command: string[]; resources: { requests?: object } }[];
    };
    assert.deepEqual(its.volumes, [{ name: 'volumeroot', persistentVolumeClaim: { claimName: 'alpine' } }]);
    assert.equal((its.nodeSelector as Record<string, string>)['disk'], 'fast');
    assert.deepEqual(its.containers[0]?.command, ['/bin/true']);
    assert.ok(its.containers[0].resources.requests);
    assert.notEqual(built.metadata?.labels?.['kubevirt.io'], 'virt-launcher', 'is nobody’s launcher');
  });
});
