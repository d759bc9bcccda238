import assert from 'node:assert/strict';
import { kindOfMatcher } from '../../../src/api/instancetype/instancetype-kinds.js';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { isFound, search } from '../../../src/instancetypes/find.js';
import { MAX_SPEC } from '../../../src/instancetypes/read-object.js';
import { buildRevision, isRevisionOf, keepsSame, revisionName } from '../../../src/instancetypes/revision.js';
import { fakeSource } from './fake-source.js';

const spec = (guest: number) => ({ cpu: { guest }, memory: { guest: '1Gi' } });
const stored = (name: string, guest: number, more: object = {}) => ({
  metadata: { name, uid: `uid-${name}`, generation: 3, ...more },
  spec: spec(guest),
});
const CLUSTER = 'VirtualMachineClusterInstancetype' as const;
const machine = (
  instancetype: VirtualMachine['spec']['instancetype'],
  status?: VirtualMachine['status'],
): VirtualMachine => ({
  metadata: { name: 'web', namespace: 'a', uid: 'vm-uid' },
  spec: { instancetype, template: { spec: { domain: { devices: {} } } } },
  ...(status === undefined ? {} : { status }),
});
const vcpus = (vm: VirtualMachine, source: Parameters<typeof fakeSource>[0]): number | string => {
  const found = search('instancetype', vm, 'a', fakeSource(source));
  if (found === undefined) return 'nothing';
  return isFound(found) ? found.spec.cpu.guest : found.reason;
};

describe('instancetypes/find', () => {
  const objects = {
    [`${CLUSTER}//u1`]: stored('u1', 1),
    'VirtualMachineInstancetype/a/mine': stored('mine', 2, { namespace: 'a' }),
    'VirtualMachineInstancetype/b/theirs': stored('theirs', 3, { namespace: 'b' }),
  };

  it('takes kinds in any case, singular or plural, and the cluster kind for none', () => {
    assert.equal(kindOfMatcher('instancetype', undefined), CLUSTER);
    assert.equal(kindOfMatcher('instancetype', ''), CLUSTER);
    assert.equal(kindOfMatcher('instancetype', 'virtualMACHINEinstancetypes'), 'VirtualMachineInstancetype');
    assert.equal(kindOfMatcher('preference', 'VirtualMachinePreference'), 'VirtualMachinePreference');
    assert.equal(kindOfMatcher('preference', 'VirtualMachineInstancetype'), undefined);
    assert.equal(kindOfMatcher('instancetype', 'constructor'), undefined);
  });

  it('finds the object that is named', () => {
    assert.equal(vcpus(machine({ name: 'u1' }), { objects }), 1);
    assert.equal(vcpus(machine({ name: 'mine', kind: 'virtualmachineinstancetype' }), { objects }), 2);
    assert.equal(vcpus(machine({ name: 'mine' }), { objects }), 'missing');
    assert.equal(vcpus(machine({}), { objects }), 'nothing');
    assert.equal(vcpus(machine(undefined), { objects }), 'nothing');
  });

  it('finds none of another namespace, however it is named', () => {
    for (const name of ['theirs', 'b/theirs', '../b/theirs'])
      assert.equal(vcpus(machine({ name, kind: 'VirtualMachineInstancetype' }), { objects }), 'missing', name);
  });

  const captured = (guest: number, vm = machine({ name: 'u1' })) => buildRevision(vm, CLUSTER, stored('u1', guest));
  const ref = { instancetypeRef: { name: 'u1', controllerRevisionRef: { name: 'kept' } } };

  it('takes the revision that the VM names, then the captured one, then the object', () => {
    const revisions = { 'a/kept': captured(7), 'a/own': captured(9) };
    assert.equal(vcpus(machine({ name: 'u1' }, ref), { objects, revisions }), 7);
    assert.equal(vcpus(machine({ name: 'u1', revisionName: 'own' }, ref), { objects, revisions }), 9);
    assert.equal(vcpus(machine({ name: 'u1' }, ref), { objects }), 1);
    assert.equal(vcpus(machine({ name: 'u1', revisionName: 'gone' }), { objects, revisions }), 'missing');
  });

  it('takes the captured one only while the VM names the same object', () => {
    const revisions = { 'a/kept': captured(7) };
    const other = { ...objects, [`${CLUSTER}//u2`]: stored('u2', 4) };
    assert.equal(vcpus(machine({ name: 'u2' }, ref), { objects: other, revisions }), 4);
    const ofKind = { 'VirtualMachineInstancetype/a/u1': stored('u1', 5) };
    assert.equal(
      vcpus(machine({ name: 'u1', kind: 'VirtualMachineInstancetype' }, ref), { objects: ofKind, revisions }),
      5,
    );
  });

  it('believes no revision that the VM does not own', () => {
    const revision = captured(64);
    const forged = (ownerReferences: object[]) => ({
      'a/kept': { ...revision, metadata: { ...revision.metadata, ownerReferences } } as typeof revision,
    });
    const owner = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      name: 'web',
      uid: 'vm-uid',
      controller: true,
    };
    for (const owners of [
      [],
      [{ ...owner, uid: 'other' }],
      [{ ...owner, controller: false }],
      [{ ...owner, kind: 'Pod' }],
    ]) {
      assert.equal(vcpus(machine({ name: 'u1' }, ref), { objects, revisions: forged(owners) }), 1);
      const named = machine({ name: 'u1', revisionName: 'kept' });
      assert.equal(vcpus(named, { objects, revisions: forged(owners) }), 'unusable');
    }
    const nobody: VirtualMachine = { ...machine({ name: 'u1' }, ref), metadata: { name: 'web' } };
    assert.equal(
      isRevisionOf({ metadata: { ownerReferences: [{ ...owner, uid: undefined as unknown as string }] } }, nobody),
      false,
    );
  });

  it('uses nothing of a wrong shape or of a giant size', () => {
    const of = (given: unknown) => vcpus(machine({ name: 'u1' }), { objects: { [`${CLUSTER}//u1`]: { spec: given } } });
    for (const given of [
      undefined,
      null,
      'x',
      [],
      {},
      { cpu: { guest: 'many' }, memory: { guest: '1Gi' } },
      { ...spec(1), more: 1 },
    ])
      assert.equal(of(given), 'unusable', JSON.stringify(given));
    const annotations = { note: 'x'.repeat(MAX_SPEC) };
    assert.equal(of({ ...spec(1), annotations }), 'unusable');
    const revisions = { 'a/kept': { ...captured(1), data: { spec: { cpu: 'x' } } } };
    assert.equal(vcpus(machine({ name: 'u1' }, ref), { objects, revisions }), 'unusable');
  });

  it('names a revision so that no two are alike, in 253 characters', () => {
    const vm = machine({ name: 'u1' });
    assert.equal(revisionName(vm, stored('u1', 1)), 'web-u1-v1beta1-uid-u1-3');
    const long = { ...vm, metadata: { ...vm.metadata, name: 'a'.repeat(253) } };
    const [one, other] = [revisionName(long, stored('u1', 1)), revisionName(long, stored('u2', 1))];
    assert.notEqual(one, other);
    assert.ok(one.length <= 253);
  });

  it('keeps the spec and the identity, nothing else', () => {
    const object = stored('u1', 1, {
      labels: { a: 'b' },
      annotations: { a: 'b' },
      finalizers: ['x'],
      managedFields: [],
    });
    const revision = buildRevision(machine({ name: 'u1' }), CLUSTER, object);
    const { metadata } = revision.data as { metadata: object };
    assert.deepEqual(metadata, { name: 'u1', uid: 'uid-u1', generation: 3 });
    assert.ok(keepsSame(revision, captured(1)));
    assert.ok(!keepsSame(revision, captured(2)));
  });
});
