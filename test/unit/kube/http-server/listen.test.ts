import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { listen, parseListen } from '../../../../src/kube/http-server/listen.js';

describe('where a server listens', () => {
  it('is written as people write addresses', () => {
    assert.deepEqual(parseListen('127.0.0.1:80'), { host: '127.0.0.1', port: 80 });
    assert.deepEqual(parseListen('[::1]:80'), { host: '::1', port: 80 });
    assert.deepEqual(parseListen(':80'), { host: undefined, port: 80 });
    assert.deepEqual(parseListen('80'), { host: undefined, port: 80 });
    for (const bad of ['', 'x', 'host:', ':99999', 'a:b']) assert.throws(() => parseListen(bad), /write HOST:PORT/);
  });

  it('is told when it is free, and why not when it is taken', async () => {
    const first = createServer();
    const port = await listen(first, { host: '127.0.0.1', port: 0 });
    assert.ok(port > 0);
    await assert.rejects(listen(createServer(), { host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
    first.close();
  });
});
