import { DIRECTORY_SOURCES, isDirectory, MAX_FILESYSTEM_NAME } from '../../api/vmi/filesystems.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import { claimNameOf } from '../../api/vmi/claim-use.js';
import { sourceOf } from '../../api/vmi/volume-sources.js';
import { because, duplicate, invalid, NOTHING, type Finding } from '../rule/finding.js';
import { findNamed, hasNamed, positionOf } from '../rule/lookup.js';
import { rulesOn } from '../rule/rule.js';
import type { InstanceSubject } from '../rule/subject.js';
import { gateIsOff, remedyAmong, show } from '../rule/wording.js';

const filesystemRule = rulesOn({
  list: 'domain.devices.filesystems',
  of: ({ domain }: VirtualMachineInstanceSpec) => domain.devices.filesystems,
  source: 'none: the reference accepts it and the VM cannot start, or not as asked',
});

type Filesystem = NonNullable<VirtualMachineInstanceSpec['domain']['devices']['filesystems']>[number];
type Check = (item: Filesystem, path: string, subject: InstanceSubject, index: number) => readonly Finding[];

/** Of two of one name the second has that mistake alone (fs.name-unique). */
const onFirst =
  (check: Check): Check =>
  (item, path, subject, index) =>
    positionOf(subject, subject.spec.domain.devices.filesystems, item.name) === index
      ? check(item, path, subject, index)
      : NOTHING;

export const filesystemRules = [
  filesystemRule({
    id: 'fs.storage-gate',
    source: '§6.11',
    summary: 'a filesystem of a PersistentVolumeClaim or DataVolume while its feature gate is off',
    check: ({ name }, path, subject) => {
      if (subject.config.hasFeatureGate('EnableVirtioFsStorageVolumes')) return NOTHING;
      const volume = findNamed(subject, subject.spec.volumes, name);
      return volume?.persistentVolumeClaim || volume?.dataVolume
        ? [invalid(path, gateIsOff('EnableVirtioFsStorageVolumes', `make ${show(name)} a disk`))]
        : NOTHING;
    },
  }),
  filesystemRule({
    id: 'fs.name-unique',
    field: '.name',
    summary: 'two filesystems of one name',
    check: ({ name }, path, subject, index) => {
      const first = positionOf(subject, subject.spec.domain.devices.filesystems, name);
      return first === index
        ? NOTHING
        : [duplicate(`${path}.name`, `${show(name)} is the name of filesystems[${first}] already: remove one of them`)];
    },
  }),
  filesystemRule({
    id: 'fs.no-volume',
    field: '.name',
    summary: 'a filesystem whose name is not that of a volume',
    check: onFirst(({ name }, path, subject) => {
      const { volumes = [], domain } = subject.spec;
      if (hasNamed(subject, volumes, name)) return NOTHING;
      const { disks, filesystems } = domain.devices;
      const names = volumes.filter(isDirectory).map((volume) => volume.name);
      const left = names.filter((one) => !hasNamed(subject, disks, one) && !hasNamed(subject, filesystems, one));
      return [invalid(`${path}.name`, `no volume is named ${show(name)}${remedyAmong(name, names, 'volumes', left)}`)];
    }),
  }),
  filesystemRule({
    id: 'fs.source',
    field: '.name',
    summary: 'a filesystem of a volume that is a disk and has no files',
    check: onFirst(({ name }, path, subject) => {
      const volume = findNamed(subject, subject.spec.volumes, name);
      const found = volume && sourceOf(volume);
      // What is no disk either is refused by itself (field.not-acted-on).
      if (found === undefined || found.source.directory || found.source.targets.length === 0) return NOTHING;
      const { kind } = found;
      const index = positionOf(subject, subject.spec.volumes, name);
      return because(`${subject.path}.volumes[${index}].${kind}`, [
        invalid(
          `${path}.name`,
          `a ${kind} has no files to share: make it a disk, or use a volume of type ${DIRECTORY_SOURCES.join(', ')}`,
        ),
      ]);
    }),
  }),
  filesystemRule({
    id: 'fs.also-disk',
    field: '.name',
    summary: 'a filesystem of a claim that is a disk too: the guest could write into the image of its own disk',
    check: onFirst(({ name }, path, subject) => {
      const { volumes, domain } = subject.spec;
      const claimOf = (volumeName: string): string | undefined => {
        const volume = findNamed(subject, volumes, volumeName);
        return volume && claimNameOf(volume);
      };
      const claim = claimOf(name);
      if (claim === undefined) return NOTHING;
      // Of another volume too: a claim may have several.
      const disk = domain.devices.disks?.findIndex((one) => claimOf(one.name) === claim) ?? -1;
      return disk < 0
        ? NOTHING
        : [
            invalid(
              `${path}.name`,
              `the claim ${show(claim)} of this volume is disks[${disk}] too, whose image the guest would find among the files: remove the disk or the filesystem`,
            ),
          ];
    }),
  }),
  filesystemRule({
    id: 'fs.name-length',
    field: '.name',
    summary: 'a filesystem whose name a guest cannot mount',
    check: onFirst(({ name }, path, subject) =>
      // One that no volume has is that mistake alone (fs.no-volume).
      Buffer.byteLength(name) <= MAX_FILESYSTEM_NAME || !hasNamed(subject, subject.spec.volumes, name)
        ? NOTHING
        : [
            invalid(
              `${path}.name`,
              `has ${Buffer.byteLength(name)} bytes, and a guest mounts a name of at most ${MAX_FILESYSTEM_NAME}: give the volume and the filesystem a shorter one`,
            ),
          ],
    ),
  }),
];
