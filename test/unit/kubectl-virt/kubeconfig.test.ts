import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { defaultAuthorities } from '../../../cmd/kubectl-virt/client/trust.js';
import { userEnvironment } from '../../../cmd/kubectl-virt/environment.js';
import { loadKubeconfig } from '../../../cmd/kubectl-virt/kubeconfig/load.js';
import { resolveConnection, type ResolveOptions } from '../../../cmd/kubectl-virt/kubeconfig/resolve.js';
import type { Connection, ConnectionFlags } from '../../../cmd/kubectl-virt/kubeconfig/types.js';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const write = (name: string, content: unknown): string => {
  const path = join(directory, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

/** A kubeconfig with one context, its user and cluster. */
const simple = (user: object = {}, cluster: object = {}, context: object = {}): object => ({
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', ...context } }],
  clusters: [{ name: 'k', cluster: { server: 'https://a:6443', ...cluster } }],
  users: [{ name: 'u', user }],
});

const resolve = (
  content: object,
  flags: ConnectionFlags = {},
  options: Partial<ResolveOptions> = {},
): Promise<Connection> =>
  resolveConnection({ kubeconfig: write('config', content), ...flags }, { env: {}, ...options });

describe('kubeconfig: files and their merging', () => {
  it('takes the first file that names an entry, and all entries of all files', async () => {
    const first = write('first', {
      'current-context': '',
      clusters: [{ name: 'k', cluster: { server: 'https://first' } }],
      contexts: null,
    });
    const second = write('second', {
      'current-context': 'c2',
      clusters: [
        { name: 'k', cluster: { server: 'https://second' } },
        { name: 'l', cluster: { server: 'https://l' } },
      ],
    });
    const env = { KUBECONFIG: [first, join(directory, 'missing'), second, first].join(':') };
    const config = await loadKubeconfig(undefined, env);
    assert.equal(config.currentContext, 'c2');
    assert.equal(config.clusters.get('k')!.server, 'https://first');
    assert.equal(config.clusters.get('l')!.server, 'https://l');
    assert.deepEqual(config.files, [first, second]);
  });

  it('prefers --kubeconfig to $KUBECONFIG and that to ~/.kube/config', async () => {
    mkdirSync(join(directory, '.kube'));
    write('.kube/config', { 'current-context': 'home' });
    const listed = write('listed', { 'current-context': 'listed' });
    const flagged = write('flagged', { 'current-context': 'flagged' });
    const env = { HOME: directory, KUBECONFIG: listed };
    assert.equal((await loadKubeconfig(flagged, env)).currentContext, 'flagged');
    assert.equal((await loadKubeconfig(undefined, env)).currentContext, 'listed');
    assert.equal((await loadKubeconfig(undefined, { HOME: directory })).currentContext, 'home');
  });

  it('resolves paths against the file that has them', async () => {
    const user = { 'client-certificate': 'c.pem', tokenFile: '/abs', exec: { command: './plugin' } };
    const file = write('config', simple(user, { 'certificate-authority': 'ca.pem' }));
    const config = await loadKubeconfig(file, {});
    assert.equal(config.clusters.get('k')!['certificate-authority'], join(directory, 'ca.pem'));
    assert.equal(config.users.get('u')!['client-certificate'], join(directory, 'c.pem'));
    assert.equal(config.users.get('u')!.tokenFile, '/abs');
    assert.equal(config.users.get('u')!.exec!.command, join(directory, 'plugin'));
  });

  it('names the file that it cannot read', async () => {
    await assert.rejects(loadKubeconfig(join(directory, 'none'), {}), /cannot read the kubeconfig .*none/);
    await assert.rejects(loadKubeconfig(write('bad', 'a: [1'), {}), /cannot read the kubeconfig .*bad/);
    await assert.rejects(loadKubeconfig(write('list', '- a'), {}), /not a mapping/);
  });
});

describe('kubeconfig: which cluster, namespace and user', () => {
  it('takes the namespace from the flag, the context, or default', async () => {
    assert.equal((await resolve(simple({}, {}, { namespace: 'ctx' }), { namespace: 'ns/flag' })).namespace, 'flag');
    assert.equal((await resolve(simple({}, {}, { namespace: 'ctx' }))).namespace, 'ctx');
    assert.equal((await resolve(simple())).namespace, 'default');
  });

  it('names what is missing and what there is', async () => {
    await assert.rejects(resolve(simple(), { context: 'x' }), (error: Error & { remedy?: string }) => {
      assert.equal(error.message, 'the kubeconfig has no context "x"');
      assert.equal(error.remedy, 'It has: c.');
      return true;
    });
    await assert.rejects(resolve(simple(), { user: 'x' }), /no user "x"/);
    await assert.rejects(resolve(simple(), { cluster: 'x' }), /no cluster "x"/);
    await assert.rejects(resolveConnection({}, { env: { HOME: directory } }), /no cluster is configured/);
    await assert.rejects(resolve(simple({}, { server: 'http://[' })), /not the address of an API server/);
  });

  it('lets flags win over the file', async () => {
    const ca = write('ca.pem', 'FLAG');
    const inFile = {
      'certificate-authority-data': Buffer.from('FILE').toString('base64'),
      'insecure-skip-tls-verify': true,
    };
    const flags = {
      server: 'b:1/',
      'certificate-authority': ca,
      'tls-server-name': 'name',
      'proxy-url': 'http://p:3128',
    };
    const connection = await resolve(simple({ token: 'file' }, inFile), { ...flags, token: 'flag' });
    assert.equal(connection.server, 'https://b:1');
    assert.equal(connection.tls.ca!.toString(), 'FLAG');
    assert.deepEqual(
      [connection.tls.serverName, connection.tls.insecure, connection.proxyUrl],
      ['name', true, 'http://p:3128'],
    );
    assert.deepEqual(await connection.credentials(), { authorization: 'Bearer flag' });
  });

  it('uses the service account in a pod, only when nothing else is configured', async () => {
    for (const [name, text] of [
      ['token', 'sa\n'],
      ['ca.crt', 'CA'],
      ['namespace', 'here\n'],
    ] as const)
      write(name, text);
    const env = { HOME: '/nonexistent', KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const options = { env, serviceAccountDirectory: directory };
    const connection = await resolveConnection({}, options);
    assert.equal(connection.server, 'https://[fd00::1]:443');
    assert.equal(connection.namespace, 'here');
    assert.deepEqual(await connection.credentials(), { authorization: 'Bearer sa' });
    assert.equal((await resolveConnection({ server: 'https://x' }, options)).server, 'https://x');
  });

  it('impersonates by file and by flag', async () => {
    const user = { as: 'jane', 'as-groups': ['g'], 'as-user-extra': { 'example.com/x': ['y'] } };
    assert.deepEqual((await resolve(simple(user))).headers, {
      'Impersonate-User': 'jane',
      'Impersonate-Group': ['g'],
      'Impersonate-Extra-example.com%2Fx': ['y'],
    });
    const { headers } = await resolve(simple(user), { as: 'joe', 'as-uid': '7', token: 't' });
    assert.deepEqual([headers['Impersonate-User'], headers['Impersonate-Uid']], ['joe', '7']);
    await assert.rejects(resolve(simple(), { 'as-group': ['g'] }), /needs a user/);
  });
});

describe('kubeconfig: credentials', () => {
  const credentials = async (user: object, flags: ConnectionFlags = {}): Promise<object> =>
    (await resolve(simple(user), flags)).credentials();

  it('token, token file (read anew each time), basic', async () => {
    assert.deepEqual(await credentials({ token: 't' }), { authorization: 'Bearer t' });
    const tokenFile = write('token', 'one\n');
    const connection = await resolve(simple({ token: 'old', tokenFile }));
    assert.deepEqual(await connection.credentials(), { authorization: 'Bearer one' });
    write('token', 'two');
    assert.deepEqual(await connection.credentials(), { authorization: 'Bearer two' });
    const basic = { authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };
    assert.deepEqual(await credentials({ username: 'u', password: 'p' }), basic);
    assert.deepEqual(await credentials({ token: 'x' }, { username: 'u', password: 'p' }), basic);
  });

  it('client certificates, inline before path, both halves', async () => {
    const [cert, key] = [write('c', 'CERT'), write('k', 'KEY')];
    const data = Buffer.from('INLINE').toString('base64');
    const user = { 'client-certificate-data': data, 'client-certificate': cert, 'client-key': key };
    assert.deepEqual(await credentials(user), { cert: Buffer.from('INLINE'), key: Buffer.from('KEY') });
    const byFlag = await credentials(user, { 'client-certificate': cert, 'client-key': key });
    assert.deepEqual(byFlag, { cert: Buffer.from('CERT'), key: Buffer.from('KEY') });
    await assert.rejects(credentials({ 'client-certificate': cert }), /certificate without a key/);
    await assert.rejects(
      credentials({ 'client-key': join(directory, 'none'), 'client-certificate': cert }),
      /client-key .*none/,
    );
  });

  it('an OIDC token while it is valid, and what to do when it is not', async () => {
    const token = (exp: number): string => `h.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.s`;
    const user = (exp: number): object => ({ 'auth-provider': { name: 'oidc', config: { 'id-token': token(exp) } } });
    const future = Math.floor(Date.now() / 1000) + 100;
    assert.deepEqual(await credentials(user(future)), { authorization: `Bearer ${token(future)}` });
    await assert.rejects(credentials(user(1)), /expired at 1970/);
    await assert.rejects(credentials({ 'auth-provider': { name: 'gcp' } }), /auth-provider "gcp" is not supported/);
  });
});

describe('kubeconfig: exec plugins', () => {
  const API = 'client.authentication.k8s.io/v1';
  /** A plugin that logs each call and prints what it is told. */
  const plugin = (status: object, apiVersion = API, exit = 0): string => {
    const path = write('plugin', '');
    const credential = JSON.stringify({ apiVersion, kind: 'ExecCredential', status });
    writeFileSync(
      path,
      `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >>${directory}/calls\necho "$1 $EXTRA" >>${directory}/args\necho '${credential}'\nexit ${exit}\n`,
    );
    chmodSync(path, 0o755);
    return path;
  };
  const calls = (): { spec: { interactive: boolean; cluster?: { server: string } }; apiVersion: string }[] =>
    readFileSync(join(directory, 'calls'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ReturnType<typeof calls>[number]);
  const user = (command: string, more: object = {}): object => ({ exec: { apiVersion: API, command, ...more } });
  const env = { PATH: process.env.PATH };

  for (const apiVersion of [API, `${API}beta1`]) {
    it(`asks a plugin of ${apiVersion} once until the token expires`, async () => {
      let now = 0;
      const status = { token: 'tok', expirationTimestamp: new Date(60_000).toISOString() };
      const exec = user(plugin(status, apiVersion), {
        apiVersion,
        args: ['arg'],
        env: [{ name: 'EXTRA', value: 'extra' }],
        provideClusterInfo: true,
      });
      const connection = await resolve(simple(exec), {}, { env, now: () => now });
      assert.deepEqual(await connection.credentials(), { authorization: 'Bearer tok' });
      now = 49_000;
      await connection.credentials();
      assert.equal(calls().length, 1);
      now = 51_000;
      await connection.credentials();
      assert.equal(calls().length, 2);
      await connection.credentials(true);
      assert.equal(calls().length, 3);
      assert.deepEqual(calls()[0], {
        apiVersion,
        kind: 'ExecCredential',
        spec: { interactive: false, cluster: { server: 'https://a:6443' } },
      });
      assert.match(readFileSync(join(directory, 'args'), 'utf8'), /^arg extra\n/);
    });
  }

  it('takes a client certificate', async () => {
    const status = { clientCertificateData: 'C', clientKeyData: 'K' };
    const connection = await resolve(simple(user(plugin(status))), {}, { env });
    assert.deepEqual(await connection.credentials(), { cert: 'C', key: 'K' });
  });

  it('is not asked when the user has a token', async () => {
    const connection = await resolve(simple({ ...user('/nonexistent'), token: 't' }));
    assert.deepEqual(await connection.credentials(), { authorization: 'Bearer t' });
  });

  const failing: [string, () => object, RegExp][] = [
    ['is missing', () => user('/nonexistent/plugin', { installHint: 'get it there' }), /not installed/],
    ['fails', () => user(plugin({}, API, 3)), /failed \(exit code 3\)/],
    ['answers with another version', () => user(plugin({ token: 't' }, `${API}beta1`)), /answered with apiVersion/],
    ['gives nothing', () => user(plugin({})), /neither a token nor a certificate/],
    ['gives half', () => user(plugin({ clientCertificateData: 'C' })), /certificate without a key/],
    [
      'is of an old version',
      () => user('x', { apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
      /v1alpha1" is not supported/,
    ],
    ['wants a terminal', () => user(plugin({ token: 't' }), { interactiveMode: 'Always' }), /stdin is not a terminal/],
    ['has no command', () => ({ exec: { apiVersion: API } }), /command is empty/],
  ];
  for (const [what, make, message] of failing) {
    it(`says when the plugin ${what}`, async () => {
      const connection = await resolve(simple(make()), {}, { env });
      await assert.rejects(connection.credentials(), message);
    });
  }
});

describe('whom to trust when the kubeconfig does not say', () => {
  it('the system or $SSL_CERT_FILE, and NODE_EXTRA_CA_CERTS', () => {
    const [system, extra] = [write('system', 'SYSTEM'), write('extra', 'EXTRA')];
    assert.deepEqual(defaultAuthorities({ SSL_CERT_FILE: system, NODE_EXTRA_CA_CERTS: extra }), ['SYSTEM', 'EXTRA']);
    assert.deepEqual(defaultAuthorities({ SSL_CERT_FILE: join(directory, 'none') }), [...rootCertificates]);
    assert.ok(defaultAuthorities({}).length > 0);
  });

  it("gives the user's own environment back after the launcher", () => {
    const env = { PATH: '/bin', KUBECTL_VIRT_EXTRA_CA_CERTS: '/extra' };
    const launched = { env: { ...env }, execArgv: ['--use-openssl-ca'] };
    assert.deepEqual(userEnvironment(launched), { PATH: '/bin', NODE_EXTRA_CA_CERTS: '/extra' });
    assert.equal((launched.env as NodeJS.ProcessEnv).SSL_CERT_FILE, '/dev/null');
    const direct = { env: { PATH: '/bin', SSL_CERT_FILE: '/mine' }, execArgv: [] };
    assert.deepEqual(userEnvironment(direct), { PATH: '/bin', SSL_CERT_FILE: '/mine' });
    assert.equal(direct.env.SSL_CERT_FILE, '/mine');
  });
});
