import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import type { Disk } from '../../api/schema/disks.js';
import type { Volume } from '../../api/schema/volumes.js';
import type { DiskTarget, VolumeSourceKind } from '../../api/vmi/volume-source.js';
import { VOLUME_SOURCES } from '../../api/vmi/volume-sources.js';
import { findLastNamed, findNamed } from '../rule/lookup.js';
import { isVolumeName } from '../rule/names.js';
import { because, invalid, NOTHING, required, type Finding } from '../rule/finding.js';
import { inEach } from '../rule/in-each.js';
import { instanceRule, instanceRules } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { remedyAmong, show } from '../rule/wording.js';
import { targetsOf } from './disks.js';
import { sourcesOf } from './volumes.js';

/** Findings about a disk that are the doing of its volume's source. */
const becauseOf = (volume: Volume, source: string, { path, spec }: InstanceSubject, findings: readonly Finding[]) =>
  because(`${path}.volumes[${spec.volumes?.indexOf(volume) ?? 0}].${source}`, findings);

/**
 * Rules on a disk and its volume. Of two volumes of one name, which is refused anyway, the last counts, as in the
 * reference.
 */
const pairRule = instanceRules<
  (disk: Disk, volume: Volume | undefined, path: string, subject: InstanceSubject) => readonly Finding[]
>({
  field: '$.domain.devices.disks[]',
  source: '§6.7',
  run: (subject, check) =>
    inEach(subject.spec.domain.devices.disks, `${subject.path}.domain.devices.disks`, (disk, path) =>
      check(disk, findLastNamed(subject, subject.spec.volumes, disk.name), path, subject),
    ),
});

/** Every boot order in the VM, in the order in which the rules look: disks, then interfaces. */
const bootOrders = ({ path, spec }: InstanceSubject): { field: string; order: number }[] => {
  const { disks = [], interfaces = [] } = spec.domain.devices;
  const of = (list: readonly { bootOrder?: number | undefined }[], name: string) =>
    list.flatMap(({ bootOrder }, i) =>
      bootOrder === undefined ? [] : [{ field: `${path}.domain.devices.${name}[${i}].bootOrder`, order: bootOrder }],
    );
  return [...of(disks, 'disks'), ...of(interfaces, 'interfaces')];
};

const isReadonly = ({ disk, lun, cdrom }: Disk): boolean =>
  cdrom ? cdrom.readonly !== false : (disk ?? lun)?.readonly === true;

const mayBeLun = (kind: VolumeSourceKind): boolean =>
  (VOLUME_SOURCES[kind].targets as readonly DiskTarget[]).includes('lun');

/** An overlay, or an image in qcow2 that is made with the VM. */
const isOwnImage = (kind: VolumeSourceKind): boolean => {
  const { image } = VOLUME_SOURCES[kind];
  return image === 'overlay' || (typeof image === 'object' && image.format === 'qcow2');
};

/** While the gate is off the volume is refused as a whole (vol.dm-gate). */
const areMetricsOn = (config: ClusterConfig): boolean => config.hasFeatureGate('DownwardMetrics');

const duplicateBootOrders = (subject: InstanceSubject): Finding[] => {
  const seen = new Map<number, string>();
  return bootOrders(subject).flatMap(({ field, order }) => {
    const first = seen.get(order);
    if (first === undefined) {
      seen.set(order, field);
      return [];
    }
    const device = first.replace(/\.bootOrder$/, '');
    return [invalid(field, `${order} is the boot order of ${device} already: give each device its own`)];
  });
};

export const diskVolumeRules = [
  pairRule({
    id: 'disk.no-volume',
    field: '.name',
    summary: 'a disk whose name is not that of a volume',
    check: (disk, volume, path, subject) => {
      if (volume || disk.cdrom) return [];
      const { spec } = subject;
      // A name that no disk may have, or that another one has, is refused by disk.name-label and disk.name-unique.
      if (!isVolumeName(disk.name)) return [];
      if (findNamed(subject, spec.domain.devices.disks, disk.name) !== disk) return [];
      const names = (spec.volumes ?? []).map(({ name }) => name);
      const { disks, filesystems } = spec.domain.devices;
      const left =
        filesystems === undefined ? names.filter((name) => findNamed(subject, disks, name) === undefined) : [];
      const remedy = remedyAmong(disk.name, names, 'volumes', left);
      return [invalid(`${path}.name`, `no volume is named ${show(disk.name)}${remedy}`)];
    },
  }),
  pairRule({
    id: 'disk.empty-cdrom-gate',
    field: '.name',
    summary: 'a CD-ROM without a volume while its feature gate is off',
    check: (disk, volume, path, { config }) =>
      volume || !disk.cdrom || config.hasFeatureGate('DeclarativeHotplugVolumes')
        ? []
        : [
            invalid(
              `${path}.name`,
              `no volume is named ${show(disk.name)}, and an empty CD-ROM needs the feature gate DeclarativeHotplugVolumes, which is off: add the volume`,
            ),
          ],
  }),
  pairRule({
    id: 'disk.lun-source',
    field: '.lun',
    source: '§6.7, docs/reference/user-guides.md §3.1',
    summary: 'a `lun` whose volume is neither a persistentVolumeClaim, nor ephemeral over one, nor a dataVolume',
    check: (disk, volume, path, subject) => {
      // Over a claim the copy is a file, so the guest gets an ordinary disk and its owner an event
      // (docs/reference/user-guides.md §3.5).
      if (!disk.lun || !volume) return [];
      const sources = sourcesOf(volume);
      if (sources.some(mayBeLun)) return [];
      const [source] = sources;
      // Other rules report a volume without any source, a disk of several targets, and downwardMetrics that are no
      // disk.
      if (source === undefined || volume.downwardMetrics || targetsOf(disk).length > 1) return [];
      return becauseOf(volume, source, subject, [
        invalid(
          `${path}.lun`,
          `a lun passes a block device through, and the volume is of type ${source}: use a persistentVolumeClaim or dataVolume, or write "disk: {}"`,
        ),
      ]);
    },
  }),
  pairRule({
    id: 'disk.shareable-source',
    field: '.shareable',
    source: 'none: libvirt would refuse it',
    summary: "a shareable disk whose image is the VM's own: no other VM could have it",
    check: (disk, volume, path, subject) => {
      const [source] = disk.shareable && volume ? sourcesOf(volume) : [];
      if (volume === undefined || source === undefined || !isOwnImage(source)) return NOTHING;
      return becauseOf(volume, source, subject, [
        invalid(
          `${path}.shareable`,
          `no other VM can have the image of a ${source}: remove it, or use a persistentVolumeClaim, dataVolume or hostDisk`,
        ),
      ]);
    },
  }),
  pairRule({
    id: 'vol.claim-readonly',
    source: 'none: the reference accepts it and the VM cannot start',
    summary: 'a claim that is mounted read-only with a disk that is written',
    check: (disk, volume, _path, { path, spec }) => {
      if (volume?.persistentVolumeClaim?.readOnly !== true || isReadonly(disk)) return [];
      return [
        invalid(
          `${path}.volumes[${spec.volumes?.indexOf(volume) ?? 0}].persistentVolumeClaim.readOnly`,
          `true mounts the claim read-only, and disk ${show(disk.name)} is written: set readonly: true on the disk (bus virtio or scsi), or remove readOnly`,
        ),
      ];
    },
  }),
  pairRule({
    id: 'disk.dm-target',
    field: '.disk',
    summary: 'downwardMetrics as anything other than a plain disk',
    check: (disk, volume, path, subject) =>
      volume?.downwardMetrics && !disk.disk && areMetricsOn(subject.config)
        ? becauseOf(volume, 'downwardMetrics', subject, [
            required(
              `${path}.disk`,
              `is missing, and downwardMetrics cannot be a ${targetsOf(disk).join(' or ')}: write "disk: {bus: virtio}"`,
            ),
          ])
        : [],
  }),
  pairRule({
    id: 'disk.dm-bus',
    field: '.disk.bus',
    summary: 'downwardMetrics on a bus other than `virtio`',
    check: ({ disk }, volume, path, subject) =>
      volume?.downwardMetrics && disk?.bus && disk.bus !== 'virtio' && areMetricsOn(subject.config)
        ? becauseOf(volume, 'downwardMetrics', subject, [
            invalid(`${path}.disk.bus`, `downwardMetrics cannot be on the bus ${show(disk.bus)}: write virtio`),
          ])
        : [],
  }),
  pairRule({
    id: 'pr.gate',
    field: '.lun.reservation',
    summary: 'persistent reservations, where the cluster does not allow them',
    check: ({ lun }, _volume, path, { config }) =>
      lun?.reservation && !config.hasFeatureGate('PersistentReservation')
        ? [
            invalid(
              `${path}.lun.reservation`,
              'persistent reservations are off in this cluster: remove the field, or enable persistentReservationConfiguration in the KubeVirt object',
            ),
          ]
        : [],
  }),
  instanceRule({
    id: 'disk.boot-order-dup',
    field: '$.domain.devices.{disks,interfaces}[].bootOrder',
    source: '§6.7 (disk.boot-order-dup, iface.boot-order-dup)',
    summary: 'two devices with the same boot order',
    check: duplicateBootOrders,
  }),
  instanceRule({
    id: 'iface.boot-order-min',
    field: '$.domain.devices.interfaces[].bootOrder',
    source: '§6.7',
    summary: 'a boot order below 1, of an interface',
    check: ({ path, spec }) =>
      (spec.domain.devices.interfaces ?? []).flatMap(({ bootOrder }, i) =>
        bootOrder !== undefined && bootOrder < 1
          ? [
              invalid(
                `${path}.domain.devices.interfaces[${i}].bootOrder`,
                `${bootOrder} is not a boot order: write 1 for the first device, 2 for the next`,
              ),
            ]
          : [],
      ),
  }),
];
