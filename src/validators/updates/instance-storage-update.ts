import type { Disk } from '../../api/schema/disks.js';
import type { Volume } from '../../api/schema/volumes.js';
import { differenceAt } from '../../api/schema-check/semantic-difference.js';
import { sourceOf } from '../../api/vmi/volume-sources.js';
import { hotplugProblem } from '../storage/hotplug-disk.js';
import { invalid, type Finding } from '../rule/finding.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { InstanceUpdateSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/*
 * What our own programs may change of a VMI that runs: volumes and disks come and go by hotplug, those of the start
 * stay. Sound specs on both sides are assumed. Every violation is reported, in the order of the new spec (the reference
 * reports the first one that its map's order happens to give). Source: docs/reference/admission.md §8.2.
 */

const VOLUMES = 'spec.volumes';
const DISKS = 'spec.domain.devices.disks';
const FILESYSTEMS = 'spec.domain.devices.filesystems';

/** A volume of the new spec with all that the rules ask about it. */
interface Place {
  readonly name: string;
  readonly path: string;
  readonly volume: Volume;
  readonly before: Volume | undefined;
  /** Attached at the start: its status does not speak of hotplug. */
  readonly permanent: boolean;
  /** Its content moves to another volume while the VM runs. */
  readonly migrated: boolean;
  readonly disk: Disk | undefined;
  readonly diskPath: string;
  readonly diskBefore: Disk | undefined;
  /** A disk or a file system uses it. */
  readonly used: boolean;
}

const permanentNames = ({ old }: InstanceUpdateSubject): ReadonlySet<string> =>
  new Set((old.status?.volumeStatus ?? []).filter(({ hotplugVolume }) => !hotplugVolume).map(({ name }) => name));

const placesOf = (subject: InstanceUpdateSubject): Place[] => {
  const { vmi, old } = subject;
  const { disks = [], filesystems = [] } = vmi.spec.domain.devices;
  const permanent = permanentNames(subject);
  const migrated = new Set((vmi.status?.migratedVolumes ?? []).map(({ volumeName }) => volumeName));
  return (vmi.spec.volumes ?? []).map((volume, index): Place => {
    const { name } = volume;
    const at = disks.findIndex((disk) => disk.name === name);
    return {
      name,
      path: `${VOLUMES}[${index}]`,
      volume,
      before: old.spec.volumes?.find((one) => one.name === name),
      permanent: permanent.has(name),
      migrated: migrated.has(name),
      disk: disks[at],
      diskPath: at < 0 ? DISKS : `${DISKS}[${at}]`,
      diskBefore: old.spec.domain.devices.disks?.find((disk) => disk.name === name),
      used: at >= 0 || filesystems.some((filesystem) => filesystem.name === name),
    };
  });
};

const base = { kinds: ['VirtualMachineInstance'], operations: ['UPDATE'], since: '0.1' } as const;

const storageRule = ruleFamily<InstanceUpdateSubject, (subject: InstanceUpdateSubject) => readonly Finding[]>({
  ...base,
  source: '§8.2',
  run: (subject, check) => check(subject),
});

const placeRule = ruleFamily<InstanceUpdateSubject, (place: Place) => Finding | undefined>({
  ...base,
  source: '§8.2',
  run: (subject, check) => {
    // Volumes that share a name share its disk: a mistake of that disk is one.
    const byField = new Map<string, Finding>();
    for (const place of placesOf(subject)) {
      const found = check(place);
      if (found !== undefined && !byField.has(found.field)) byField.set(found.field, found);
    }
    return [...byField.values()];
  },
});

const volumeChange = ({ volume, before, path }: Place): string | undefined =>
  before === undefined ? undefined : differenceAt('VirtualMachineInstance', `${VOLUMES}[]`, volume, before, path);
const diskChange = ({ disk, diskBefore, diskPath }: Place): string | undefined =>
  differenceAt('VirtualMachineInstance', `${DISKS}[]`, disk, diskBefore, diskPath);

/** Names of disks and file systems that no volume has, or that another device has already. */
const unmatched = ({ vmi, config }: InstanceUpdateSubject): Finding[] => {
  const { disks = [], filesystems = [] } = vmi.spec.domain.devices;
  const volumes = new Set((vmi.spec.volumes ?? []).map(({ name }) => name));
  const seen = new Set<string>();
  const emptyDrives = config.hasFeatureGate('DeclarativeHotplugVolumes');
  const devices = [
    ...disks.map(({ name, cdrom }, i) => ({ name, field: `${DISKS}[${i}].name`, mayBeEmpty: emptyDrives && !!cdrom })),
    ...filesystems.map(({ name }, i) => ({ name, field: `${FILESYSTEMS}[${i}].name`, mayBeEmpty: false })),
  ];
  return devices.flatMap(({ name, field, mayBeEmpty }) => {
    if (seen.has(name))
      return [invalid(field, `${show(name)} is the name of another device too: one volume, one device`)];
    seen.add(name);
    if (volumes.has(name) || mayBeEmpty) return [];
    return [invalid(field, `no volume is named ${show(name)}: add the volume with its disk, and remove both together`)];
  });
};

const missingPermanent = (subject: InstanceUpdateSubject): Finding[] => {
  const now = new Set((subject.vmi.spec.volumes ?? []).map(({ name }) => name));
  const permanent = permanentNames(subject);
  return (subject.old.spec.volumes ?? [])
    .filter(({ name }) => permanent.has(name) && !now.has(name))
    .map(({ name }) => invalid(VOLUMES, `volume ${show(name)} was there at the start: it stays until the VM stops`));
};

const AT_THE_START = 'was attached at the start and cannot be changed while the VM runs: leave it as it was';

export const instanceStorageUpdateRules: readonly Rule<InstanceUpdateSubject>[] = [
  storageRule({
    id: 'upd.storage-count',
    field: `${DISKS}[], ${FILESYSTEMS}[]`,
    summary: 'hotplug that leaves a disk or file system without a volume of its own',
    check: unmatched,
  }),
  storageRule({
    id: 'upd.storage-perm-missing',
    field: VOLUMES,
    source: '§8.2 (upd.storage-perm-count, upd.storage-perm-missing)',
    summary: 'hotplug that removes a volume of the start',
    check: missingPermanent,
  }),
  placeRule({
    id: 'upd.storage-perm-changed',
    field: `${VOLUMES}[]`,
    summary: 'hotplug that changes a volume of the start',
    check: (place) => {
      const change = place.permanent && !place.migrated ? volumeChange(place) : undefined;
      return change === undefined ? undefined : invalid(change, `volume ${show(place.name)} ${AT_THE_START}`);
    },
  }),
  placeRule({
    id: 'upd.storage-perm-disk',
    field: `${DISKS}[]`,
    summary: 'hotplug that changes a disk of the start',
    check: (place) => {
      const change = place.permanent && !place.migrated ? diskChange(place) : undefined;
      return change === undefined ? undefined : invalid(change, `disk ${show(place.name)} ${AT_THE_START}`);
    },
  }),
  placeRule({
    id: 'upd.storage-hot-changed',
    field: `${VOLUMES}[]`,
    summary: 'a change to a volume that was added while the VM runs',
    check: (place) => {
      const change = place.permanent || place.migrated ? undefined : volumeChange(place);
      return change === undefined
        ? undefined
        : invalid(change, `volume ${show(place.name)} is in use: remove it and add it again`);
    },
  }),
  placeRule({
    id: 'upd.storage-hot-disk',
    field: `${DISKS}[]`,
    summary: 'a change to a disk that was added while the VM runs',
    check: (place) => {
      // Without a disk before, the new one is looked at as an added one.
      const kept = !place.permanent && place.before && place.disk && place.diskBefore;
      const change = kept ? diskChange(place) : undefined;
      return change === undefined
        ? undefined
        : invalid(change, `disk ${show(place.name)} is in use: remove it with its volume and add both again`);
    },
  }),
  placeRule({
    id: 'upd.storage-no-disk',
    field: `${VOLUMES}[]`,
    source: '§8.2 (upd.storage-hot-nodisk, upd.storage-new-nodisk)',
    summary: 'a volume that was added while the VM runs, without a disk',
    check: ({ name, path, volume, used, permanent }) =>
      used || permanent || volume.memoryDump
        ? undefined
        : invalid(path, `no disk is named ${show(name)}: add one to domain.devices.disks, or remove the volume`),
  }),
  placeRule({
    id: 'upd.storage-new-source',
    field: `${VOLUMES}[]`,
    summary: 'a volume added while the VM runs that is neither a claim nor a memory dump',
    check: ({ name, path, volume, before }) =>
      before || sourceOf(volume)?.source.hotplug
        ? undefined
        : invalid(
            path,
            `volume ${show(name)} cannot be added while the VM runs: use a persistentVolumeClaim or dataVolume`,
          ),
  }),
  placeRule({
    id: 'upd.storage-new-config',
    field: `${DISKS}[]`,
    source: '§8.2, §8.3',
    summary: 'a disk added while the VM runs on a bus or with settings that cannot be',
    check: ({ disk, diskBefore, diskPath, permanent }) => {
      const problem = disk === undefined || diskBefore || permanent ? undefined : hotplugProblem(disk);
      return problem === undefined ? undefined : invalid(diskPath + problem.below, problem.message);
    },
  }),
];
