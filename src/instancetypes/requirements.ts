import { tryQuantity } from '../api/quantity.js';
import type { VirtualMachineInstancetypeSpec } from '../api/schema/instancetype.js';
import type { VirtualMachinePreferenceSpec } from '../api/schema/preference.js';
import type { VirtualMachineInstanceSpec } from '../api/schema/virtualmachineinstance.js';
import { preferredTopology } from './topology.js';

/** What a preference requires and the VM lacks. */
export interface Shortfall {
  /** In the VirtualMachine. */
  readonly field: string;
  /** What is wrong and what to write, continuing the field. */
  readonly message: string;
}

type Spec = VirtualMachineInstanceSpec;
type Size = VirtualMachineInstancetypeSpec | undefined;

const DOMAIN = 'spec.template.spec.domain.';
const INSTANCETYPE = 'spec.instancetype';
const AMD64 = 'amd64';

/** vCPUs that the template has, in the dimension that the preference is about. */
const vcpusOf = (spec: Spec, preference: VirtualMachinePreferenceSpec): { field: string; count: number } => {
  const { sockets = 0, cores = 0, threads = 0 } = spec.domain.cpu ?? {};
  const topology = preferredTopology(preference);
  const isWritten = sockets > 0 || cores > 0 || threads > 0;
  if (!isWritten) {
    const { limits, requests } = spec.domain.resources ?? {};
    const amount = tryQuantity(limits?.['cpu'] ?? requests?.['cpu'])?.value();
    return { field: `${DOMAIN}cpu`, count: Number(amount ?? 1n) };
  }
  if (topology === 'any' || topology === 'spread')
    return { field: `${DOMAIN}cpu`, count: Math.max(sockets, 1) * Math.max(cores, 1) * Math.max(threads, 1) };
  const count = { sockets, cores, threads }[topology];
  return { field: `${DOMAIN}cpu.${topology}`, count: count || 1 };
};

const cpu = (preference: VirtualMachinePreferenceSpec, size: Size, spec: Spec): Shortfall[] => {
  const least = preference.requirements?.cpu?.guest;
  if (least === undefined) return [];
  if (size !== undefined) {
    if (size.cpu.guest >= least) return [];
    const message = `gives ${size.cpu.guest} vCPUs, and the preference requires ${least}: choose a larger instance type`;
    return [{ field: INSTANCETYPE, message }];
  }
  const { field, count } = vcpusOf(spec, preference);
  if (count >= least) return [];
  return [{ field, message: `is ${count}, and the preference requires ${least} vCPUs there: write ${least} or more` }];
};

const memory = (preference: VirtualMachinePreferenceSpec, size: Size, spec: Spec): Shortfall[] => {
  const required = preference.requirements?.memory?.guest;
  const least = tryQuantity(required);
  if (required === undefined || least === undefined) return [];
  const own = spec.domain.memory?.guest;
  const found = own ?? size?.memory.guest ?? spec.domain.resources?.requests?.['memory'];
  const amount = tryQuantity(found);
  if (amount !== undefined && amount.compare(least) >= 0) return [];
  const isOfType = own === undefined && size !== undefined;
  const remedy = isOfType ? 'choose a larger instance type' : `write ${required} or more`;
  const has =
    found === undefined ? 'is missing' : `${isOfType ? 'gives' : 'is'} ${found}${isOfType ? ' of memory' : ''}`;
  return [
    {
      field: isOfType ? INSTANCETYPE : `${DOMAIN}memory.guest`,
      message: `${has}, and the preference requires ${required}: ${remedy}`,
    },
  ];
};

const architecture = (preference: VirtualMachinePreferenceSpec, spec: Spec): Shortfall[] => {
  const required = preference.requirements?.architecture;
  const found = spec.architecture || preference.preferredArchitecture || AMD64;
  if (!required || found === required) return [];
  const message = `is ${found}, and the preference requires ${required}: choose another preference`;
  return [{ field: 'spec.template.spec.architecture', message }];
};

/**
 * What of the requirements of a preference a VM does not have. With an instance type its own numbers count; without
 * one the template's, of vCPUs in the dimension that the preference names (docs/instance-types.md).
 */
export const shortfalls = (
  preference: VirtualMachinePreferenceSpec,
  size: VirtualMachineInstancetypeSpec | undefined,
  spec: VirtualMachineInstanceSpec,
): Shortfall[] => [
  ...cpu(preference, size, spec),
  ...memory(preference, size, spec),
  ...architecture(preference, spec),
];
