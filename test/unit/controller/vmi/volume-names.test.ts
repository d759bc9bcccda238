import assert from 'node:assert/strict';
import { imagePullProblem } from '../../../../src/controller/vmi/conditions.js';
import { containerOwner } from '../../../../src/controller/vmi/volume-names.js';
import type { Pod } from '../../../../src/kube/types.js';
import { instance } from '../objects.js';

const waitsFor = (name: string, reason: string): Pod => ({
  status: { containerStatuses: [{ name, image: 'web:1', state: { waiting: { reason, message: 'no such host' } } }] },
});

describe('an image that cannot be pulled', () => {
  const vmi = instance();
  const volumes = [{ name: 'root', containerDisk: { image: 'web:1' } }];
  const owner = containerOwner({ ...vmi, spec: { ...vmi.spec, volumes } });

  it('is that of the volume, as the VM’s owner calls it', () => {
    assert.deepEqual(imagePullProblem(waitsFor('volumeroot', 'ErrImagePull'), owner), {
      reason: 'ErrImagePull',
      message: 'volume root: image web:1 cannot be pulled; check its name, tag, registry and pull secret: no such host',
    });
    assert.match(
      imagePullProblem(waitsFor('compute', 'ImagePullBackOff'), owner)?.message ?? '',
      /^container compute:/,
    );
  });

  it('has the remedy of what kubelet says of it, and nothing else is one', () => {
    const said = (reason: string) => imagePullProblem(waitsFor('volumeroot', reason), owner);
    assert.match(said('ErrImageNeverPull')?.message ?? '', /is not on the node, and its pull policy is Never; load it/);
    assert.deepEqual(said('InvalidImageName')?.reason, 'ErrImagePull');
    for (const reason of ['ContainerCreating', '', 'constructor']) assert.equal(said(reason), undefined);
  });
});
