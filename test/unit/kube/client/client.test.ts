import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApiError,
  ConnectionError,
  isAlreadyExists,
  isConflict,
  isGone,
  isNotFound,
} from '../../../../src/kube/client/api-error.js';
import { KubeClient, withQuery } from '../../../../src/kube/client/client.js';
import { EntryCredentials } from '../../../../src/kube/kubeconfig/credentials.js';
import { loadKubeconfig } from '../../../../src/kube/kubeconfig/kubeconfig.js';
import { Transport } from '../../../../src/kube/client/transport.js';
import { LineSplitter, WatchProtocolError } from '../../../../src/kube/watch/watch.js';
import { FakeClock } from '../fake-clock.js';

interface Seen {
  method?: string;
  url?: string;
  headers: IncomingMessage['headers'];
  rawHeaders: string[];
  body: string;
}

describe('client', () => {
  let server: Server;
  let url: string;
  let seen: Seen[];
  let directory: string;
  let answer: (request: Seen, response: ServerResponse) => void;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'kube-client-'));
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method, url: path, headers, rawHeaders } = request;
        const one = { method, url: path, headers, rawHeaders, body };
        seen.push(one);
        answer(one, response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true });
  });
  beforeEach(() => {
    seen = [];
    answer = (_request, response) => response.end('{"ok":true}');
  });

  const kubeconfig = (user: object, cluster: object = {}): string => {
    const file = join(directory, 'config');
    const content = {
      clusters: [{ name: 'c', cluster: { server: url, ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
      'current-context': 'x',
    };
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  const client = (user: object = {}): Promise<KubeClient> => KubeClient.fromDefault({ kubeconfig: kubeconfig(user) });
  const status = (code: number, reason: string, more: object = {}): string =>
    JSON.stringify({ kind: 'Status', status: 'Failure', code, reason, message: `it is ${reason}`, ...more });

  it('sends bodies, queries and the right content type for every patch', async () => {
    const api = await client();
    assert.equal(api.namespace, 'shop');
    await api.create('/things', { a: 1 }, { query: { dryRun: 'All', none: undefined } });
    await api.patch('/things/x', [{ op: 'remove', path: '/a' }], 'json');
    await api.patch('/things/x', { a: null }, 'merge');
    await api.patch('/things/x', {}, 'strategic');
    await api.patch('/things/x', {}, 'apply');
    await api.delete('/things/x', { gracePeriodSeconds: 0, uid: 'u1' });
    assert.deepEqual(
      seen.map(({ method, url: path, headers }) => `${method} ${path} ${headers['content-type']}`),
      [
        'POST /things?dryRun=All application/json',
        'PATCH /things/x application/json-patch+json',
        'PATCH /things/x application/merge-patch+json',
        'PATCH /things/x application/strategic-merge-patch+json',
        'PATCH /things/x application/apply-patch+yaml',
        'DELETE /things/x application/json',
      ],
    );
    assert.deepEqual(JSON.parse(seen[5]!.body), {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      preconditions: { uid: 'u1' },
    });
  });

  it('throws what the API server says, typed', async () => {
    const api = await client();
    const cases = [
      [404, 'NotFound', isNotFound],
      [409, 'AlreadyExists', isAlreadyExists],
      [409, 'Conflict', isConflict],
      [410, 'Expired', isGone],
    ] as const;
    for (const [code, reason, is] of cases) {
      answer = (_request, response) =>
        response
          .writeHead(code, { 'content-type': 'application/json' })
          .end(status(code, reason, { details: { name: 'x' } }));
      const error: unknown = await api.get('/x').catch((thrown: unknown) => thrown);
      assert.ok(error instanceof ApiError && is(error));
      assert.equal(error.message, `it is ${reason}`);
      assert.equal(error.details?.name, 'x');
    }
    assert.equal(isConflict(new ApiError({ code: 409, reason: 'AlreadyExists' })), false);
  });

  it('makes an error of an answer that is no Status', async () => {
    const api = await client();
    answer = (_request, response) => response.writeHead(502).end('<html>bad gateway</html>');
    await assert.rejects(api.get('/x'), { name: 'ApiError', code: 502, message: '<html>bad gateway</html>' });
    answer = (_request, response) => response.writeHead(500).end();
    await assert.rejects(api.get('/x'), { code: 500, message: 'the API server answered 500' });
    answer = (_request, response) => response.end('{"half":');
    await assert.rejects(api.get('/x'), { name: 'ConnectionError', code: 'NOT_JSON' });
    answer = (_request, response) => response.writeHead(202).end();
    assert.equal(await api.update('/x', {}), undefined);
  });

  it('waits as long as a 429 says, then asks again; and gives up in the end', async () => {
    const clock = new FakeClock();
    const entry = loadKubeconfig({ kubeconfig: kubeconfig({}) });
    const api = new KubeClient(new Transport(url, new EntryCredentials(entry, {}, clock)), { clock });
    let busy = 2;
    answer = (_request, response) =>
      busy-- > 0
        ? response.writeHead(429, { 'retry-after': '7' }).end(status(429, 'TooManyRequests'))
        : response.end('{"ok":true}');
    const asked = api.create<{ ok: boolean }>('/x', { a: 1 });
    for (const count of [1, 2]) {
      while (clock.waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(seen.length, count);
      assert.deepEqual(clock.waiting, [7_000]);
      await clock.advance(7_000);
    }
    assert.deepEqual(await asked, { ok: true });
    busy = 1_000;
    const hopeless = api.get('/x').catch((error: unknown) => error);
    for (let count = 0; count < 10; count += 1) {
      while (clock.waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.advance(7_000);
    }
    const error = await hopeless;
    assert.ok(error instanceof ApiError);
    assert.equal(error.code, 429);
    assert.equal(error.retryAfter, 7);
  });

  it('gives up after its time, and says so', async () => {
    const api = await client();
    answer = () => undefined;
    await assert.rejects(api.get('/x', { timeoutMs: 50 }), { name: 'ConnectionError', code: 'TIMEOUT' });
    answer = (_request, response) => response.write('{"half"');
    await assert.rejects(api.get('/x', { timeoutMs: 50 }), { name: 'ConnectionError', code: 'TIMEOUT' });
    const refused = await KubeClient.fromDefault({ kubeconfig: kubeconfig({}), server: 'http://127.0.0.1:1' });
    await assert.rejects(refused.get('/x'), {
      name: 'ConnectionError',
      code: 'ECONNREFUSED',
      message: /127\.0\.0\.1:1/,
    });
  });

  it('sends tokens, passwords and impersonation with every group as its own header', async () => {
    await (await client({ token: 't0' })).get('/x');
    await (await client({ username: 'me', password: 'pw' })).get('/x');
    await (
      await client({ as: 'her', 'as-groups': ['a', 'b'], 'as-uid': '7', 'as-user-extra': { 'k/e': ['v'] } })
    ).get('/x');
    const asked = await KubeClient.fromDefault({
      kubeconfig: kubeconfig({ as: 'her', 'as-groups': ['a'] }),
      impersonate: { user: 'him', groups: ['c'] },
    });
    await asked.get('/x');
    assert.equal(seen[0]!.headers.authorization, 'Bearer t0');
    assert.equal(seen[1]!.headers.authorization, `Basic ${Buffer.from('me:pw').toString('base64')}`);
    const raw = (index: number): string[] =>
      seen[index]!.rawHeaders.flatMap((name, at, all) =>
        at % 2 === 0 && name.startsWith('Impersonate') ? [`${name}=${all[at + 1]}`] : [],
      );
    assert.deepEqual(raw(2), [
      'Impersonate-User=her',
      'Impersonate-Group=a',
      'Impersonate-Group=b',
      'Impersonate-Uid=7',
      'Impersonate-Extra-k%2Fe=v',
    ]);
    assert.deepEqual(raw(3), ['Impersonate-User=him', 'Impersonate-Group=c']);
  });

  it('reads a token file again after a minute, and at once after a 401', async () => {
    const clock = new FakeClock();
    const file = join(directory, 'token');
    writeFileSync(file, 'one\n');
    const entry = loadKubeconfig({ kubeconfig: kubeconfig({ tokenFile: 'token' }) });
    const api = new KubeClient(new Transport(url, new EntryCredentials(entry, {}, clock)), { clock });
    const bearers = (): (string | undefined)[] => seen.map(({ headers }) => headers.authorization);
    await api.get('/x');
    writeFileSync(file, 'two');
    await api.get('/x');
    await clock.advance(61_000);
    await api.get('/x');
    assert.deepEqual(bearers(), ['Bearer one', 'Bearer one', 'Bearer two']);
    writeFileSync(file, 'three');
    answer = ({ headers }, response) =>
      headers.authorization === 'Bearer three'
        ? response.end('{}')
        : response.writeHead(401).end(status(401, 'Unauthorized'));
    await api.get('/x');
    assert.deepEqual(bearers().slice(3), ['Bearer two', 'Bearer three']);
  });

  it('runs a credential plugin, again when its token has expired', async () => {
    const clock = new FakeClock();
    const plugin = join(directory, 'plugin');
    const until = new Date(clock.now() + 3_600_000).toISOString();
    writeFileSync(
      plugin,
      `#!/bin/sh\necho x >> ${directory}/runs\necho '{"status":{"token":"from-'"$1"'","expirationTimestamp":"${until}"}}'\n`,
    );
    chmodSync(plugin, 0o755);
    const runs = async (): Promise<number> =>
      (await import('node:fs')).readFileSync(join(directory, 'runs'), 'utf8').length / 2;
    const entry = loadKubeconfig({ kubeconfig: kubeconfig({ exec: { command: plugin, args: ['arg'] } }) });
    const credentials = new EntryCredentials(entry, {}, clock);
    assert.deepEqual((await credentials.resolve()).headers, { authorization: 'Bearer from-arg' });
    await credentials.resolve();
    assert.equal(await runs(), 1);
    await clock.advance(3_700_000);
    await credentials.resolve();
    assert.equal(await runs(), 2);
    const missing = loadKubeconfig({
      kubeconfig: kubeconfig({ exec: { command: '/no/such', installHint: 'get it' } }),
    });
    await assert.rejects(new EntryCredentials(missing).resolve(), /\/no\/such cannot run.*get it/);
    const failing = loadKubeconfig({ kubeconfig: kubeconfig({ exec: { command: 'false' } }) });
    await assert.rejects(new EntryCredentials(failing).resolve(), /exit code 1/);
    const silent = loadKubeconfig({ kubeconfig: kubeconfig({ exec: { command: 'true' } }) });
    await assert.rejects(new EntryCredentials(silent).resolve(), /not usable/);
  });

  it('opens WebSockets at the same server with the same credentials', async () => {
    const { url: socket, headers } = await (await client({ token: 't' })).socketOptions('/apis/x/console?a=b');
    assert.equal(socket.href, `${url.replace('http', 'ws')}/apis/x/console?a=b`);
    assert.equal(headers.authorization, 'Bearer t');
  });

  describe('watch', () => {
    const collect = async (api: KubeClient, inactivityMs = 2_000): Promise<string[]> => {
      const got: string[] = [];
      try {
        for await (const { type, object } of api.watch<{ metadata: { name: string } }>('/w', { inactivityMs })) {
          got.push(`${type} ${object.metadata.name}`);
        }
        got.push('end');
      } catch (error) {
        got.push(error instanceof ApiError ? `ApiError ${error.code}` : (error as Error).name);
        if (error instanceof ConnectionError) got.push(error.code);
      }
      return got;
    };
    const line = (type: string, name: string): string =>
      `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;

    it('gives whole events, however the bytes are cut', async () => {
      const bytes = Buffer.from(line('ADDED', 'ä€😀') + line('MODIFIED', 'b') + line('DELETED', 'c'));
      for (const size of [1, 2, 3, 7, 1000]) {
        answer = (_request, response) => {
          for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
          response.end();
        };
        assert.deepEqual(await collect(await client()), ['ADDED ä€😀', 'MODIFIED b', 'DELETED c', 'end']);
      }
      assert.equal(seen[0]!.url, '/w?watch=true');
    });

    it('throws the server’s error, garbage, unknown types, a cut and a silence', async () => {
      const cases: [(response: ServerResponse) => void, string[]][] = [
        [
          (r) => r.end(`${JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })}\n`),
          ['ApiError 410'],
        ],
        [(r) => r.end(`${line('ADDED', 'a')}{"type":"ADD\n`), ['ADDED a', 'WatchProtocolError']],
        [(r) => r.end('[1]\n'), ['WatchProtocolError']],
        [(r) => r.end(line('EXPLODED', 'a')), ['WatchProtocolError']],
        [(r) => r.write(line('ADDED', 'a'), () => r.destroy()), ['ADDED a', 'ConnectionError', 'ECONNRESET']],
        [(r) => r.write(line('ADDED', 'a')), ['ADDED a', 'ConnectionError', 'INACTIVE']],
      ];
      for (const [act, expected] of cases) {
        answer = (_request, response) => act(response);
        assert.deepEqual(await collect(await client(), 100), expected);
      }
    });

    it('refuses a line without end', () => {
      const lines = new LineSplitter();
      const megabyte = Buffer.alloc(1024 * 1024, 'a');
      assert.throws(() => {
        for (let count = 0; count < 40; count += 1) lines.push(megabyte);
      }, WatchProtocolError);
    });
  });

  it('appends queries to paths that have one', () => {
    assert.equal(withQuery('/a?b=c', { d: 'e f', g: true }), '/a?b=c&d=e+f&g=true');
    assert.equal(withQuery('/a', undefined), '/a');
  });
});
