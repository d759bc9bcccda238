import assert from 'node:assert/strict';
import { permissionsOf } from '../../../src/admission/permissions/index.js';
import type { AdmissionContext, AdmissionRequest } from '../../../src/admission/types.js';
import { accessWords } from '../../../src/api/access/access.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { VMI_SPEC_NOT_ACTED_ON } from '../../../src/api/settings/acted-on.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';

const context: AdmissionContext = { config: resolveClusterConfig(), newUuid: () => 'uuid' };
const request = (change: Change, more: Partial<AdmissionRequest> = {}): AdmissionRequest => {
  const kind = more.kind ?? 'VirtualMachine';
  const object = manifest(change, kind);
  return { kind, operation: 'CREATE', object, user: { username: 'bob' }, namespace: 'default', ...more };
};
/** `FIELD NAMESPACE: right or right`. */
const needs = (admitted: AdmissionRequest): string[] =>
  permissionsOf(admitted, context).map(
    ({ field, anyOf }) => `${field} ${anyOf[0].namespace}: ${anyOf.map(accessWords).join(' or ')}`,
  );
const ofInstance = (change: Change) => needs(request(change, { kind: 'VirtualMachineInstance' }));
const V = 'spec.volumes[1]';
const volume = (source: object): Change => ({ [V]: { name: 'init', ...source } });
const DV = 'spec.dataVolumeTemplates[0].spec';
const template = (spec: object): Change => ({
  'spec.dataVolumeTemplates': [{ metadata: { name: 'root' }, spec: { storage: {}, ...spec } }],
});
const COPY = 'create datavolumes.cdi.kubevirt.io/source';

describe('the rights that a request needs', () => {
  it('are none for a VM that takes nothing of anybody', () => {
    for (const kind of ['VirtualMachine', 'VirtualMachineInstance', 'VirtualMachineInstanceReplicaSet'] as const)
      assert.deepEqual(needs(request({}, { kind })), []);
    assert.deepEqual(needs(request(template({ source: { blank: {} } }))), []);
    assert.deepEqual(
      ofInstance({
        'spec.nodeSelector': { disk: 'ssd' },
        'spec.tolerations': [{ operator: 'Exists' }],
        'spec.schedulerName': 'mine',
        ...volume({ emptyDisk: { capacity: '1Gi' } }),
      }),
      [],
    );
  });

  const table: [string, Change, string][] = [
    [
      'a Secret',
      volume({ secret: { secretName: 's' } }),
      `${V}.secret.secretName default: create pods or get secrets s`,
    ],
    [
      'a Secret of cloud-init',
      volume({ cloudInitNoCloud: { secretRef: { name: 's' } } }),
      `${V}.cloudInitNoCloud.secretRef.name default: create pods or get secrets s`,
    ],
    [
      'a Secret of a config drive',
      volume({ cloudInitConfigDrive: { networkDataSecretRef: { name: 's' } } }),
      `${V}.cloudInitConfigDrive.networkDataSecretRef.name default: create pods or get secrets s`,
    ],
    [
      'a Secret of sysprep',
      volume({ sysprep: { secret: { name: 's' } } }),
      `${V}.sysprep.secret.name default: create pods or get secrets s`,
    ],
    [
      'a ConfigMap',
      volume({ configMap: { name: 'c' } }),
      `${V}.configMap.name default: create pods or get configmaps c`,
    ],
    [
      'the token of a service account',
      volume({ serviceAccount: { serviceAccountName: 'a' } }),
      `${V}.serviceAccount.serviceAccountName default: create pods or create serviceaccounts/token a`,
    ],
    [
      'the account of the pod',
      { 'spec.serviceAccountName': 'a' },
      'spec.serviceAccountName default: create pods or create serviceaccounts/token a',
    ],
    [
      'a pull secret',
      volume({ containerDisk: { image: 'i', imagePullSecret: 's' } }),
      `${V}.containerDisk.imagePullSecret default: create pods or get secrets s`,
    ],
    [
      'a claim',
      volume({ persistentVolumeClaim: { claimName: 'c' } }),
      `${V}.persistentVolumeClaim.claimName default: create pods or create datavolumes.cdi.kubevirt.io`,
    ],
    [
      'the claim of a DataVolume',
      volume({ dataVolume: { name: 'c' } }),
      `${V}.dataVolume.name default: create pods or create datavolumes.cdi.kubevirt.io`,
    ],
    [
      'a claim beneath a copy',
      volume({ ephemeral: { persistentVolumeClaim: { claimName: 'c' } } }),
      `${V}.ephemeral.persistentVolumeClaim.claimName default: create pods or create datavolumes.cdi.kubevirt.io`,
    ],
    ['the node', volume({ hostDisk: { path: '/d/x', type: 'Disk' } }), `${V}.hostDisk default: create pods`],
    ['priority', { 'spec.priorityClassName': 'p' }, 'spec.priorityClassName default: create pods'],
    [
      'a network of another namespace',
      { 'spec.networks': [{ name: 'n', multus: { networkName: 'other/net' } }] },
      'spec.networks[0].multus.networkName other: create pods or get network-attachment-definitions.k8s.cni.cncf.io net',
    ],
    [
      'networks by annotation',
      { 'metadata.annotations': { 'k8s.v1.cni.cncf.io/networks': 'other/net', note: 'x' } },
      'metadata.annotations[k8s.v1.cni.cncf.io/networks] default: create pods',
    ],
    [
      'a credential',
      {
        'spec.accessCredentials': [
          { sshPublicKey: { source: { secret: { secretName: 's' } }, propagationMethod: { noCloud: {} } } },
        ],
      },
      'spec.accessCredentials[0].sshPublicKey.source.secret.secretName default: create pods or get secrets s',
    ],
  ];
  for (const [what, change, need] of table)
    it(`name what a VMI takes: ${what}`, () => assert.deepEqual(ofInstance(change), [need]));

  it('are those of the template, at its paths, for VMs and sets', () => {
    const change = { 'spec.template.spec.volumes[1]': { name: 'init', secret: { secretName: 's' } } };
    const need = 'spec.template.spec.volumes[1].secret.secretName default: create pods or get secrets s';
    assert.deepEqual(needs(request(change)), [need]);
    assert.deepEqual(needs(request(change, { kind: 'VirtualMachineInstanceReplicaSet' })), [need]);
  });

  const foreign: [string, object, string][] = [
    [
      'a claim',
      { source: { pvc: { namespace: 'victim', name: 'db' } } },
      `${DV}.source.pvc victim: ${COPY} db or create pods db`,
    ],
    [
      'a snapshot',
      { source: { snapshot: { namespace: 'victim', name: 'db' } } },
      `${DV}.source.snapshot victim: ${COPY} db`,
    ],
    [
      'a data source',
      { sourceRef: { kind: 'DataSource', namespace: 'victim', name: 'db' } },
      `${DV}.sourceRef victim: ${COPY} db or create pods db`,
    ],
    [
      'whatever fills a claim',
      { storage: { dataSourceRef: { kind: 'X', namespace: 'victim', name: 'db' } } },
      `${DV}.storage.dataSourceRef victim: ${COPY} db or create pods db`,
    ],
    [
      'whatever fills a claim (pvc)',
      { pvc: { dataSourceRef: { kind: 'X', namespace: 'victim', name: 'db' } } },
      `${DV}.pvc.dataSourceRef victim: ${COPY} db or create pods db`,
    ],
  ];
  for (const [what, spec, need] of foreign)
    it(`name what a DataVolume copies from another namespace: ${what}`, () =>
      assert.deepEqual(needs(request(template(spec))), [need]));

  it('name what imports use of the namespace: whoever makes DataVolumes may', () => {
    const or = 'create datavolumes.cdi.kubevirt.io';
    assert.deepEqual(
      needs(
        request(
          template({
            source: { http: { url: 'http://x', secretRef: 's', certConfigMap: 'c', secretExtraHeaders: ['h'] } },
            priorityClassName: 'p',
          }),
        ),
      ),
      [
        `${DV}.source.http.secretRef default: create pods or get secrets s or ${or}`,
        `${DV}.source.http.certConfigMap default: create pods or get configmaps c or ${or}`,
        `${DV}.source.http.secretExtraHeaders[0] default: create pods or get secrets h or ${or}`,
        `${DV}.priorityClassName default: create pods or ${or}`,
      ],
    );
    for (const kind of ['gcs', 'imageio', 'registry', 's3', 'vddk'])
      assert.deepEqual(needs(request(template({ source: { [kind]: { secretRef: 's' } } }))), [
        `${DV}.source.${kind}.secretRef default: create pods or get secrets s or ${or}`,
      ]);
  });

  it('are not asked of our own programs, of what is deleted, of a status, of a VMI that exists', () => {
    const change = template({ source: { pvc: { namespace: 'victim', name: 'db' } } });
    const ours = { username: 'system:serviceaccount:kubevirt:virt-controller' };
    assert.deepEqual(needs(request(change, { user: ours })), []);
    assert.deepEqual(needs(request(change, { user: { username: 'system:serviceaccount:kubevirt:virt' } })).length, 1);
    const deleted = manifest({ ...change, 'metadata.deletionTimestamp': 'now' }, 'VirtualMachine');
    assert.deepEqual(needs(request(change, { operation: 'UPDATE', oldObject: deleted })), []);
    assert.deepEqual(needs(request(change, { subResource: 'status' })), []);
    const secret = volume({ secret: { secretName: 's' } });
    const kind = 'VirtualMachineInstance' as const;
    assert.deepEqual(needs(request(secret, { kind, operation: 'UPDATE', oldObject: manifest({}, kind) })), []);
  });

  const copies = (name: string, more: Change = {}): Change => ({
    ...template({ source: { pvc: { namespace: 'victim', name } } }),
    ...more,
  });
  const update = (before: Change, after: Change) =>
    needs(request(after, { operation: 'UPDATE', oldObject: manifest(before, 'VirtualMachine') }));

  it('of an update are those for another thing of the same right, too', () => {
    const high = { 'spec.template.spec.priorityClassName': 'high' };
    const annotation = (value: string): Change => ({
      'spec.template.metadata.annotations': { 'k8s.v1.cni.cncf.io/networks': value },
    });
    assert.deepEqual(update(high, { ...high, 'metadata.labels': { a: 'b' } }), []);
    assert.equal(update(high, { 'spec.template.spec.priorityClassName': 'system-node-critical' }).length, 1);
    assert.equal(update(high, { ...high, ...annotation('theirs') }).length, 1);
    assert.equal(update(annotation('mine'), annotation('kube-system/theirs')).length, 1);
    assert.deepEqual(update(annotation('mine'), annotation('mine')), []);
  });

  it('are asked for the annotations of a VMI that exists: a pod that is yet to be made gets them', () => {
    const kind = 'VirtualMachineInstance' as const;
    const annotated = (key: string, value: string) => manifest({ 'metadata.annotations': { [key]: value } }, kind);
    for (const key of ['k8s.v1.cni.cncf.io/networks', 'container.apparmor.security.beta.kubernetes.io/compute']) {
      const [mine, theirs] = [annotated(key, 'mine'), annotated(key, 'theirs')];
      const asked = (object: unknown, oldObject: unknown) =>
        needs(request({}, { kind, operation: 'UPDATE', object, oldObject }));
      assert.deepEqual(asked(theirs, manifest({}, kind)), [`metadata.annotations[${key}] default: create pods`]);
      assert.equal(asked(theirs, mine).length, 1);
      assert.deepEqual(asked(mine, mine), []);
    }
  });

  it('of an update are those for what it adds or changes', () => {
    assert.deepEqual(update(copies('db'), copies('db', { 'metadata.labels': { a: 'b' } })), []);
    assert.equal(update(copies('db'), copies('other')).length, 1);
    assert.equal(update({}, copies('db')).length, 1);
    assert.deepEqual(update(copies('db'), {}), []);
  });

  it('of an update are those for all sources, where one is added: one user answers for them', () => {
    const both = {
      'spec.dataVolumeTemplates': ['db', 'more'].map((name) => ({
        metadata: { name },
        spec: { storage: {}, source: { pvc: { namespace: 'victim', name } } },
      })),
    };
    const first = { 'spec.dataVolumeTemplates': [both['spec.dataVolumeTemplates'][0]] };
    assert.equal(update(first, both).length, 2);
    assert.equal(update(both, first).length, 0);
  });

  it('are asked of who puts himself on record', () => {
    const renewed = { 'metadata.annotations': { 'kubectl-virt.io/requested-by': 'x.y' } };
    assert.equal(update(copies('db'), copies('db', renewed)).length, 1);
    assert.equal(update(copies('db', renewed), copies('db', renewed)).length, 0);
  });

  it('survive a stored object of any shape', () => {
    for (const oldObject of [null, {}, { spec: 7 }, { spec: { template: 7, dataVolumeTemplates: 'x' } }])
      assert.equal(needs(request(copies('db'), { operation: 'UPDATE', oldObject })).length, 1);
  });

  it('know the fields that nothing acts on yet: they are asked about from the day on which they are', () => {
    const paths = VMI_SPEC_NOT_ACTED_ON.map(({ path }) => path);
    assert.ok(paths.includes('utilityVolumes') && paths.includes('networks[].resourceClaim'));
  });
});
