import type { LiveChange } from '../../domain/index.js';
import type { DomainXml } from './domain-xml.js';
import type { DomainStatistics, DomainUsage } from './statistics.js';

/** What a domain does, in the terms of the decision (libvirt's states that mean the same to us are one). */
export type DomainState =
  /** The guest's vCPUs run, or wait, or sleep (S3). */
  | { readonly state: 'running' }
  | { readonly state: 'paused'; readonly by: PausedBy }
  /** The guest is powering itself off. */
  | { readonly state: 'stopping' }
  | { readonly state: 'off'; readonly reason: StopReason };

export type PausedBy = 'user' | 'io-error' | 'other';

/** How a domain came to be off. `unknown`: it has not run since libvirtd knows it, or libvirtd does not remember. */
export type StopReason = 'unknown' | 'shutdown' | 'destroyed' | 'crashed' | 'failed-to-start';

export type DomainView = DomainState & { readonly xml: DomainXml };

/** What a hypervisor reports without being asked. */
export type DomainChange =
  | { readonly kind: 'stopped'; readonly reason: StopReason }
  | { readonly kind: 'changed' }
  /** The guest was reset, or has rebooted: what was done in it by its agent is gone. */
  | { readonly kind: 'rebooted' }
  | { readonly kind: 'disconnected'; readonly message: string };

/** One VM's libvirt, as the agent needs it. The one implementation speaks to a libvirtd; tests have their own. */
export interface Hypervisor {
  /** The domain as it is now; undefined when it is not defined. */
  observe(): Promise<DomainView | undefined>;
  define(xml: string): Promise<void>;
  start(options: { paused: boolean }): Promise<void>;
  /** Presses the power button; returns at once. */
  requestShutdown(): Promise<void>;
  /** Ends the guest; returns when its process has ended. */
  destroy(): Promise<void>;
  undefine(): Promise<void>;
  pause(): Promise<void>;
  unpause(): Promise<void>;
  reset(): Promise<void>;
  /** Asks the guest to reboot, through its agent or by ACPI. */
  reboot(by: 'guest-agent' | 'acpi'): Promise<void>;
  /** One step of a live change (docs/adr/0015-live-change.md). */
  change(step: LiveChange): Promise<void>;
  /**
   * A command of the guest agent's protocol. Seconds.
   * @param mostCharacters of its answer, where more than of a report is expected
   * @throws AnswerTooLong
   */
  guestAgent(command: string, timeoutSeconds: number, mostCharacters?: number): Promise<unknown>;
  /** A picture of its screen, as it comes; `mime` as libvirt says it. */
  screenshot(): Promise<{ readonly mime: string | undefined; readonly stream: AsyncIterable<Buffer> }>;
  /** Undefined while it does not run. */
  statistics(): Promise<DomainStatistics | undefined>;
  /** More of it, for metrics. Undefined while it does not run. */
  usage(): Promise<DomainUsage | undefined>;
  close(): Promise<void>;
}
