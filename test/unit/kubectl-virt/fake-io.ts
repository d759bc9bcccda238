import { PassThrough } from 'node:stream';
import type { Io } from '../../../cmd/kubectl-virt/io.js';
import { textWriter } from '../../../cmd/kubectl-virt/text-writer.js';

export interface FakeIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
  /** What raw mode the terminal is in; meaningful with `tty`. */
  readonly rawModes: boolean[];
  /** Acts on the first thing that is said on stderr. */
  readonly onError: (act: () => void) => void;
}

/** Streams that a test fills and reads. */
export const fakeIo = (
  options: { env?: Record<string, string>; stdin?: string; tty?: boolean; columns?: number } = {},
): FakeIo => {
  const env = { HOME: '/nonexistent', ...options.env };
  // Of what is printed; `tty` is what is typed at.
  const screen = options.columns === undefined ? {} : { isTTY: true, columns: options.columns };
  const collect = (): { stream: PassThrough; text: () => string } => {
    const stream = new PassThrough();
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return { stream, text: () => text };
  };
  const stdout = collect();
  const stderr = collect();
  const stdin = new PassThrough();
  if (options.stdin !== undefined) stdin.end(options.stdin);
  const rawModes: boolean[] = [];
  const tty = options.tty === true ? { isTTY: true, setRawMode: (mode: boolean) => rawModes.push(mode) } : {};
  return {
    stdin: Object.assign(stdin, tty) as unknown as NodeJS.ReadStream,
    stdout: textWriter(Object.assign(stdout.stream, screen) as unknown as NodeJS.WriteStream, env),
    stderr: textWriter(Object.assign(stderr.stream, screen) as unknown as NodeJS.WriteStream, env),
    guestScreen: stdout.stream,
    env,
    program: 'kubectl virt',
    out: stdout.text,
    err: stderr.text,
    rawModes,
    onError: (act) => void stderr.stream.once('data', act),
  };
};
