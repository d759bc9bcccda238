import { Transform, type Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A line of the kernel's log, as `[    1.523827] …`. */
const KERNEL = /^\[ *\d+\.\d+\] /;
/** What moves a cursor, asks a terminal or colours: noise where there is none. */
const ESCAPES = new RegExp(`${String.fromCharCode(27)}(?:\\[[0-?]*[ -/]*[@-~]|[@-Z\\\\-_])`, 'g');

/**
 * The guest's console as text for a log: without escape sequences, carriage returns, empty lines, and the kernel's log,
 * of which one line says that it was there.
 */
export const demoScreen = (to: Writable): Transform => {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let kernelLines = 0;
  const shown = (line: string): string => {
    const text = line.replaceAll(ESCAPES, '').replaceAll('\r', '').trimEnd();
    if (KERNEL.test(text)) {
      kernelLines += 1;
      return '';
    }
    if (text === '') return '';
    const booted = kernelLines === 0 ? '' : `(${kernelLines} lines of the kernel's log)\n`;
    kernelLines = 0;
    return `${booted}${text}\n`;
  };
  const screen = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const lines = `${rest}${decoder.write(chunk)}`.split('\n');
      rest = lines.pop() ?? '';
      done(null, lines.map(shown).join(''));
    },
    flush(done) {
      done(null, shown(rest));
    },
  });
  screen.pipe(to, { end: false });
  return screen;
};
