import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { clientFor } from '../../../../src/kube/client/connect.js';
import { proxyFor } from '../../../../src/kube/client/proxy.js';
import { useDirectory } from '../kubeconfig/kubeconfig-files.js';
import { selfSigned } from '../../../support/self-signed.js';

describe('proxy: whether one is asked', () => {
  const chosen = (server: string, env: object, proxyUrl?: string): string | undefined =>
    proxyFor(new URL(server), proxyUrl, env as Record<string, string>)?.href;
  const through = (server: string, noProxy: string): boolean =>
    chosen(server, { HTTPS_PROXY: 'http://p:3128', NO_PROXY: noProxy }) !== undefined;

  it('that of the scheme, in upper or lower case', () => {
    assert.equal(chosen('https://a', { HTTPS_PROXY: 'http://p:3128' }), 'http://p:3128/');
    assert.equal(chosen('https://a', { https_proxy: 'p:3128' }), 'http://p:3128/');
    assert.equal(chosen('http://a', { HTTPS_PROXY: 'http://p:3128' }), undefined);
    assert.equal(chosen('http://a', { http_proxy: 'http://h' }), 'http://h/');
    assert.equal(chosen('https://a', { HTTPS_PROXY: '' }), undefined);
  });

  it('the one that the kubeconfig names, whatever the environment says', () => {
    const env = { HTTPS_PROXY: 'http://p', NO_PROXY: '*' };
    assert.equal(chosen('https://localhost', env, 'https://q:8443'), 'https://q:8443/');
    assert.throws(() => chosen('https://a', {}, 'socks5://q'), /proxy "socks5:\/\/q" is not supported/);
  });

  it('never one for this machine', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]']) {
      assert.equal(through(`https://${host}:6443`, ''), false, host);
    }
  });

  const lists: [string, string, boolean][] = [
    // host, NO_PROXY, whether the proxy is asked
    ['api.example.com', '*', false],
    ['api.example.com', 'example.com', false],
    ['api.example.com', '.example.com', false],
    ['api.example.com', '*.example.com', false],
    ['example.com', '.example.com', true],
    ['example.com', ' x, Example.COM ', false],
    ['notexample.com', 'example.com', true],
    ['api.example.com:6443', 'example.com:6443', false],
    ['api.example.com:6443', 'example.com:443', true],
    ['api.example.com', 'example.com:443', false],
    ['10.96.0.1', '10.96.0.1', false],
    ['10.96.0.1', '10.0.0.0/8,192.168.0.0/16', false],
    ['11.96.0.1', '10.0.0.0/8', true],
    ['10.96.0.1', '10.0.0.0/33', true],
    ['10.96.0.1:6443', '10.96.0.1:6443', false],
    ['10.96.0.1', '0.1', true],
    ['[fd00::1]', 'fd00::/8', false],
    ['[fd00::1]:6443', '[fd00::1]:6443', false],
    ['[fe80::1]', 'fd00::/8', true],
    ['a', ',,', true],
  ];
  for (const [host, list, asked] of lists) {
    it(`NO_PROXY=${list}: ${host} ${asked ? 'through it' : 'directly'}`, () => {
      assert.equal(through(`https://${host}`, list), asked);
    });
  }
});

describe('proxy: requests through one', () => {
  const { write } = useDirectory();
  const sockets = new Set<Socket>();
  let api: Server;
  let proxy: Server;
  let asked: { authority: string; login: string | undefined }[];
  let refuse: number | 'silence' | undefined;
  const { cert, key } = selfSigned();

  const portOf = (server: Server): number => (server.address() as AddressInfo).port;
  const listening = (server: Server): Promise<Server> =>
    new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));

  before(async () => {
    api = await listening(createTlsServer({ cert, key }, (_request, response) => response.end('{"ok":true}')));
    proxy = createServer();
    proxy.on('connection', (socket) => sockets.add(socket));
    proxy.on('connect', (request, client) => {
      asked.push({ authority: request.url ?? '', login: request.headers['proxy-authorization'] });
      // Read from, so that its end is seen.
      if (refuse === 'silence') return void client.resume();
      if (refuse !== undefined) {
        client.end(`HTTP/1.1 ${refuse} No\r\nContent-Length: 2\r\n\r\nno`);
        return;
      }
      const server = connect(portOf(api), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connected\r\n\r\n');
        server.pipe(client).pipe(server);
      });
      for (const socket of [client, server]) socket.on('error', () => undefined);
    });
    await listening(proxy);
  });
  after(() => {
    api.close();
    api.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  beforeEach(() => {
    asked = [];
    refuse = undefined;
  });

  const client = (login = '') =>
    clientFor(
      {
        kubeconfig: write('config', {}),
        server: `https://127.0.0.1:${portOf(api)}`,
        'certificate-authority': write('ca.pem', cert),
        'proxy-url': `http://${login}127.0.0.1:${portOf(proxy)}`,
        token: 't',
      },
      { env: {} },
    );

  it('reach the server, whose certificate is checked, on one kept connection', async () => {
    const kube = await client('me:pass%20word@');
    assert.deepEqual(await kube.get('/x'), { ok: true });
    assert.deepEqual(await kube.get('/y'), { ok: true });
    const login = `Basic ${Buffer.from('me:pass word').toString('base64')}`;
    assert.deepEqual(asked, [{ authority: `127.0.0.1:${portOf(api)}`, login }]);
    kube.close();
  });

  it('do not reach one whose certificate is not trusted', async () => {
    const kube = await clientFor(
      {
        kubeconfig: write('config', {}),
        server: `https://127.0.0.1:${portOf(api)}`,
        'proxy-url': `http://127.0.0.1:${portOf(proxy)}`,
      },
      { env: {} },
    );
    await assert.rejects(kube.get('/x'), /certificate of .* is not trusted/);
    kube.close();
  });

  it('say that the proxy refused', async () => {
    refuse = 407;
    const kube = await client();
    await assert.rejects(kube.get('/x'), {
      name: 'ConnectionError',
      code: 'PROXY_REFUSED',
      message: /refused to connect to 127\.0\.0\.1:\d+: 407/,
    });
    kube.close();
  });

  it('end with the client when the proxy says nothing', async () => {
    refuse = 'silence';
    const kube = await client();
    const before = sockets.size;
    await assert.rejects(kube.get('/x', { timeoutMs: 50 }), { code: 'TIMEOUT' });
    const [waiting] = [...sockets].slice(before);
    const ended = new Promise((resolve) => waiting!.once('end', resolve));
    kube.close();
    await ended;
  });

  it('end by their signal while the proxy says nothing', async () => {
    refuse = 'silence';
    const kube = await client();
    const stop = new AbortController();
    const request = kube.get('/x', { signal: stop.signal });
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await assert.rejects(request, { name: 'AbortError' });
    kube.close();
  });
});
