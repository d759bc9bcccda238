import type { Caller } from './caller.js';
import { procedures } from './procedures.js';
import type { LibvirtStream } from './stream.js';
import type { Domain } from './wire-types.js';

/** Bytes a screenshot may have: an uncompressed 8K picture fits. */
const SCREENSHOT_MAX = 128 * 1024 * 1024;

/** What a running domain shows, and what can be typed into it. */
export class Consoles {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /**
   * Opens a serial console of a running domain.
   * @param device - the device's alias (`serial0`); without it the first console
   * @param flags - ConsoleFlag; without FORCE a console in use is refused (OPERATION_FAILED)
   */
  async open(domain: Domain, device?: string, flags = 0): Promise<LibvirtStream> {
    return (await this.#caller.openStream(procedures.domainOpenConsole, { domain, device, flags })).stream;
  }

  /**
   * Opens a virtio channel of a running domain.
   * @param name - the channel's target name or alias; without it the first channel
   * @param flags - ChannelFlag
   */
  async openChannel(domain: Domain, name?: string, flags = 0): Promise<LibvirtStream> {
    return (await this.#caller.openStream(procedures.domainOpenChannel, { domain, name, flags })).stream;
  }

  /** A picture of the guest's screen. `mime` is its format (`image/x-portable-pixmap` or `image/png`). */
  async screenshot(domain: Domain, screen = 0): Promise<{ mime: string | undefined; data: Buffer }> {
    const { mime, stream } = await this.openScreenshot(domain, screen);
    return { mime, data: await readAll(stream, SCREENSHOT_MAX) };
  }

  /** The same, to be read as it comes. */
  async openScreenshot(
    domain: Domain,
    screen = 0,
  ): Promise<{ mime: string | undefined; stream: AsyncIterable<Buffer> }> {
    const { result, stream } = await this.#caller.openStream(procedures.domainScreenshot, { domain, screen, flags: 0 });
    return { mime: result.mime, stream: stream as AsyncIterable<Buffer> };
  }
}

async function readAll(stream: AsyncIterable<Buffer>, max: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > max) throw new RangeError(`more than ${max} bytes came for a screenshot`);
  }
  return Buffer.concat(chunks);
}
