import type { VirtualMachineInstance } from '../api/schema/kinds.js';
import type { ActedOnDevice, DeviceField } from '../api/vmi/devices.js';
import * as device from './devices.js';
import { disks } from './disks.js';
import type { DomainContext } from './domain-input.js';
import { filesystems } from './filesystems.js';
import { interfaces } from './interfaces.js';
import type { XmlElement } from './xml.js';

type Build = (vmi: VirtualMachineInstance, context: DomainContext) => XmlElement | readonly XmlElement[] | undefined;

/** `setting`: read where the devices that it is about are built. `refused`: not acted on yet, so nothing builds it. */
type Entry = Build | 'setting';
type Entries = { readonly [Field in DeviceField]: Field extends ActedOnDevice ? Entry : Entry | 'refused' };

/** What every VM has, whatever its devices are. */
type Always = Readonly<Record<'controllers' | 'guestAgentChannel', Build>>;

/**
 * Who builds each field of `domain.devices`, in the order in which they stand in the domain. A field that is acted on
 * and is not here does not compile.
 */
const ENTRIES: Entries & Always = {
  disks,
  controllers: device.controllers,
  interfaces,
  autoattachSerialConsole: device.serial,
  guestAgentChannel: (_vmi, context) => device.guestAgentChannel(context),
  downwardMetrics: device.downwardMetricsChannel,
  inputs: device.inputs,
  autoattachGraphicsDevice: device.graphics,
  sound: device.sound,
  watchdog: device.watchdog,
  autoattachMemBalloon: device.balloon,
  rng: device.rng,
  filesystems,
  tpm: device.tpm,
  panicDevices: device.panicDevices,
  // Admission's defaults make an interface of it, and correct the misspelling.
  autoattachPodInterface: 'setting',
  autottachGraphicsDevice: 'setting',
  blockMultiQueue: 'setting',
  networkInterfaceMultiqueue: 'setting',
  useVirtioTransitional: 'setting',
  autoattachInputDevice: 'setting',
  autoattachVSOCK: 'refused',
  clientPassthrough: 'refused',
  disableHotplug: 'setting',
  gpus: 'refused',
  hostDevices: 'refused',
  logSerialConsole: 'setting',
  video: 'setting',
};

/** The devices of a VM. @throws DomainError */
export const deviceList = (vmi: VirtualMachineInstance, context: DomainContext): XmlElement[] =>
  Object.values<Entry | 'refused'>(ENTRIES).flatMap((build) =>
    typeof build === 'string' ? [] : (build(vmi, context) ?? []),
  );
