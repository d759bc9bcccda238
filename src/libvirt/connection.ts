/** The connection as its users see it. The methods on domains come from the classes below it, split by subject. */
import { AgentTimeout } from './constants.js';
import { DomainDevices } from './domain-devices.js';
import { procedures } from './procedures.js';
import type { LibvirtStream } from './stream.js';
import type { Domain } from './wire-types.js';

/** Bytes a screenshot may have: an uncompressed 8K picture fits. */
const SCREENSHOT_MAX = 128 * 1024 * 1024;

/** What `getDomainCapabilities` asks about; the daemon fills in what is missing. */
export interface DomainCapabilitiesQuery {
  /** Path of the emulator. */
  readonly emulator?: string | undefined;
  readonly arch?: string | undefined;
  readonly machine?: string | undefined;
  /** `kvm` or `qemu` */
  readonly virtType?: string | undefined;
}

/** A connection to one libvirt daemon, opened by `connect()`. */
export class Connection extends DomainDevices {
  /** The driver's name: `QEMU`, `TEST`. */
  async getType(): Promise<string> {
    return (await this.call(procedures.connectGetType, undefined)).type;
  }

  /** The hypervisor's version: `7.2.0`. */
  async getVersion(): Promise<string> {
    return versionText((await this.call(procedures.connectGetVersion, undefined)).version);
  }

  /** libvirt's version: `9.0.0`. */
  async getLibVersion(): Promise<string> {
    return versionText((await this.call(procedures.connectGetLibVersion, undefined)).version);
  }

  async getHostname(): Promise<string> {
    return (await this.call(procedures.connectGetHostname, undefined)).hostname;
  }

  /** The canonical URI of the driver. */
  async getURI(): Promise<string> {
    return (await this.call(procedures.connectGetUri, undefined)).uri;
  }

  /** The host's capabilities (XML). */
  async getCapabilities(): Promise<string> {
    return (await this.call(procedures.connectGetCapabilities, undefined)).capabilities;
  }

  /** What an emulator can do (XML). */
  async getDomainCapabilities(query: DomainCapabilitiesQuery = {}): Promise<string> {
    const { emulator, arch, machine, virtType } = query;
    const args = { emulator, arch, machine, virtType, flags: 0 };
    return (await this.call(procedures.connectGetDomainCapabilities, args)).capabilities;
  }

  /** Names of the CPU models that libvirt knows for an architecture (`x86_64`). */
  async getCpuModelNames(arch: string): Promise<readonly string[]> {
    return (await this.call(procedures.connectGetCpuModelNames, { arch, needResults: true, flags: 0 })).models;
  }

  /**
   * Opens a serial console of a running domain.
   * @param device - the device's alias (`serial0`); without it the first console
   * @param flags - ConsoleFlag; without FORCE a console in use is refused (OPERATION_FAILED)
   */
  async openConsole(domain: Domain, device?: string, flags = 0): Promise<LibvirtStream> {
    return (await this.openStream(procedures.domainOpenConsole, { domain, device, flags })).stream;
  }

  /** A picture of the guest's screen. `mime` tells its format (`image/x-portable-pixmap` or `image/png`). */
  async screenshot(domain: Domain, screen = 0): Promise<{ mime: string | undefined; data: Buffer }> {
    const { result, stream } = await this.openStream(procedures.domainScreenshot, { domain, screen, flags: 0 });
    return { mime: result.mime, data: await readAll(stream, SCREENSHOT_MAX) };
  }

  /**
   * Sends a command to the guest agent and returns its answer.
   * @param command - JSON of the agent's protocol: `{"execute":"guest-ping"}`
   * @param timeout - seconds, or an AgentTimeout. Rejects with AGENT_UNRESPONSIVE when no agent answers.
   */
  async qemuAgentCommand(domain: Domain, command: string, timeout: number = AgentTimeout.DEFAULT): Promise<string> {
    const args = { domain, command, timeout, flags: 0 };
    return (await this.call(procedures.qemuAgentCommand, args)).result ?? '';
  }

  /** Sends a command to QEMU's monitor; the domain counts as tainted from then on. @param flags - MonitorCommandFlag */
  async qemuMonitorCommand(domain: Domain, command: string, flags = 0): Promise<string> {
    return (await this.call(procedures.qemuMonitorCommand, { domain, command, flags })).result;
  }

  /** Freezes the guest's file systems (all, or these); returns how many. Needs the guest agent. */
  async freezeFilesystems(domain: Domain, mountpoints: readonly string[] = []): Promise<number> {
    return (await this.call(procedures.domainFSFreeze, { domain, mountpoints, flags: 0 })).filesystems;
  }

  /** Thaws frozen file systems; returns how many. */
  async thawFilesystems(domain: Domain, mountpoints: readonly string[] = []): Promise<number> {
    return (await this.call(procedures.domainFSThaw, { domain, mountpoints, flags: 0 })).filesystems;
  }
}

/** libvirt packs versions as major * 1,000,000 + minor * 1,000 + release. */
function versionText(packed: bigint): string {
  return [packed / 1_000_000n, (packed / 1_000n) % 1_000n, packed % 1_000n].join('.');
}

async function readAll(stream: LibvirtStream, max: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > max) throw new RangeError(`more than ${max} bytes came for a screenshot`);
  }
  return Buffer.concat(chunks);
}
