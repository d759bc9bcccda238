import assert from 'node:assert/strict';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';

type Spec = VirtualMachineInstance['spec'];
const specOf = (volumes: Volume[], more: Partial<Spec> = {}) =>
  buildLauncherPod(
    { metadata: { name: 'web', namespace: 'shop', uid: 'u' }, spec: { domain: { devices: {} }, volumes, ...more } },
    { config: resolveClusterConfig(), launcherImage: 'launcher' },
  ).spec;

/** What a volume adds to the pod: its volume there without the name, and where compute sees it. */
const added = (volume: Volume) => {
  const { volumes, containers } = specOf([volume]);
  const names = new Set(specOf([]).volumes.map(({ name }) => name));
  const [own, ...more] = volumes.filter(({ name }) => !names.has(name));
  assert.deepEqual(more, []);
  const { name, ...source } = own!;
  const mounts = containers[0]!.volumeMounts.filter((mount) => mount.name === name);
  return { name, source, mounts: mounts.map(({ mountPath, readOnly }) => [mountPath, readOnly]) };
};
const mounts = [['/var/run/kubevirt-private/content/a_b', true]];

describe('the pod of volumes that become images of files', () => {
  const cases: [Omit<Volume, 'name'>, object][] = [
    [{ configMap: { name: 'c', volumeLabel: 'x' } }, { configMap: { name: 'c' } }],
    [{ configMap: { name: 'c', optional: true } }, { configMap: { name: 'c', optional: true } }],
    [
      { secret: { secretName: 's', optional: false } },
      { secret: { secretName: 's', defaultMode: 0o440, optional: false } },
    ],
    [{ sysprep: { configMap: { name: 'c' } } }, { configMap: { name: 'c' } }],
    [{ sysprep: { secret: { name: 's' } } }, { secret: { secretName: 's', defaultMode: 0o440 } }],
    [
      { downwardAPI: { fields: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    ],
  ];
  for (const [source, wanted] of cases)
    it(`has ${JSON.stringify(source)} mounted by kubelet, read-only`, () => {
      const { name, ...rest } = added({ name: 'a_b', ...source });
      assert.match(name, /^volume-a-b-[0-9a-f]{10}$/);
      assert.deepEqual(rest, { source: wanted, mounts });
    });

  it('has a service account’s token, certificate and namespace, and runs as that account', () => {
    const volume: Volume = { name: 'a_b', serviceAccount: { serviceAccountName: 'robot' } };
    assert.deepEqual(added(volume).source, {
      projected: {
        defaultMode: 0o440,
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 31_536_000 } },
          { configMap: { name: 'kube-root-ca.crt', optional: true, items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
        ],
      },
    });
    assert.deepEqual(added(volume).mounts, mounts);
    const spec = specOf([volume]);
    assert.equal(spec.serviceAccountName, 'robot');
    assert.equal(spec.automountServiceAccountToken, false);
  });

  it('runs as spec.serviceAccountName without any volume, and then mounts no token', () => {
    const spec = specOf([], { serviceAccountName: 'robot' });
    assert.equal(spec.serviceAccountName, 'robot');
    assert.equal(spec.automountServiceAccountToken, false);
    assert.deepEqual(
      spec.volumes.filter((volume) => !('emptyDir' in volume)),
      [],
    );
    assert.ok(!('serviceAccountName' in specOf([])));
  });

  it('has the Secrets of a config drive in one directory, like those of NoCloud', () => {
    const refs = { secretRef: { name: 'user' }, networkDataSecretRef: { name: 'net' } };
    const drive = added({ name: 'seed', cloudInitConfigDrive: refs });
    assert.deepEqual(drive, added({ name: 'seed', cloudInitNoCloud: refs }));
    assert.deepEqual(drive.source, {
      projected: { defaultMode: 0o440, sources: [{ secret: { name: 'user' } }, { secret: { name: 'net' } }] },
    });
    assert.deepEqual(drive.mounts, [['/var/run/kubevirt-private/secret/seed', true]]);
  });
});
