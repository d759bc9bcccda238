import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import { adviceOf } from '../../../src/admission/warnings/advice.js';
import { WARNING_EXAMPLES } from '../../../src/admission/warnings/examples.js';
import { WARNINGS } from '../../../src/admission/warnings/index.js';
import { resolveClusterConfig, type ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';

/* Where each warning is told: a plain, sensible VM is applied in silence. */

const settings = (annotations: Record<string, string> = {}): ClusterConfig =>
  resolveClusterConfig({ metadata: { annotations }, spec: {} });
const atApply = (object: unknown, kind: 'VirtualMachine' | 'VirtualMachineInstance', config = settings()): string[] => {
  const { causes, warnings } = admit(
    { kind, operation: 'CREATE', object, user: { username: 'alice' } },
    { config, newUuid: () => '7d9c3a9e-8c6c-4b52-9a52-0f6d0f0e9c11', atApply: true, asksForRights: true },
  );
  assert.deepEqual(causes, []);
  return warnings.map(({ id }) => id);
};

const vm = (spec: object, template: object): object => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'web', namespace: 'default' },
  spec: { runStrategy: 'Halted', ...spec, template: { spec: template } },
});
const disk = (name: string): object => ({ name, disk: { bus: 'virtio' } });
const IMAGE = { containerDisk: { image: 'quay.io/kubevirt/cirros-container-disk-demo' } };

/** As people write them, and as other tools do. */
const PLAIN: Readonly<Record<string, object>> = {
  'the quickstart of KubeVirt (vm.yaml of kubevirt.io/labs)': vm(
    {},
    {
      domain: {
        devices: {
          disks: [disk('containerdisk'), disk('cloudinitdisk')],
          interfaces: [{ name: 'default', masquerade: {} }],
        },
        resources: { requests: { memory: '64M' } },
      },
      networks: [{ name: 'default', pod: {} }],
      volumes: [
        { name: 'containerdisk', ...IMAGE },
        { name: 'cloudinitdisk', cloudInitNoCloud: { userDataBase64: 'SGkuXG4=' } },
      ],
    },
  ),
  'what virtctl create vm writes': vm(
    { runStrategy: 'Always' },
    {
      domain: { devices: {}, memory: { guest: '512Mi' }, resources: {} },
      terminationGracePeriodSeconds: 180,
      volumes: [{ name: 'web-containerdisk-0', ...IMAGE }],
    },
  ),
  'several cores with an ordinary request': vm(
    {},
    {
      domain: {
        cpu: { cores: 4 },
        memory: { guest: '4Gi' },
        resources: { requests: { cpu: '1', memory: '2Gi' } },
        devices: { disks: [disk('root')] },
      },
      volumes: [{ name: 'root', ...IMAGE }],
    },
  ),
  'memory limited to its request, as Guaranteed pods have it': vm(
    {},
    {
      domain: {
        resources: { requests: { memory: '1Gi', cpu: '500m' }, limits: { memory: '1Gi' } },
        devices: { disks: [disk('root'), disk('init')] },
      },
      volumes: [
        { name: 'root', ...IMAGE },
        {
          name: 'init',
          cloudInitNoCloud: { userData: '#cloud-config\npassword: fedora\nchpasswd: { expire: False }' },
        },
      ],
    },
  ),
};

describe('admission warnings at apply', () => {
  for (const [what, object] of Object.entries(PLAIN))
    it(`are none for ${what}`, () => assert.deepEqual(atApply(object, 'VirtualMachine'), []));

  it('are those that say so themselves, and the others where the cluster wants them', () => {
    for (const { id, told } of WARNINGS) {
      const { kind = 'VirtualMachineInstance', warns } = WARNING_EXAMPLES[id]!;
      if (kind === 'KubeVirt' || kind === 'VirtualMachineInstanceReplicaSet') continue;
      const ids = (annotations?: Record<string, string>): string[] =>
        atApply(manifest(warns[0], kind), kind, settings(annotations));
      assert.equal(ids().includes(id), told === 'apply', id);
      // In a cluster the API server is asked instead.
      if (id === 'W-SRC-1') continue;
      for (const pattern of [id, `W-XXX-1, ${id.slice(0, -1)}*`, '*'])
        assert.ok(ids({ 'admission.kubectl-virt.io/warnings-at-apply': pattern }).includes(id), `${id} ${pattern}`);
      const off = { 'admission.kubectl-virt.io/disabled-warnings': id };
      assert.ok(!ids({ ...off, 'admission.kubectl-virt.io/warnings-at-apply': '*' }).includes(id), id);
    }
  });

  it('are no advice: that is told of a VM when it starts, each piece of it', () => {
    const advised = (change: Change, annotations?: Record<string, string>): string[] => {
      const { metadata = {}, spec } = manifest(change) as unknown as VirtualMachineInstance;
      return adviceOf({ path: 'spec', metadataPath: 'metadata', metadata, spec }, settings(annotations)).map(
        ({ id }) => id,
      );
    };
    for (const { id, told, kinds } of WARNINGS) {
      if (told === 'apply' || id === 'W-SRC-1') continue;
      assert.ok(kinds.includes('VirtualMachine'), `${id} would be told nowhere in a cluster`);
      const [change] = WARNING_EXAMPLES[id]!.warns;
      assert.ok(advised(change).includes(id), id);
      for (const annotation of ['disabled-warnings', 'warnings-at-apply'])
        assert.ok(!advised(change, { [`admission.kubectl-virt.io/${annotation}`]: id }).includes(id), id);
    }
    assert.deepEqual(advised({}), []);
    assert.deepEqual(advised({ 'spec.domain.devices.autottachGraphicsDevice': true }), []);
  });
});
