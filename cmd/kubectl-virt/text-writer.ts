import { styleText } from 'node:util';
import { visibleText } from '../../src/api/visible-text.js';
import type { Environment } from '../../src/kube/kubeconfig/types.js';

/**
 * The only way for text to the terminal. Much of it is not ours: messages of the API server, keys and names from
 * manifests, names of files and what programs say. So all of it is made visible, and what moves the cursor are the
 * writer's own methods, never a part of a text.
 */
export interface TextWriter {
  readonly write: (text: string) => void;
  /** The same in a colour, on a terminal that has some. */
  readonly paint: (colour: Colour, text: string) => void;
  /** Writes one line over the one the cursor is in. Only on a terminal. */
  readonly rewriteLine: (text: string) => void;
  readonly eraseLine: () => void;
  /** Begins again at the top of an empty screen. Only on a terminal. */
  readonly clearScreen: () => void;
  readonly isTTY: boolean;
  /** Of the terminal; 0 where there is none. */
  readonly columns: number;
}

/** Of errors and of warnings. */
export type Colour = 'red' | 'yellow';

/** https://no-color.org, and terminals that say that they have none. */
const hasColours = ({ NO_COLOR, TERM }: Environment): boolean => (NO_COLOR ?? '') === '' && TERM !== 'dumb';

/** Carriage return, then ECMA-48's "erase in line". */
const ERASE_LINE = '\r\x1b[K';
/** ECMA-48's "erase in page", and the cursor to its home. */
const CLEAR_SCREEN = '\x1b[2J\x1b[H';

export const textWriter = (stream: NodeJS.WriteStream, env: Environment): TextWriter => ({
  write: (text) => void stream.write(visibleText(text)),
  paint: (colour, text) => {
    const visible = visibleText(text);
    stream.write(stream.isTTY && hasColours(env) ? styleText(colour, visible, { validateStream: false }) : visible);
  },
  rewriteLine: (text) => {
    // A line longer than the terminal would wrap and could not be overwritten.
    stream.write(
      ERASE_LINE +
        visibleText(text)
          .replaceAll(/\s/g, ' ')
          .slice(0, Math.max(10, stream.columns - 2)),
    );
  },
  eraseLine: () => void stream.write(ERASE_LINE),
  clearScreen: () => void stream.write(CLEAR_SCREEN),
  get isTTY() {
    return stream.isTTY;
  },
  get columns() {
    return stream.columns > 0 ? stream.columns : 0;
  },
});

/** For what nobody is to read. */
export const silentWriter: TextWriter = {
  write: () => undefined,
  paint: () => undefined,
  rewriteLine: () => undefined,
  eraseLine: () => undefined,
  clearScreen: () => undefined,
  isTTY: false,
  columns: 0,
};
