import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerFromAgent, boundCall } from '../../../../src/webhook/subresources/agent-client.js';

describe('attack: an agent of a stolen node sends its answer byte by byte, for ever', () => {
  let server: Server;
  before(async () => {
    server = createServer((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 10);
      response.once('close', () => clearInterval(drip));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const call = (ms: number, given?: AbortSignal): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const asked = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }, (response) => {
        answerFromAgent(response).then(resolve, reject);
      });
      boundCall(asked, ms, given);
      asked.on('error', reject);
      asked.end();
    });

  it('has a time for the whole of it', async () => {
    await assert.rejects(call(100), /no whole answer within 0.1 s/);
  });

  it('ends when nobody waits any more', async () => {
    const given = new AbortController();
    setTimeout(() => given.abort(), 100);
    await assert.rejects(call(10_000, given.signal), /nobody waits/);
    await assert.rejects(call(10_000, given.signal), /nobody waits/);
  });
});
