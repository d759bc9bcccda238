import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { request } from 'node:https';
import { newCertificateRequest } from '../../../src/agent/node/certificate-request.js';
import { checkAgentIdentity } from '../../../src/webhook/subresources/agent-client.js';
import type { Certificate } from '../../../src/webhook/certificates/certificate-plan.js';
import { issueAuthority, issueLeaf, signRequest } from '../../../src/webhook/certificates/certificates.js';
import { agentProfile, clusterProfiles } from '../../../src/webhook/certificates/in-cluster-profile.js';
import type { LeafProfile } from '../../../src/webhook/certificates/certificate-plan.js';

/* Who got the traffic of another node answers with what a stolen node has: a certificate of our CA, of its own node. */

describe('attack: somebody answers for the agent of node a', () => {
  const now = Date.now();
  let authority: Certificate;
  const servers: Server[] = [];
  before(async () => {
    authority = await issueAuthority(now);
  });
  after(() => {
    for (const server of servers) server.close();
  });

  const serve = async (cert: string, key: string): Promise<number> => {
    const server = createServer({ cert, key }, (_, response) => response.end('console'));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  /** What the webhook's client says, as it connects to agents. */
  const ask = (port: number, node: string): Promise<string> =>
    new Promise((resolve) => {
      request(
        {
          host: '127.0.0.1',
          port,
          ca: authority.cert,
          servername: '',
          checkServerIdentity: checkAgentIdentity(node),
          agent: false,
        },
        (response) => response.resume().on('end', () => resolve('answered')),
      )
        .on('error', (error) => resolve(error.message))
        .end();
    });
  const withProfile = async (profile: LeafProfile, signer = authority): Promise<number> => {
    const { key, request: text } = newCertificateRequest();
    const cert = await signRequest(text, profile, signer, now);
    return serve(cert, key.export({ type: 'pkcs8', format: 'pem' }).toString());
  };

  it('and is believed with the certificate of node a only', async () => {
    assert.equal(await ask(await withProfile(agentProfile('a')), 'a'), 'answered');
    assert.match(await ask(await withProfile(agentProfile('b')), 'a'), /of URI:urn:kubevirt\.io:node:b, not of/);
  });

  it('with one that names several, none, or only looks like node a', async () => {
    const profile = agentProfile('a');
    const several: LeafProfile = { ...profile, names: ['urn:kubevirt.io:node:b', ...profile.names] };
    for (const wrong of [
      several,
      { ...several, names: [...several.names].reverse() },
      { ...profile, names: [] },
      { ...profile, names: ['a'] },
      { ...profile, names: ['urn:kubevirt.io:node:a, URI:urn:kubevirt.io:node:b'] },
      agentProfile('a.evil'),
      agentProfile('A'),
    ])
      assert.match(await ask(await withProfile(wrong), 'a'), /not of the agent of node a/, JSON.stringify(wrong));
  });

  it('with the webhook’s own, the old shared one, one of another CA', async () => {
    const { serving, agentClient } = clusterProfiles('kubevirt');
    for (const profile of [serving, { ...agentClient, usage: 'server' } as LeafProfile]) {
      assert.ok(profile);
      const leaf = await issueLeaf(profile, authority, now);
      assert.match(await ask(await serve(leaf.cert, leaf.key), 'a'), /not of an agent/);
    }
    const shared = await issueLeaf({ ...agentProfile('a'), names: [] }, authority, now);
    assert.match(await ask(await serve(shared.cert, shared.key), 'a'), /of no node, not of/);
    assert.match(
      await ask(await withProfile(agentProfile('a'), await issueAuthority(now)), 'a'),
      /certificate|signature/,
    );
  });
});
