import { StringDecoder } from 'node:string_decoder';

/** ECMA-48's "select graphic rendition": colours, bold. */
// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[0-9;]*m/g;
/** A sequence that has just begun, and may go on in the next piece. */
// eslint-disable-next-line no-control-regex
const BEGUN = /\u001b(\[[0-9;]{0,32})?$/;
/** Of {@link BEGUN}: no more of the end of a piece is looked at. */
const BEGUN_MAX = 34;
/** From the first of a run of returns alone: looked at from each of them, a long run would take their square. */
const RETURNS_AT_END = /(?<!\r)\r+$/;
const LINE_END = /(?<!\r)\r+\n/g;

/**
 * What a guest wrote for a terminal of its own, as lines for ours: without colours, and with one line feed at the end
 * of a line. What else a terminal would act on is left for the writer, which shows it.
 */
export class GuestText {
  readonly #decoder = new StringDecoder('utf8');
  #held = '';

  /** How much is kept for the next piece, whatever the guest writes. */
  get held(): number {
    return this.#held.length;
  }

  /** @returns what can be shown by now */
  add(bytes: Buffer): string {
    const text = this.#held + this.#decoder.write(bytes);
    const [begun = ''] = BEGUN.exec(text.slice(-BEGUN_MAX)) ?? [];
    const whole = text.slice(0, text.length - begun.length);
    const [returns = ''] = begun === '' ? (RETURNS_AT_END.exec(whole) ?? []) : [];
    // Many mean what one does, if a line feed follows.
    this.#held = returns === '' ? begun : '\r';
    return lines(whole.slice(0, whole.length - returns.length));
  }

  end(): string {
    const rest = this.#held + this.#decoder.end();
    this.#held = '';
    return lines(rest);
  }
}

const lines = (text: string): string => text.replaceAll(COLOURS, '').replaceAll(LINE_END, '\n');
