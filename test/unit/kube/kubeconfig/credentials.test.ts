import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { ConnectionFlags } from '../../../../src/kube/kubeconfig/types.js';
import { FakeClock } from '../fake-clock.js';
import { credentialsOf, simple, useDirectory } from './kubeconfig-files.js';

const bearer = (token: string): object => ({ authorization: `Bearer ${token}` });
const basic = { authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };

describe('kubeconfig: credentials', () => {
  const { path, write, resolve } = useDirectory();
  const credentials = async (user: object, flags: ConnectionFlags = {}) =>
    credentialsOf(await resolve(simple(user), flags)).resolve();

  const headers: [string, object, ConnectionFlags, object][] = [
    ['a token', { token: 't' }, {}, bearer('t')],
    ['a user name and password', { username: 'u', password: 'p' }, {}, basic],
    ['a token before a password', { token: 't', username: 'u', password: 'p' }, {}, bearer('t')],
    ['a password on the command line', { token: 'x' }, { username: 'u', password: 'p' }, basic],
    ['a token on the command line', { username: 'u', password: 'p' }, { token: 'flag' }, bearer('flag')],
    ['nothing', {}, {}, {}],
  ];
  for (const [what, user, flags, expected] of headers) {
    it(what, async () => assert.deepEqual((await credentials(user, flags)).headers, expected));
  }

  it('a token file, which wins over the token and is read again after a minute', async () => {
    const clock = new FakeClock();
    const tokenFile = write('token', 'one\n');
    const found = credentialsOf(await resolve(simple({ token: 'old', tokenFile })), { clock });
    assert.deepEqual((await found.resolve()).headers, bearer('one'));
    write('token', 'two');
    assert.equal((await found.resolve()).headers.authorization, 'Bearer one');
    await clock.advance(61_000);
    assert.equal((await found.resolve()).headers.authorization, 'Bearer two');
    write('token', 'three');
    found.invalidate();
    assert.equal((await found.resolve()).headers.authorization, 'Bearer three');
  });

  it('client certificates, inline before path, both halves', async () => {
    const [cert, key] = [write('c', 'CERT'), write('k', 'KEY')];
    const data = Buffer.from('INLINE').toString('base64');
    const user = { 'client-certificate-data': data, 'client-certificate': cert, 'client-key': key };
    const { tls } = await credentials(user);
    assert.deepEqual([tls.cert, tls.key], [Buffer.from('INLINE'), Buffer.from('KEY')]);
    const byFlag = await credentials(user, { 'client-certificate': cert, 'client-key': key });
    assert.deepEqual([byFlag.tls.cert, byFlag.tls.key], [Buffer.from('CERT'), Buffer.from('KEY')]);
    await assert.rejects(credentials({ 'client-certificate': cert }), /certificate without a key/);
    await assert.rejects(
      credentials({ 'client-key': join(path('none')), 'client-certificate': cert }),
      /client-key .*none/,
    );
  });

  it('trusts the system where the kubeconfig names no authority', async () => {
    const env = { SSL_CERT_FILE: write('system', 'SYSTEM') };
    const trusted = async (cluster: object) =>
      (await credentialsOf(await resolve(simple({}, cluster)), { env }).resolve()).tls.ca;
    assert.deepEqual(await trusted({}), ['SYSTEM']);
    assert.deepEqual(await trusted({ 'insecure-skip-tls-verify': true }), []);
    assert.deepEqual(await trusted({ server: 'http://plain' }), []);
  });
});
