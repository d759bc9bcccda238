import type { Disk } from '../../api/schema/disks.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import { volumeSourceKind } from '../../api/vmi/volume-source.js';
import { VOLUME_SOURCES } from '../../api/vmi/volume-sources.js';
import { shortName } from './short-name.js';
import { instanceWarning, type Warning } from './warning.js';

/** Where an order is written, and what gets it. */
interface Orderable {
  readonly below: string;
  readonly what: string;
  readonly order: number | undefined;
}

const named = (kind: string, name: string): string => `${kind} ${shortName(name)}`;

const diskOf = (disk: Disk, index: number): Orderable => ({
  below: `disks[${index}]`,
  what: named(disk.cdrom ? 'CD-ROM' : 'disk', disk.name),
  order: disk.bootOrder,
});

/** What may hold a guest's system: an image from outside, not what is made for the VM. */
const holdsSystem = (spec: VirtualMachineInstanceSpec, name: string): boolean => {
  const volume = spec.volumes?.find((one) => one.name === name);
  const kind = volume && volumeSourceKind(volume);
  const image = kind && VOLUME_SOURCES[kind].image;
  return image === 'persistent' || image === 'overlay';
};

/** The disks a guest may be meant to boot from; CD-ROMs where there is no other. */
const systemDisks = (spec: VirtualMachineInstanceSpec): Orderable[] => {
  const all = (spec.domain.devices.disks ?? []).flatMap((disk, index) =>
    holdsSystem(spec, disk.name) ? [{ disk, orderable: diskOf(disk, index) }] : [],
  );
  const written = all.filter(({ disk }) => disk.cdrom === undefined);
  return (written.length > 0 ? written : all).map(({ orderable }) => orderable);
};

const bootedFrom = ({ domain: { devices } }: VirtualMachineInstanceSpec): Orderable[] =>
  [
    ...(devices.disks ?? []).map(diskOf),
    ...(devices.interfaces ?? []).map(({ name, bootOrder, state }, index) => ({
      below: `interfaces[${index}]`,
      what: named('interface', name),
      order: state === 'absent' ? undefined : bootOrder,
    })),
  ].filter(({ order }) => order !== undefined);

export const bootWarnings: readonly Warning[] = [
  instanceWarning(
    'W-BOOT-1',
    'apply',
    'docs/reference/domain.md §1.8',
    'a device has a `bootOrder`, and no disk that may hold the guest’s system has one',
    ({ path, spec }) => {
      const [order, disks] = [bootedFrom(spec), systemDisks(spec)];
      const [first] = order;
      const [disk] = disks;
      if (first === undefined || disk === undefined || disks.some((one) => one.order !== undefined)) return undefined;
      const others = order.length === 1 ? '' : ` and ${order.length - 1} more`;
      const next = Math.max(...order.map((one) => one.order ?? 0)) + 1;
      return {
        field: `${path}.domain.devices.${disk.below}.bootOrder`,
        message: `missing, so the guest never boots from ${disk.what}: only devices with a bootOrder are tried, here ${first.what}${others}; write ${next}`,
      };
    },
  ),
];
