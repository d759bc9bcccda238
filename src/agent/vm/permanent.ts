import { DomainError } from '../../domain/index.js';
import { VolumeError } from '../volumes/volume-error.js';

/** Whether trying again with the same VMI and pod cannot help. */
export const isPermanent = (error: unknown): boolean => {
  if (error instanceof VolumeError) return error.permanent;
  // KVM may come, by configuration; an input that the agent forgot is the agent's fault.
  return error instanceof DomainError && error.code !== 'KVMUnavailable' && error.code !== 'MissingInput';
};
