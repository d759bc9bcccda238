/** A file of an archive. */
export interface TarFile {
  readonly name: string;
  readonly content: Buffer;
}

const BLOCK = 512;
/** Of a name, in the format's first form. */
const MAX_NAME = 100;

const padded = (content: Buffer): Buffer =>
  content.length % BLOCK === 0 ? content : Buffer.concat([content, Buffer.alloc(BLOCK - (content.length % BLOCK))]);

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;

/** A header of POSIX ustar: pax(1), "ustar Interchange Format". */
const header = ({ name, content }: TarFile, seconds: number): Buffer => {
  const block = Buffer.alloc(BLOCK);
  block.write(name.slice(0, MAX_NAME), 0, 'utf8');
  // Read by its owner alone.
  block.write(octal(0o600, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(content.length, 12), 124);
  block.write(octal(seconds, 12), 136);
  // The checksum counts itself as blanks.
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\0', 257);
  block.write('00', 263);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
};

/** The archive; it ends with two empty blocks. @param now milliseconds */
export const tar = (files: readonly TarFile[], now: number): Buffer =>
  Buffer.concat([
    ...files.flatMap((file) => [header(file, Math.floor(now / 1000)), padded(file.content)]),
    Buffer.alloc(2 * BLOCK),
  ]);
