import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { issueAuthority, issueLeaf } from '../../../src/webhook/certificates/certificates.js';
import { secureContextOf } from '../../../src/webhook/server.js';

describe('whose client certificates the webhook believes', () => {
  it('is nobody’s until the CA of the front proxy is known, and never the public CAs’', async () => {
    const now = Date.now();
    const authority = await issueAuthority(now);
    const serving = await issueLeaf(
      { commonName: 'virt-webhook', names: ['localhost'], usage: 'server' },
      authority,
      now,
    );
    const proxy = await issueLeaf({ commonName: 'front-proxy-client', names: [], usage: 'client' }, authority, now);
    // Node fills in its list of public CAs where there is no list.
    assert.deepEqual(secureContextOf(serving).ca, []);

    const server = createServer({ ...secureContextOf(serving), requestCert: true, rejectUnauthorized: false });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const isBelieved = async (): Promise<boolean> => {
      const { port } = server.address() as AddressInfo;
      const client = connect({ port, host: '127.0.0.1', ...proxy, ca: authority.cert, servername: 'localhost' });
      const [peer] = (await once(server, 'secureConnection')) as [TLSSocket];
      const { authorized } = peer;
      client.destroy();
      peer.destroy();
      return authorized;
    };
    try {
      assert.equal(await isBelieved(), false);
      server.setSecureContext(secureContextOf(serving, authority.cert));
      assert.equal(await isBelieved(), true);
    } finally {
      server.close();
    }
  });
});
