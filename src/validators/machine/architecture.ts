import { targetOf } from '../storage/disks.js';
import { because, NOTHING, notSupported, type Finding } from '../rule/finding.js';
import { instanceRule, instanceRules } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/*
 * What one architecture has and another has not. Video cards are in machine.ts. The reference checks these when a VMI
 * is created and not in a template; here a template is checked as fully.
 */

const WATCHDOGS = { amd64: 'i6300esb', s390x: 'diag288' } as const;
/** The buses that exist, and not on arm64. What is no bus at all is reported by other rules. */
const BUSES_NOT_ON_ARM64 = ['sata', 'usb'];
const ARM64_CPU = 'host-passthrough';

const arm64Rule = instanceRules<(subject: InstanceSubject) => readonly Finding[]>({
  source: '§7.7',
  run: (subject, check) =>
    subject.spec.architecture === 'arm64' ? because(`${subject.path}.architecture`, check(subject)) : NOTHING,
});

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
  instanceRule({
    id: 'arch.watchdog',
    field: '$.domain.devices.watchdog',
    source: '§7.7 (arch.amd64-watchdog, arch.s390x-watchdog, arch.arm64-watchdog)',
    summary: 'a watchdog that the architecture does not have',
    check: (subject) => {
      const problem = watchdogProblem(subject);
      return problem === undefined
        ? []
        : because(`${subject.path}.architecture`, [notSupported(`${subject.path}.domain.devices.watchdog`, problem)]);
    },
  }),
  arm64Rule({
    id: 'arch.arm64-bios',
    field: '$.domain.firmware.bootloader.bios',
    summary: 'BIOS on arm64',
    check: ({ path, spec }) => {
      const bootloader = spec.domain.firmware?.bootloader;
      return bootloader?.bios
        ? [
            notSupported(
              `${path}.domain.firmware.bootloader.bios`,
              'arm64 has no BIOS: write "efi: {}" instead of bios',
            ),
          ]
        : [];
    },
  }),
  arm64Rule({
    id: 'arch.arm64-cpu',
    field: '$.domain.cpu.model',
    summary: 'a CPU model other than host-passthrough on arm64',
    check: ({ path, spec }) => {
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
  }),
  arm64Rule({
    id: 'arch.arm64-bus',
    field: '$.domain.devices.disks[].{disk,lun,cdrom}.bus',
    summary: 'a disk bus that arm64 does not have',
    check: ({ path, spec }) =>
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
  }),
  arm64Rule({
    id: 'arch.arm64-sound',
    field: '$.domain.devices.sound',
    summary: 'a sound card on arm64',
    check: ({ path, spec }) =>
      spec.domain.devices.sound
        ? [notSupported(`${path}.domain.devices.sound`, 'arm64 has no sound card: remove sound')]
        : [],
  }),
];
