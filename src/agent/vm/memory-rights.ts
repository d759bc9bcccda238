import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import {
  MEM_LOCK_FIELD,
  memoryLockAsker,
  MEMORY_LOCKING_SETTING,
  overcommitsMemory,
} from '../../api/vmi/memory-lock.js';
import { realtimeVcpus } from '../../api/vmi/realtime.js';
import type { Launcher } from '../pod/launcher.js';
import type { StartNotice } from './starter.js';

/* Rights that a guest's QEMU has not by itself and the agent gives it: locked memory, scheduling in real time. */

const LOCK_REMEDY = 'give virt-agent that capability (docs/density.md, Locked memory)';

interface Question {
  readonly vmi: VirtualMachineInstance;
  readonly config: ClusterConfig;
  readonly nodeHasSwap: boolean;
  readonly launcher: Pick<Launcher, 'raiseMemoryLock'>;
  readonly notice: (notice: StartNotice) => void;
}

/**
 * Whether the guest's memory is to be locked, and QEMU has the right to.
 * @throws Error where the VM itself asks for it and cannot have it: it is tried again
 */
export const mayLockMemory = async (question: Question): Promise<boolean> => {
  const { vmi, config, nodeHasSwap, launcher, notice } = question;
  const asker = memoryLockAsker(vmi.spec, config);
  if (asker === undefined || (asker === 'Auto' && !nodeHasSwap)) return false;
  if (asker === 'Always' && overcommitsMemory(vmi.spec)) {
    const message = `${MEMORY_LOCKING_SETTING} is Always, and this VM's memory is overcommitted: it is not locked; request all of memory.guest, or write memLock: NotRequired`;
    notice({ type: 'Warning', reason: 'MemoryLockSkipped', message });
    return false;
  }
  const { denied } = await launcher.raiseMemoryLock();
  if (denied === undefined) return true;
  if (asker === 'VM')
    throw new Error(`${MEM_LOCK_FIELD}: Required, but ${denied}: ${LOCK_REMEDY}, or write NotRequired`);
  const message = `${MEMORY_LOCKING_SETTING} is ${asker}, but ${denied}: the memory of this VM is not locked; ${LOCK_REMEDY}, or write Never`;
  notice({ type: 'Warning', reason: 'MemoryLockUnavailable', message });
  return false;
};

/**
 * Schedules the running guest's vCPUs in real time, where it asks for that. Safe to repeat.
 * @throws Error where it cannot be
 */
export const ensureRealtime = async (
  { spec }: VirtualMachineInstance,
  launcher: Pick<Launcher, 'scheduleRealtime'>,
): Promise<void> => {
  if (spec.domain.cpu?.realtime === undefined) return;
  const { denied } = await launcher.scheduleRealtime(realtimeVcpus(spec) ?? []);
  if (denied !== undefined)
    throw new Error(`${denied}: give it that (docs/density.md, Real time), or remove the field`);
};
