import { acpiTables } from '../../api/vmi/acpi-tables.js';
import type { VirtualMachineInstance } from '../../api/schema/kinds.js';
import type { Workspace } from '../workspace/workspace.js';
import { VolumeError } from './volume-error.js';

/**
 * Sees to it that each ACPI table of a VMI is in its Secret: QEMU would say of a path in its pod that it is not there.
 * @throws VolumeError permanent naming the volume, the key and the field
 */
export const checkAcpiTables = async (vmi: VirtualMachineInstance, workspace: Workspace): Promise<void> => {
  for (const { field, key, volume } of acpiTables(vmi.spec)) {
    if (await workspace.exists(`${workspace.paths.content(volume)}/${key}`)) continue;
    throw new VolumeError(
      volume,
      'permanent',
      `its secret has no key ${key}, which domain.firmware.acpi.${field} takes the table from; add it, or remove the field`,
    );
  }
};
