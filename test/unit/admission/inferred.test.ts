import assert from 'node:assert/strict';
import { admit } from '../../../src/admission/admit.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { shippedSource } from '../../../src/instancetypes/shipped/index.js';

const context = { config: resolveClusterConfig(), newUuid: () => '5d307ca9-b3ef-428c-8861-06e72d69f223' };
const labels = {
  'instancetype.kubevirt.io/default-instancetype': 'u1.small',
  'instancetype.kubevirt.io/default-preference': 'fedora',
};
const known = { ...context, instancetypes: { ...shippedSource, isComplete: true, volume: () => ({ labels }) } };
const unknown = { ...context, instancetypes: { ...shippedSource, isComplete: true } };
const INFER = { inferFromVolume: 'root', inferFromVolumeFailurePolicy: 'Ignore' };
const vm = (instancetype: object, memory: object = { memory: { guest: '512Mi' } }, more: object = {}) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name: 'web', namespace: 'a' },
  spec: {
    runStrategy: 'Always',
    instancetype,
    template: {
      spec: {
        domain: { devices: {}, ...memory },
        volumes: [{ name: 'root', persistentVolumeClaim: { claimName: 'root' } }],
      },
    },
    ...more,
  },
});

describe('an instance type that is inferred', () => {
  it('is applied as often as one likes', () => {
    const created = admit({ kind: 'VirtualMachine', operation: 'CREATE', object: vm(INFER) }, known);
    assert.deepEqual(created.causes, []);
    const stored = created.object as VirtualMachine;
    assert.deepEqual(stored.spec.instancetype, { name: 'u1.small' });
    assert.equal(stored.spec.template.spec?.domain.memory, undefined);
    // What kubectl apply makes of the stored object and the same manifest.
    const applied = structuredClone(stored);
    applied.spec.instancetype = { ...INFER, ...stored.spec.instancetype };
    applied.spec.template.spec!.domain.memory = { guest: '512Mi' };
    const again = admit({ kind: 'VirtualMachine', operation: 'UPDATE', object: applied, oldObject: stored }, known);
    assert.deepEqual(again.causes, []);
    assert.deepEqual((again.object as VirtualMachine).spec, stored.spec);
  });

  it('that was stored without an answer keeps nobody from labels, a start or a finalizer', () => {
    const stored = vm({ inferFromVolume: 'root' });
    const object = { ...stored, metadata: { ...stored.metadata, labels: { a: 'b' } } };
    const update = { kind: 'VirtualMachine', operation: 'UPDATE', oldObject: stored } as const;
    assert.deepEqual(admit({ ...update, object }, unknown).causes, []);
    const fresh = admit({ kind: 'VirtualMachine', operation: 'CREATE', object: stored }, unknown);
    assert.deepEqual(
      fresh.causes.map(({ field, rule }) => [field, rule]),
      [['spec.instancetype.inferFromVolume', 'mut.vm-infer']],
    );
  });
});
