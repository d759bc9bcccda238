import assert from 'node:assert/strict';
import type { Volume } from '../../../../src/api/schema/volumes.js';
import { unboundClaim } from '../../../../src/controller/vmi/unbound-claims.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { instance } from '../objects.js';

const CLASSES: Readonly<Record<string, object>> = {
  fast: { provisioner: 'csi.example.com', volumeBindingMode: 'Immediate' },
  late: { provisioner: 'csi.example.com', volumeBindingMode: 'WaitForFirstConsumer' },
};

const asked = (volume: Volume, storageClassName: string | undefined, phase = 'Pending') => {
  const vmi = instance();
  const get = (path: string) => {
    const found = CLASSES[path.split('/').at(-1) ?? ''];
    return found === undefined
      ? Promise.reject(new ApiError({ code: 404, reason: 'NotFound', message: 'none' }))
      : Promise.resolve(found);
  };
  const spec = { storageClassName, volumeName: 'pv-1', resources: { requests: { storage: '2Gi' } } };
  return unboundClaim({
    vmi: { ...vmi, spec: { ...vmi.spec, volumes: [volume] } },
    claim: () => ({ spec: spec, status: { phase } }),
    client: { get } as never,
  });
};

describe('a claim that is not bound', () => {
  const claim: Volume = { name: 'd', persistentVolumeClaim: { claimName: 'data' } };
  it('is named with its class and why', async () => {
    const missing = await asked(claim, 'nope');
    assert.equal(missing?.reason, 'StorageClassNotFound');
    assert.match(missing.message, /^volume d: PersistentVolumeClaim data asks for StorageClass nope, which does not/);
    const waits = await asked(claim, 'fast');
    assert.equal(waits?.reason, 'ClaimNotBound');
    assert.match(waits.message, /of StorageClass fast is not bound: its provisioner csi\.example\.com .* 2Gi yet/);
    for (const none of [undefined, ''])
      assert.match((await asked(claim, none))?.message ?? '', /has no storage class.* make a PersistentVolume of 2Gi/);
    assert.match((await asked(claim, 'fast', 'Lost'))?.message ?? '', /has lost its PersistentVolume pv-1/);
    const dataVolume = await asked({ name: 'd', dataVolume: { name: 'root' } }, 'nope');
    assert.match(dataVolume?.message ?? '', /^volume d: DataVolume root: its PersistentVolumeClaim root asks/);
  });

  it('is as it should be where it is bound, or waits for its pod', async () => {
    assert.equal(await asked(claim, 'late'), undefined);
    assert.equal(await asked(claim, 'nope', 'Bound'), undefined);
    assert.equal(await asked({ name: 'd', emptyDisk: { capacity: '1Gi' } }, 'nope'), undefined);
  });
});
