import { VOLUME_SOURCES } from '../../api/vmi/volume-sources.js';
import { findNamed, hasNamed } from '../rule/lookup.js';
import { isVolumeName } from '../rule/names.js';
import { invalid, NOTHING } from '../rule/finding.js';
import { VOLUMES } from '../rule/lists.js';
import { rulesOn } from '../rule/rule.js';
import { show } from '../rule/wording.js';
import { sourcesOf } from './volumes.js';

const volumeRule = rulesOn({ ...VOLUMES, source: '§7.2' });

/** That each volume is some device of the VM. */
export const volumeDeviceRules = [
  volumeRule({
    id: 'map.volume-unused',
    field: '.name',
    summary: 'a volume that no disk and no filesystem names',
    check: (volume, path, subject) => {
      const { name } = volume;
      const { disks, filesystems } = subject.spec.domain.devices;
      if (sourcesOf(volume).some((source) => VOLUME_SOURCES[source].targets.length === 0)) return NOTHING;
      // A name that no volume may have, or that another one has, is refused by vol.name-label and vol.name-unique.
      if (!isVolumeName(name) || findNamed(subject, subject.spec.volumes, name) !== volume) return NOTHING;
      if (hasNamed(subject, disks, name) || hasNamed(subject, filesystems, name)) return NOTHING;
      return [
        invalid(
          `${path}.name`,
          `no disk and no filesystem is named ${show(name)}: add one to domain.devices, or remove the volume`,
        ),
      ];
    },
  }),
  volumeRule({
    id: 'map.containerpath',
    field: '.containerPath',
    source: '§7.2 (map.containerpath-disk, map.containerpath-fs)',
    summary: 'a containerPath volume that is not a filesystem',
    check: ({ name, containerPath }, path, subject) => {
      if (!containerPath) return NOTHING;
      const { disks, filesystems } = subject.spec.domain.devices;
      return hasNamed(subject, filesystems, name) && !hasNamed(subject, disks, name)
        ? []
        : [
            invalid(
              `${path}.containerPath`,
              `is a directory and not a disk: add name ${show(name)} to domain.devices.filesystems, and no disk of that name`,
            ),
          ];
    },
  }),
  volumeRule({
    id: 'map.containerpath-reserved',
    field: '.containerPath.path',
    summary: 'a containerPath in the directories of the launcher itself',
    check: ({ containerPath }, path) =>
      ['/var/run/kubevirt', '/var/run/libvirt'].some((prefix) => containerPath?.path.startsWith(prefix))
        ? [
            invalid(
              `${path}.containerPath.path`,
              `${show(containerPath?.path)} is in a directory of the launcher itself: write another`,
            ),
          ]
        : [],
  }),
];
