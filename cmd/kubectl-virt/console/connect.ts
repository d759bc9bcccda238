import { WebSocket } from 'ws';
import { MAX_MESSAGE_BYTES, noMask, STREAM_PROTOCOL } from '../../../src/agent-api/stream.js';
import type { ApiClient } from '../client/client.js';
import { statusError } from '../client/status.js';

const HANDSHAKE_MS = 10_000;

/**
 * Opens the WebSocket. Messages that arrive before the caller listens are not lost: the socket is paused on open.
 * @throws ApiStatusError with the server's Status when it refuses; CliError when it cannot be reached
 */
export const openWebSocket = async (
  client: ApiClient,
  path: string,
  protocols: readonly string[] = [STREAM_PROTOCOL],
): Promise<WebSocket> => {
  const { url, headers, agent } = await client.upgradeSettings(path);
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [...protocols], {
      agent,
      headers,
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      ...(/^(https|wss):/.test(url) ? { generateMask: noMask } : {}),
    });
    socket.once('open', () => {
      socket.pause();
      resolve(socket);
    });
    socket.once('error', (error) => reject(client.explain(error)));
    socket.once('unexpected-response', (request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        reject(statusError(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8')));
        request.destroy();
      });
      response.on('error', reject);
    });
  });
};
