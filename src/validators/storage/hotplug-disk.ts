import type { Disk } from '../../api/schema/disks.js';
import { show } from '../rule/wording.js';

/** What keeps a disk from being added to a VM that runs. `below` is the field's path below the disk. */
export interface HotplugProblem {
  readonly below: string;
  readonly message: string;
}

/** Buses that take a disk while the guest runs: each disk has a port or a unit of its own. */
const HOTPLUG_BUSES = ['scsi', 'virtio'];

const targetProblem = ({ disk, lun }: Disk): HotplugProblem | undefined => {
  if (disk) {
    const bus = disk.bus ?? '';
    return HOTPLUG_BUSES.includes(bus)
      ? undefined
      : {
          below: '.disk.bus',
          message: `a disk that is added to a running VM cannot be on bus ${show(bus)}: write scsi or virtio`,
        };
  }
  if (!lun)
    return { below: '', message: 'only a disk or a lun can be added to a running VM: write "disk: {bus: scsi}"' };
  const bus = lun.bus ?? '';
  return bus === 'scsi'
    ? undefined
    : { below: '.lun.bus', message: `a lun that is added to a running VM cannot be on bus ${show(bus)}: write scsi` };
};

/** The first problem only, as they hide each other. Source: docs/reference/admission.md §8.3. */
export const hotplugProblem = (disk: Disk): HotplugProblem | undefined => {
  const problem = targetProblem(disk);
  if (problem !== undefined) return problem;
  const bus = disk.disk?.bus ?? disk.lun?.bus;
  if (disk.dedicatedIOThread && bus !== 'virtio') {
    const message = `a disk on bus ${show(bus)} has no I/O thread of its own: write bus: virtio or remove dedicatedIOThread`;
    return { below: '.dedicatedIOThread', message };
  }
  if (disk.bootOrder !== undefined && disk.bootOrder < 1)
    return { below: '.bootOrder', message: `${disk.bootOrder} is no boot order: the first device has 1` };
  return undefined;
};
