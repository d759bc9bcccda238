import assert from 'node:assert/strict';
import {
  isDeprecatedMachineType,
  machineVcpus,
  MACHINE_TYPES,
  usedMachineType,
} from '../../../src/api/machine-types.js';

describe('machine types', () => {
  it("are the launcher's own as they are", () => {
    for (const type of MACHINE_TYPES) assert.equal(usedMachineType(type), type);
  });

  const replaced: readonly (readonly [asked: string, used: string])[] = [
    // Red Hat's: OpenShift writes them into every VM, KubeVirt's own releases too.
    ['pc-q35-rhel7.3.0', 'pc-q35-2.6'],
    ['pc-q35-rhel7.6.0', 'pc-q35-2.12'],
    ['pc-q35-rhel8.2.0', 'pc-q35-4.2'],
    ['pc-q35-rhel8.6.0', 'pc-q35-6.2'],
    ['pc-q35-rhel9.2.0', 'pc-q35-7.2'],
    ['pc-q35-rhel9.4.0', 'pc-q35-8.2'],
    ['pc-q35-rhel9.6.0', 'pc-q35-9.1'],
    ['pc-q35-rhel9.7.0', 'pc-q35-9.1'],
    ['pc-q35-rhel10.0.0', 'pc-q35-9.1'],
    ['pc-q35-rhel11.0.0', 'pc-q35-10.0'],
    ['pc-i440fx-rhel7.6.0', 'pc-i440fx-2.12'],
    ['pc-q35-bionic', 'pc-q35-2.11'],
    ['pc-q35-jammy', 'pc-q35-6.2'],
    ['pc-q35-jammy-hpb', 'pc-q35-6.2'],
    ['pc-q35-noble', 'pc-q35-8.2'],
    ['pc-q35-noble-v2', 'pc-q35-8.2'],
    ['pc-i440fx-focal', 'pc-i440fx-4.2'],
    ['pc-q35-2.3', 'pc-q35-2.4'],
    ['pc-q35-1.4', 'pc-q35-2.4'],
    ['pc-q35-9.3', 'pc-q35-9.2'],
    ['pc-q35-10.1', 'pc-q35-10.0'],
    ['pc-q35-10.2', 'pc-q35-10.0'],
    ['pc-q35-11.0', 'pc-q35-10.0'],
    ['pc-i440fx-10.2', 'pc-i440fx-10.0'],
    ['pc-q35-8.1+pve0', 'pc-q35-8.1'],
  ];
  for (const [asked, used] of replaced) {
    it(`of other builds are the nearest of the launcher's: ${asked} is ${used}`, () => {
      assert.ok(MACHINE_TYPES.includes(used));
      assert.equal(usedMachineType(asked), used);
    });
  }

  it('that no QEMU has are none', () => {
    const none = [
      'q35x',
      'pc-q35',
      'pc-q35-',
      'pc-q35-newest',
      'pc-q35-rhel',
      'pc-q35-rhel9.',
      'pc-q35-1..2',
      'microvm',
    ];
    for (const type of [...none, '', 'virt', 'isapc', `pc-q35-${'9'.repeat(400)}`, 'pc-q35-10,0', 'pc-q35-constructor'])
      assert.equal(usedMachineType(type), undefined, type);
  });

  it('have room for so many vCPUs', () => {
    const types = ['q35', 'pc-q35-10.0', 'pc-q35-9.0', 'pc-q35-8.2', 'pc-q35-8.0', 'pc-q35-2.8', 'pc-q35-2.7', 'pc'];
    assert.deepEqual(types.map(machineVcpus), [4096, 4096, 4096, 1024, 288, 288, 255, 255]);
  });

  it('are deprecated when QEMU calls them so', () => {
    assert.deepEqual(
      ['pc-q35-2.4', 'pc-q35-7.0', 'pc-i440fx-6.2', 'pc-q35-4.0.1'].filter((type) => !isDeprecatedMachineType(type)),
      [],
    );
    for (const type of ['q35', 'pc', 'pc-q35-7.1', 'pc-q35-10.0', 'pc-q35-6.3'])
      assert.ok(!isDeprecatedMachineType(type), type);
  });
});
