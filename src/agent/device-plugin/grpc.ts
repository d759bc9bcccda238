import {
  connect,
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { createConnection } from 'node:net';

/**
 * As much of gRPC as kubelet's device plugin API needs: unary calls to a unix socket, and a server of unary and
 * server-streaming methods. Source: grpc's PROTOCOL-HTTP2.md.
 */

/** gRPC's status codes in use here. */
const OK = '0';
const INTERNAL = '13';
const UNIMPLEMENTED = '12';
/** Compression flag and length. */
const PREFIX_BYTES = 5;
const CALL_TIMEOUT_MS = 10_000;
/** kubelet's messages are a few kilobytes; gRPC's own default limit is 4 MiB. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

export const frame = (message: Buffer): Buffer => {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
};

/** The one message of a unary call. @throws Error when it is compressed or not whole */
const unframe = (data: Buffer): Buffer => {
  if (data.length < PREFIX_BYTES || data[0] !== 0 || data.readUInt32BE(1) !== data.length - PREFIX_BYTES)
    throw new Error('this is not one whole uncompressed gRPC message');
  return data.subarray(PREFIX_BYTES);
};

const readAll = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_MESSAGE_BYTES) throw new Error(`a gRPC message is longer than ${MAX_MESSAGE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** Calls a unary method of the server behind a unix socket. @throws Error with the server's message */
export const call = async (socketPath: string, method: string, message: Buffer): Promise<Buffer> => {
  const session = connect('http://localhost', { createConnection: () => createConnection(socketPath) });
  const broken = new Promise<never>((_, reject) => session.once('error', reject));
  try {
    return await Promise.race([broken, exchange()]);
  } finally {
    session.destroy();
  }

  async function exchange(): Promise<Buffer> {
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.setTimeout(CALL_TIMEOUT_MS, () => stream.destroy(new Error(`${method} was not answered in time`)));
    let status: string | undefined;
    let text = '';
    const note = (headers: IncomingHttpHeaders): void => {
      const { 'grpc-status': code, 'grpc-message': message } = headers;
      if (typeof code !== 'string') return;
      status = code;
      text = typeof message === 'string' ? decodeURIComponent(message) : '';
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.end(frame(message));
    const data = await readAll(stream as AsyncIterable<Buffer>);
    if (status !== OK) throw new Error(`${method} failed (gRPC status ${status ?? 'missing'}): ${text}`);
    return unframe(data);
  }
};

/** A method: answers once and ends, or keeps the stream. */
export type Method =
  | { readonly unary: (request: Buffer) => Buffer }
  | { readonly stream: (request: Buffer, send: (message: Buffer) => void) => void };

/** A gRPC server of these methods, by path (`/package.Service/Method`); the caller lets it listen. */
export const grpcServer = (methods: Readonly<Record<string, Method>>): Http2Server => {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    stream.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    void serve(stream, methods[String(headers[':path'])]);
  });
  return server;
};

const serve = async (stream: ServerHttp2Stream, method: Method | undefined): Promise<void> => {
  try {
    const request = unframe(await readAll(stream as AsyncIterable<Buffer>));
    if (method === undefined) {
      stream.respond({ 'content-type': 'application/grpc', 'grpc-status': UNIMPLEMENTED }, { endStream: true });
      return;
    }
    const answer = 'unary' in method ? method.unary(request) : undefined;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': OK }));
    if (answer !== undefined) stream.end(frame(answer));
    else if ('stream' in method)
      method.stream(request, (message) => {
        if (stream.writable) stream.write(frame(message));
      });
  } catch (error) {
    if (stream.headersSent) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else
      stream.respond(
        {
          'content-type': 'application/grpc',
          'grpc-status': INTERNAL,
          'grpc-message': encodeURIComponent((error as Error).message),
        },
        { endStream: true },
      );
  }
};
