import type { VirtualMachineInstanceSpec } from '../schema/virtualmachineinstance.js';

/**
 * Tables that a guest may be given beside those of its machine, by which Windows knows its licence. Each is a key of a
 * Secret, whose volume the field names. Source: docs/reference/domain.md §1.8.
 */
export const ACPI_TABLES = [
  { field: 'slicNameRef', type: 'slic', key: 'slic.bin' },
  { field: 'msdmNameRef', type: 'msdm', key: 'msdm.bin' },
] as const;

export type AcpiTable = (typeof ACPI_TABLES)[number] & { readonly volume: string };

/** The tables of a guest with the volumes that hold them. */
export const acpiTables = ({ domain }: VirtualMachineInstanceSpec): readonly AcpiTable[] =>
  ACPI_TABLES.flatMap((table) => {
    const volume = domain.firmware?.acpi?.[table.field];
    return volume === undefined || volume === '' ? [] : [{ ...table, volume }];
  });
