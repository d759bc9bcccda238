import { uuidOfOwner } from '../api/vmi/owner-uuid.js';
import type { MutationStep } from './mutation.js';
import { annotatesCpuModel } from './virtlet.js';

export const firmwareUuid: MutationStep = {
  id: 'mut.firmware-uuid',
  summary:
    '`firmware.uuid` becomes a random UUID, that of a VirtualMachine without one always the same: the guest keeps it for life.',
  apply: (vmi, { newUuid }) => {
    const firmware = (vmi.spec.domain.firmware ??= {});
    firmware.uuid ||= uuidOfOwner(vmi) ?? newUuid();
  },
};

export const arm64Firmware: MutationStep = {
  id: 'mut.arm64-efi',
  summary: 'On arm64 the boot loader becomes EFI, without secure boot unless it was asked for.',
  apply: ({ spec }) => {
    if (spec.architecture !== 'arm64') return;
    const firmware = (spec.domain.firmware ??= {});
    firmware.bootloader ??= { efi: {} };
    if (firmware.bootloader.efi) firmware.bootloader.efi.secureBoot ??= false;
  },
};

export const arm64Cpu: MutationStep = {
  id: 'mut.arm64-cpu-model',
  summary: 'On arm64 an empty `cpu.model` becomes host-passthrough, the only one that exists there.',
  apply: ({ metadata, spec }) => {
    if (spec.architecture !== 'arm64' || annotatesCpuModel({ metadata })) return;
    const cpu = (spec.domain.cpu ??= {});
    cpu.model ||= 'host-passthrough';
  },
};
