import type { ClusterConfig } from '../api/cluster-config.js';
import { because, instanceRule, invalid, notSupported, show } from './rule.js';

export const ARCHITECTURES: readonly string[] = ['amd64', 'arm64', 's390x'];
/** The I/O threads policy that shares a number of threads among all disks. */
const POOL = 'supplementalPool';
export const EVICTION_STRATEGIES: readonly string[] = ['None', 'LiveMigrate', 'LiveMigrateIfPossible', 'External'];

/** Go's path.Match with `*` only, which is all that the setting uses; no machine type has a slash. */
export const matchesMachine = (glob: string, text: string): boolean =>
  new RegExp(
    `^${glob
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/]*')}$`,
  ).test(text);

const machineGlobs = (config: ClusterConfig, architecture: string): readonly string[] => {
  const known: Readonly<Record<string, readonly string[] | undefined>> = config.emulatedMachines;
  return known[architecture] ?? config.emulatedMachines.amd64;
};

export const machineRules = [
  instanceRule('arch.unknown', '$.architecture', '§7.7', 'an architecture that does not exist', ({ path, spec }) =>
    !spec.architecture || ARCHITECTURES.includes(spec.architecture)
      ? []
      : [
          invalid(
            `${path}.architecture`,
            `${show(spec.architecture)} is not supported: write one of ${ARCHITECTURES.join(', ')}`,
          ),
        ],
  ),
  instanceRule(
    'machine.type',
    '$.domain.machine.type',
    '§6.4',
    'a machine type that the cluster does not allow',
    ({ path, spec, config }) => {
      const type = spec.domain.machine?.type;
      const globs = machineGlobs(config, spec.architecture ?? config.defaultArchitecture);
      return !type || globs.some((glob) => matchesMachine(glob, type))
        ? []
        : [
            invalid(
              `${path}.domain.machine.type`,
              `${show(type)} is not allowed here: write one that matches ${globs.join(' or ')}`,
            ),
          ];
    },
  ),
  instanceRule('fw.bios-and-efi', '$.domain.firmware.bootloader', '§6.4', 'two boot loaders', ({ path, spec }) =>
    // On arm64 the BIOS is what has to go: arch.arm64-bios says so.
    spec.domain.firmware?.bootloader?.bios && spec.domain.firmware.bootloader.efi && spec.architecture !== 'arm64'
      ? because(`${path}.domain.firmware.bootloader.efi`, [
          invalid(`${path}.domain.firmware.bootloader`, 'is bios and efi at once: keep one of them'),
        ])
      : [],
  ),
  instanceRule('start.strategy', '$.startStrategy', '§6.4', 'a start strategy that does not exist', ({ path, spec }) =>
    spec.startStrategy === undefined || spec.startStrategy === 'Paused'
      ? []
      : [
          invalid(
            `${path}.startStrategy`,
            `${show(spec.startStrategy)} is no start strategy: write Paused, or nothing`,
          ),
        ],
  ),
  instanceRule(
    'start.liveness',
    '$.startStrategy',
    '§6.4',
    'a VM that starts paused with a liveness probe',
    ({ path, spec }) =>
      spec.startStrategy === 'Paused' && spec.livenessProbe
        ? because(`${path}.livenessProbe`, [
            invalid(`${path}.startStrategy`, 'a paused guest fails its livenessProbe: remove one of the two'),
          ])
        : [],
  ),
  instanceRule(
    'eviction.strategy',
    '$.evictionStrategy',
    '§6.4',
    'an eviction strategy that does not exist',
    ({ path, spec }) =>
      spec.evictionStrategy === undefined || EVICTION_STRATEGIES.includes(spec.evictionStrategy)
        ? []
        : [
            invalid(
              `${path}.evictionStrategy`,
              `${show(spec.evictionStrategy)} is no eviction strategy: write one of ${EVICTION_STRATEGIES.join(', ')}`,
            ),
          ],
  ),
  instanceRule(
    'input.device',
    '$.domain.devices.inputs[]',
    '§6.11 (input.bus, input.type)',
    'an input device that is no tablet on usb or virtio',
    ({ path, spec }) =>
      (spec.domain.devices.inputs ?? []).flatMap(({ bus, type }, i) => [
        ...(!bus || ['usb', 'virtio'].includes(bus)
          ? []
          : [
              invalid(
                `${path}.domain.devices.inputs[${i}].bus`,
                `${show(bus)} is no bus of an input device: write usb or virtio`,
              ),
            ]),
        ...(type === 'tablet'
          ? []
          : [invalid(`${path}.domain.devices.inputs[${i}].type`, `${show(type)} is not supported: write tablet`)]),
      ]),
  ),
  instanceRule(
    'iothreads.policy',
    '$.domain.ioThreadsPolicy',
    '§6.11',
    'an I/O threads policy that does not exist',
    ({ path, spec }) => {
      const policy = spec.domain.ioThreadsPolicy;
      return policy === undefined || ['shared', 'auto', POOL].includes(policy)
        ? []
        : [invalid(`${path}.domain.ioThreadsPolicy`, `${show(policy)} is no policy: write shared, auto or ${POOL}`)];
    },
  ),
  instanceRule(
    'iothreads.pool-count',
    '$.domain.ioThreads.supplementalPoolThreadCount',
    '§6.11',
    'a pool of I/O threads without a number of threads',
    ({ path, spec }) => {
      const { ioThreadsPolicy: policy, ioThreads } = spec.domain;
      if (policy !== POOL) return [];
      const count = ioThreads?.supplementalPoolThreadCount ?? 0;
      return count >= 1
        ? []
        : because(`${path}.domain.ioThreadsPolicy`, [
            invalid(
              `${path}.domain.ioThreads.supplementalPoolThreadCount`,
              `${count} threads make no pool, and ioThreadsPolicy asks for one: write 1 or more`,
            ),
          ]);
    },
  ),
  instanceRule(
    'video.no-graphics',
    '$.domain.devices.video',
    '§6.11',
    'a video card without graphics',
    ({ path, spec }) =>
      spec.domain.devices.video && spec.domain.devices.autoattachGraphicsDevice === false
        ? [
            invalid(
              `${path}.domain.devices.video`,
              'autoattachGraphicsDevice: false leaves nothing to show: remove video or autoattachGraphicsDevice',
            ),
          ]
        : [],
  ),
  instanceRule(
    'video.type',
    '$.domain.devices.video.type',
    '§7.7',
    'a video card that the architecture does not have',
    ({ path, spec }) => {
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
          `${show(video.type ?? '')} is no video card here: write one of ${models.join(', ')}`,
        ),
      ];
    },
  ),
];
