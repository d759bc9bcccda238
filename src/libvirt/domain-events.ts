/**
 * The events of domains: for each kind its number in libvirt's API (`virDomainEventID`), the procedure number of its
 * message and what the message holds. Source: `remote_protocol.x`, the `remote_domain_event_*_msg` structures. All
 * start with the number of the callback.
 */
import { hyper, int, list, struct, uhyper, uint, type Codec, type ValueOf } from './codec.js';
import { domain, optionalString, string, typedParameters } from './wire-types.js';

/** How one kind of event is asked for and read. */
export interface EventDefinition<T> {
  /** virDomainEventID */
  readonly id: number;
  /** The number of the message's procedure. */
  readonly procedure: number;
  readonly message: Codec<T>;
}

const event = <T>(id: number, procedure: number, message: Codec<T>): EventDefinition<T> => ({ id, procedure, message });

const callbackId = int;
const endpoint = struct({ family: int, node: string, service: string });
const blockJob = struct({ callbackId, domain, path: string, type: int, status: int });
/** `reason` is always 0 in libvirt; it comes before the domain. */
const powerManagement = struct({ callbackId, reason: int, domain });
const device = struct({ callbackId, domain, alias: string });

export const domainEvents = {
  /** `event` is a LifecycleEvent, `detail` depends on it. */
  lifecycle: event(0, 318, struct({ callbackId, domain, event: int, detail: int })),
  reboot: event(1, 319, struct({ callbackId, domain })),
  /** `offset` seconds from UTC. */
  rtcChange: event(2, 320, struct({ callbackId, domain, offset: hyper })),
  watchdog: event(3, 321, struct({ callbackId, domain, action: int })),
  ioError: event(4, 322, struct({ callbackId, domain, path: string, alias: string, action: int })),
  graphics: event(
    5,
    323,
    struct({
      callbackId,
      domain,
      phase: int,
      local: endpoint,
      remote: endpoint,
      authScheme: string,
      subject: list(struct({ type: string, name: string }), 20),
    }),
  ),
  /** `reason` is "" or `enospc`; `action` is an IoErrorAction. */
  ioErrorReason: event(
    6,
    324,
    struct({ callbackId, domain, path: string, alias: string, action: int, reason: string }),
  ),
  controlError: event(7, 325, struct({ callbackId, domain })),
  /** `path` is the disk's source. */
  blockJob: event(8, 326, blockJob),
  diskChange: event(
    9,
    327,
    struct({ callbackId, domain, oldPath: optionalString, newPath: optionalString, alias: string, reason: int }),
  ),
  trayChange: event(10, 328, struct({ callbackId, domain, alias: string, reason: int })),
  pmWakeup: event(11, 329, powerManagement),
  pmSuspend: event(12, 330, powerManagement),
  /** `actual` KiB. */
  balloonChange: event(13, 331, struct({ callbackId, domain, actual: uhyper })),
  pmSuspendDisk: event(14, 332, powerManagement),
  deviceRemoved: event(15, 333, device),
  /** Like blockJob, but `path` is the disk's target (`vda`). */
  blockJob2: event(16, 339, blockJob),
  tunable: event(17, 346, struct({ callbackId, domain, params: typedParameters(2048) })),
  /** `state` is an AgentState: whether the guest agent has its channel open. */
  agentLifecycle: event(18, 348, struct({ callbackId, domain, state: int, reason: int })),
  deviceAdded: event(19, 354, device),
  migrationIteration: event(20, 359, struct({ callbackId, domain, iteration: int })),
  jobCompleted: event(21, 363, struct({ callbackId, domain, params: typedParameters(64) })),
  deviceRemovalFailed: event(22, 367, device),
  metadataChange: event(23, 379, struct({ callbackId, domain, type: int, uri: optionalString })),
  blockThreshold: event(
    24,
    385,
    struct({ callbackId, domain, device: string, path: optionalString, threshold: uhyper, excess: uhyper }),
  ),
  memoryFailure: event(25, 423, struct({ callbackId, domain, recipient: int, action: int, flags: uint })),
  memoryDeviceSizeChange: event(26, 438, struct({ callbackId, domain, alias: string, size: uhyper })),
} as const;

/** The name of a kind of event. */
export type DomainEventKind = keyof typeof domainEvents;

/** What a listener of this kind of event gets. */
export type DomainEvent<K extends DomainEventKind> = ValueOf<(typeof domainEvents)[K]['message']>;
