import { StringDecoder } from 'node:string_decoder';

/** ECMA-48's "select graphic rendition": colours, bold. */
// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[0-9;]*m/g;
/** What may go on in the next piece: a sequence that has just begun, half a line end. */
// eslint-disable-next-line no-control-regex
const UNFINISHED = /(\u001b(\[[0-9;]{0,32})?|\r+)$/;

/**
 * What a guest wrote for a terminal of its own, as lines for ours: without colours, and with one line feed at the end
 * of a line. What else a terminal would act on is left for the writer, which shows it.
 */
export class GuestText {
  readonly #decoder = new StringDecoder('utf8');
  #held = '';

  /** @returns what can be shown by now */
  add(bytes: Buffer): string {
    return this.#cleaned(this.#held + this.#decoder.write(bytes));
  }

  end(): string {
    const rest = this.#held + this.#decoder.end();
    this.#held = '';
    return lines(rest);
  }

  #cleaned(text: string): string {
    const [unfinished = ''] = UNFINISHED.exec(text) ?? [];
    this.#held = unfinished;
    return lines(text.slice(0, text.length - unfinished.length));
  }
}

const lines = (text: string): string => text.replaceAll(COLOURS, '').replaceAll(/\r+\n/g, '\n');
