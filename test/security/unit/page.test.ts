import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { connect } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { buildPrograms } from '../../support/built-program.js';
import { fakeIo } from '../../unit/kubectl-virt/fake-io.js';
import { fakeCluster, vm, vmi, type FakeCluster } from '../../unit/kubectl-virt/ui/fake-cluster.js';
import { logIn, send, type Login, type Sent } from '../../unit/kubectl-virt/ui/login.js';
import { serveUi, type Served } from '../../unit/kubectl-virt/ui/served.js';

/*
 * The server of `kubectl virt ui` acts with a user's kubeconfig, and every user of the machine and every page in the
 * user's browser can reach its port.
 */

const root = join(import.meta.dirname, '../../..');
const STOP = JSON.stringify({ namespace: 'prod', name: 'web', action: 'stop' });

describe('the page of kubectl virt ui', function () {
  this.timeout(120_000);
  let cluster: FakeCluster;
  let served: Served;
  let login: Login;
  let own: Readonly<Record<string, string>>;

  before(async () => {
    buildPrograms('kubectl-virt');
    cluster = await fakeCluster();
    cluster.put('virtualmachines', vm('prod', 'web', { status: { printableStatus: 'Running' } }));
    cluster.put('virtualmachineinstances', vmi('prod', 'web'));
    served = await serveUi([...cluster.flags, '--token', 'the-users-own-token']);
    login = await logIn(served.link);
    own = { cookie: login.cookie, origin: served.link.origin, 'content-type': 'application/json' };
  });
  after(async () => {
    await served.stop();
    await cluster.close();
  });

  const post = (path: string, headers: Readonly<Record<string, string>>, body = STOP) =>
    send(served.link, `${login.root}${path}`, { method: 'POST', headers, body });

  /** The answer to an upgrade: 101, or the code of the refusal. */
  const upgrade = (path: string, headers: Readonly<Record<string, string>>): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://${served.link.host}${path}`, { headers });
      socket.on('open', () => {
        socket.terminate();
        resolve(101);
      });
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.on('error', () => undefined);
    });

  it('lets in whoever has the link, once, and answers no other token', async () => {
    assert.ok(login.cookie.length > 40 && login.root.length > 40);
    for (const flag of ['HttpOnly', 'SameSite=Strict', `Path=${login.root}`]) assert.ok(login.setCookie.includes(flag));
    const again = await send(served.link, `/${served.link.search}`);
    assert.equal(again.code, 403);
    assert.equal(again.headers['set-cookie'], undefined);
    for (const path of ['/', '/?token=', '/?token=x', `/?token=${'x'.repeat(43)}`])
      assert.equal((await send(served.link, path)).code, 403, path);
  });

  it('does not spend the token on whoever calls the server by another name', async () => {
    const other = await serveUi(cluster.flags);
    const path = `/${other.link.search}`;
    assert.equal((await send(other.link, path, { headers: { host: 'attacker.example' } })).code, 403);
    assert.notEqual((await logIn(other.link)).cookie, '');
    // ^C of one ends all of a process, as in a terminal of several: so ours begins again.
    await other.stop();
    served = await serveUi([...cluster.flags, '--token', 'the-users-own-token']);
    login = await logIn(served.link);
    own = { cookie: login.cookie, origin: served.link.origin, 'content-type': 'application/json' };
  });

  it('is nowhere without its path, and refuses everything without the cookie', async () => {
    for (const path of ['/main.js', '/index.html', '/api/act', '/live', '/x/main.js'])
      assert.equal((await send(served.link, path, { headers: own })).code, 404, path);
    const foreign = own['cookie']?.replace(/=.*/, '=x') ?? '';
    for (const cookie of ['', 'x=y', foreign, `x${own['cookie'] ?? ''}`])
      for (const path of ['', 'main.js', 'meanings.json'])
        assert.equal((await send(served.link, `${login.root}${path}`, { headers: { cookie } })).code, 403);
    assert.equal((await post('api/act', { ...own, cookie: foreign })).code, 403);
    assert.equal(await upgrade(`${login.root}live`, { origin: served.link.origin }), 403);
    assert.equal(await upgrade('/live', own), 403);
  });

  it('answers to no name but its own: a name that leads here is an attacker’s', async () => {
    const port = served.link.port;
    for (const host of [
      'attacker.example',
      `attacker.example:${port}`,
      `127.0.0.1.nip.io:${port}`,
      '127.0.0.1',
      `0.0.0.0:${port}`,
    ])
      assert.equal((await send(served.link, login.root, { headers: { ...own, host } })).code, 403, host);
    const host = `attacker.example:${port}`;
    assert.equal((await post('api/act', { ...own, host, origin: `http://${host}` })).code, 403);
    assert.equal(await upgrade(`${login.root}live`, { ...own, host, origin: `http://${host}` }), 403);
    assert.equal((await send(served.link, login.root, { headers: own })).code, 200);
  });

  it('does nothing that another page asks for, be it from the next port', async () => {
    const port = Number(served.link.port);
    const origins = ['https://attacker.example', 'null', `http://127.0.0.1:${port + 1}`, `https://127.0.0.1:${port}`];
    for (const origin of origins) {
      assert.equal((await post('api/act', { ...own, origin })).code, 403, origin);
      for (const path of ['live', 'console/prod/web', 'screen/prod/web'])
        assert.equal(await upgrade(`${login.root}${path}`, { ...own, origin }), 403, `${origin} ${path}`);
    }
    const without = { cookie: login.cookie, 'content-type': 'application/json' };
    assert.equal((await post('api/act', without)).code, 403);
    assert.equal(await upgrade(`${login.root}live`, without), 403);
    // A browser says so itself, of a script, a picture or a link.
    for (const site of ['cross-site', 'same-site'])
      assert.equal((await send(served.link, login.root, { headers: { ...own, 'sec-fetch-site': site } })).code, 403);
    // What a form can send.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      assert.equal((await post('api/act', { ...own, 'content-type': type })).code, 404);
    assert.equal(cluster.changes.length, 0);
  });

  it('has a closed list of calls, and names stay in their place of a path', async () => {
    const calls: readonly Sent[] = [
      { method: 'POST', headers: own, body: STOP },
      { method: 'GET', headers: own },
    ];
    for (const path of ['api', 'api/v1/secrets', 'apis/kubevirt.io/v1/kubevirts', 'api/act/', 'api/../api/v1/pods'])
      for (const call of calls) assert.equal((await send(served.link, `${login.root}${path}`, call)).code, 404, path);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      assert.equal((await send(served.link, `${login.root}api/act`, { method, headers: own })).code, 404, method);
    const hostile = ['../kube-system', '..', 'a/b', '%2e%2e', 'prod?x=', '', 'PROD', 'vm/web', 'prod/web/x'];
    for (const name of hostile) {
      const asked = [
        ['api/act', { namespace: 'prod', name, action: 'stop' }],
        ['api/act', { namespace: name, name: 'web', action: 'stop' }],
        ['api/manifest', { namespace: 'prod', name }],
        ['api/manifest', { namespace: name, name: 'web' }],
      ] as const;
      for (const [path, body] of asked) assert.equal((await post(path, own, JSON.stringify(body))).code, 400, name);
      const place = encodeURIComponent(name);
      assert.equal(await upgrade(`${login.root}console/prod/${place}`, own), 403);
    }
    for (const action of ['delete', 'expand', '__proto__', 'usage', 'console', '../web2/stop', null, ['stop']])
      assert.equal((await post('api/act', own, JSON.stringify({ namespace: 'prod', name: 'web', action }))).code, 400);
    const kubevirt =
      'apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata: {name: kubevirt, namespace: kubevirt}\nspec: {}';
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: x}';
    for (const text of [kubevirt, secret, '', '[]', `${secret}\n---\n${kubevirt}`])
      assert.equal((await post('api/apply', own, JSON.stringify({ text }))).code, 400, text);
    for (const body of ['', '{', 'null', '"x"', '[]']) assert.equal((await post('api/act', own, body)).code, 400, body);
    assert.equal(cluster.changes.length, 0);
    assert.equal((await post('api/act', own)).code, 200);
    assert.deepEqual(
      cluster.changes.map(({ method, path }) => `${method} ${path}`),
      ['PUT /apis/subresources.kubevirt.io/v1/namespaces/prod/virtualmachines/web/stop'],
    );
  });

  it('gives away no file but the page’s', async () => {
    for (const path of [
      '../kubectl-virt.cjs',
      '..%2fkubectl-virt.cjs',
      '%2e%2e/',
      '/etc/passwd',
      '.',
      'main.js/',
      'main.js%00',
    ])
      assert.equal((await send(served.link, `${login.root}${path}`, { headers: own })).code, 404, path);
  });

  it('says with every answer what a browser may do with it', async () => {
    const answers = [
      await send(served.link, '/'),
      await send(served.link, login.root, { headers: own }),
      await send(served.link, `${login.root}main.js`, { headers: own }),
      await post('api/lint', own, JSON.stringify({ text: '' })),
      await send(served.link, `${login.root}x`, { headers: own }),
    ];
    for (const { headers } of answers) {
      const policy = String(headers['content-security-policy']);
      for (const part of ["default-src 'none'", "frame-ancestors 'none'", "trusted-types 'none'", "script-src 'self';"])
        assert.ok(policy.includes(part), policy);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['access-control-allow-origin'], undefined);
    }
    const nonces = answers.map(
      ({ headers }) => /'nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1],
    );
    assert.equal(new Set(nonces).size, answers.length);
  });

  it('repeats nothing of a request in what it says to browsers', async () => {
    for (const host of ['x; script-src *', "'unsafe-inline'", 'a b']) {
      const { code, headers } = await send(served.link, login.root, { headers: { ...own, host } });
      assert.equal(code, 403);
      assert.ok(!String(headers['content-security-policy']).includes(host), host);
    }
  });

  it('never shows the user’s credentials', async () => {
    const names = readdirSync(join(root, 'dist/ui'));
    for (const name of ['', ...names]) {
      const { text } = await send(served.link, `${login.root}${name}`, { headers: own });
      assert.ok(!text.includes('the-users-own-token'), name);
    }
    const said = await new Promise<string>((resolve) => {
      let text = '';
      const socket = new WebSocket(`ws://${served.link.host}${login.root}live`, { headers: own });
      socket.on('open', () => socket.send(JSON.stringify({ watch: { namespace: 'prod', name: 'web' } })));
      socket.on('message', (data: Buffer) => {
        text += data.toString();
        if (!text.includes('"detail"')) return;
        socket.terminate();
        resolve(text);
      });
    });
    assert.match(said, /"name":"web"/);
    assert.ok(!said.includes('the-users-own-token'));
  });

  it('ends a live socket that asks for what is no VM, and goes on', async () => {
    for (const watch of ['x', { namespace: '..', name: 'x' }, { namespace: 'prod' }, 7]) {
      const code = await new Promise<number>((resolve) => {
        const socket = new WebSocket(`ws://${served.link.host}${login.root}live`, { headers: own });
        socket.on('open', () => socket.send(JSON.stringify({ watch })));
        socket.on('close', resolve);
      });
      assert.equal(code, 1008);
    }
    assert.equal((await send(served.link, login.root, { headers: own })).code, 200);
  });

  it('takes no request that is too long', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(3 * 1024 * 1024) });
    const { code } = await post('api/lint', own, body).catch(() => ({ code: 413 }));
    assert.equal(code, 413);
  });

  it('listens at no address of the network', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others) {
      const refused = await new Promise<boolean>((resolve) => {
        const socket = connect({ host: address, port: Number(served.link.port), timeout: 2_000 });
        socket.on('connect', () => resolve(false));
        socket.on('error', () => resolve(true));
        socket.on('timeout', () => resolve(true));
      });
      assert.ok(refused, address);
    }
    for (const address of ['0.0.0.0', '::', '10.0.0.1', 'example.org'])
      await assert.rejects(main(['ui', '--no-browser', '--address', address, ...cluster.flags], fakeIo()));
  });

  it('is written so that no text becomes markup', () => {
    const directory = join(root, 'cmd/kubectl-virt/ui/page');
    const sources = readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')] as const);
    assert.ok(sources.length > 15);
    const markup =
      /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySet|document\.write|srcdoc|DOMParser|\beval\(|new Function/;
    for (const [name, text] of sources) assert.doesNotMatch(text, markup, name);
    const index = sources.find(([name]) => name === 'index.html')?.[1] ?? '';
    assert.doesNotMatch(index, /<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?:/);
  });
});
