import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chosenUuid, madeUpUuid } from '../../../src/api/vmi/chosen-uuid.js';
import { affinityOf, uuidLabel } from '../../../src/launcher/keep-apart.js';
import { podMetadata } from '../../../src/launcher/metadata.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { isUuid } from '../../../src/api/uuid.js';

const UUID = '53008994-44c0-4017-ad44-9c49758083da';
const vmi = (uuid: string | undefined, labels?: Record<string, string>): VirtualMachineInstance => ({
  metadata: { name: 'web', namespace: 'a', uid: 'u', labels },
  spec: { domain: { devices: {}, firmware: { uuid } }, affinity: { podAntiAffinity: {} } },
});
const context = { unprivilegedPortsSysctl: true } as never;

describe('a UUID that a user chose', () => {
  it('is told from one that admission made up', () => {
    for (let n = 0; n < 50; n += 1) {
      const own = madeUpUuid(randomUUID());
      assert.ok(isUuid(own));
      assert.equal(chosenUuid(vmi(own)), undefined);
      assert.equal(chosenUuid(vmi(own.toUpperCase())), undefined);
    }
    assert.equal(chosenUuid(vmi(UUID.toUpperCase())), UUID);
    assert.equal(chosenUuid(vmi(undefined)), undefined);
    assert.equal(madeUpUuid('<random UUID>'), '<random UUID>');
  });

  it('keeps its pod off nodes with another of them, in all namespaces', () => {
    assert.deepEqual(uuidLabel(vmi(UUID)), { 'kubevirt.io/system-uuid': UUID });
    const terms = affinityOf(vmi(UUID), context)?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    assert.deepEqual(terms, [
      {
        labelSelector: { matchLabels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/system-uuid': UUID } },
        namespaceSelector: {},
        topologyKey: 'kubernetes.io/hostname',
      },
    ]);
  });

  it('attack: a label of that name on a VM of one’s own does not reach the pod', () => {
    const { labels } = podMetadata(vmi(madeUpUuid(randomUUID()), { 'kubevirt.io/system-uuid': UUID, app: 'x' }));
    assert.equal(labels['kubevirt.io/system-uuid'], undefined);
    assert.equal(labels['app'], 'x');
  });

  it('leaves the pods of all others as they were', () => {
    const other = vmi(madeUpUuid(randomUUID()));
    assert.deepEqual(affinityOf(other, context), other.spec.affinity);
  });
});
