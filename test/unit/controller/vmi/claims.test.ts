import assert from 'node:assert/strict';
import { findCondition } from '../../../../src/api/vmi/condition.js';
import { claimUses, mayShareClaim } from '../../../../src/api/vmi/claim-use.js';
import type { Disk } from '../../../../src/api/schema/disks.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import type { Volume } from '../../../../src/api/schema/volumes.js';
import { claimInfo, claimKeys, claimProblem, withClaims } from '../../../../src/controller/vmi/claims.js';
import { decideVmi } from '../../../../src/controller/vmi/decision.js';
import type { PersistentVolumeClaim } from '../../../../src/kube/types.js';
import { instance, NOW, runningPod } from '../objects.js';

const data: Volume = { name: 'data', persistentVolumeClaim: { claimName: 'shop' } };
const base: Volume = { name: 'data', ephemeral: { persistentVolumeClaim: { claimName: 'shop' } } };

const guest = (
  uid: string,
  volume: Volume,
  disk: Omit<Disk, 'name'> = { disk: {} },
  status: VirtualMachineInstance['status'] = { phase: 'Pending' },
  created = '2026-01-01T00:00:00Z',
): VirtualMachineInstance => {
  const vmi = instance(status, { name: uid, uid, creationTimestamp: created });
  const devices = { ...vmi.spec.domain.devices, disks: [{ name: volume.name, ...disk }] };
  return { ...vmi, spec: { ...vmi.spec, volumes: [volume], domain: { ...vmi.spec.domain, devices } } };
};
const pvc = (more: Partial<PersistentVolumeClaim> = {}): PersistentVolumeClaim => ({
  metadata: { name: 'shop', namespace: 'ns' },
  spec: { accessModes: ['ReadWriteOnce'], volumeMode: 'Filesystem', resources: { requests: { storage: '1Gi' } } },
  status: { phase: 'Bound', capacity: { storage: '2Gi' } },
  ...more,
});
const ask = (
  vmi: VirtualMachineInstance,
  others: VirtualMachineInstance[] = [],
  claim: PersistentVolumeClaim | undefined = pvc(),
  blockVolumes = true,
) => claimProblem({ vmi, claim: () => claim, usersOf: () => [vmi, ...others], blockVolumes });

describe('claims of a VMI', () => {
  it('are those of claims, data volumes and copy-on-write bases, by how they are used', () => {
    const used = (volume: Volume, disk?: Omit<Disk, 'name'>) => claimUses(guest('a', volume, disk))[0];
    assert.deepEqual(used(data), { volume: 'data', claimName: 'shop', access: 'write' });
    assert.deepEqual(used({ name: 'data', dataVolume: { name: 'dv' } })?.claimName, 'dv');
    assert.equal(used(base)?.access, 'read');
    assert.equal(used(data, { disk: { readonly: true } })?.access, 'read');
    assert.equal(used(data, { cdrom: {} })?.access, 'read');
    assert.equal(used(data, { cdrom: { readonly: false } })?.access, 'write');
    assert.equal(used(data, { lun: {} })?.access, 'write');
    assert.equal(used(data, { disk: {}, shareable: true })?.access, 'shared');
    assert.equal(used({ name: 'data', persistentVolumeClaim: { claimName: 'shop', readOnly: true } })?.access, 'read');
    assert.equal(used({ name: 'data', emptyDisk: { capacity: '1Gi' } }), undefined);
    assert.deepEqual(claimKeys(guest('a', data)), ['ns/shop']);
  });

  it('are shared by those who only read, and by those who all say so', () => {
    assert.ok(mayShareClaim('read', 'read') && mayShareClaim('shared', 'shared'));
    for (const pair of [
      ['write', 'write'],
      ['read', 'write'],
      ['shared', 'write'],
      ['read', 'shared'],
    ] as const)
      assert.ok(!mayShareClaim(pair[0], pair[1]) && !mayShareClaim(pair[1], pair[0]), pair.join());
  });

  it('that do not exist, or not for long, keep the VM waiting with the remedy', () => {
    assert.equal(ask(guest('a', data)), undefined);
    const missing = claimProblem({
      vmi: guest('a', data),
      claim: () => undefined,
      usersOf: () => [],
      blockVolumes: true,
    });
    assert.equal(missing?.reason, 'FailedPvcNotFound');
    assert.match(missing.message, /^volume data: PersistentVolumeClaim shop does not exist in namespace ns: create it/);
    const going = pvc({ metadata: { name: 'shop', deletionTimestamp: '2026-01-01T00:00:00Z' } });
    assert.equal(ask(guest('a', data), [], going)?.reason, 'FailedPvcDeleted');
  });

  it('in block mode need their feature gate', () => {
    const block = pvc({ spec: { volumeMode: 'Block' } });
    assert.equal(ask(guest('a', data), [], block), undefined);
    const problem = ask(guest('a', data), [], block, false);
    assert.equal(problem?.reason, 'BlockVolumeDisabled');
    assert.match(problem.message, /feature gate BlockVolume/);
  });

  it('are written by one VM at a time: the one that is up, then the older one', () => {
    const up = guest('up', data, undefined, { phase: 'Running' }, '2026-02-01T00:00:00Z');
    const young = guest('young', data, undefined, { phase: 'Pending' }, '2026-01-02T00:00:00Z');
    const old = guest('old', data);
    const problem = ask(old, [up]);
    assert.equal(problem?.reason, 'ClaimInUse');
    assert.match(problem.message, /in use by VirtualMachineInstance up: the VM starts when that one has ended/);
    assert.equal(ask(up, [old, young]), undefined);
    assert.equal(ask(old, [young]), undefined);
    assert.equal(ask(young, [old])?.reason, 'ClaimInUse');
    assert.equal(ask(young, [guest('over', data, undefined, { phase: 'Succeeded' })]), undefined);
    const other = guest('other', { name: 'data', persistentVolumeClaim: { claimName: 'else' } });
    assert.equal(ask(young, [other]), undefined);
  });

  it('can be the base of many copies while nobody writes them', () => {
    const running = { phase: 'Running' };
    assert.equal(ask(guest('b', base), [guest('a', base, undefined, running)]), undefined);
    assert.equal(ask(guest('b', base), [guest('a', data, undefined, running)])?.reason, 'ClaimInUse');
    const shared = { disk: {}, shareable: true };
    assert.equal(ask(guest('b', data, shared), [guest('a', data, shared, running)]), undefined);
  });

  it('share their files with any number of VMs, but not with one that has an image there', () => {
    const running = { phase: 'Running' };
    const files = (uid: string, status?: VirtualMachineInstance['status']): VirtualMachineInstance => {
      const vmi = guest(uid, data, undefined, status);
      vmi.spec.domain.devices.disks = [];
      vmi.spec.domain.devices.filesystems = [{ name: 'data', virtiofs: {} }];
      return vmi;
    };
    assert.equal(claimUses(files('a'))[0]?.access, 'files');
    assert.equal(ask(files('b'), [files('a', running)]), undefined);
    assert.equal(ask(files('b'), [guest('a', data, undefined, running)])?.reason, 'ClaimInUse');
    assert.equal(ask(guest('b', data), [files('a', running)])?.reason, 'ClaimInUse');
    assert.equal(withClaims(files('a'), new Map([['shop', claimInfo(pvc())]]))?.[0]?.target, 'data');
    const problem = ask(files('a'), [], pvc({ spec: { volumeMode: 'Block' } }));
    assert.equal(problem?.reason, 'BlockVolumeShared');
    assert.match(problem.message, /is in block mode and has no files .*: make the volume a disk/);
  });

  it('never let two of any three VMs write at once, in whatever order they are looked at', () => {
    const three = ['a', 'b', 'c'].map((uid, index) =>
      guest(uid, data, undefined, { phase: 'Pending' }, `2026-01-0${3 - index}T00:00:00Z`),
    );
    const free = three.filter((vmi) => ask(vmi, three) === undefined);
    assert.deepEqual(
      free.map(({ metadata }) => metadata?.uid),
      ['c'],
    );
  });
});

describe('a VMI that waits for a claim', () => {
  const look = (vmi: VirtualMachineInstance, message: string | undefined) =>
    decideVmi({
      vmi,
      pods: [],
      nodeGone: false,
      ownerGone: false,
      claimProblem: message === undefined ? undefined : { reason: 'FailedPvcNotFound', message },
      now: NOW,
    });

  it('has no pod, a condition, and one event for one reason', () => {
    const first = look(guest('a', data), 'no claim');
    assert.equal(first.createPod, false);
    assert.deepEqual(first.events, [{ type: 'Warning', reason: 'FailedPvcNotFound', message: 'no claim' }]);
    assert.equal(findCondition(first.after.status?.conditions, 'Synchronized')?.reason, 'FailedPvcNotFound');
    assert.equal(first.after.status?.phase, 'Pending');
    assert.deepEqual(look(first.after, 'no claim').events, []);
    assert.equal(look(first.after, 'another').events.length, 1);
    assert.equal(look(first.after, undefined).createPod, true);
  });

  it('is handed over with what is known of its claims', () => {
    const scheduling = guest('a', data, undefined, { phase: 'Scheduling' });
    const claims = new Map([['shop', claimInfo(pvc())]]);
    const view = { vmi: scheduling, pods: [runningPod()], nodeGone: false, ownerGone: false, claims, now: NOW };
    assert.deepEqual(decideVmi(view).after.status?.volumeStatus, [
      {
        name: 'data',
        target: 'sda',
        persistentVolumeClaimInfo: {
          claimName: 'shop',
          accessModes: ['ReadWriteOnce'],
          volumeMode: 'Filesystem',
          capacity: { storage: '2Gi' },
          requests: { storage: '1Gi' },
        },
      },
    ]);
  });

  it('keeps the names of its disks when it learns of its claims', () => {
    const known = { name: 'data', target: 'vda' };
    const vmi = guest('a', data, undefined, { volumeStatus: [{ name: 'root', target: 'vdb' }, known] });
    const after = withClaims(vmi, new Map([['shop', claimInfo(pvc())]]));
    assert.deepEqual(
      after?.map(({ name, target }) => [name, target]),
      [
        ['data', 'vda'],
        ['root', 'vdb'],
      ],
    );
    assert.equal(withClaims(instance({}), new Map()), undefined);
  });
});
