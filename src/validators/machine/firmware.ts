import { DEFAULT_MACHINE_TYPE, usedMachineType } from '../../api/machine-types.js';
import type { KernelBootContainer } from '../../api/schema/firmware.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import type { Volume } from '../../api/schema/volumes.js';
import { ACPI_TABLES, acpiTables } from '../../api/vmi/acpi-tables.js';
import { efiBoot } from '../../api/vmi/efi.js';
import { because, invalid, NOTHING, required, type Finding } from '../rule/finding.js';
import { instanceRule, instanceRules } from '../rule/rule.js';
import { gateIsOff, show } from '../rule/wording.js';
import { imagePathProblem } from '../rule/image-path.js';
import { imageReferenceProblem } from '../rule/image-reference.js';
import { sourcesOf } from '../storage/volumes.js';

/** Bytes: COMMAND_LINE_SIZE of Linux on x86, less the byte that ends it. */
const MAX_ARGUMENTS = 2047;
/** What XML cannot hold; a kernel takes a new line for a space. */
const NOT_IN_XML = /[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/u;
const FIRMWARE = '$.domain.firmware';

export const hasSecureBoot = ({ domain }: VirtualMachineInstanceSpec): boolean => efiBoot(domain)?.secureBoot === true;

export const hasSmm = ({ domain }: VirtualMachineInstanceSpec): boolean =>
  domain.features?.smm !== undefined && domain.features.smm.enabled !== false;

/** A rule on the volume that an ACPI table names; `check` gives what is wrong with it. */
const acpiTableRule = instanceRules<(volume: Volume | undefined, name: string) => string | undefined>({
  field: `${FIRMWARE}.acpi.{${ACPI_TABLES.map(({ field }) => field).join(',')}}`,
  source: '§6.4',
  run: ({ path, spec }, check) =>
    acpiTables(spec).flatMap(({ field, volume: name }) => {
      const problem = check(
        spec.volumes?.find((volume) => volume.name === name),
        name,
      );
      return problem === undefined ? [] : [invalid(`${path}.domain.firmware.acpi.${field}`, problem)];
    }),
});

const kernelContainerRule = instanceRules<(container: KernelBootContainer, path: string) => readonly Finding[]>({
  field: `${FIRMWARE}.kernelBoot.container`,
  source: '§6.4',
  run: ({ path, spec }, check) => {
    const container = spec.domain.firmware?.kernelBoot?.container;
    return container ? check(container, `${path}.domain.firmware.kernelBoot.container`) : NOTHING;
  },
});

const acpiRules = [
  instanceRule({
    id: 'fw.acpi-empty',
    field: `${FIRMWARE}.acpi`,
    source: '§6.4',
    summary: 'ACPI tables none of which is named',
    check: ({ path, spec }) => {
      return !spec.domain.firmware?.acpi || acpiTables(spec).length > 0
        ? []
        : [
            invalid(
              `${path}.domain.firmware.acpi`,
              'names no table: write slicNameRef or msdmNameRef with the name of a secret volume, or remove acpi',
            ),
          ];
    },
  }),
  acpiTableRule({
    id: 'fw.acpi-missing',
    summary: 'an ACPI table in a volume that does not exist',
    check: (volume, name) =>
      volume
        ? undefined
        : `no volume is named ${show(name)}: add a volume of that name with a secret that holds the table`,
  }),
  acpiTableRule({
    id: 'fw.acpi-type',
    summary: 'an ACPI table in a volume that is not a secret',
    check: (volume, name) => {
      // A volume without any source is that rule's to report.
      if (!volume || volume.secret) return undefined;
      const [source] = sourcesOf(volume);
      return source === undefined
        ? undefined
        : `volume ${show(name)} is a ${source}: an ACPI table comes from a secret, write the name of a secret volume`;
    },
  }),
];

const kernelBootRules = [
  instanceRule({
    id: 'fw.kernel-args',
    field: `${FIRMWARE}.kernelBoot.kernelArgs`,
    source: '§6.4',
    summary: 'kernel arguments without a kernel',
    check: ({ path, spec }) => {
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
  }),
  instanceRule({
    id: 'fw.kernel-args-text',
    field: `${FIRMWARE}.kernelBoot.kernelArgs`,
    source: 'none: libvirt would refuse it, or the kernel read the beginning alone',
    summary: `kernel arguments with control characters, or of more than ${MAX_ARGUMENTS} bytes`,
    check: ({ path, spec }) => {
      const { container, kernelArgs } = spec.domain.firmware?.kernelBoot ?? {};
      // Without a kernel they are one mistake (fw.kernel-args).
      const args = container ? (kernelArgs ?? '') : '';
      const bytes = Buffer.byteLength(args);
      const problem = NOT_IN_XML.test(args)
        ? `${show(args)} has control characters: write arguments with spaces between them`
        : bytes > MAX_ARGUMENTS &&
          `has ${bytes} bytes, and a kernel reads ${MAX_ARGUMENTS} of them: write fewer arguments`;
      return problem === false ? [] : [invalid(`${path}.domain.firmware.kernelBoot.kernelArgs`, problem)];
    },
  }),
  kernelContainerRule({
    id: 'fw.kernel-image',
    field: '.image',
    summary: 'a kernel container without an image',
    check: ({ image }, path) =>
      image.trim() === ''
        ? [
            required(
              `${path}.image`,
              'is empty: write the image that holds the kernel, such as "registry.example/kernel:v1"',
            ),
          ]
        : [],
  }),
  kernelContainerRule({
    id: 'fw.kernel-image-reference',
    field: '.image',
    summary: 'an image of a kernel that cannot be the name of one',
    check: ({ image }, path) => {
      const problem = image.trim() === '' ? undefined : imageReferenceProblem(image);
      return problem === undefined ? [] : [invalid(`${path}.image`, problem)];
    },
  }),
  kernelContainerRule({
    id: 'fw.kernel-paths',
    summary: 'a kernel container with neither a kernel nor an initrd',
    check: ({ kernelPath, initrdPath }, path) =>
      kernelPath || initrdPath
        ? []
        : [
            required(
              path,
              'boots nothing: write kernelPath such as "/boot/vmlinuz", and initrdPath where it needs one',
            ),
          ],
  }),
  kernelContainerRule({
    id: 'fw.kernel-initrd',
    field: '.initrdPath',
    source: 'none: QEMU would refuse it',
    summary: 'an initrd without a kernel',
    check: ({ kernelPath, initrdPath }, path) =>
      initrdPath && !kernelPath && imagePathProblem(initrdPath, '/initrd') === undefined
        ? [
            required(
              `${path}.kernelPath`,
              'there is no kernel to load the initrd: write its path, such as "/boot/vmlinuz"',
            ),
          ]
        : [],
  }),
  kernelContainerRule({
    id: 'fw.kernel-path-form',
    field: '.{kernelPath,initrdPath}',
    summary: 'a path of a kernel or initrd that is relative or not a file',
    check: (container, path) =>
      (['kernelPath', 'initrdPath'] as const).flatMap((name) => {
        const inImage = container[name];
        const problem = inImage ? imagePathProblem(inImage, '/boot/vmlinuz') : undefined;
        return problem === undefined ? [] : [invalid(`${path}.${name}`, problem)];
      }),
  }),
];

/**
 * Whether launch security already requires secure boot to be removed, or it is undecided which of two boot loaders has
 * to be removed.
 */
const secureBootIsSaidElsewhere = ({ architecture, domain }: VirtualMachineInstanceSpec): boolean => {
  const { sev, snp } = domain.launchSecurity ?? {};
  return domain.firmware?.bootloader?.bios !== undefined || (architecture === 'amd64' && Boolean(sev ?? snp));
};

export const firmwareRules = [
  ...acpiRules,
  ...kernelBootRules,
  instanceRule({
    id: 'fw.secureboot-smm',
    field: `${FIRMWARE}.bootloader.efi.secureBoot`,
    source: '§6.4',
    summary: 'secure boot (the default of EFI) without SMM',
    check: ({ path, spec }) =>
      !hasSecureBoot(spec) || hasSmm(spec) || spec.domain.launchSecurity?.tdx || secureBootIsSaidElsewhere(spec)
        ? []
        : [
            invalid(
              `${path}.domain.firmware.bootloader.efi.secureBoot`,
              'secure boot, which EFI has unless it is switched off, needs SMM: write secureBoot: false here, or add domain.features.smm: {}',
            ),
          ],
  }),
  instanceRule({
    id: 'fw.efi-acpi',
    field: `${FIRMWARE}.bootloader.efi`,
    source: 'none: libvirt would refuse the domain',
    summary: 'EFI while ACPI is switched off',
    check: ({ path, spec }) =>
      spec.architecture === 'amd64' &&
      efiBoot(spec.domain) !== undefined &&
      spec.domain.features?.acpi?.enabled === false
        ? because(`${path}.domain.features.acpi.enabled`, [
            invalid(
              `${path}.domain.firmware.bootloader.efi`,
              'UEFI tells the guest of its devices by ACPI, which features.acpi.enabled: false switches off: remove that, or write bootloader: {bios: {}}',
            ),
          ])
        : [],
  }),
  instanceRule({
    id: 'fw.secureboot-machine',
    field: `${FIRMWARE}.bootloader.efi.secureBoot`,
    source: 'none: libvirt would refuse the domain',
    summary: 'secure boot on a machine type that has no protected memory for it',
    check: ({ path, spec }) => {
      const type = spec.domain.machine?.type;
      const family = usedMachineType(type || DEFAULT_MACHINE_TYPE);
      if (!hasSecureBoot(spec) || family === undefined || family.includes('q35')) return [];
      return [
        invalid(
          `${path}.domain.firmware.bootloader.efi.secureBoot`,
          `secure boot, which EFI has unless it is switched off, needs a q35 machine, and this one is ${show(type)}: write secureBoot: false here, or domain.machine.type: q35`,
        ),
      ];
    },
  }),
  instanceRule({
    id: 'reboot.gate',
    field: '$.domain.rebootPolicy',
    source: '§6.4',
    summary: 'a reboot policy while its feature gate is off',
    check: ({ path, spec, config }) =>
      spec.domain.rebootPolicy !== undefined && !config.hasFeatureGate('RebootPolicy')
        ? [invalid(`${path}.domain.rebootPolicy`, gateIsOff('RebootPolicy'))]
        : [],
  }),
];
