import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { CliError, ExitCode, messageOf } from '../errors.js';
import type { Io } from '../io.js';

export const STDIN = '<stdin>';

/** All manifests of a large cluster are smaller; what is not might never end. */
const MAX_BYTES = 64 * 1024 * 1024;

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const unreadable = (path: string, error: unknown): CliError =>
  new CliError(`cannot read ${path}: ${isMissing(error) ? 'no such file or directory' : messageOf(error)}`, {
    remedy: 'Name an existing file or directory, or - for stdin.',
    exitCode: ExitCode.usage,
    cause: error,
  });

/** A directory stands for the manifests below it, in the order of their names. */
export const expandPath = (path: string): string[] => {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, error);
  }
};

const collect = async (file: string, stream: Readable): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    const bytes = Buffer.from(part as string | Uint8Array);
    size += bytes.length;
    if (size > MAX_BYTES) {
      stream.destroy();
      throw new CliError(`${file} is larger than ${MAX_BYTES / 1024 / 1024} MiB, which no manifests are`, {
        remedy: 'Name files that hold manifests.',
        exitCode: ExitCode.usage,
      });
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts);
};

/** Windows editors write UTF-16 with a mark in front, which kubectl reads too. */
const decode = (bytes: Buffer): string => {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return bytes.toString('utf16le');
  if (first === 0xfe && second === 0xff && bytes.length % 2 === 0)
    return Buffer.from(bytes).swap16().toString('utf16le');
  return bytes.toString('utf8');
};

/** @throws CliError (exit code 2) for what cannot be read */
export const readText = async (io: Io, file: string): Promise<string> => {
  try {
    return decode(await collect(file, file === STDIN ? io.stdin : createReadStream(file)));
  } catch (error) {
    throw error instanceof CliError ? error : unreadable(file, error);
  }
};
