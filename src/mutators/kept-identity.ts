import type { VirtualMachine } from '../api/schema/kinds.js';
import type { Interface } from '../api/schema/networks.js';
import { virtletValue, VirtletAnnotation } from '../api/virtlet/annotations.js';
import { shallowCopy } from './clone.js';
import { withDomain } from './virtual-machine.js';
import { isRecord } from '../api/record.js';

/** What is at a path of an object of any shape: an older version may have stored it. */
const storedAt = (object: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((at, key) => (isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined), object);

const storedText = (object: unknown, ...path: readonly string[]): string | undefined => {
  const text = storedAt(object, ...path);
  return typeof text === 'string' && text !== '' ? text : undefined;
};

const storedMacs = (domain: unknown): ReadonlyMap<string, string> => {
  const interfaces = storedAt(domain, 'devices', 'interfaces');
  const macs = new Map<string, string>();
  for (const one of Array.isArray(interfaces) ? (interfaces as readonly unknown[]) : []) {
    const [name, mac] = [storedText(one, 'name'), storedText(one, 'macAddress')];
    if (name !== undefined && mac !== undefined) macs.set(name, mac);
  }
  return macs;
};

/** An address that another interface was given, as when two exchange theirs, is not given twice. */
const keptInterfaces = (interfaces: Interface[] | undefined, macs: ReadonlyMap<string, string>) => {
  const taken = new Set(interfaces?.map(({ macAddress }) => macAddress?.toLowerCase()));
  return interfaces?.map((one) => {
    const mac = macs.get(one.name);
    return one.macAddress || mac === undefined || taken.has(mac.toLowerCase()) ? one : { ...one, macAddress: mac };
  });
};

/**
 * A VirtualMachine that is replaced or applied by somebody who never saw what admission wrote into it keeps it, and the
 * addresses of its cards. Whoever wants others writes others.
 */
export const keepIdentity = (vm: VirtualMachine, old: unknown): VirtualMachine => {
  const domain = vm.spec.template.spec?.domain;
  const before = storedAt(old, 'spec', 'template', 'spec', 'domain');
  if (domain === undefined || before === undefined) return vm;
  const annotated = virtletValue(vm.spec.template.metadata, VirtletAnnotation.systemUuid) !== undefined;
  const uuid = domain.firmware?.uuid || annotated ? undefined : storedText(before, 'firmware', 'uuid');
  const serial = domain.firmware?.serial ? undefined : storedText(before, 'firmware', 'serial');
  const macs = storedMacs(before);
  const interfaces = macs.size === 0 ? domain.devices.interfaces : keptInterfaces(domain.devices.interfaces, macs);
  const changed = interfaces?.some((one, index) => one !== domain.devices.interfaces?.[index]) === true;
  if (uuid === undefined && serial === undefined && !changed) return vm;
  const copy = shallowCopy(domain);
  if (uuid !== undefined || serial !== undefined) {
    const firmware = (copy.firmware = shallowCopy(domain.firmware ?? {}));
    if (uuid !== undefined) firmware.uuid = uuid;
    if (serial !== undefined) firmware.serial = serial;
  }
  if (changed) copy.devices = { ...domain.devices, interfaces };
  return withDomain(vm, copy);
};
