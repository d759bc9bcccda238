import assert from 'node:assert/strict';
import { renewedTokens } from '../../../../src/kube/kubeconfig/renewed-tokens.js';
import type { TokenRenewal } from '../../../../src/kube/kubeconfig/auth-provider.js';
import { FakeClock } from '../fake-clock.js';
import { credentialsOf, simple, useDirectory } from './kubeconfig-files.js';

const token = (exp: number): string => `e30.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.c2ln`;
const oidc = (exp: number): object => ({ 'auth-provider': { name: 'oidc', config: { 'id-token': token(exp) } } });

describe('kubeconfig: an old auth-provider', () => {
  const { resolve } = useDirectory();
  const clock = new FakeClock();
  const soon = Math.floor(clock.now() / 1000) + 100;
  const authorization = async (user: object, renewal?: TokenRenewal) =>
    (await credentialsOf(await resolve(simple(user)), { clock, renewal }).resolve()).headers.authorization;

  it('gives its OIDC token while it is valid; nothing is loaded or asked for that', async () => {
    const never: TokenRenewal = () => assert.fail('nothing to renew');
    assert.equal(await authorization(oidc(soon), never), `Bearer ${token(soon)}`);
  });

  it('says what to do when it is not, and for providers that kubectl does not know any more', async () => {
    await assert.rejects(authorization(oidc(1)), /expired at 1970/);
    await assert.rejects(authorization({ 'auth-provider': { name: 'gcp' } }), /auth-provider "gcp" is not supported/);
    await assert.rejects(authorization({ 'auth-provider': { name: 'oidc' } }), /no readable id-token/);
  });

  it('renews it where that is possible', async () => {
    let present = 'first';
    const renewal: TokenRenewal = () => Promise.resolve(() => Promise.resolve(present));
    const found = credentialsOf(await resolve(simple(oidc(1))), { clock, renewal });
    assert.equal((await found.resolve()).headers.authorization, 'Bearer first');
    present = 'second';
    found.invalidate();
    assert.equal((await found.resolve()).headers.authorization, 'Bearer second');
  });

  it('renews through the official client, of the same context', async () => {
    // Valid beyond any test, so that no identity provider is asked.
    const later = 32_503_680_000;
    const config = {
      ...simple({ token: 'of another user' }),
      users: [
        { name: 'u', user: { token: 'of another user' } },
        {
          name: 'o',
          user: {
            'auth-provider': {
              name: 'oidc',
              config: {
                'id-token': token(later),
                'refresh-token': 'r',
                'client-id': 'c',
                'idp-issuer-url': 'https://idp',
              },
            },
          },
        },
      ],
      contexts: [
        { name: 'c', context: { cluster: 'k', user: 'u' } },
        { name: 'd', context: { cluster: 'k', user: 'o' } },
      ],
    };
    const entry = await resolve(config, { context: 'd' });
    const present = await renewedTokens(entry);
    assert.equal(await present(), token(later));
  }).timeout(20_000);
});
