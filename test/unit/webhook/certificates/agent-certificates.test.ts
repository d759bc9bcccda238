import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { newCertificateRequest } from '../../../../src/agent/node/certificate-request.js';
import { REQUEST_LIFE_MS, type CertificateRequest } from '../../../../src/agent-api/certificate-request.js';
import { decideRequest, IssuanceBudget } from '../../../../src/webhook/certificates/agent-certificates.js';
import { issueAuthority, RequestRefused, signRequest } from '../../../../src/webhook/certificates/certificates.js';
import { timeLeft } from '../../../../src/webhook/certificates/certificate-plan.js';
import { agentProfile } from '../../../../src/webhook/certificates/in-cluster-profile.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const settings = {
  installNamespace: 'kubevirt',
  nodeOfPod: ({ uid }: { uid: string }) => ({ '1': 'a', '2': 'b' })[uid],
  now: NOW,
};
const asked = (spec: object = {}, status?: CertificateRequest['status'], age = 0): CertificateRequest => ({
  metadata: { name: 'virt-agent-x', creationTimestamp: new Date(NOW - age).toISOString() },
  spec: {
    request: '',
    signerName: 'kubevirt.io/virt-agent',
    usages: ['digital signature', 'server auth'],
    username: 'system:serviceaccount:kubevirt:virt-agent',
    extra: {
      'authentication.kubernetes.io/pod-name': ['virt-agent-x'],
      'authentication.kubernetes.io/pod-uid': ['1'],
    },
    ...spec,
  },
  ...(status === undefined ? {} : { status }),
});
const decide = (request: CertificateRequest) => decideRequest(request, settings);

describe('a request for the certificate of an agent', () => {
  it('is signed for the node of the token: of its pod, or as it says itself', () => {
    assert.deepEqual(decide(asked()), { do: 'sign', node: 'a' });
    const extra = { 'authentication.kubernetes.io/node-name': ['c'] };
    assert.deepEqual(decide(asked({ extra })), { do: 'sign', node: 'c' });
  });
  it('is denied to everybody but the agents, and for another use', () => {
    for (const username of ['admin', 'system:serviceaccount:shop:virt-agent', 'system:node:a', undefined, ''])
      assert.equal(decide(asked({ username })).do, 'deny', username);
    for (const usages of [['client auth'], ['digital signature', 'server auth', 'client auth'], [], ['server auth']])
      assert.equal(decide(asked({ usages })).do, 'deny', usages.join());
  });
  it('waits for the pod to become known, and not for ever', () => {
    const extra = {};
    assert.deepEqual(decide(asked({ extra })), { do: 'wait' });
    assert.deepEqual(decide(asked({ extra }, undefined, REQUEST_LIFE_MS + 1000)), { do: 'nothing' });
    assert.deepEqual(decide(asked({}, undefined, REQUEST_LIFE_MS + 1000)), { do: 'nothing' });
  });
  it('that is answered, or somebody else’s to answer, is let be', () => {
    assert.equal(decide(asked({ signerName: 'kubernetes.io/kube-apiserver-client' })).do, 'nothing');
    assert.equal(decide(asked({}, { certificate: 'x' })).do, 'nothing');
    for (const type of ['Denied', 'Failed'])
      assert.equal(decide(asked({ username: 'admin' }, { conditions: [{ type }] })).do, 'nothing');
    assert.equal(decide(asked({}, { conditions: [{ type: 'Approved' }] })).do, 'sign', 'killed between the two writes');
  });
  it('is one of five at once and of six an hour of its node', () => {
    const budget = new IssuanceBudget();
    for (let round = 0; round < 5; round += 1) assert.equal(budget.take('a', NOW), 0);
    assert.equal(budget.take('a', NOW), 600_000);
    assert.equal(budget.take('b', NOW), 0, 'of another node');
    assert.equal(budget.take('a', NOW + 600_000), 0);
    assert.ok(budget.take('a', NOW + 600_000) > 0);
  });
});

describe('the certificate of an agent', () => {
  it('names one node, whatever the request names, serves only, and lives a day', async () => {
    const authority = await issueAuthority(NOW);
    const { key, request } = newCertificateRequest();
    const certificate = new X509Certificate(await signRequest(request, agentProfile('a'), authority, NOW));
    assert.equal(certificate.subjectAltName, 'URI:urn:kubevirt.io:node:a');
    assert.equal(certificate.subject, 'CN=kubevirt.io:system:node:virt-agent');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.ok(certificate.checkPrivateKey(key) && !certificate.ca);
    assert.equal(certificate.checkHost('a'), undefined, 'no host name: it stands for no server but the agent');
    assert.equal(timeLeft({ cert: certificate.toString(), key: '' }, NOW), 24 * 3_600_000);
  });
  it('is not made for what is no request, nor for another kind of key', async () => {
    const authority = await issueAuthority(NOW);
    const { request } = newCertificateRequest();
    const body = request.split('\n').slice(1, -2).join('');
    const bytes = Buffer.from(body, 'base64');
    // The last byte of the key: then the signature is not by it.
    const stolen = Buffer.from(bytes);
    stolen[95] = (stolen[95] ?? 0) ^ 1;
    const pem = (der: Buffer) =>
      `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
    for (const wrong of ['', 'nonsense', pem(stolen), pem(bytes.subarray(0, 50)), rsa.toString()])
      await assert.rejects(signRequest(wrong, agentProfile('a'), authority, NOW), RequestRefused, wrong.slice(0, 60));
  });
});
