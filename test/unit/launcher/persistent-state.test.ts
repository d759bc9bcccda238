import assert from 'node:assert/strict';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { stateClaimName } from '../../../src/api/vmi/persistent-state.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { vmi } from '../domain/fixtures.js';

const podOf = (machine: VirtualMachineInstance) =>
  buildLauncherPod(machine, { config: resolveClusterConfig(), launcherImage: 'launcher:1' }).spec;

describe('the state of firmware and TPM in a launcher pod', () => {
  it('is a claim that compute alone has, at one place', () => {
    for (const machine of [
      vmi({}, { firmware: { bootloader: { efi: { secureBoot: false, persistent: true } } } }),
      vmi({}, {}, { tpm: { persistent: true } }),
    ]) {
      const { volumes, containers } = podOf(machine);
      assert.deepEqual(volumes.at(-1), {
        name: 'vm-state',
        persistentVolumeClaim: { claimName: stateClaimName(machine) },
      });
      for (const { name, volumeMounts } of containers)
        assert.deepEqual(
          volumeMounts.filter((mount) => mount.name === 'vm-state'),
          name === 'compute' ? [{ name: 'vm-state', mountPath: '/var/run/kubevirt-state' }] : [],
          name,
        );
    }
  });
  it('is none of a VM that keeps nothing', () => {
    for (const machine of [vmi(), vmi({}, {}, { tpm: {} }), vmi({}, {}, { tpm: { persistent: true, enabled: false } })])
      assert.ok(!podOf(machine).volumes.some(({ name }) => name === 'vm-state'));
  });
});
