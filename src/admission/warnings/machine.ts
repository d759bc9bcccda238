import { isDeprecatedMachineType, usedMachineType } from '../../api/machine-types.js';
import { instanceWarning, kubevirtWarning, type Remark } from './warning.js';

const replaced = (field: string, type: string | undefined): Remark[] => {
  const used = type ? usedMachineType(type) : undefined;
  if (used === undefined || used === type) return [];
  const message = `is not one of the launcher's QEMU, which uses its nearest, ${used}, instead; write that, or q35`;
  return [{ field, message: `${JSON.stringify(type)} ${message}` }];
};

const deprecated = (field: string, type: string | undefined): Remark[] =>
  type && isDeprecatedMachineType(type)
    ? [{ field, message: `QEMU deprecates ${type}: it runs, and later launchers will not have it; write q35` }]
    : [];

/** Where the KubeVirt object names the machine type of amd64. */
const FIELDS = ['machineType', 'architectureConfiguration.amd64.machineType'] as const;

export const machineWarnings = [
  instanceWarning(
    'W-MACH-1',
    'apply',
    'none: ours',
    "the machine type is of another version or another vendor's build of QEMU than the launcher's, such as pc-q35-rhel9.4.0",
    ({ path, spec }) => replaced(`${path}.domain.machine.type`, spec.domain.machine?.type),
  ),
  instanceWarning('W-MACH-2', 'apply', 'none: ours', 'the machine type is one that QEMU deprecates', ({ path, spec }) =>
    deprecated(`${path}.domain.machine.type`, spec.domain.machine?.type),
  ),
  kubevirtWarning(
    'W-MACH-3',
    'apply',
    'none: ours',
    "the default machine type is of another version or another vendor's build of QEMU, or deprecated",
    ({ spec }) => {
      const { machineType, architectureConfiguration } = spec.configuration ?? {};
      const types = { machineType, [FIELDS[1]]: architectureConfiguration?.amd64?.machineType };
      return FIELDS.flatMap((name) => {
        const [field, type] = [`spec.configuration.${name}`, types[name]];
        return [...replaced(field, type), ...deprecated(field, type)];
      });
    },
  ),
];
