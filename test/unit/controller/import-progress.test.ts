import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importProgress } from '../../../src/controller/data-volumes/progress.js';
import type { Pod } from '../../../src/kube/types.js';

describe('what an importer says about its progress', () => {
  let server: Server;
  let answer: (response: ServerResponse) => void;
  let port: number;
  before(async () => {
    server = createServer((_request, response) => answer(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const pod = (state: object = { running: {} }): Pod => ({
    status: { podIP: '127.0.0.1', containerStatuses: [{ name: 'importer', state }] },
  });
  const says = (text: string, status = 200) => {
    answer = (response) => void response.writeHead(status).end(text);
    return importProgress(pod(), port);
  };

  it('is believed as a number of percent, and never as the end', async () => {
    assert.equal(await says('41.25\n'), 41.25);
    assert.equal(await says('100.00\n'), 99.99);
  });

  it('is nothing when it is anything else', async () => {
    for (const text of ['', 'x', '-1', '1e3', '1.234', '41.25\n41.25', '<script>'.repeat(10_000)])
      assert.equal(await says(text), undefined, text.slice(0, 20));
    assert.equal(await says('41.25', 404), undefined);
    answer = (response) => response.destroy();
    assert.equal(await importProgress(pod(), port), undefined);
    assert.equal(await importProgress(pod({ waiting: {} }), port), undefined, 'one that does not run is not asked');
  });

  it('does not follow it elsewhere', async () => {
    answer = (response) => void response.writeHead(302, { location: `http://127.0.0.1:${port}/other` }).end('50');
    assert.equal(await importProgress(pod(), port), undefined);
  });
});
