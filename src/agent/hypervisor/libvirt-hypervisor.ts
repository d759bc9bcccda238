import type { Socket } from 'node:net';
import {
  AffectFlag,
  connect,
  CreateFlag,
  DestroyFlag,
  isLibvirtError,
  LifecycleEvent,
  PausedReason,
  ShutdownFlag,
  ShutoffReason,
  StatsFlag,
  StoppedDetail,
  UndefineFlag,
  DomainState as LibvirtState,
  type Connection,
  type ConnectionLimits,
  type Domain,
  type DomainStatsRecord,
} from 'node-libvirt';
import type { LiveChange } from '../../domain/index.js';
import { AnswerTooLong } from './answer-too-long.js';
import { parseDomainXml } from './domain-xml.js';
import { cardWithLink } from './live-change.js';
import { turnFor } from '../vm/turns.js';
import type { DomainChange, DomainState, DomainView, Hypervisor, StopReason } from './hypervisor.js';
import {
  domainStatistics,
  domainUsage,
  STATISTICS_GROUPS,
  USAGE_GROUPS,
  type DomainStatistics,
  type DomainUsage,
} from './statistics.js';

/** A session libvirtd answers in milliseconds; QEMU's start and end take seconds. */
const CALL_TIMEOUT_SECONDS = 60;
const CONNECT_TIMEOUT_SECONDS = 10;

/**
 * What one VM's libvirtd may cost the agent, which talks to all of the node's from one thread. A guest that left QEMU
 * has the uid of its libvirtd and may answer in its place. Reaching one of these costs that VM its connection.
 */
const LIBVIRTD_LIMITS: Partial<ConnectionLimits> = {
  /** The largest answers that are asked for: a domain's XML (10 KiB, 512 at most), the guest agent's interfaces. */
  frameBytes: 1_048_576,
  /** Events have 100 bytes; an error brings the end of QEMU's log, some KiB. */
  eventBytes: 32_768,
  /** libvirtd writes a message at once. */
  frameSeconds: 10,
  /** Statistics of a balloon are a dozen, of a disk fifteen, of CPUs one each (4096 at most). */
  listItems: 8_192,
  /** Users' requests that wait behind a hanging libvirtd. */
  waitingCalls: 64,
  /** The calls of a session that hangs: one look, one question for statistics. */
  abandonedCalls: 16,
  /** A picture, over a connection of its own. */
  streams: 1,
  /** A domain's XML, which has 512 KiB at most, and calls behind it. */
  unsentBytes: 2_097_152,
  /** One largest answer at once, and then as much each second. */
  bytesPerSecond: 1_048_576,
  /** A start brings a dozen events. */
  framesPerSecond: 200,
  /** Some tenths of a millisecond for each of the node's VMs. */
  framesPerTurn: 16,
};
/** Characters of a guest agent's answer: 500 interfaces, or milliseconds for the JSON parser. */
const GUEST_ANSWER_MAX = 262_144;

const OFF_REASONS: Readonly<Record<number, StopReason>> = {
  [ShutoffReason.SHUTDOWN]: 'shutdown',
  [ShutoffReason.SAVED]: 'shutdown',
  [ShutoffReason.FROM_SNAPSHOT]: 'shutdown',
  [ShutoffReason.DESTROYED]: 'destroyed',
  [ShutoffReason.CRASHED]: 'crashed',
  [ShutoffReason.FAILED]: 'failed-to-start',
};
const STOPPED_DETAILS: Readonly<Record<number, StopReason>> = {
  [StoppedDetail.SHUTDOWN]: 'shutdown',
  [StoppedDetail.SAVED]: 'shutdown',
  [StoppedDetail.FROM_SNAPSHOT]: 'shutdown',
  [StoppedDetail.DESTROYED]: 'destroyed',
  [StoppedDetail.CRASHED]: 'crashed',
  [StoppedDetail.FAILED]: 'failed-to-start',
};

/** libvirt's numbers to what they mean here. Source: docs/reference/domain.md §9.3. Exported for tests. */
const domainState = (state: number, reason: number): DomainState => {
  switch (state) {
    case LibvirtState.SHUTOFF:
      return { state: 'off', reason: OFF_REASONS[reason] ?? 'unknown' };
    case LibvirtState.CRASHED:
      return { state: 'off', reason: 'crashed' };
    case LibvirtState.SHUTDOWN:
      return { state: 'stopping' };
    case LibvirtState.PAUSED:
      if (reason === PausedReason.SHUTTING_DOWN) return { state: 'stopping' };
      if (reason === PausedReason.IOERROR) return { state: 'paused', by: 'io-error' };
      return { state: 'paused', by: reason === PausedReason.USER ? 'user' : 'other' };
    case LibvirtState.NOSTATE:
      return { state: 'off', reason: 'unknown' };
    default:
      return { state: 'running' };
  }
};

/** One VM's libvirtd, over its socket. */
export class LibvirtHypervisor implements Hypervisor {
  private product: string | undefined;

  private constructor(
    private readonly connection: Connection,
    private readonly name: string,
  ) {}

  /**
   * @param name The domain's name.
   * @param onChange Called for every change of this domain, and once when the connection ends.
   */
  static async open(
    socket: Socket,
    name: string,
    onChange: (change: DomainChange) => void,
  ): Promise<LibvirtHypervisor> {
    const connection = await connect({
      socket,
      uri: 'qemu:///session',
      connectTimeout: CONNECT_TIMEOUT_SECONDS,
      callTimeoutSeconds: CALL_TIMEOUT_SECONDS,
      limits: LIBVIRTD_LIMITS,
    });
    const hypervisor = new LibvirtHypervisor(connection, name);
    try {
      await hypervisor.subscribe(onChange);
    } catch (error) {
      connection.destroy();
      throw error;
    }
    return hypervisor;
  }

  private async subscribe(onChange: (change: DomainChange) => void): Promise<void> {
    const mine = (domain: Domain): boolean => domain.name === this.name;
    const changed = ({ domain }: { domain: Domain }): void => {
      if (mine(domain)) onChange({ kind: 'changed' });
    };
    this.connection.on('close', (error) => onChange({ kind: 'disconnected', message: error.message }));
    // An event that cannot be read means that we may have missed something: look again.
    this.connection.on('error', () => onChange({ kind: 'changed' }));
    await this.connection.events.subscribe('lifecycle', ({ domain, event, detail }) => {
      if (!mine(domain)) return;
      if (event === LifecycleEvent.STOPPED) onChange({ kind: 'stopped', reason: STOPPED_DETAILS[detail] ?? 'unknown' });
      else if (event === LifecycleEvent.CRASHED) onChange({ kind: 'stopped', reason: 'crashed' });
      else onChange({ kind: 'changed' });
    });
    await this.connection.events.subscribe('reboot', ({ domain }) => {
      if (mine(domain)) onChange({ kind: 'rebooted' });
    });
    await this.connection.events.subscribe('agentLifecycle', changed);
    await this.connection.events.subscribe('ioError', changed);
  }

  async observe(): Promise<DomainView | undefined> {
    const domain = await this.find();
    if (domain === undefined) return undefined;
    try {
      const { state, reason } = await this.connection.domains.getState(domain);
      const xml = await this.connection.domains.getXML(domain);
      await turnFor(xml);
      return { ...domainState(state, reason), xml: parseDomainXml(xml) };
    } catch (error) {
      if (isLibvirtError(error, 'NO_DOMAIN')) return undefined;
      throw error;
    }
  }

  async define(xml: string): Promise<void> {
    await this.connection.domains.defineXML(xml);
  }

  async start({ paused }: { paused: boolean }): Promise<void> {
    await this.connection.domains.create(await this.require(), paused ? CreateFlag.PAUSED : 0);
  }

  async requestShutdown(): Promise<void> {
    await this.connection.domains.shutdown(await this.require());
  }

  async destroy(): Promise<void> {
    const domain = await this.find();
    if (domain === undefined) return;
    try {
      // GRACEFUL: QEMU gets SIGTERM and time to write its caches; libvirt refuses when that is not enough.
      await this.connection.domains.destroy(domain, DestroyFlag.GRACEFUL);
    } catch (error) {
      if (isLibvirtError(error, 'OPERATION_INVALID')) return;
      await this.connection.domains.destroy(domain, 0);
    }
  }

  async undefine(): Promise<void> {
    const domain = await this.find();
    if (domain === undefined) return;
    await this.connection.domains.undefine(domain, UndefineFlag.KEEP_NVRAM | UndefineFlag.CHECKPOINTS_METADATA);
  }

  async pause(): Promise<void> {
    await this.connection.domains.suspend(await this.require());
  }

  async unpause(): Promise<void> {
    await this.connection.domains.resume(await this.require());
  }

  async reset(): Promise<void> {
    await this.connection.domains.reset(await this.require());
  }

  async reboot(by: 'guest-agent' | 'acpi'): Promise<void> {
    const flag = by === 'acpi' ? ShutdownFlag.ACPI_POWER_BUTTON : ShutdownFlag.GUEST_AGENT;
    await this.connection.domains.reboot(await this.require(), flag);
  }

  async change({ name, state }: LiveChange): Promise<void> {
    const domain = await this.require();
    const xml = await this.connection.domains.getXML(domain);
    await turnFor(xml);
    const card = cardWithLink(xml, name, state);
    // It is looked at again, and planned for as it is then.
    if (card !== undefined) await this.connection.devices.update(domain, card, AffectFlag.LIVE);
  }

  async guestAgent(command: string, timeoutSeconds: number, mostCharacters = GUEST_ANSWER_MAX): Promise<unknown> {
    const answer = await this.connection.guests.agentCommand(await this.require(), command, timeoutSeconds);
    if (answer.length > mostCharacters) throw new AnswerTooLong(mostCharacters);
    await turnFor(answer);
    return JSON.parse(answer) as unknown;
  }

  async screenshot(): Promise<{ mime: string | undefined; stream: AsyncIterable<Buffer> }> {
    return this.connection.consoles.openScreenshot(await this.require());
  }

  async statistics(): Promise<DomainStatistics | undefined> {
    this.product ??= `QEMU ${await this.connection.node.getVersion()}`;
    const mine = await this.measured(STATISTICS_GROUPS);
    return mine && domainStatistics(this.product, mine.params, await this.connection.resources.getVcpus(mine.domain));
  }

  async usage(): Promise<DomainUsage | undefined> {
    const mine = await this.measured(USAGE_GROUPS);
    return mine && domainUsage(mine.params);
  }

  /**
   * NOWAIT: a monitor that is busy is not waited for. All domains: there is no other in a pod, and no look-up is
   * needed.
   */
  private async measured(groups: number): Promise<DomainStatsRecord | undefined> {
    const records = await this.connection.statistics.getAll(groups, StatsFlag.ACTIVE | StatsFlag.NOWAIT);
    return records.find(({ domain }) => domain.name === this.name);
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private async find(): Promise<Domain | undefined> {
    try {
      return await this.connection.domains.lookupByName(this.name);
    } catch (error) {
      if (isLibvirtError(error, 'NO_DOMAIN')) return undefined;
      throw error;
    }
  }

  private require(): Promise<Domain> {
    return this.connection.domains.lookupByName(this.name);
  }
}
