import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { ApiError, ConnectionError } from '../client/api-error.js';
import type { Status } from '../types.js';

export interface WatchEvent<T> {
  /** A BOOKMARK's object has only a resource version. */
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}

export interface WatchOptions {
  query?: Record<string, string | number | boolean | undefined>;
  signal?: AbortSignal | undefined;
  /** How long nothing at all may come before the connection counts as dead. Milliseconds. */
  inactivityMs: number;
  /** The same once the server has shown that it sends bookmarks (one a minute). Milliseconds. */
  inactivityAfterBookmarkMs?: number | undefined;
  /** How long the head of the answer may take. Milliseconds. */
  headTimeoutMs?: number | undefined;
}

/** A line that is no watch event. The stream cannot be trusted any more; the events before the line were good. */
export class WatchProtocolError extends Error {
  override readonly name = 'WatchProtocolError';
}

/** etcd's own limit for an object is 1.5 MiB; a line of this size is not a watch event. */
const MAX_LINE = 32 * 1024 * 1024;

/** The events of a watch response: newline-separated JSON. Public for tests. */
export async function* readWatch<T>(
  response: IncomingMessage,
  options: WatchOptions,
  explain: (error: unknown) => Error,
): AsyncGenerator<WatchEvent<T>> {
  const lines = new LineSplitter();
  const silence = (milliseconds: number): void => {
    response.setTimeout(milliseconds, () => {
      response.destroy(new ConnectionError('INACTIVE', `the watch was silent for ${milliseconds / 1000} s`));
    });
  };
  silence(options.inactivityMs);
  let hurried = options.inactivityAfterBookmarkMs === undefined;
  try {
    for await (const chunk of response) {
      for (const line of lines.push(chunk as Buffer)) {
        const event = decode<T>(line);
        if (event.type === 'BOOKMARK' && !hurried) {
          hurried = true;
          response.removeAllListeners('timeout');
          silence(options.inactivityAfterBookmarkMs ?? options.inactivityMs);
        }
        yield event;
      }
    }
  } catch (error) {
    if (error instanceof ApiError || error instanceof WatchProtocolError) throw error;
    throw explain(error);
  }
  // A server that dies in the middle of a line ends the stream; half an event is no event.
  if (!response.complete) throw new ConnectionError('CUT', 'the watch was cut off');
}

const decode = <T>(line: string): WatchEvent<T> => {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (error) {
    throw new WatchProtocolError(`the watch sent a line that is not JSON: ${line.slice(0, 80)}`, { cause: error });
  }
  if (typeof event !== 'object' || event === null || !('type' in event) || !('object' in event)) {
    throw new WatchProtocolError(`the watch sent JSON that is no event: ${line.slice(0, 80)}`);
  }
  if (event.type === 'ERROR') throw new ApiError(event.object as Status);
  if (!['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'].includes(event.type as string)) {
    throw new WatchProtocolError(`the watch sent an event of unknown type: ${line.slice(0, 80)}`);
  }
  return event as WatchEvent<T>;
};

/** Chunks in, whole lines out. Pieces of a long line are kept apart until it is whole, so its cost stays linear. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private pieces: string[] = [];
  private size = 0;

  push(chunk: Buffer): string[] {
    const parts = this.decoder.write(chunk).split('\n');
    const rest = parts.pop() ?? '';
    const lines: string[] = [];
    for (const part of parts) {
      this.pieces.push(part);
      const line = this.pieces.join('').trim();
      this.pieces = [];
      this.size = 0;
      if (line !== '') lines.push(line);
    }
    this.size += rest.length;
    if (this.size > MAX_LINE) throw new WatchProtocolError(`the watch sent a line of more than ${MAX_LINE} bytes`);
    if (rest !== '') this.pieces.push(rest);
    return lines;
  }
}
