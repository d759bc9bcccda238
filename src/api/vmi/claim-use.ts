import type { VirtualMachineInstance } from '../schema/kinds.js';
import type { Disk } from '../schema/disks.js';
import type { Volume } from '../schema/volumes.js';
import { keepsState, STATE_VOLUME, stateClaimName } from './persistent-state.js';
import { isOnlyShared } from './filesystems.js';
import { isActedOn, sourceOf } from './volume-sources.js';

/**
 * How a VM uses a claim's image: `read` never writes it, `shared` writes it with others who know that (`shareable`),
 * `write` writes it alone; `files` has its files and no image of it, as any pod.
 */
export type ClaimAccess = 'read' | 'shared' | 'write' | 'files';

/** A volume of a VMI that uses a PersistentVolumeClaim of its namespace. */
export interface ClaimUse {
  readonly volume: string;
  readonly claimName: string;
  readonly access: ClaimAccess;
}

/** The claim behind a volume whose source is acted on. */
export const claimNameOf = (volume: Volume): string | undefined => {
  const found = sourceOf(volume);
  if (found === undefined || !isActedOn(found.kind)) return undefined;
  return found.source.references(found.settings).find(({ kind }) => kind === 'PersistentVolumeClaim')?.name;
};

const accessOf = (volume: Volume, disk: Disk | undefined): ClaimAccess => {
  if (sourceOf(volume)?.source.image === 'overlay' || volume.persistentVolumeClaim?.readOnly) return 'read';
  if (disk?.shareable) return 'shared';
  const readonly = disk?.cdrom ? disk.cdrom.readonly !== false : (disk?.disk ?? disk?.lun)?.readonly === true;
  return readonly ? 'read' : 'write';
};

/** The claims of a VMI, in the order of its volumes; last that of its firmware's and TPM's state. */
export const claimUses = (vmi: VirtualMachineInstance): ClaimUse[] => [...volumeUses(vmi), ...stateUse(vmi)];

const stateUse = (vmi: VirtualMachineInstance): ClaimUse[] =>
  keepsState(vmi.spec) ? [{ volume: STATE_VOLUME, claimName: stateClaimName(vmi), access: 'write' }] : [];

const volumeUses = ({ spec }: VirtualMachineInstance): ClaimUse[] =>
  (spec.volumes ?? []).flatMap((volume) => {
    const claimName = claimNameOf(volume);
    if (claimName === undefined) return [];
    const disk = spec.domain.devices.disks?.find(({ name }) => name === volume.name);
    const access = isOnlyShared(spec, volume.name) ? 'files' : accessOf(volume, disk);
    return [{ volume: volume.name, claimName, access }];
  });

/**
 * Whether two VMs may use one claim at the same time: all read it, all share its files, or all said that they share it.
 */
export const mayShareClaim = (one: ClaimAccess, other: ClaimAccess): boolean => one === other && one !== 'write';
