import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { cryptoProvider, Pkcs10CertificateRequest } from '@peculiar/x509';
import { newCertificateRequest } from '../../../../src/agent/node/certificate-request.js';

describe("an agent's request for a certificate", () => {
  before(() => cryptoProvider.set(crypto));

  it('is PKCS #10 without names, for a new EC P-256 key each time, signed by it', async () => {
    const seen = new Set<string>();
    // Signatures have one of three lengths: enough rounds to meet each.
    for (let round = 0; round < 50; round += 1) {
      const { key, request } = newCertificateRequest();
      const parsed = new Pkcs10CertificateRequest(request);
      assert.equal(await parsed.verify(), true);
      assert.equal(parsed.subject, '');
      assert.equal(parsed.attributes.length, 0);
      const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
      assert.deepEqual(Buffer.from(parsed.publicKey.rawData), spki);
      seen.add(spki.toString('hex'));
    }
    assert.equal(seen.size, 50);
  });
});
