import { targetOf } from '../storage/disks.js';
import {
  because,
  instanceRule,
  notSupported,
  show,
  type Finding,
  type InstanceSubject,
  type Rule,
} from '../rule/rule.js';

/*
 * What one architecture has and another has not. Video cards are in machine.ts. The reference checks these when a VMI is
 * created and not in a template; here a template is checked as fully.
 */

const WATCHDOGS = { amd64: 'i6300esb', s390x: 'diag288' } as const;
/** The buses that exist, and not on arm64. What is no bus at all is reported by other rules. */
const BUSES_NOT_ON_ARM64 = ['sata', 'usb'];
const ARM64_CPU = 'host-passthrough';

const arm64Rule = (
  id: string,
  field: string,
  summary: string,
  check: (subject: InstanceSubject) => readonly Finding[],
): Rule<InstanceSubject> =>
  instanceRule(id, field, '§7.7', summary, (subject) =>
    subject.spec.architecture === 'arm64' ? because(`${subject.path}.architecture`, check(subject)) : [],
  );

const watchdogProblem = ({ spec }: InstanceSubject): string | undefined => {
  const { watchdog } = spec.domain.devices;
  const { architecture = '' } = spec;
  if (!watchdog) return undefined;
  if (architecture === 'arm64') return 'arm64 has no watchdog: remove it';
  if (architecture !== 'amd64' && architecture !== 's390x') return undefined;
  // Defaults have added the right one, whatever the user wrote.
  const right = WATCHDOGS[architecture];
  const wrong = Object.values(WATCHDOGS).find((device) => device !== right && watchdog[device]);
  return wrong && `${wrong} is no watchdog of ${architecture}: write "${right}: {}" instead`;
};

export const architectureRules = [
  instanceRule(
    'arch.watchdog',
    '$.domain.devices.watchdog',
    '§7.7 (arch.amd64-watchdog, arch.s390x-watchdog, arch.arm64-watchdog)',
    'a watchdog that the architecture does not have',
    (subject) => {
      const problem = watchdogProblem(subject);
      return problem === undefined
        ? []
        : because(`${subject.path}.architecture`, [notSupported(`${subject.path}.domain.devices.watchdog`, problem)]);
    },
  ),
  arm64Rule('arch.arm64-bios', '$.domain.firmware.bootloader.bios', 'BIOS on arm64', ({ path, spec }) => {
    const bootloader = spec.domain.firmware?.bootloader;
    return bootloader?.bios
      ? [notSupported(`${path}.domain.firmware.bootloader.bios`, 'arm64 has no BIOS: write "efi: {}" instead of bios')]
      : [];
  }),
  arm64Rule(
    'arch.arm64-cpu',
    '$.domain.cpu.model',
    'a CPU model other than host-passthrough on arm64',
    ({ path, spec }) => {
      const model = spec.domain.cpu?.model;
      return !model || model === ARM64_CPU
        ? []
        : [
            notSupported(
              `${path}.domain.cpu.model`,
              `${show(model)} is not possible on arm64: write ${ARM64_CPU}, or nothing`,
            ),
          ];
    },
  ),
  arm64Rule(
    'arch.arm64-bus',
    '$.domain.devices.disks[].{disk,lun,cdrom}.bus',
    'a disk bus that arm64 does not have',
    ({ path, spec }) =>
      (spec.domain.devices.disks ?? []).flatMap((disk, i) => {
        const target = targetOf(disk);
        return target && BUSES_NOT_ON_ARM64.includes(target.bus)
          ? [
              notSupported(
                `${path}.domain.devices.disks[${i}].${target.name}.bus`,
                `arm64 cannot have a disk on bus ${target.bus}: write ${target.name === 'cdrom' ? 'scsi' : 'virtio or scsi'}`,
              ),
            ]
          : [];
      }),
  ),
  arm64Rule('arch.arm64-sound', '$.domain.devices.sound', 'a sound card on arm64', ({ path, spec }) =>
    spec.domain.devices.sound
      ? [notSupported(`${path}.domain.devices.sound`, 'arm64 has no sound card: remove sound')]
      : [],
  ),
];
