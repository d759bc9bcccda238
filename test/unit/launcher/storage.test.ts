import assert from 'node:assert/strict';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { parseQuantity } from '../../../src/api/quantity.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { buildLauncherPod, type LauncherContext } from '../../../src/launcher/index.js';
import { instance } from '../controller/objects.js';

type Spec = VirtualMachineInstance['spec'];
const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const built = (
  volumes: Spec['volumes'],
  resources?: Spec['domain']['resources'],
  more: Partial<LauncherContext> = {},
) => {
  const vmi = instance();
  vmi.spec = { ...vmi.spec, volumes, domain: { ...vmi.spec.domain, resources } };
  const { spec } = buildLauncherPod(vmi, { config: resolveClusterConfig(), launcherImage: 'l:1', ...more });
  const bytes = (text: string | undefined): number => Number(parseQuantity(text ?? '0').value());
  const { requests, limits } = spec.containers[0]!.resources;
  const sizes = spec.volumes.flatMap((volume): [string, number][] =>
    'emptyDir' in volume ? [[volume.name, bytes(volume.emptyDir.sizeLimit)]] : [],
  );
  return {
    request: bytes(requests['ephemeral-storage']),
    limit: bytes(limits['ephemeral-storage']),
    sizes: Object.fromEntries(sizes),
  };
};
const disk = (name: string, capacity: string) => ({ name, emptyDisk: { capacity } });
const image = (name: string) => ({ name, containerDisk: { image: 'i:1' } });
/** As qcow2 lays a disk out that is full: clusters, two-level tables, reference counts. */
const fullQcow2 = (bytes: number): number => {
  const clusters = Math.ceil(bytes / 65_536);
  const tables = Math.ceil((clusters * 8) / 65_536) + 1;
  const counts = Math.ceil(((clusters + tables) * 2) / 65_536) + 1;
  return (clusters + tables + counts + 1) * 65_536;
};

describe('what a VM may write on the disk of its node', () => {
  it('bounds every directory of the pod, and the pod by more than all of them', () => {
    const { sizes, limit } = built([image('root'), disk('data', '2Gi')]);
    assert.deepEqual(Object.keys(sizes), ['private', 'ephemeral-disks', 'container-disks', 'virt-bin-share-dir']);
    const all = Object.values(sizes).reduce((sum, size) => sum + size);
    for (const size of Object.values(sizes)) assert.ok(size >= 16 * MIB);
    assert.ok(limit >= all, `${limit} ${all}`);
  });

  for (const size of [1, 65_536, MIB, GIB, 100 * GIB, 2048 * GIB]) {
    it(`never evicts a guest that fills its emptyDisk of ${size} bytes`, () => {
      const { sizes, limit, request } = built([disk('data', String(size))]);
      assert.ok((sizes['ephemeral-disks'] ?? 0) >= fullQcow2(size));
      assert.ok(limit >= fullQcow2(size));
      assert.ok(request >= fullQcow2(size), 'what is promised is asked of the scheduler');
    });
  }

  it('asks nothing of the scheduler for what is written over an image, and bounds it', () => {
    const { request, limit } = built([image('root'), image('more')]);
    assert.equal(request, 50_000_000);
    assert.ok(limit >= 64 * GIB && limit < 66 * GIB, String(limit));
  });

  it('gives an overlay over a claim what the claim has', () => {
    const ephemeral = { name: 'root', ephemeral: { persistentVolumeClaim: { claimName: 'golden' } } };
    const claims = new Map([['golden', { claimName: 'golden', capacity: { storage: '4Gi' } }]]);
    const { sizes } = built([ephemeral], undefined, { claims });
    assert.ok((sizes['ephemeral-disks'] ?? 0) >= fullQcow2(4 * GIB));
    assert.ok((sizes['ephemeral-disks'] ?? 0) < 5 * GIB);
    assert.ok((built([ephemeral]).sizes['ephemeral-disks'] ?? 0) >= 32 * GIB, 'of a claim nobody knows: the default');
  });

  it('takes the numbers of the VM for the guest, with the own ones on top', () => {
    const storage = (list: string) => ({ 'ephemeral-storage': list });
    const own = built([image('root'), disk('data', '1Gi')], { limits: storage('100Gi') });
    assert.equal(own.limit, 100 * GIB + 50_000_000);
    assert.ok((own.sizes['ephemeral-disks'] ?? 0) >= 100 * GIB);
    const requested = built([image('root')], { requests: storage('60Gi') });
    assert.equal(requested.request, 60 * GIB + 50_000_000);
    assert.ok(requested.limit >= requested.request);
    const small = built([disk('data', '10Gi')], { limits: storage('1Gi') });
    assert.ok(small.request <= small.limit, 'the API server refuses a request beyond its limit');
  });
});
