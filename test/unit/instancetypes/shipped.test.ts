import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import { checkInstancetype } from '../../../src/admission/instancetype-object.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { isQualifiedName } from '../../../src/validators/rule/names.js';
import { shippedObjects, VENDOR, VENDOR_LABEL } from '../../../src/instancetypes/shipped/index.js';

const GENERAL = ['nano', 'micro', 'small', 'medium', '2xmedium', 'large', 'xlarge', '2xlarge', '4xlarge', '8xlarge'];
const WITH_1GI = (names: readonly string[]): string[] => names.flatMap((name) => [name, `${name}1gi`]);
const FROM = (name: string): string[] => GENERAL.filter((one) => one !== '2xmedium').slice(GENERAL.indexOf(name) - 1);
const SIZES: Readonly<Record<string, readonly string[]>> = {
  u1: GENERAL,
  o1: GENERAL.filter((name) => name !== '2xmedium'),
  d1: GENERAL,
  cx1: WITH_1GI(['medium', ...FROM('large')]),
  m1: WITH_1GI(FROM('large')),
  n1: ['medium', ...FROM('large')],
  rt1: GENERAL.filter((name) => name !== 'nano' && name !== '2xmedium'),
};
const LINUX =
  'alpine cirros linux debian ubuntu fedora opensuse.leap opensuse.tumbleweed sles oraclelinux rhel.7 rhel.8 rhel.9 rhel.10 centos.stream9 centos.stream10 linux.efi linux.virtiotransitional rhel.9.desktop rhel.9.dpdk rhel.9.realtime centos.stream9.desktop centos.stream9.dpdk'.split(
    ' ',
  );
const WINDOWS = '7 10 11 2k8 2k12 2k16 2k19 2k22 2k25'
  .split(' ')
  .flatMap((one) => [`windows.${one}`, `windows.${one}.virtio`]);

describe('instancetypes/shipped', () => {
  const objects = shippedObjects();
  const named = (kind: string): Map<string, (typeof objects)[number]> =>
    new Map(objects.filter((one) => one.kind === kind).map((one) => [one.metadata.name, one]));
  const sizes = named('VirtualMachineClusterInstancetype');
  const wishes = named('VirtualMachineClusterPreference');

  it('has every instance type of the common set, and no other', () => {
    const wanted = Object.entries(SIZES).flatMap(([series, names]) => names.map((name) => `${series}.${name}`));
    assert.deepEqual([...sizes.keys()].sort(), wanted.sort());
  });

  it('has the preferences of the common set', () => {
    assert.deepEqual(
      [...LINUX, ...WINDOWS].filter((name) => !wishes.has(name)),
      [],
    );
  });

  it('has the numbers of the common set', () => {
    const numbers = (name: string): unknown[] => {
      const { cpu, memory } = sizes.get(name)!.spec as { cpu: { guest: number }; memory: { guest: string } };
      return [cpu.guest, memory.guest];
    };
    assert.deepEqual(numbers('u1.nano'), [1, '512Mi']);
    assert.deepEqual(numbers('u1.medium'), [1, '4Gi']);
    assert.deepEqual(numbers('u1.2xmedium'), [2, '4Gi']);
    assert.deepEqual(numbers('u1.8xlarge'), [32, '128Gi']);
    assert.deepEqual(numbers('cx1.xlarge1gi'), [4, '8Gi']);
    assert.deepEqual(numbers('m1.large'), [2, '16Gi']);
    assert.deepEqual(numbers('n1.8xlarge'), [64, '128Gi']);
    assert.deepEqual(sizes.get('m1.large1gi')!.spec['memory'], {
      guest: '16Gi',
      hugepages: { pageSize: '1Gi' },
    });
  });

  it('passes its own admission, without a warning, under labels that the API server takes', () => {
    for (const object of objects) {
      const { kind, metadata } = object;
      assert.deepEqual(checkInstancetype({ kind, object }), { causes: [], warnings: [] }, metadata.name);
      for (const [key, value] of Object.entries(metadata.labels ?? {})) {
        assert.ok(isQualifiedName(key), key);
        assert.match(value, /^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/, `${metadata.name} ${key}`);
      }
      assert.equal(metadata.labels?.[VENDOR_LABEL], VENDOR);
      assert.ok(!JSON.stringify(object).includes('vendor":"kubevirt.io"'), 'that is the set of another maker');
    }
  });

  it('is admitted in a VM: each of it', () => {
    const config = resolveClusterConfig();
    const vm = (instancetype: string, preference: string) => ({
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name: 'web', namespace: 'a' },
      spec: {
        runStrategy: 'Always',
        instancetype: { name: instancetype },
        preference: { name: preference },
        template: {
          spec: {
            domain: { devices: {} },
            volumes: [{ name: 'root', persistentVolumeClaim: { claimName: 'root' } }],
          },
        },
      },
    });
    const causesOf = (instancetype: string, preference: string): readonly unknown[] =>
      admit(
        { kind: 'VirtualMachine', operation: 'CREATE', object: vm(instancetype, preference) },
        { config, newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223' },
      ).causes.map(({ field, message }) => `${field} ${message}`);
    for (const name of sizes.keys()) assert.deepEqual(causesOf(name, 'fedora'), [], name);
    for (const name of wishes.keys()) assert.deepEqual(causesOf('u1.2xlarge', name), [], name);
  });
});
