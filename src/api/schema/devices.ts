import { Type } from 'typebox';
import { emptyObject } from './scalars.js';
import { Disk } from './disks.js';
import { FeatureState } from './features.js';
import { Interface } from './networks.js';

export const ClientPassthroughDevices = emptyObject();
export type ClientPassthroughDevices = Type.Static<typeof ClientPassthroughDevices>;

export const DownwardMetrics = emptyObject();
export type DownwardMetrics = Type.Static<typeof DownwardMetrics>;

export const FilesystemVirtiofs = emptyObject();
export type FilesystemVirtiofs = Type.Static<typeof FilesystemVirtiofs>;

export const Filesystem = Type.Object({
  name: Type.String(),
  virtiofs: FilesystemVirtiofs,
});
export type Filesystem = Type.Static<typeof Filesystem>;

export const VGPUDisplayOptions = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  ramFB: Type.Optional(FeatureState),
});
export type VGPUDisplayOptions = Type.Static<typeof VGPUDisplayOptions>;

export const VGPUOptions = Type.Object({
  display: Type.Optional(VGPUDisplayOptions),
});
export type VGPUOptions = Type.Static<typeof VGPUOptions>;

export const GPU = Type.Object({
  claimName: Type.Optional(Type.String()),
  deviceName: Type.Optional(Type.String()),
  name: Type.String(),
  requestName: Type.Optional(Type.String()),
  tag: Type.Optional(Type.String()),
  virtualGPUOptions: Type.Optional(VGPUOptions),
});
export type GPU = Type.Static<typeof GPU>;

export const HostDevice = Type.Object({
  claimName: Type.Optional(Type.String()),
  deviceName: Type.Optional(Type.String()),
  name: Type.String(),
  requestName: Type.Optional(Type.String()),
  tag: Type.Optional(Type.String()),
});
export type HostDevice = Type.Static<typeof HostDevice>;

export const Input = Type.Object({
  bus: Type.Optional(Type.String()),
  name: Type.String(),
  type: Type.String(),
});
export type Input = Type.Static<typeof Input>;

export const PanicDevice = Type.Object({
  model: Type.Optional(Type.String()),
});
export type PanicDevice = Type.Static<typeof PanicDevice>;

export const Rng = emptyObject();
export type Rng = Type.Static<typeof Rng>;

export const SoundDevice = Type.Object({
  model: Type.Optional(Type.String()),
  name: Type.String(),
});
export type SoundDevice = Type.Static<typeof SoundDevice>;

export const TPMDevice = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  persistent: Type.Optional(Type.Boolean()),
});
export type TPMDevice = Type.Static<typeof TPMDevice>;

export const VideoDevice = Type.Object({
  type: Type.Optional(Type.String()),
});
export type VideoDevice = Type.Static<typeof VideoDevice>;

export const Diag288Watchdog = Type.Object({
  action: Type.Optional(Type.String()),
});
export type Diag288Watchdog = Type.Static<typeof Diag288Watchdog>;

export const I6300ESBWatchdog = Type.Object({
  action: Type.Optional(Type.String()),
});
export type I6300ESBWatchdog = Type.Static<typeof I6300ESBWatchdog>;

export const Watchdog = Type.Object({
  diag288: Type.Optional(Diag288Watchdog),
  i6300esb: Type.Optional(I6300ESBWatchdog),
  name: Type.String(),
});
export type Watchdog = Type.Static<typeof Watchdog>;

export const Devices = Type.Object({
  autoattachGraphicsDevice: Type.Optional(Type.Boolean()),
  // The spelling of KubeVirt's page on density (docs/reference/user-guides.md §1.1); undeclared, the API server would
  // drop it without any message.
  autottachGraphicsDevice: Type.Optional(Type.Boolean()),
  autoattachInputDevice: Type.Optional(Type.Boolean()),
  autoattachMemBalloon: Type.Optional(Type.Boolean()),
  autoattachPodInterface: Type.Optional(Type.Boolean()),
  autoattachSerialConsole: Type.Optional(Type.Boolean()),
  autoattachVSOCK: Type.Optional(Type.Boolean()),
  blockMultiQueue: Type.Optional(Type.Boolean()),
  clientPassthrough: Type.Optional(ClientPassthroughDevices),
  disableHotplug: Type.Optional(Type.Boolean()),
  disks: Type.Optional(Type.Array(Disk, { maxItems: 256 })),
  downwardMetrics: Type.Optional(DownwardMetrics),
  filesystems: Type.Optional(Type.Array(Filesystem, { 'x-kubernetes-list-type': 'atomic' })),
  gpus: Type.Optional(Type.Array(GPU, { 'x-kubernetes-list-type': 'atomic' })),
  hostDevices: Type.Optional(Type.Array(HostDevice, { 'x-kubernetes-list-type': 'atomic' })),
  inputs: Type.Optional(Type.Array(Input)),
  interfaces: Type.Optional(Type.Array(Interface, { maxItems: 256 })),
  logSerialConsole: Type.Optional(Type.Boolean()),
  networkInterfaceMultiqueue: Type.Optional(Type.Boolean()),
  panicDevices: Type.Optional(Type.Array(PanicDevice)),
  rng: Type.Optional(Rng),
  sound: Type.Optional(SoundDevice),
  tpm: Type.Optional(TPMDevice),
  useVirtioTransitional: Type.Optional(Type.Boolean()),
  video: Type.Optional(VideoDevice),
  watchdog: Type.Optional(Watchdog),
});
export type Devices = Type.Static<typeof Devices>;
