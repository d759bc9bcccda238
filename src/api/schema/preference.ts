import { Type } from 'typebox';
import { ClockOffsetUTC, Timer } from './clock.js';
import { CPUFeature } from './cpu-memory.js';
import { Rng, TPMDevice, VGPUOptions } from './devices.js';
import { BlockSize } from './disks.js';
import { FeatureAPIC, FeatureHyperv, FeatureKVM, FeatureState } from './features.js';
import { EFI } from './firmware.js';
import { LaunchSecurity } from './launch-security.js';
import { ObjectMeta } from './meta.js';
import { InterfaceMasquerade } from './networks.js';
import { int64, mapOf, quantity, uint32 } from './scalars.js';

/*
 * What a preference fills into a VM where that leaves something open. Kinds of group instancetype.kubevirt.io, which
 * have no status.
 */

const maybe = Type.Optional;
const text = () => Type.Optional(Type.String());
const flag = () => Type.Optional(Type.Boolean());

export const PreferredClockOffset = Type.Object({
  timezone: text(),
  utc: maybe(ClockOffsetUTC),
});
export type PreferredClockOffset = Type.Static<typeof PreferredClockOffset>;

export const ClockPreferences = Type.Object({
  preferredClockOffset: maybe(PreferredClockOffset),
  preferredTimer: maybe(Timer),
});
export type ClockPreferences = Type.Static<typeof ClockPreferences>;

export const SpreadOptions = Type.Object({
  across: text(),
  ratio: maybe(uint32()),
});
export type SpreadOptions = Type.Static<typeof SpreadOptions>;

export const CPUPreferences = Type.Object({
  preferredCPUFeatures: maybe(Type.Array(CPUFeature, { maxItems: 256 })),
  preferredCPUTopology: text(),
  spreadOptions: maybe(SpreadOptions),
});
export type CPUPreferences = Type.Static<typeof CPUPreferences>;

export const DevicePreferences = Type.Object({
  preferredAutoattachGraphicsDevice: flag(),
  preferredAutoattachInputDevice: flag(),
  preferredAutoattachMemBalloon: flag(),
  preferredAutoattachPodInterface: flag(),
  preferredAutoattachSerialConsole: flag(),
  preferredBlockMultiQueue: flag(),
  preferredCdromBus: text(),
  preferredDisableHotplug: flag(),
  preferredDiskBlockSize: maybe(BlockSize),
  preferredDiskBus: text(),
  preferredDiskCache: text(),
  preferredDiskDedicatedIoThread: flag(),
  preferredDiskIO: text(),
  preferredInputBus: text(),
  preferredInputType: text(),
  preferredInterfaceMasquerade: maybe(InterfaceMasquerade),
  preferredInterfaceModel: text(),
  preferredLunBus: text(),
  preferredNetworkInterfaceMultiQueue: flag(),
  preferredPanicDeviceModel: text(),
  preferredRng: maybe(Rng),
  preferredSoundModel: text(),
  preferredTPM: maybe(TPMDevice),
  preferredUseVirtioTransitional: flag(),
  preferredVideoType: text(),
  preferredVirtualGPUOptions: maybe(VGPUOptions),
});
export type DevicePreferences = Type.Static<typeof DevicePreferences>;

export const FeaturePreferences = Type.Object({
  preferredAcpi: maybe(FeatureState),
  preferredApic: maybe(FeatureAPIC),
  preferredHyperv: maybe(FeatureHyperv),
  preferredKvm: maybe(FeatureKVM),
  preferredPvspinlock: maybe(FeatureState),
  preferredSmm: maybe(FeatureState),
});
export type FeaturePreferences = Type.Static<typeof FeaturePreferences>;

export const FirmwarePreferences = Type.Object({
  preferredEfi: maybe(EFI),
  preferredUseBios: flag(),
  preferredUseBiosSerial: flag(),
  preferredUseEfi: flag(),
  preferredUseSecureBoot: flag(),
});
export type FirmwarePreferences = Type.Static<typeof FirmwarePreferences>;

export const MachinePreferences = Type.Object({ preferredMachineType: text() });
export type MachinePreferences = Type.Static<typeof MachinePreferences>;

export const VolumePreferences = Type.Object({ preferredStorageClassName: text() });
export type VolumePreferences = Type.Static<typeof VolumePreferences>;

export const CPUPreferenceRequirement = Type.Object({ guest: uint32() });
export type CPUPreferenceRequirement = Type.Static<typeof CPUPreferenceRequirement>;

export const MemoryPreferenceRequirement = Type.Object({ guest: quantity() });
export type MemoryPreferenceRequirement = Type.Static<typeof MemoryPreferenceRequirement>;

export const PreferenceRequirements = Type.Object({
  architecture: text(),
  cpu: maybe(CPUPreferenceRequirement),
  memory: maybe(MemoryPreferenceRequirement),
});
export type PreferenceRequirements = Type.Static<typeof PreferenceRequirements>;

export const VirtualMachinePreferenceSpec = Type.Object({
  annotations: maybe(mapOf(Type.String())),
  clock: maybe(ClockPreferences),
  cpu: maybe(CPUPreferences),
  devices: maybe(DevicePreferences),
  features: maybe(FeaturePreferences),
  firmware: maybe(FirmwarePreferences),
  machine: maybe(MachinePreferences),
  preferSpreadSocketToCoreRatio: maybe(uint32()),
  preferredArchitecture: text(),
  preferredLaunchSecurity: maybe(LaunchSecurity),
  preferredSubdomain: text(),
  preferredTerminationGracePeriodSeconds: maybe(int64()),
  requirements: maybe(PreferenceRequirements),
  volumes: maybe(VolumePreferences),
});
export type VirtualMachinePreferenceSpec = Type.Static<typeof VirtualMachinePreferenceSpec>;

const preference = () =>
  Type.Object({
    apiVersion: text(),
    kind: text(),
    metadata: maybe(ObjectMeta),
    spec: VirtualMachinePreferenceSpec,
  });

export const VirtualMachinePreference = preference();
export type VirtualMachinePreference = Type.Static<typeof VirtualMachinePreference>;

export const VirtualMachineClusterPreference = preference();
export type VirtualMachineClusterPreference = Type.Static<typeof VirtualMachineClusterPreference>;
