import { domainName } from '../api/names.js';
import type { ClusterConfig } from '../api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import { isUuid } from '../api/uuid.js';
import { uuidOfOwner } from '../api/vmi/owner-uuid.js';
import { DomainError } from './error.js';
import { element, type XmlElement } from './xml.js';

/**
 * The SMBIOS and libvirt UUID: `firmware.uuid`, which admission always fills; else what it would write, or the VMI's
 * uid.
 */
export const firmwareUuid = (vmi: VirtualMachineInstance): string => {
  const uuid = vmi.spec.domain.firmware?.uuid ?? uuidOfOwner(vmi) ?? vmi.metadata?.uid;
  if (uuid === undefined || !isUuid(uuid)) {
    throw new DomainError(
      'InvalidValue',
      `${JSON.stringify(uuid ?? '')} is not a UUID; write one such as "5d307ca9-b3ef-428c-8861-06e72d69f223"`,
      'spec.domain.firmware.uuid',
    );
  }
  return uuid.toLowerCase();
};

/** Name, UUID and the mark by which the agent knows its own domains. Source: docs/reference/domain.md §1.3. */
export const identity = (vmi: VirtualMachineInstance): XmlElement[] => {
  const { name = '', namespace = 'default', uid } = vmi.metadata ?? {};
  if (name === '') throw new DomainError('InvalidValue', 'a domain needs the name of its VMI', 'metadata.name');
  return [
    element('name', {}, domainName(namespace, name)),
    // libvirt would make up a UUID of its own and then refuse the one in sysinfo.
    element('uuid', {}, firmwareUuid(vmi)),
    element('metadata', {}, element('kubevirt', { xmlns: 'http://kubevirt.io' }, element('uid', {}, uid ?? ''))),
  ];
};

const entries = (values: Readonly<Record<string, string | undefined>>): XmlElement[] =>
  Object.entries(values).flatMap(([name, value]) =>
    // libvirt refuses an empty entry for some names and drops it for others, so none is written.
    value === undefined || value === '' ? [] : [element('entry', { name }, value)],
  );

/** What `dmidecode` shows in the guest. Source: docs/reference/domain.md §1.9. */
export const sysinfo = (vmi: VirtualMachineInstance, config: ClusterConfig): XmlElement => {
  const { firmware, chassis } = vmi.spec.domain;
  const { smbios } = config;
  const system = entries({
    uuid: firmwareUuid(vmi),
    serial: firmware?.serial,
    manufacturer: smbios.manufacturer,
    family: smbios.family,
    product: smbios.product,
    sku: smbios.sku,
    version: smbios.version,
  });
  const { manufacturer, version, serial, asset, sku } = chassis ?? {};
  const enclosure = entries({ manufacturer, version, serial, asset, sku });
  return element(
    'sysinfo',
    { type: 'smbios' },
    element('system', {}, system),
    enclosure.length > 0 ? element('chassis', {}, enclosure) : undefined,
  );
};
