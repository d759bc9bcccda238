import { MEBIBYTE } from '../quantity.js';
import type { Devices } from '../schema/devices.js';

/** A field of `domain.devices`: a device, a list of them, or a setting of some. */
export type DeviceField = keyof Devices;

/** What each layer must know of such a field; all of it is required, so that a new one answers every question. */
interface DeviceDeclaration {
  /** Why admission refuses it, continuing "not acted on yet: "; false: it is acted on. */
  readonly refused: string | false;
  /** What to do where it is refused, and what happens then. Undefined: to remove it, which changes nothing else. */
  readonly remedy: string | undefined;
  /** The feature gate that a VM needs for it, where there is one. */
  readonly gate: string | undefined;
  /** Bytes that it costs the launcher pod beside the guest's own memory; an absent field may be a default device. */
  readonly memory: (devices: Devices) => bigint;
}

const noMemory = (): bigint => 0n;

const ACTED_ON = {
  refused: false,
  remedy: undefined,
  gate: undefined,
  memory: noMemory,
} as const;
const REFUSED = { ...ACTED_ON, refused: 'the device is not supported' } as const;
const LOST = 'the guest would lack the device: remove it only if the guest can do without';

/** The memory of the emulated display: 16384 KiB (docs/reference/density-and-cpu.md §6.1). */
const GRAPHICS = 16n * MEBIBYTE;

/** swtpm: 5.5 MiB, 1.3 of them its own. */
const TPM = 7n * MEBIBYTE;

/** A TPM that is there is on unless it says otherwise. */
export const hasTpm = (tpm: Devices['tpm']): boolean => tpm !== undefined && tpm.enabled !== false;

/** Every field of `domain.devices`. One of the schema that is not here does not compile. */
export const DEVICE_FIELDS = {
  autoattachGraphicsDevice: {
    ...ACTED_ON,
    memory: ({ autoattachGraphicsDevice }) => (autoattachGraphicsDevice === false ? 0n : GRAPHICS),
  },
  // Refused or corrected by rules of their own.
  autottachGraphicsDevice: ACTED_ON,
  autoattachInputDevice: ACTED_ON,
  autoattachMemBalloon: ACTED_ON,
  autoattachPodInterface: ACTED_ON,
  autoattachSerialConsole: ACTED_ON,
  autoattachVSOCK: { ...REFUSED, remedy: LOST, gate: 'VSOCK' },
  blockMultiQueue: ACTED_ON,
  clientPassthrough: REFUSED,
  // Nothing is kept in reserve for hot-plug anyway.
  disableHotplug: ACTED_ON,
  disks: ACTED_ON,
  downwardMetrics: { ...ACTED_ON, gate: 'DownwardMetrics' },
  filesystems: ACTED_ON,
  gpus: { ...REFUSED, remedy: LOST },
  hostDevices: { ...REFUSED, remedy: LOST, gate: 'HostDevices' },
  inputs: ACTED_ON,
  interfaces: ACTED_ON,
  logSerialConsole: ACTED_ON,
  networkInterfaceMultiqueue: ACTED_ON,
  panicDevices: ACTED_ON,
  rng: ACTED_ON,
  sound: ACTED_ON,
  tpm: { ...ACTED_ON, memory: ({ tpm }) => (hasTpm(tpm) ? TPM : 0n) },
  useVirtioTransitional: ACTED_ON,
  video: ACTED_ON,
  watchdog: ACTED_ON,
} as const satisfies Readonly<Record<DeviceField, DeviceDeclaration>>;

type Table = typeof DEVICE_FIELDS;

/** The fields that admission lets through. */
export type ActedOnDevice = {
  [Field in DeviceField]: Table[Field]['refused'] extends false ? Field : never;
}[DeviceField];
/** Those that need a feature gate. */
export type GatedDevice = {
  [Field in DeviceField]: Table[Field]['gate'] extends string ? Field : never;
}[DeviceField];

export const DEVICE_NAMES = Object.keys(DEVICE_FIELDS) as readonly DeviceField[];
