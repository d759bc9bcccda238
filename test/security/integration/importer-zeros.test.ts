import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ImporterRun, MIB } from '../../integration/importer/importer-run.js';

/**
 * Zeros are never written to a disk, so no limit on a file's size stops whoever sends them without end: an importer
 * that counted on it would run for ever.
 */
describe('an importer that is sent zeros without end', function () {
  this.timeout(300_000);
  let server: Server;
  let run: ImporterRun;
  let sent = 0;

  const serve = async (): Promise<string> => {
    server = createServer((_request, response) => {
      const zeros = Buffer.alloc(MIB);
      const pump = (): void => {
        while (!response.destroyed) {
          sent += MIB;
          if (!response.write(zeros)) {
            response.once('drain', pump);
            return;
          }
        }
      };
      response.on('error', () => undefined);
      pump();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/disk.raw`;
  };

  beforeEach(() => {
    sent = 0;
    run = new ImporterRun();
  });
  afterEach(() => {
    run.remove();
    server.closeAllConnections();
    server.close();
  });

  it('ends when they are more than the disk may have', async () => {
    const code = await run.to({ IMPORT_URL: await serve(), IMPORT_SIZE: String(MIB), IMPORT_MAX: String(MIB) });
    assert.equal(code, 3, run.log);
    assert.match(run.message, /could not be written/);
    // The disk, 64 MiB of room for what formats add, and what lies in pipes and sockets.
    assert.ok(sent < 512 * MIB, `${sent / MIB} MiB were sent`);
  });
});
