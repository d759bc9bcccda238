import type { WebSocket } from 'ws';
import { HALF_CLOSE_PROTOCOL, writeGuestPort, type GuestPort } from '../../../src/agent-api/forward.js';
import { STREAM_PROTOCOL } from '../../../src/agent-api/stream.js';
import type { ApiClient } from '../client/client.js';
import { openWebSocket } from '../console/connect.js';
import { subresourcePath } from '../paths.js';
import type { Target } from '../target.js';

/** Opens a connection to a port of a guest, paused. @throws CliError */
export type OpenPort = (port: GuestPort) => Promise<WebSocket>;

export const portOpener =
  (client: ApiClient, { kind = 'vmi', name }: Target): OpenPort =>
  (port) =>
    openWebSocket(client, subresourcePath(kind, client.namespace, name, `portforward/${writeGuestPort(port)}`), [
      HALF_CLOSE_PROTOCOL,
      STREAM_PROTOCOL,
    ]);

/** Whether each direction of it ends by itself. */
export const endsInHalves = ({ protocol }: WebSocket): boolean => protocol === HALF_CLOSE_PROTOCOL;
