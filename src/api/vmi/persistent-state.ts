import { createHash } from 'node:crypto';
import type { VirtualMachineInstance } from '../schema/kinds.js';
import type { OwnerReference } from '../schema/meta.js';
import { hasTpm } from './devices.js';

/*
 * What UEFI firmware and a TPM store outlives a stop on a claim of the VM's own.
 */

type Spec = Pick<VirtualMachineInstance['spec'], 'domain'>;

export const keepsEfi = ({ domain }: Spec): boolean => domain.firmware?.bootloader?.efi?.persistent === true;
export const keepsTpm = ({ domain }: Spec): boolean =>
  hasTpm(domain.devices.tpm) && domain.devices.tpm?.persistent === true;
export const keepsState = (spec: Spec): boolean => keepsEfi(spec) || keepsTpm(spec);

/**
 * Its name in `status.volumeStatus`. No volume of the spec can have it: the name of a claim's disk is shorter there.
 */
export const STATE_VOLUME = 'persistent-state-for-this-vm';
/** Of the claim, with the name of the VM. KubeVirt finds its claim by it; here it is for people. */
export const STATE_LABEL = 'persistent-state-for';

const PREFIX = `${STATE_LABEL}-`;
const MAX_NAME = 63;
const DIGEST_LENGTH = 10;

/** The VirtualMachine that made the instance; undefined: it was made by itself, or by a replica set. */
export const machineOf = ({ metadata }: Pick<VirtualMachineInstance, 'metadata'>): OwnerReference | undefined =>
  metadata?.ownerReferences?.find(({ kind, controller }) => kind === 'VirtualMachine' && controller === true);

/**
 * The claim's name. It has a digest of the uid of whose state it is: a VM of the same name that comes later is another
 * one, and does not get the keys of the first.
 */
export const stateClaimName = (vmi: Pick<VirtualMachineInstance, 'metadata'>): string => {
  const uid = machineOf(vmi)?.uid ?? vmi.metadata?.uid ?? '';
  const digest = createHash('sha256').update(uid).digest('hex').slice(0, DIGEST_LENGTH);
  const room = MAX_NAME - PREFIX.length - DIGEST_LENGTH - 1;
  const name = (vmi.metadata?.name ?? '').slice(0, room).replace(/[-.]+$/, '');
  return `${PREFIX}${name}-${digest}`;
};
