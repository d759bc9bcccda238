import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { FakeClock } from '../fake-clock.js';
import { credentialsOf, simple, useDirectory } from './kubeconfig-files.js';

describe('kubeconfig: exec plugins', () => {
  const { path, write, resolve } = useDirectory();
  const API = 'client.authentication.k8s.io/v1';
  /** A plugin that logs each call and prints what it is told. */
  const plugin = (status: object, apiVersion = API, exit = 0): string => {
    const file = write('plugin', '');
    const credential = JSON.stringify({ apiVersion, kind: 'ExecCredential', status });
    writeFileSync(
      file,
      `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >>${path('calls')}\necho "$1 $EXTRA" >>${path('args')}\necho '${credential}'\nexit ${exit}\n`,
    );
    chmodSync(file, 0o755);
    return file;
  };
  const calls = (): { spec: { interactive: boolean; cluster?: { server: string } }; apiVersion: string }[] =>
    readFileSync(path('calls'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ReturnType<typeof calls>[number]);
  const user = (command: string, more: object = {}): object => ({ exec: { apiVersion: API, command, ...more } });
  const env = { PATH: process.env.PATH };

  for (const apiVersion of [API, `${API}beta1`]) {
    it(`asks a plugin of ${apiVersion} once until the token expires`, async () => {
      const clock = new FakeClock();
      const status = { token: 'tok', expirationTimestamp: new Date(clock.now() + 60_000).toISOString() };
      const exec = user(plugin(status, apiVersion), {
        apiVersion,
        args: ['arg'],
        env: [{ name: 'EXTRA', value: 'extra' }],
        provideClusterInfo: true,
      });
      const found = credentialsOf(await resolve(simple(exec)), { env, clock });
      assert.deepEqual((await found.resolve()).headers, { authorization: 'Bearer tok' });
      await clock.advance(49_000);
      await found.resolve();
      assert.equal(calls().length, 1);
      await clock.advance(2_000);
      await found.resolve();
      assert.equal(calls().length, 2);
      found.invalidate();
      await found.resolve();
      assert.equal(calls().length, 3);
      assert.deepEqual(calls()[0], {
        apiVersion,
        kind: 'ExecCredential',
        spec: { interactive: false, cluster: { server: 'https://a:6443' } },
      });
      assert.match(readFileSync(path('args'), 'utf8'), /^arg extra\n/);
    });
  }

  it('takes a client certificate', async () => {
    const status = { clientCertificateData: 'C', clientKeyData: 'K' };
    const { tls } = await credentialsOf(await resolve(simple(user(plugin(status)))), { env }).resolve();
    assert.deepEqual([tls.cert, tls.key], ['C', 'K']);
  });

  it('is not asked when the user has a token', async () => {
    const { headers } = await credentialsOf(await resolve(simple({ ...user('/nonexistent'), token: 't' }))).resolve();
    assert.deepEqual(headers, { authorization: 'Bearer t' });
  });

  it('is asked once by requests that come together', async () => {
    const found = credentialsOf(await resolve(simple(user(plugin({ token: 't' })))), { env });
    await Promise.all([found.resolve(), found.resolve(), found.resolve()]);
    assert.equal(calls().length, 1);
  });

  it('hands over what it needs of the cluster, and what the kubeconfig has for plugins', async () => {
    const cluster = {
      'certificate-authority': write('ca.pem', 'CA'),
      'tls-server-name': 'name',
      'proxy-url': 'http://p',
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } }],
    };
    const exec = user(plugin({ token: 't' }), { provideClusterInfo: true });
    await credentialsOf(await resolve(simple(exec, cluster)), { env }).resolve();
    assert.deepEqual(calls()[0]!.spec.cluster, {
      server: 'https://a:6443',
      'certificate-authority-data': Buffer.from('CA').toString('base64'),
      'tls-server-name': 'name',
      'proxy-url': 'http://p',
      config: { audience: 'a' },
    });
  });

  it('has what it says shown as text, unless it asks the user itself', async () => {
    const said: string[] = [];
    const command = write(
      'talker',
      `#!/bin/sh\necho hello >&2\necho '{"apiVersion":"${API}","status":{"token":"t"}}'\n`,
    );
    chmodSync(command, 0o755);
    const found = credentialsOf(await resolve(simple(user(command))), { env, say: (text) => said.push(text) });
    await found.resolve();
    assert.deepEqual(said, ['hello\n']);
  });

  it('is asked again after it failed', async () => {
    const found = credentialsOf(await resolve(simple(user(plugin({}, API, 3)))), { env });
    await assert.rejects(found.resolve(), /exit code 3/);
    plugin({ token: 'now' });
    assert.deepEqual((await found.resolve()).headers, { authorization: 'Bearer now' });
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
      const found = credentialsOf(await resolve(simple(make())), { env });
      await assert.rejects(found.resolve(), message);
    });
  }
});
