import type { KernelBootContainer } from '../../api/schema/firmware.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import type { Volume } from '../../api/schema/volumes.js';
import { gateIsOff } from '../rule/feature-gate.js';
import { imagePathProblem } from '../rule/image-path.js';
import { instanceRule, invalid, required, show, type Finding, type InstanceSubject, type Rule } from '../rule/rule.js';
import { sourcesOf } from '../storage/volumes.js';

const ACPI_TABLES = ['slicNameRef', 'msdmNameRef'] as const;
const FIRMWARE = '$.domain.firmware';

/** Secure boot is on unless it is switched off: EFI's default (spec/admission.md §6.4). */
export const hasSecureBoot = ({ domain }: VirtualMachineInstanceSpec): boolean => {
  const efi = domain.firmware?.bootloader?.efi;
  return efi !== undefined && efi.secureBoot !== false;
};

export const hasSmm = ({ domain }: VirtualMachineInstanceSpec): boolean =>
  domain.features?.smm !== undefined && domain.features.smm.enabled !== false;

/** A rule on the volume that an ACPI table names; `check` gives what is wrong with it. */
const acpiTableRule = (
  id: string,
  summary: string,
  check: (volume: Volume | undefined, name: string) => string | undefined,
): Rule<InstanceSubject> =>
  instanceRule(id, `${FIRMWARE}.acpi.{${ACPI_TABLES.join(',')}}`, '§6.4', summary, ({ path, spec }) => {
    const acpi = spec.domain.firmware?.acpi;
    if (!acpi) return [];
    return ACPI_TABLES.flatMap((table) => {
      const name = acpi[table];
      if (!name) return [];
      const problem = check(
        spec.volumes?.find((volume) => volume.name === name),
        name,
      );
      return problem === undefined ? [] : [invalid(`${path}.domain.firmware.acpi.${table}`, problem)];
    });
  });

const kernelContainerRule = (
  id: string,
  field: string,
  summary: string,
  check: (container: KernelBootContainer, path: string) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, `${FIRMWARE}.kernelBoot.container${field}`, '§6.4', summary, ({ path, spec }) => {
    const container = spec.domain.firmware?.kernelBoot?.container;
    return container ? check(container, `${path}.domain.firmware.kernelBoot.container`) : [];
  });

const acpiRules = [
  instanceRule('fw.acpi-empty', `${FIRMWARE}.acpi`, '§6.4', 'ACPI tables none of which is named', ({ path, spec }) => {
    const acpi = spec.domain.firmware?.acpi;
    return !acpi || ACPI_TABLES.some((table) => acpi[table])
      ? []
      : [
          invalid(
            `${path}.domain.firmware.acpi`,
            'names no table: write slicNameRef or msdmNameRef with the name of a secret volume, or remove acpi',
          ),
        ];
  }),
  acpiTableRule('fw.acpi-missing', 'an ACPI table in a volume that does not exist', (volume, name) =>
    volume
      ? undefined
      : `no volume is named ${show(name)}: add a volume of that name with a secret that holds the table`,
  ),
  acpiTableRule('fw.acpi-type', 'an ACPI table in a volume that is not a secret', (volume, name) => {
    // A volume without any source is that rule's to report.
    if (!volume || volume.secret) return undefined;
    const [source] = sourcesOf(volume);
    return source === undefined
      ? undefined
      : `volume ${show(name)} is a ${source}: an ACPI table comes from a secret, write the name of a secret volume`;
  }),
];

const kernelBootRules = [
  instanceRule(
    'fw.kernel-args',
    `${FIRMWARE}.kernelBoot.kernelArgs`,
    '§6.4',
    'kernel arguments without a kernel',
    ({ path, spec }) => {
      const { container, kernelArgs } = spec.domain.firmware?.kernelBoot ?? {};
      return kernelArgs && !container
        ? [
            invalid(
              `${path}.domain.firmware.kernelBoot.kernelArgs`,
              'there is no kernel to give arguments to: add kernelBoot.container with an image and kernelPath, or remove kernelArgs',
            ),
          ]
        : [];
    },
  ),
  kernelContainerRule('fw.kernel-image', '.image', 'a kernel container without an image', ({ image }, path) =>
    image.trim() === ''
      ? [
          required(
            `${path}.image`,
            'is empty: write the image that holds the kernel, such as "registry.example/kernel:v1"',
          ),
        ]
      : [],
  ),
  kernelContainerRule(
    'fw.kernel-paths',
    '',
    'a kernel container with neither a kernel nor an initrd',
    ({ kernelPath, initrdPath }, path) =>
      kernelPath || initrdPath
        ? []
        : [required(path, 'boots nothing: write kernelPath such as "/boot/vmlinuz", initrdPath, or both')],
  ),
  kernelContainerRule(
    'fw.kernel-path-form',
    '.{kernelPath,initrdPath}',
    'a path of a kernel or initrd that is relative or not a file',
    (container, path) =>
      (['kernelPath', 'initrdPath'] as const).flatMap((name) => {
        const inImage = container[name];
        const problem = inImage ? imagePathProblem(inImage, '/boot/vmlinuz') : undefined;
        return problem === undefined ? [] : [invalid(`${path}.${name}`, problem)];
      }),
  ),
];

/** Whether launch security already says that secure boot has to go, or which of two boot loaders has to is not decided. */
const secureBootIsSaidElsewhere = ({ architecture, domain }: VirtualMachineInstanceSpec): boolean => {
  const { sev, snp } = domain.launchSecurity ?? {};
  return domain.firmware?.bootloader?.bios !== undefined || (architecture === 'amd64' && Boolean(sev ?? snp));
};

export const firmwareRules = [
  ...acpiRules,
  ...kernelBootRules,
  instanceRule(
    'fw.secureboot-smm',
    `${FIRMWARE}.bootloader.efi.secureBoot`,
    '§6.4',
    'secure boot (the default of EFI) without SMM',
    ({ path, spec }) =>
      !hasSecureBoot(spec) || hasSmm(spec) || spec.domain.launchSecurity?.tdx || secureBootIsSaidElsewhere(spec)
        ? []
        : [
            invalid(
              `${path}.domain.firmware.bootloader.efi.secureBoot`,
              'secure boot, which EFI has unless it is switched off, needs SMM: write secureBoot: false here, or add domain.features.smm: {}',
            ),
          ],
  ),
  instanceRule(
    'reboot.gate',
    '$.domain.rebootPolicy',
    '§6.4',
    'a reboot policy while its feature gate is off',
    ({ path, spec, config }) =>
      spec.domain.rebootPolicy !== undefined && !config.hasFeatureGate('RebootPolicy')
        ? [invalid(`${path}.domain.rebootPolicy`, gateIsOff('RebootPolicy'))]
        : [],
  ),
];
