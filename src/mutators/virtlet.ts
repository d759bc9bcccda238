import {
  annotatedTopology,
  annotatedUuid,
  cpuSettingOf,
  virtletValue,
  VirtletAnnotation,
} from '../api/virtlet/annotations.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { MutationStep } from './mutation.js';

/*
 * Virtlet's annotations become the fields that they are another spelling of (docs/reference/density-and-cpu.md §3.2). A
 * field that is set stays: a rule refuses the object where the two say different things. What no field can hold is read
 * from the annotation by the code that acts on it: the domain builder and the launcher.
 */

/** Whether an annotation decides the CPU model, so that no default may. */
export const annotatesCpuModel = ({ metadata }: Pick<VirtualMachineInstance, 'metadata'>): boolean =>
  virtletValue(metadata, VirtletAnnotation.cpuModel) === 'host-model' || cpuSettingOf(metadata) !== undefined;

export const virtletTopology: MutationStep = {
  id: 'mut.virtlet-vcpus',
  summary:
    '`cpu` without a topology becomes as many sockets as the annotation `VirtletVCPUCount` says, else the topology of `VirtletLibvirtCPUSetting`.',
  apply: ({ metadata, spec }) => {
    const { cpu } = spec.domain;
    if (cpu?.sockets || cpu?.cores || cpu?.threads) return;
    const topology = annotatedTopology(metadata);
    if (topology !== undefined) spec.domain.cpu = { ...cpu, ...topology };
  },
};

export const virtletUuid: MutationStep = {
  id: 'mut.virtlet-system-uuid',
  summary: '`firmware.uuid` becomes the UUID of the annotation `VirtletSystemUUID`, in lower case.',
  apply: ({ metadata, spec }) => {
    const uuid = annotatedUuid(metadata);
    if (uuid === undefined || spec.domain.firmware?.uuid) return;
    spec.domain.firmware = { ...spec.domain.firmware, uuid };
  },
};
