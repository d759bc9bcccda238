import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { stateClaimName } from '../../../../src/api/vmi/persistent-state.js';
import { claimUses } from '../../../../src/api/vmi/claim-use.js';
import { claimInfo, claimProblem, withClaims } from '../../../../src/controller/vmi/claims.js';
import { buildStateClaim, ensureStateClaim } from '../../../../src/controller/vmi/state-claim.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import type { KubernetesObject, PersistentVolumeClaim } from '../../../../src/kube/types.js';
import { decideVmi } from '../../../../src/controller/vmi/decision.js';
import { instance, NOW } from '../objects.js';

const VM = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'web', uid: 'vm-1', controller: true };
const guest = (devices: object = { tpm: { persistent: true } }, metadata: object = {}): VirtualMachineInstance => {
  const vmi = instance({ phase: 'Pending' }, { name: 'web', uid: 'vmi-1', ownerReferences: [VM], ...metadata });
  Object.assign(vmi.spec.domain.devices, devices);
  return vmi;
};
const classes = (...list: [name: string, annotation: string, created?: string][]): KubernetesObject[] =>
  list.map(([name, annotation, creationTimestamp = '2026-01-01T00:00:00Z']) => ({
    metadata: { name, creationTimestamp, annotations: { [annotation]: 'true' } },
  }));
const VIRT = 'storageclass.kubevirt.io/is-default-virt-class';
const USUAL = 'storageclass.kubernetes.io/is-default-class';

interface World {
  readonly vmi?: VirtualMachineInstance;
  readonly stored?: PersistentVolumeClaim;
  readonly cached?: PersistentVolumeClaim;
  readonly ownerGone?: boolean;
  readonly storageClass?: string;
  readonly classes?: readonly KubernetesObject[];
  /** Of somebody who makes the claim between our look and our create call. */
  readonly meanwhile?: PersistentVolumeClaim;
  /** What the create call ends with. */
  readonly refusal?: ApiError;
}
const ensure = async (world: World) => {
  let { stored } = world;
  const created: PersistentVolumeClaim[] = [];
  const problem = await ensureStateClaim({
    vmi: world.vmi ?? guest(),
    claim: () => world.cached,
    ownerGone: world.ownerGone ?? false,
    storageClass: world.storageClass,
    client: {
      get: () =>
        stored === undefined
          ? Promise.reject(new ApiError({ code: 404, reason: 'NotFound', message: '' }))
          : Promise.resolve(stored as never),
      list: () => Promise.resolve({ items: world.classes ?? [], metadata: {} } as never),
      create: (_path: string, claim: object) => {
        if (world.refusal !== undefined) return Promise.reject(world.refusal);
        if (world.meanwhile !== undefined) {
          stored = world.meanwhile;
          return Promise.reject(new ApiError({ code: 409, reason: 'AlreadyExists', message: '' }));
        }
        created.push(claim);
        return Promise.resolve(claim as never);
      },
    },
  });
  return { problem: problem?.reason, message: problem?.message, created };
};
const ours = buildStateClaim(guest(), 'fast');

describe('the claim of a VM’s firmware and TPM', () => {
  it('is the one that docs/guests.md makes for a restored VM', async () => {
    const guide = readFileSync(new URL('../../../../docs/guests.md', import.meta.url), 'utf8');
    const [, commands = ''] = /```\n(uid=\$\(kubectl[^`]*)```/.exec(guide) ?? [];
    const kubectl = 'kubectl() { case $1 in get) printf vm-1 ;; create) cat ;; esac; }\n';
    const claim = parse(execFileSync('sh', ['-c', kubectl + commands], { encoding: 'utf8' })) as PersistentVolumeClaim;
    assert.equal(claim.metadata?.name, stateClaimName(guest()));
    assert.deepEqual(await ensure({ stored: claim }), { problem: undefined, message: undefined, created: [] });
  });
  it('is made once, for who keeps something, and belongs to the VirtualMachine', async () => {
    for (const devices of [
      {},
      { tpm: {} },
      { tpm: { persistent: false } },
      { tpm: { persistent: true, enabled: false } },
    ])
      assert.deepEqual((await ensure({ vmi: guest(devices), storageClass: 'fast' })).created, []);
    const { created, problem } = await ensure({ storageClass: 'fast' });
    assert.equal(problem, undefined);
    assert.deepEqual(created, [
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: stateClaimName(guest()),
          namespace: 'ns',
          labels: { 'persistent-state-for': 'web' },
          ownerReferences: [{ ...VM, blockOwnerDeletion: true }],
        },
        spec: {
          accessModes: ['ReadWriteOnce'],
          volumeMode: 'Filesystem',
          storageClassName: 'fast',
          resources: { requests: { storage: '10Mi' } },
        },
      },
    ]);
    assert.deepEqual((await ensure({ stored: ours })).created, []);
    assert.deepEqual((await ensure({ cached: ours })).created, []);
    const bare = guest(undefined, { ownerReferences: [] });
    const [own] = (await ensure({ vmi: bare, storageClass: 'fast' })).created;
    assert.deepEqual(
      own?.metadata?.ownerReferences?.map(({ kind, uid }) => [kind, uid]),
      [['VirtualMachineInstance', 'vmi-1']],
    );
  });

  it('is of the class that the cluster has for it, else of a default one, else the VM waits and says so', async () => {
    const classOf = async (world: World) => (await ensure(world)).created[0]?.spec?.storageClassName;
    const both = classes(['usual', USUAL], ['virt', VIRT]);
    assert.equal(await classOf({ classes: both, storageClass: 'state' }), 'state');
    assert.equal(await classOf({ classes: both }), 'virt');
    assert.equal(await classOf({ classes: classes(['old', USUAL], ['new', USUAL, '2026-02-01T00:00:00Z']) }), 'new');
    const { problem, message, created } = await ensure({ classes: [{ metadata: { name: 'plain' } }] });
    assert.deepEqual([problem, created], ['NoStorageClass', []]);
    assert.match(message ?? '', /set spec\.configuration\.vmStateStorageClass in the KubeVirt object, or annotate one/);
  });

  it('has another name for another VM of the same name, and one that Kubernetes takes', () => {
    const later = guest(undefined, { ownerReferences: [{ ...VM, uid: 'vm-2' }] });
    assert.notEqual(stateClaimName(guest()), stateClaimName(later));
    assert.equal(stateClaimName(guest()), stateClaimName(guest(undefined, { uid: 'vmi-2' })), 'for each of its lives');
    const long = stateClaimName(guest(undefined, { name: `${'a'.repeat(30)}.${'b'.repeat(32)}` }));
    assert.ok(long.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(long), long);
  });

  it('is no other’s: a claim that is called and labelled so and that the VM does not own is not mounted', async () => {
    const foreign = (ownerReferences: object[]): PersistentVolumeClaim => ({
      ...ours,
      metadata: { ...ours.metadata, ownerReferences: ownerReferences as never },
    });
    for (const references of [
      [],
      [{ ...VM, uid: 'vm-of-mallory' }],
      // Named as an owner, not as the one in control.
      [{ ...VM, controller: false }],
    ]) {
      for (const world of [
        { stored: foreign(references) },
        { cached: foreign(references) },
        { meanwhile: foreign(references), storageClass: 'fast' },
      ])
        assert.equal((await ensure(world)).problem, 'StateClaimTaken');
    }
    assert.equal((await ensure({ meanwhile: ours, storageClass: 'fast' })).problem, undefined);
  });

  it('that a quota forbids keeps the VM waiting, with the API server’s words, and it looks again by itself', async () => {
    const refusal = new ApiError({ code: 403, reason: 'Forbidden', message: 'exceeded quota: small' });
    const { problem, message } = await ensure({ storageClass: 'fast', refusal });
    assert.equal(problem, 'StateClaimRefused');
    assert.match(
      message ?? '',
      /^PersistentVolumeClaim persistent-state-for-web-\w+ cannot be made: exceeded quota: small$/,
    );
    const claimProblem = { reason: 'StateClaimRefused', message: message ?? '', requeueAfterMs: 30_000 } as const;
    const plan = decideVmi({ vmi: guest(), pods: [], nodeGone: false, ownerGone: false, claimProblem, now: NOW });
    assert.deepEqual([plan.createPod, plan.requeueAfterMs], [false, 30_000]);
    const broken = new ApiError({ code: 500, reason: 'InternalError', message: 'down' });
    await assert.rejects(ensure({ storageClass: 'fast', refusal: broken }), /down/);
  });

  it('is not made for a VM that is not there, nor used while it is deleted', async () => {
    assert.equal((await ensure({ ownerGone: true, stored: ours })).problem, 'StateOwnerGone');
    const going = { ...ours, metadata: { ...ours.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    assert.equal((await ensure({ stored: going })).problem, 'StateClaimDeleted');
  });

  it('is a use of a claim like any other: told in the status, and for one VM at a time', () => {
    assert.deepEqual(claimUses(guest()).at(-1), {
      volume: 'persistent-state-for-this-vm',
      claimName: stateClaimName(guest()),
      access: 'write',
    });
    const [entry] = withClaims(guest(), new Map([[stateClaimName(guest()), claimInfo(ours)]])) ?? [];
    assert.deepEqual([entry?.name, entry?.target], ['persistent-state-for-this-vm', 'vm-state']);
    assert.equal(entry?.persistentVolumeClaimInfo?.claimName, stateClaimName(guest()));
    // Just made, the cache does not have it yet.
    const question = { vmi: guest(), claim: () => undefined, usersOf: () => [], blockVolumes: true };
    assert.equal(claimProblem(question), undefined);
  });
});
