import type { IncomingMessage } from 'node:http';

/** A body as text; undefined for one of more bytes than that, of which the rest is not read. */
export const readBody = async (request: IncomingMessage, most: number): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};
