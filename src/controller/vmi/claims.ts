import { isDeleting, isFinal, phaseOf } from '../../api/vmi/phase.js';
import { claimUses, mayShareClaim, type ClaimUse } from '../../api/vmi/claim-use.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { PersistentVolumeClaimInfo } from '../../api/schema/volume-migration.js';
import type { VolumeStatus } from '../../api/schema/virtualmachineinstance-status.js';
import { STATE_VOLUME } from '../../api/vmi/persistent-state.js';
import { isShared, unnamed } from '../../api/vmi/filesystems.js';
import { deviceNames } from '../../domain/index.js';
import type { PersistentVolumeClaim } from '../../kube/types.js';

/** Why a VMI's pod is not made yet: reason and message of its Synchronized condition. */
export interface ClaimProblem {
  readonly reason:
    'FailedPvcNotFound' | 'FailedPvcDeleted' | 'ClaimInUse' | 'BlockVolumeDisabled' | 'BlockVolumeShared';
  readonly message: string;
}

export interface ClaimQuestion {
  readonly vmi: VirtualMachineInstance;
  /** The claim of a name in the VMI's namespace, if there is one. */
  readonly claim: (name: string) => PersistentVolumeClaim | undefined;
  /** The other VMIs of the namespace that use the claim of a name. */
  readonly usersOf: (name: string) => readonly VirtualMachineInstance[];
  /** Feature gate BlockVolume. */
  readonly blockVolumes: boolean;
}

/** For an index: `namespace/name` of each claim a VMI uses. */
export const claimKeys = (vmi: VirtualMachineInstance): string[] =>
  claimUses(vmi).map(({ claimName }) => `${vmi.metadata?.namespace ?? ''}/${claimName}`);

/**
 * What keeps a VMI from having its pod: nobody needs to look at a pod that cannot start, and no image may be written by
 * two guests. (QEMU's own lock guards files; of a block device each pod has a node of its own, which no lock spans.)
 * Pure.
 */
export const claimProblem = (question: ClaimQuestion): ClaimProblem | undefined => {
  for (const use of claimUses(question.vmi)) {
    const problem = missing(use, question) ?? inUse(use, question);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const missing = (
  { volume, claimName }: ClaimUse,
  { vmi, claim, blockVolumes }: ClaimQuestion,
): ClaimProblem | undefined => {
  const found = claim(claimName);
  const name = `PersistentVolumeClaim ${claimName}`;
  // Made by us (state-claim.ts), and not in the cache yet.
  if (found === undefined && volume === STATE_VOLUME) return undefined;
  if (found === undefined) {
    const namespace = vmi.metadata?.namespace ?? '';
    const isDataVolume = vmi.spec.volumes?.some((each) => each.name === volume && each.dataVolume !== undefined);
    const named = isDataVolume ? `DataVolume ${claimName} (or a PersistentVolumeClaim of that name)` : name;
    return {
      reason: 'FailedPvcNotFound',
      message: `volume ${volume}: ${named} does not exist in namespace ${namespace}: create it, and the VM starts`,
    };
  }
  if (isDeleting(found)) {
    return {
      reason: 'FailedPvcDeleted',
      message: `volume ${volume}: ${name} is being deleted: create it again when it has been deleted, and the VM starts`,
    };
  }
  if (found.spec?.volumeMode !== 'Block') return undefined;
  if (isShared(vmi.spec, volume))
    return {
      reason: 'BlockVolumeShared',
      message: `volume ${volume}: ${name} is in block mode and has no files that a file system could share: make the volume a disk, or use a claim in filesystem mode`,
    };
  return !blockVolumes
    ? {
        reason: 'BlockVolumeDisabled',
        message: `volume ${volume}: ${name} is in block mode, and the feature gate BlockVolume is switched off: take it from disabledFeatureGates of the KubeVirt object, or use a claim in filesystem mode`,
      }
    : undefined;
};

/** Who comes first when two want the same: one that has a pod, then the older one. */
const comesBefore = (one: VirtualMachineInstance, other: VirtualMachineInstance): boolean => {
  const rank = (vmi: VirtualMachineInstance): string =>
    [phaseOf(vmi) === 'Pending' ? '1' : '0', vmi.metadata?.creationTimestamp ?? '', vmi.metadata?.uid ?? ''].join(' ');
  return rank(one) < rank(other);
};

const inUse = (use: ClaimUse, { vmi, usersOf }: ClaimQuestion): ClaimProblem | undefined => {
  const conflicting = (other: VirtualMachineInstance): boolean =>
    other.metadata?.uid !== vmi.metadata?.uid &&
    !isFinal(other) &&
    comesBefore(other, vmi) &&
    claimUses(other).some(({ claimName, access }) => claimName === use.claimName && !mayShareClaim(access, use.access));
  const other = usersOf(use.claimName).find(conflicting);
  return (
    other && {
      reason: 'ClaimInUse',
      message: `volume ${use.volume}: PersistentVolumeClaim ${use.claimName} is in use by VirtualMachineInstance ${other.metadata?.name ?? ''}: the VM starts when that one has ended, or set shareable: true on both disks if the guests can share it`,
    }
  );
};

/** What the pod's builder and the agent need to know of a claim. */
export const claimInfo = ({ metadata, spec, status }: PersistentVolumeClaim): PersistentVolumeClaimInfo => ({
  claimName: metadata?.name,
  accessModes: spec?.accessModes,
  volumeMode: spec?.volumeMode === 'Block' ? 'Block' : 'Filesystem',
  ...(status?.capacity === undefined ? {} : { capacity: status.capacity }),
  ...(spec?.resources?.requests === undefined ? {} : { requests: spec.resources.requests }),
});

/** `status.volumeStatus` with what is known of each claim; of volumes without one nothing changes. */
export const withClaims = (
  vmi: VirtualMachineInstance,
  claims: ReadonlyMap<string, PersistentVolumeClaimInfo>,
): VolumeStatus[] | undefined => {
  const before = vmi.status?.volumeStatus ?? [];
  const uses = claimUses(vmi);
  if (uses.length === 0) return vmi.status?.volumeStatus;
  // The names that the disks are going to have: the field may not be empty for every API server.
  const names = deviceNames(vmi);
  const known = uses.flatMap(({ volume, claimName }): VolumeStatus[] => {
    const persistentVolumeClaimInfo = claims.get(claimName);
    const old = before.find(({ name }) => name === volume);
    const target = names.get(volume)?.name ?? unnamed(vmi, volume);
    return persistentVolumeClaimInfo === undefined ? [] : [{ target, ...old, name: volume, persistentVolumeClaimInfo }];
  });
  const others = before.filter(({ name }) => !known.some((entry) => entry.name === name));
  return [...others, ...known].sort((a, b) => (a.name < b.name ? -1 : 1));
};
