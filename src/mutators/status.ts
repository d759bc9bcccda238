import { GUEST_ID } from '../api/pod-layout.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { MutationStep } from './mutation.js';
import { readQuantity } from './quantities.js';

type Status = NonNullable<VirtualMachineInstance['status']>;

/**
 * The first status. What a user submits as status is dropped: it would name nodes and pods that are not the VM's.
 * Only the time of an earlier `Pending` stays, so that defaulting twice changes nothing.
 */
export const firstStatus: MutationStep = {
  id: 'mut.phase',
  summary:
    '`status` becomes: phase Pending with its time, the memory and CPU topology of the start, the guest’s uid 107.',
  apply: (vmi, { now }) => {
    const { memory, cpu } = vmi.spec.domain;
    const earlier = vmi.status?.phaseTransitionTimestamps?.find(({ phase }) => phase === 'Pending');
    const status: Status = {
      phase: 'Pending',
      phaseTransitionTimestamps: [earlier ?? { phase: 'Pending', phaseTransitionTimestamp: now() }],
      runtimeUser: GUEST_ID,
    };
    // What is no quantity is refused where it was written, not here again.
    if (readQuantity(memory?.guest) !== undefined) {
      status.memory = { guestAtBoot: memory?.guest, guestCurrent: memory?.guest, guestRequested: memory?.guest };
    }
    if (cpu) {
      const { sockets, cores, threads } = cpu;
      status.currentCPUTopology = {
        ...(sockets === undefined ? {} : { sockets }),
        ...(cores === undefined ? {} : { cores }),
        ...(threads === undefined ? {} : { threads }),
      };
    }
    vmi.status = status;
  },
};
