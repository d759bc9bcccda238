import assert from 'node:assert/strict';
import { mutate } from '../../../src/admission/mutate.js';
import type { AdmissionContext } from '../../../src/admission/types.js';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { buildInstance } from '../../../src/controller/vm/instance.js';
import { firmwareUuid } from '../../../src/domain/index.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import type { Change } from '../../../src/validators/rule/examples.js';

let made = 0;
const context: AdmissionContext = {
  config: resolveClusterConfig(),
  newUuid: () => `5d307ca9-b3ef-428c-8861-${String((made += 1)).padStart(12, '0')}`,
};
const [UUID, SERIAL] = ['6f2b7a04-1d5c-4a3e-9b11-3c0f7f1a2d55', '9d1f0c52-7f3e-4a0b-8a43-1f2f3b6f7c88'];
const DOMAIN = 'spec.template.spec.domain';
const firmware = (value: object): Change => ({ [`${DOMAIN}.firmware`]: value });
const cards = (...list: object[]): Change => ({ [`${DOMAIN}.devices.interfaces`]: list });

const replaced = (old: Change, now: Change) => {
  const [object, oldObject] = [manifest(now, 'VirtualMachine'), manifest(old, 'VirtualMachine')];
  const mutation = mutate({ kind: 'VirtualMachine', operation: 'UPDATE', object, oldObject }, context);
  return { patch: mutation.patch, domain: (mutation.object as VirtualMachine).spec.template.spec!.domain };
};

describe('the identity of a guest', () => {
  it('survives who replaces the VM and never saw it', () => {
    const { patch, domain } = replaced(firmware({ uuid: UUID, serial: SERIAL }), {});
    assert.deepEqual(domain.firmware, { uuid: UUID, serial: SERIAL });
    assert.equal(patch.length, 1);
  });
  it('survives beside firmware that is written, and as far as it is left out', () => {
    const old = firmware({ uuid: UUID, serial: SERIAL });
    const efi = { bootloader: { efi: {} } };
    assert.deepEqual(replaced(old, firmware(efi)).domain.firmware, { ...efi, uuid: UUID, serial: SERIAL });
    assert.deepEqual(replaced(old, firmware({ uuid: '', serial: 'mine' })).domain.firmware, {
      uuid: UUID,
      serial: 'mine',
    });
    const other = firmware({ uuid: SERIAL, serial: UUID });
    assert.deepEqual(replaced(old, other).patch, []);
  });
  it('is not written beside an annotation that gives it', () => {
    const annotated = { 'spec.template.metadata.annotations': { VirtletSystemUUID: UUID } };
    assert.deepEqual(replaced(firmware({ uuid: SERIAL }), annotated).patch, []);
  });
  it('has the addresses of its cards, by the names of the interfaces', () => {
    const [one, two] = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
    const old = cards({ name: 'a', bridge: {}, macAddress: one }, { name: 'b', bridge: {}, macAddress: two });
    const macs = (now: Change) => replaced(old, now).domain.devices.interfaces?.map(({ macAddress }) => macAddress);
    assert.deepEqual(macs(cards({ name: 'c', bridge: {} }, { name: 'b', bridge: {} }, { name: 'a', bridge: {} })), [
      undefined,
      two,
      one,
    ]);
    // Given to another card, it is not given twice.
    assert.deepEqual(macs(cards({ name: 'a', bridge: {} }, { name: 'b', bridge: {}, macAddress: one })), [
      undefined,
      one,
    ]);
    assert.equal(macs({}), undefined);
  });
  it('is read of a stored object of any shape', () => {
    for (const oldObject of [null, 7, { spec: { template: [] } }, { spec: { template: { spec: { domain: 7 } } } }]) {
      const object = manifest({}, 'VirtualMachine');
      assert.deepEqual(mutate({ kind: 'VirtualMachine', operation: 'UPDATE', object, oldObject }, context).patch, []);
    }
    const odd = { [`${DOMAIN}.firmware`]: { uuid: 7 }, [`${DOMAIN}.devices.interfaces`]: [7, { name: 1 }] };
    assert.deepEqual(replaced(odd, cards({ name: 'a', bridge: {} })).patch, []);
  });

  const start = (vm: Change): VirtualMachineInstance => {
    const object = buildInstance(manifest(vm, 'VirtualMachine') as unknown as VirtualMachine, false);
    const request = { kind: 'VirtualMachineInstance', operation: 'CREATE', object } as const;
    return mutate(request, context).object as VirtualMachineInstance;
  };
  it('of a VM without one is the same at each start, and another for another VM', () => {
    const [a, b] = ['0ba1e5f4-0000-4000-8000-00000000000a', '0ba1e5f4-0000-4000-8000-00000000000b'];
    const [one, again, other] = [a, a, b].map((uid) => start({ 'metadata.uid': uid }).spec.domain.firmware?.uuid);
    assert.match(one!, /^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    assert.equal(again, one);
    assert.notEqual(other, one);
    // Where no webhook wrote it, the domain has the same.
    const built = buildInstance(manifest({ 'metadata.uid': a }, 'VirtualMachine') as unknown as VirtualMachine, false);
    assert.equal(firmwareUuid({ ...built, metadata: { ...built.metadata, uid: b } }), one);
  });
  it('of an instance of its own is random', () => {
    const request = { kind: 'VirtualMachineInstance', operation: 'CREATE', object: manifest({}) } as const;
    const [one, other] = [1, 2].map(
      () => (mutate(request, context).object as VirtualMachineInstance).spec.domain.firmware,
    );
    assert.notEqual(one?.uuid, other?.uuid);
  });
});
