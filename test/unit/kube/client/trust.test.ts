import assert from 'node:assert/strict';
import { rootCertificates } from 'node:tls';
import { defaultAuthorities } from '../../../../src/kube/client/trust.js';
import { useDirectory } from '../kubeconfig/kubeconfig-files.js';

describe('whom to trust when the kubeconfig does not say', () => {
  const { path, write } = useDirectory();

  it('the system or $SSL_CERT_FILE, and NODE_EXTRA_CA_CERTS', () => {
    const [system, extra] = [write('system', 'SYSTEM'), write('extra', 'EXTRA')];
    assert.deepEqual(defaultAuthorities({ SSL_CERT_FILE: system, NODE_EXTRA_CA_CERTS: extra }), ['SYSTEM', 'EXTRA']);
    assert.deepEqual(defaultAuthorities({ SSL_CERT_FILE: path('none') }), [...rootCertificates]);
    assert.ok(defaultAuthorities({}).length > 0);
  });
});
