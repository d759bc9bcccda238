import { close, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { Limiter } from '../vm/limiter.js';

/** These files are a few hundred bytes, but for a process of many groups; what is longer is cut off. */
const MAX_BYTES = 64 * 1024;
/** As many as Node has threads for files; more would only wait. */
const READERS = 4;

const [openFile, closeFile] = [promisify(open), promisify(close)];
const readers = new Limiter(READERS);
const buffers: Buffer[] = [];

/**
 * The text of a small file of /proc; empty where there is none: a process may end while we look. A few buffers serve
 * all reads. `readFile` takes 64 KiB for each file whose size it does not know, which is every one of /proc: a look at
 * all processes of a node took a hundred MiB and left glibc's heap in pieces.
 */
export const procText = (path: string): Promise<string> =>
  readers.run(async () => {
    const buffer = buffers.pop() ?? Buffer.alloc(MAX_BYTES);
    try {
      return await textOf(path, buffer);
    } catch {
      return '';
    } finally {
      buffers.push(buffer);
    }
  });

const textOf = async (path: string, buffer: Buffer): Promise<string> => {
  const descriptor = await openFile(path, 'r');
  try {
    let length = 0;
    while (length < MAX_BYTES) {
      const count = await readInto(descriptor, buffer, length);
      if (count === 0) break;
      length += count;
    }
    return buffer.toString('utf8', 0, length);
  } finally {
    await closeFile(descriptor);
  }
};

/** Not by `promisify`, whose result is an object with the buffer for each read. */
const readInto = (descriptor: number, buffer: Buffer, offset: number): Promise<number> =>
  new Promise((resolve, reject) => {
    read(descriptor, buffer, offset, buffer.length - offset, null, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
