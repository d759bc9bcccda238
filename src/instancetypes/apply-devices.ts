import type { Devices } from '../api/schema/devices.js';
import type { Disk } from '../api/schema/disks.js';
import type { Interface } from '../api/schema/networks.js';
import type { DevicePreferences } from '../api/schema/preference.js';
import type { VirtualMachineInstanceSpec } from '../api/schema/virtualmachineinstance.js';

/* Preferences about devices. */

/** Before default devices are added: they say whether there are any. */
export const applyAttachPreferences = (wished: DevicePreferences, devices: Devices): void => {
  const set = (
    field:
      | 'autoattachGraphicsDevice'
      | 'autoattachMemBalloon'
      | 'autoattachPodInterface'
      | 'autoattachSerialConsole'
      | 'autoattachInputDevice',
    value: boolean | undefined,
  ): void => {
    if (value !== undefined) devices[field] ??= value;
  };
  // The misspelt word of old pages says the same.
  if (devices.autottachGraphicsDevice === undefined)
    set('autoattachGraphicsDevice', wished.preferredAutoattachGraphicsDevice);
  set('autoattachMemBalloon', wished.preferredAutoattachMemBalloon);
  set('autoattachPodInterface', wished.preferredAutoattachPodInterface);
  set('autoattachSerialConsole', wished.preferredAutoattachSerialConsole);
  set('autoattachInputDevice', wished.preferredAutoattachInputDevice);
};

const applyToDisk = (wished: DevicePreferences, disk: Disk): void => {
  const { cdrom, lun } = disk;
  if (wished.preferredCdromBus && cdrom !== undefined) cdrom.bus ||= wished.preferredCdromBus;
  if (wished.preferredLunBus && lun !== undefined) lun.bus ||= wished.preferredLunBus;
  if (cdrom !== undefined || lun !== undefined || 'floppy' in disk) return;
  const target = (disk.disk ??= {});
  if (wished.preferredDiskBus) target.bus ||= wished.preferredDiskBus;
  if (wished.preferredDiskBlockSize !== undefined) disk.blockSize ??= wished.preferredDiskBlockSize;
  if (wished.preferredDiskCache) disk.cache ||= wished.preferredDiskCache;
  if (wished.preferredDiskIO) disk.io ||= wished.preferredDiskIO;
  if (wished.preferredDiskDedicatedIoThread !== undefined && target.bus === 'virtio')
    disk.dedicatedIOThread ??= wished.preferredDiskDedicatedIoThread;
};

const BINDINGS = ['bridge', 'slirp', 'masquerade', 'sriov', 'macvtap', 'passt', 'passtBinding', 'binding'] as const;

const hasBinding = (one: Interface): boolean => BINDINGS.some((name) => one[name] !== undefined);

const applyToInterface = (
  wished: DevicePreferences,
  one: Interface,
  { networks = [] }: VirtualMachineInstanceSpec,
): void => {
  if (wished.preferredInterfaceModel) one.model ||= wished.preferredInterfaceModel;
  const onPodNetwork = networks.some(({ name, pod }) => name === one.name && pod !== undefined);
  if (wished.preferredInterfaceMasquerade !== undefined && onPodNetwork && !hasBinding(one))
    one.masquerade = wished.preferredInterfaceMasquerade;
};

const applyPanicModel = (model: string, devices: Devices): void => {
  if ((devices.panicDevices ?? []).length === 0) devices.panicDevices = [{ model }];
  for (const panic of devices.panicDevices ?? []) panic.model ||= model;
};

const applyToWhole = (wished: DevicePreferences, devices: Devices): void => {
  if (wished.preferredUseVirtioTransitional !== undefined)
    devices.useVirtioTransitional ??= wished.preferredUseVirtioTransitional;
  if (wished.preferredBlockMultiQueue !== undefined) devices.blockMultiQueue ??= wished.preferredBlockMultiQueue;
  if (wished.preferredNetworkInterfaceMultiQueue !== undefined)
    devices.networkInterfaceMultiqueue ??= wished.preferredNetworkInterfaceMultiQueue;
  if (wished.preferredRng !== undefined) devices.rng ??= wished.preferredRng;
  if (wished.preferredTPM !== undefined) devices.tpm ??= wished.preferredTPM;
  if (wished.preferredVideoType) devices.video ??= { type: wished.preferredVideoType };
  if (wished.preferredDisableHotplug !== undefined) devices.disableHotplug = wished.preferredDisableHotplug;
  if (wished.preferredSoundModel && devices.sound !== undefined) devices.sound.model ||= wished.preferredSoundModel;
  if (wished.preferredPanicDeviceModel) applyPanicModel(wished.preferredPanicDeviceModel, devices);
};

/** Of a spec that has its default devices. `preferredVirtualGPUOptions` has no effect, as in KubeVirt. */
export const applyDevicePreferences = (wished: DevicePreferences, spec: VirtualMachineInstanceSpec): void => {
  const { devices } = spec.domain;
  for (const input of devices.inputs ?? []) {
    if (wished.preferredInputBus) input.bus ||= wished.preferredInputBus;
    if (wished.preferredInputType) input.type ||= wished.preferredInputType;
  }
  for (const disk of devices.disks ?? []) applyToDisk(wished, disk);
  for (const one of devices.interfaces ?? []) applyToInterface(wished, one, spec);
  applyToWhole(wished, devices);
};
