import assert from 'node:assert/strict';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { buildLauncherPod, type LauncherContext } from '../../../src/launcher/index.js';

const build = (volume: Volume, more: Partial<LauncherContext> = {}) => {
  const vmi: VirtualMachineInstance = {
    metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
    spec: { domain: { devices: {} }, volumes: [volume] },
  };
  const { spec } = buildLauncherPod(vmi, {
    config: resolveClusterConfig({ spec: {} }),
    launcherImage: 'launcher:1',
    ...more,
  });
  const name = `volume${volume.name}`;
  return {
    volume: spec.volumes.find((each) => each.name === name),
    mount: spec.containers[0]?.volumeMounts.find((each) => each.name === name),
    devices: spec.containers[0]?.volumeDevices,
    spec,
  };
};
const claims = (volumeMode: 'Block' | 'Filesystem'): Partial<LauncherContext> => ({
  claims: new Map([['data', { claimName: 'data', volumeMode }]]),
});

describe('volumes of the launcher pod', () => {
  it('have each Secret with credentials once, readable for the guest’s uid and nobody else', () => {
    const keys = (secretName: string) => ({
      sshPublicKey: { source: { secret: { secretName } }, propagationMethod: { noCloud: {} } },
    });
    const passwords = {
      userPassword: { source: { secret: { secretName: 'team' } }, propagationMethod: { qemuGuestAgent: {} } },
    };
    const vmi: VirtualMachineInstance = {
      metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
      spec: { domain: { devices: {} }, accessCredentials: [keys('team'), passwords, keys('a.b')] },
    };
    const { spec } = buildLauncherPod(vmi, { config: resolveClusterConfig({ spec: {} }), launcherImage: 'launcher:1' });
    const [team, ab, ...others] = spec.volumes.filter(({ name }) => name.endsWith('-access-cred'));
    assert.deepEqual(team, { name: 'team-access-cred', secret: { secretName: 'team', defaultMode: 0o440 } });
    assert.deepEqual(ab && 'secret' in ab && ab.secret.secretName, 'a.b');
    assert.deepEqual(others, []);
    assert.deepEqual(
      spec.containers[0]?.volumeMounts.find(({ name }) => name === 'team-access-cred'),
      {
        name: 'team-access-cred',
        mountPath: '/var/run/kubevirt-private/access-credentials/team-access-cred',
        readOnly: true,
      },
    );
  });

  it('have a claim in filesystem mode as a directory', () => {
    for (const context of [claims('Filesystem'), {}]) {
      const { volume, mount, devices } = build({ name: 'disk', persistentVolumeClaim: { claimName: 'data' } }, context);
      assert.deepEqual(volume, { name: 'volumedisk', persistentVolumeClaim: { claimName: 'data' } });
      assert.deepEqual(mount, { name: 'volumedisk', mountPath: '/var/run/kubevirt-private/vmi-disks/disk' });
      assert.equal(devices, undefined);
    }
  });

  it('have a claim in block mode as a device, whose name cannot be that of a device of the system', () => {
    const { volume, mount, devices } = build({ name: 'kvm', dataVolume: { name: 'data' } }, claims('Block'));
    assert.deepEqual(volume, { name: 'volumekvm', persistentVolumeClaim: { claimName: 'data' } });
    assert.equal(mount, undefined);
    assert.deepEqual(devices, [{ name: 'volumekvm', devicePath: '/dev/vmi-disks/kvm' }]);
  });

  it('mount what is only read so that nobody can write it', () => {
    const ephemeral = build({ name: 'disk', ephemeral: { persistentVolumeClaim: { claimName: 'data' } } });
    assert.equal(ephemeral.mount?.readOnly, true);
    const readOnly = build({ name: 'disk', persistentVolumeClaim: { claimName: 'data', readOnly: true } });
    assert.equal(readOnly.mount?.readOnly, true);
  });

  it('mount the directory of a host disk, which must exist for a disk that must', () => {
    const at = '/var/run/kubevirt-private/vmi-disks/disk';
    for (const [type, directory] of [
      ['Disk', 'Directory'],
      ['DiskOrCreate', 'DirectoryOrCreate'],
    ] as const) {
      const { volume, mount } = build({ name: 'disk', hostDisk: { path: '/data/vm/disk.img', type } });
      assert.deepEqual(volume, { name: 'volumedisk', hostPath: { path: '/data/vm', type: directory } });
      assert.deepEqual(mount, { name: 'volumedisk', mountPath: at });
    }
  });
});
