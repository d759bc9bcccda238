import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { acpiTables as tablesOf } from '../api/vmi/acpi-tables.js';
import type { DomainContext } from './domain-input.js';
import { element, type XmlElement } from './xml.js';

/** The tables by which Windows knows its licence, read from where kubelet mounted their Secrets. */
export const acpiTables = (vmi: VirtualMachineInstance, { paths }: DomainContext): XmlElement | undefined => {
  const tables = tablesOf(vmi.spec);
  if (tables.length === 0) return undefined;
  return element(
    'acpi',
    {},
    ...tables.map(({ type, key, volume }) => element('table', { type }, `${paths.content(volume)}/${key}`)),
  );
};
