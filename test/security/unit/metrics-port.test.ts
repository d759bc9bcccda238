import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { servePort } from '../../../src/agent/downward-metrics/port.js';
import { FakeClock } from '../../unit/kube/fake-clock.js';

/** What the kernel and Node hold of a socket that is not read: some hundred KiB, with room. */
const HELD = 2 * 1024 * 1024;

describe('a guest that floods its metrics port', () => {
  let directory: string;
  let server: Server;
  let guest: Socket;
  let served: Promise<void>;
  const ended = new AbortController();

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'port-'));
    server = createServer();
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    await new Promise<void>((resolve) => server.listen(join(directory, 's'), resolve));
    const ours = createConnection(join(directory, 's'));
    [guest] = await accepted;
    guest.on('error', () => undefined);
    served = servePort(ours, () => Promise.resolve('x\n'), new FakeClock(), ended.signal);
  });
  after(async () => {
    ended.abort();
    await served;
    guest.destroy();
    server.close();
    rmSync(directory, { recursive: true });
  });

  it('is read no faster than a request could need, whether or not it asks for anything', async () => {
    // No line ends in it, so nothing is answered and nothing waits for an answer.
    const rubbish = Buffer.alloc(65_536, 'x');
    let sent = 0;
    for (let turns = 0; turns < 3_000; turns += 1) {
      if (guest.writableLength < rubbish.length) {
        guest.write(rubbish);
        sent += rubbish.length;
      }
      await turn();
    }
    assert.ok(sent < HELD, `${sent} bytes were taken while no time went by`);
  });
});
