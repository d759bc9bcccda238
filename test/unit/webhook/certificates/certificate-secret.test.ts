import assert from 'node:assert/strict';
import type { CertificateState } from '../../../../src/webhook/certificates/certificate-plan.js';
import { publishAgentCa, SecretCertificateStore } from '../../../../src/webhook/certificates/certificate-secret.js';
import { FakeApi } from '../fake-api.js';

const state: CertificateState = {
  authorities: [{ cert: 'CA', key: 'CAKEY' }],
  leaves: { serving: { cert: 'S', key: 'SK' }, agentClient: { cert: 'A', key: 'AK' } },
};
const SHARED = '/api/v1/namespaces/kubevirt/secrets/virt-webhook-certificates';
const AGENT_CA = '/api/v1/namespaces/kubevirt/configmaps/virt-agent-ca';

describe('certificates in the cluster', () => {
  it('are kept in a Secret and read back', async () => {
    const api = new FakeApi();
    const store = new SecretCertificateStore(api, 'kubevirt');
    assert.deepEqual(await store.load(), { authorities: [], leaves: {} });
    assert.equal(await store.save(state), true);
    assert.deepEqual(await store.load(), state);
    assert.equal(await store.save({ ...state, leaves: {} }), true);
  });
  it('are written by one replica only', async () => {
    const api = new FakeApi();
    const [one, two] = [new SecretCertificateStore(api, 'kubevirt'), new SecretCertificateStore(api, 'kubevirt')];
    await one.load();
    await two.load();
    assert.equal(await one.save(state), true);
    assert.equal(await two.save(state), false, 'created meanwhile');
    await one.load();
    await two.load();
    assert.equal(await two.save(state), true);
    assert.equal(await one.save(state), false, 'changed meanwhile');
  });
  it('that cannot be read count as none', async () => {
    const api = new FakeApi();
    for (const text of ['', '{', '[]', 'null', '{"authorities":[{"cert":1}],"leaves":{"serving":7}}']) {
      api.objects.set(SHARED, { data: { 'state.json': Buffer.from(text).toString('base64') } });
      assert.deepEqual(await new SecretCertificateStore(api, 'kubevirt').load(), { authorities: [], leaves: {} });
    }
  });
  it('give the agents the CAs and no key, and write nothing when that is current', async () => {
    const api = new FakeApi();
    await publishAgentCa(api, 'kubevirt', state);
    await publishAgentCa(api, 'kubevirt', state);
    assert.equal(api.writes, 1);
    assert.deepEqual((api.objects.get(AGENT_CA) as { data?: object }).data, { 'ca.crt': 'CA\n' });
    await publishAgentCa(api, 'kubevirt', { ...state, authorities: [{ cert: 'NEW', key: 'K' }, ...state.authorities] });
    assert.deepEqual((api.objects.get(AGENT_CA) as { data?: object }).data, { 'ca.crt': 'NEW\nCA\n' });
  });
});
