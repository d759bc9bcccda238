import { DEFAULT_MACHINE_TYPE, MACHINE_TYPES, usedMachineType } from '../../api/machine-types.js';
import { suggest } from '../../api/schema-check/suggest.js';
import { asksForNothing } from '../../api/settings/asks.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import { because, invalid, notSupported } from '../rule/finding.js';
import { instanceRule } from '../rule/rule.js';
import { oneOf, show } from '../rule/wording.js';

export const ARCHITECTURES: readonly string[] = ['amd64', 'arm64', 's390x'];
/** The I/O threads policy that shares a number of threads among all disks. */
const POOL = 'supplementalPool';
/** Each is a thread of QEMU and a CPU of a pinned VM; a pod has a limited number of processes. */
const MAX_POOL_THREADS = 256;
export const EVICTION_STRATEGIES: readonly string[] = ['None', 'LiveMigrate', 'LiveMigrateIfPossible', 'External'];

/**
 * Go's path.Match with `*` only, which is all that the setting uses: any characters but a slash. By hand, because a
 * regular expression has to be compiled, which took longer than any rule, and fails on a setting of half a megabyte.
 */
export const matchesMachine = (glob: string, text: string): boolean => {
  let [inGlob, inText] = [0, 0];
  /** Where to go on when what follows the last `*` does not fit: with one more character for it. */
  let retry: { glob: number; text: number } | undefined;
  while (inText < text.length) {
    if (glob[inGlob] === '*') {
      inGlob += 1;
      retry = { glob: inGlob, text: inText };
    } else if (glob[inGlob] === text[inText]) {
      inGlob += 1;
      inText += 1;
    } else {
      if (retry === undefined || text[retry.text] === '/') return false;
      retry.text += 1;
      [inGlob, inText] = [retry.glob, retry.text];
    }
  }
  while (glob[inGlob] === '*') inGlob += 1;
  return inGlob === glob.length;
};

/** What is wrong with a machine type that no QEMU has; those of other builds are used as the nearest of ours. */
export const machineTypeProblem = (type: string): string | undefined => {
  if (usedMachineType(type) !== undefined) return undefined;
  const near = suggest(type, MACHINE_TYPES);
  return `${show(type)} is no machine type: ${near === undefined ? `write ${DEFAULT_MACHINE_TYPE}` : `did you mean ${near}? Else write ${DEFAULT_MACHINE_TYPE}`}, which is the newest`;
};

const machineGlobs = (config: ClusterConfig, architecture: string): readonly string[] => {
  const known: Readonly<Record<string, readonly string[] | undefined>> = config.emulatedMachines;
  return known[architecture] ?? config.emulatedMachines.amd64;
};
const isAllowed = (config: ClusterConfig, architecture: string, type: string): boolean =>
  machineGlobs(config, architecture).some((glob) => matchesMachine(glob, type));

export const machineRules = [
  instanceRule({
    id: 'arch.unknown',
    field: '$.architecture',
    source: '§7.7',
    summary: 'an architecture that VMs cannot have',
    check: ({ path, spec }) =>
      !spec.architecture || ARCHITECTURES.includes(spec.architecture)
        ? []
        : [
            invalid(
              `${path}.architecture`,
              `${show(spec.architecture)} is not an architecture of VMs: ${oneOf(spec.architecture, ARCHITECTURES)}`,
            ),
          ],
  }),
  instanceRule({
    id: 'machine.type',
    field: '$.domain.machine.type',
    source: '§6.4',
    summary: 'a machine type that the cluster does not allow',
    check: ({ path, spec, config }) => {
      const type = spec.domain.machine?.type;
      const architecture = spec.architecture ?? config.defaultArchitecture;
      return !type || isAllowed(config, architecture, type)
        ? []
        : [
            invalid(
              `${path}.domain.machine.type`,
              `${show(type)} is not a machine type that this cluster allows: write one that matches ${machineGlobs(config, architecture).join(' or ')}, or none`,
            ),
          ];
    },
  }),
  instanceRule({
    id: 'machine.unknown',
    field: '$.domain.machine.type',
    source: 'none: libvirt would refuse it',
    summary: 'a machine type of PCs that does not exist',
    check: ({ path, spec, config }) => {
      const type = spec.domain.machine?.type;
      const architecture = spec.architecture ?? config.defaultArchitecture;
      // Where the cluster does not allow it, machine.type says so.
      if (!type || architecture !== 'amd64' || !isAllowed(config, architecture, type)) return [];
      const problem = machineTypeProblem(type);
      return problem === undefined ? [] : [invalid(`${path}.domain.machine.type`, problem)];
    },
  }),
  instanceRule({
    id: 'fw.bios-and-efi',
    field: '$.domain.firmware.bootloader',
    source: '§6.4',
    summary: 'BIOS and EFI at once',
    check: ({ path, spec }) =>
      // On arm64 it is the BIOS that has to be removed: arch.arm64-bios says so.
      spec.domain.firmware?.bootloader?.bios && spec.domain.firmware.bootloader.efi && spec.architecture !== 'arm64'
        ? because(`${path}.domain.firmware.bootloader.efi`, [
            invalid(
              `${path}.domain.firmware.bootloader`,
              'has bios and efi, and a guest boots with one of them: keep one',
            ),
          ])
        : [],
  }),
  instanceRule({
    id: 'start.strategy',
    field: '$.startStrategy',
    source: '§6.4',
    summary: 'a start strategy that does not exist',
    check: ({ path, spec }) =>
      asksForNothing(spec.startStrategy) || spec.startStrategy === 'Paused'
        ? []
        : [
            invalid(
              `${path}.startStrategy`,
              `${show(spec.startStrategy)} is not a start strategy: write Paused, or remove the field`,
            ),
          ],
  }),
  instanceRule({
    id: 'start.liveness',
    field: '$.startStrategy',
    source: '§6.4',
    summary: 'a liveness probe of a VM that starts paused',
    check: ({ path, spec }) =>
      spec.startStrategy === 'Paused' && spec.livenessProbe
        ? because(`${path}.livenessProbe`, [
            invalid(
              `${path}.startStrategy`,
              'a guest that starts Paused cannot answer its livenessProbe: remove startStrategy or livenessProbe',
            ),
          ])
        : [],
  }),
  instanceRule({
    id: 'eviction.strategy',
    field: '$.evictionStrategy',
    source: '§6.4',
    summary: 'an eviction strategy that does not exist',
    check: ({ path, spec }) =>
      spec.evictionStrategy === undefined || EVICTION_STRATEGIES.includes(spec.evictionStrategy)
        ? []
        : [
            invalid(
              `${path}.evictionStrategy`,
              `${show(spec.evictionStrategy)} is not an eviction strategy: ${oneOf(spec.evictionStrategy, EVICTION_STRATEGIES)}`,
            ),
          ],
  }),
  instanceRule({
    id: 'input.device',
    field: '$.domain.devices.inputs[]',
    source: '§6.11 (input.bus, input.type)',
    summary: 'an input device other than a tablet on the usb or virtio bus',
    check: ({ path, spec }) =>
      (spec.domain.devices.inputs ?? []).flatMap(({ bus, type }, i) => [
        ...(!bus || ['usb', 'virtio'].includes(bus)
          ? []
          : [
              invalid(
                `${path}.domain.devices.inputs[${i}].bus`,
                `${show(bus)} is not a bus for input devices: write usb or virtio`,
              ),
            ]),
        ...(type === 'tablet'
          ? []
          : [
              invalid(
                `${path}.domain.devices.inputs[${i}].type`,
                `${show(type)} is not an input device of VMs: write tablet`,
              ),
            ]),
      ]),
  }),
  instanceRule({
    id: 'iothreads.policy',
    field: '$.domain.ioThreadsPolicy',
    source: '§6.11',
    summary: 'an I/O threads policy that does not exist',
    check: ({ path, spec }) => {
      const policy = spec.domain.ioThreadsPolicy;
      return !policy || ['shared', 'auto', POOL].includes(policy)
        ? []
        : [
            invalid(
              `${path}.domain.ioThreadsPolicy`,
              `${show(policy)} is not a policy: ${oneOf(policy, ['shared', 'auto', POOL])}`,
            ),
          ];
    },
  }),
  instanceRule({
    id: 'iothreads.pool-count',
    field: '$.domain.ioThreads.supplementalPoolThreadCount',
    source: '§6.11',
    summary: `a pool of I/O threads without a number of threads, or of more than ${MAX_POOL_THREADS}`,
    check: ({ path, spec }) => {
      const { ioThreadsPolicy: policy, ioThreads } = spec.domain;
      if (policy !== POOL) return [];
      const count = ioThreads?.supplementalPoolThreadCount;
      if (count !== undefined && count > MAX_POOL_THREADS) {
        const field = `${path}.domain.ioThreads.supplementalPoolThreadCount`;
        return [invalid(field, `${count} threads are more than any disks can use: write at most ${MAX_POOL_THREADS}`)];
      }
      return (count ?? 0) >= 1
        ? []
        : because(`${path}.domain.ioThreadsPolicy`, [
            invalid(
              `${path}.domain.ioThreads.supplementalPoolThreadCount`,
              `${count === undefined ? 'is missing' : `${count} is too few`}, and ioThreadsPolicy asks for a pool of that many threads: write 1 or more`,
            ),
          ]);
    },
  }),
  instanceRule({
    id: 'video.no-graphics',
    field: '$.domain.devices.video',
    source: '§6.11',
    summary: 'a video card while graphics are switched off',
    check: ({ path, spec }) =>
      spec.domain.devices.video && spec.domain.devices.autoattachGraphicsDevice === false
        ? [
            invalid(
              `${path}.domain.devices.video`,
              'shows nothing while autoattachGraphicsDevice is false: remove video, or remove autoattachGraphicsDevice',
            ),
          ]
        : [],
  }),
  instanceRule({
    id: 'video.type',
    field: '$.domain.devices.video.type',
    source: '§7.7',
    summary: 'a video card that the architecture does not have',
    check: ({ path, spec }) => {
      const { video } = spec.domain.devices;
      const models = {
        amd64: ['vga', 'cirrus', 'virtio', 'ramfb', 'bochs'],
        s390x: ['virtio'],
        arm64: ['virtio', 'ramfb'],
      }[spec.architecture ?? ''];
      if (!video || !models || models.includes(video.type ?? '')) return [];
      return [
        notSupported(
          `${path}.domain.devices.video.type`,
          `${video.type === undefined ? 'is missing' : `${show(video.type)} is not a video card of ${spec.architecture}`}: ${oneOf(video.type, models)}`,
        ),
      ];
    },
  }),
];
