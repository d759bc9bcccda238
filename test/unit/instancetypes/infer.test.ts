import assert from 'node:assert/strict';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { inferMatchers } from '../../../src/instancetypes/infer.js';
import { fakeSource } from './fake-source.js';

const LABELS = {
  'instancetype.kubevirt.io/default-instancetype': 'u1.medium',
  'instancetype.kubevirt.io/default-preference': 'fedora',
  'instancetype.kubevirt.io/default-preference-kind': 'VirtualMachinePreference',
};
const machine = (
  more: Partial<VirtualMachine['spec']> = {},
  volume: Partial<Volume> = { persistentVolumeClaim: { claimName: 'disk' } },
): VirtualMachine => ({
  metadata: { name: 'web', namespace: 'a' },
  spec: {
    instancetype: { inferFromVolume: 'root' },
    preference: { inferFromVolume: 'root' },
    template: {
      spec: { domain: { devices: {}, memory: { guest: '512Mi' } }, volumes: [{ name: 'root', ...volume }] },
    },
    ...more,
  },
});
const dataVolume = { dataVolume: { name: 'disk' } };
const outcome = (vm: VirtualMachine, objects: Parameters<typeof fakeSource>[0]) => {
  const { vm: made, problems } = inferMatchers(vm, 'a', fakeSource(objects));
  return problems.length > 0 ? problems.map(({ field }) => field) : [made.spec.instancetype, made.spec.preference];
};
const BOTH = ['spec.instancetype.inferFromVolume', 'spec.preference.inferFromVolume'];
const FOUND = [{ name: 'u1.medium' }, { name: 'fedora', kind: 'VirtualMachinePreference' }];

describe('instancetypes/infer', () => {
  it('reads the labels of a claim, a DataVolume, a template, and what they copy', () => {
    const labelled = { labels: LABELS };
    assert.deepEqual(outcome(machine(), { volumes: { 'PersistentVolumeClaim/a/disk': labelled } }), FOUND);
    assert.deepEqual(outcome(machine({}, dataVolume), { volumes: { 'DataVolume/a/disk': labelled } }), FOUND);
    // A DataVolume that is collected, and its claim is left.
    assert.deepEqual(
      outcome(machine({}, dataVolume), { volumes: { 'PersistentVolumeClaim/a/disk': labelled } }),
      FOUND,
    );
    const template = { metadata: { name: 'disk', labels: LABELS }, spec: { storage: {} } };
    assert.deepEqual(outcome(machine({ dataVolumeTemplates: [template] }, dataVolume), {}), FOUND);
    const copy = { metadata: { name: 'disk' }, spec: { source: { pvc: { name: 'golden', namespace: 'a' } } } };
    assert.deepEqual(
      outcome(machine({ dataVolumeTemplates: [copy] }, dataVolume), {
        volumes: { 'PersistentVolumeClaim/a/golden': labelled },
      }),
      FOUND,
    );
  });

  it('does not look into other namespaces', () => {
    const copy = { metadata: { name: 'disk' }, spec: { source: { pvc: { name: 'golden', namespace: 'b' } } } };
    const vm = machine({ dataVolumeTemplates: [copy] }, dataVolume);
    assert.deepEqual(outcome(vm, { volumes: { 'PersistentVolumeClaim/b/golden': { labels: LABELS } } }), BOTH);
  });

  it('refuses what names nothing, says nothing, or cannot', () => {
    assert.deepEqual(outcome(machine(), {}), BOTH);
    assert.deepEqual(outcome(machine(), { volumes: { 'PersistentVolumeClaim/a/disk': { labels: {} } } }), BOTH);
    assert.deepEqual(outcome(machine({}, { containerDisk: { image: 'x' } }), {}), BOTH);
    const wrong = machine({
      instancetype: { inferFromVolume: 'none', inferFromVolumeFailurePolicy: 'Ignore' },
      preference: undefined,
    });
    assert.deepEqual(outcome(wrong, {}), BOTH.slice(0, 1));
    const reference = { metadata: { name: 'disk' }, spec: { sourceRef: { kind: 'DataSource', name: 'x' } } };
    assert.deepEqual(outcome(machine({ dataVolumeTemplates: [reference] }, dataVolume), {}), BOTH);
  });

  const IGNORED = { inferFromVolume: 'root', inferFromVolumeFailurePolicy: 'Ignore' };

  it('removes a matcher that may be ignored, and the memory beside one that was found all the same', () => {
    const vm = machine({ instancetype: IGNORED, preference: IGNORED });
    const nothing = inferMatchers(vm, 'a', fakeSource({})).vm;
    assert.ok(!('instancetype' in nothing.spec) && !('preference' in nothing.spec));
    assert.equal(nothing.spec.template.spec?.domain.memory?.guest, '512Mi');
    const source = fakeSource({ volumes: { 'PersistentVolumeClaim/a/disk': { labels: LABELS } } });
    const { vm: made } = inferMatchers(vm, 'a', source);
    assert.deepEqual(made.spec.instancetype, { name: 'u1.medium' });
    assert.equal(made.spec.template.spec?.domain.memory, undefined);
    assert.equal(vm.spec.template.spec?.domain.memory?.guest, '512Mi');
    // With the other policy its memory is the user's own, and a conflict.
    assert.equal(inferMatchers(machine(), 'a', source).vm.spec.template.spec?.domain.memory?.guest, '512Mi');
  });

  it('lets be what nobody can know, as from files', () => {
    const vm = machine();
    assert.deepEqual(inferMatchers(vm, 'a', fakeSource({ isComplete: false })), { vm, problems: [] });
  });
});
