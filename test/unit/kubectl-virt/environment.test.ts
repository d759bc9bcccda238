import assert from 'node:assert/strict';
import { userEnvironment } from '../../../cmd/kubectl-virt/environment.js';

describe('the environment of the plugin', () => {
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
