import assert from 'node:assert/strict';
import { ApiError } from '../../../src/kube/api-error.js';
import { publishCaBundle } from '../../../src/webhook/ca-bundle.js';
import type { CertificateState } from '../../../src/webhook/certificate-plan.js';
import { publishAgentCa, SecretCertificateStore } from '../../../src/webhook/certificate-secret.js';

type Body = Record<string, unknown> & { metadata?: { name?: string; resourceVersion?: string } };

/** The little of an API server that is needed: objects by path, resource versions, 404 and 409. */
class FakeApi {
  readonly objects = new Map<string, Body>();
  writes = 0;
  private version = 0;

  private missing = (path: string) => new ApiError({ code: 404, reason: 'NotFound', message: path });

  get = <T>(path: string): Promise<T> => {
    const object = this.objects.get(path);
    return object ? Promise.resolve(structuredClone(object) as T) : Promise.reject(this.missing(path));
  };
  create = <T>(path: string, body: object): Promise<T> => {
    const at = `${path}/${(body as Body).metadata?.name ?? ''}`;
    if (this.objects.has(at)) return Promise.reject(new ApiError({ code: 409, reason: 'AlreadyExists', message: at }));
    return this.put<T>(at, body as Body);
  };
  update = <T>(path: string, body: object): Promise<T> => {
    const old = this.objects.get(path);
    if (old?.metadata?.resourceVersion !== (body as Body).metadata?.resourceVersion) {
      return Promise.reject(new ApiError({ code: 409, reason: 'Conflict', message: path }));
    }
    return this.put<T>(path, body as Body);
  };
  patches: { path: string; patch: unknown }[] = [];
  patch = <T>(path: string, patch: unknown): Promise<T> => {
    this.patches.push({ path, patch });
    return Promise.resolve({} as T);
  };
  private put<T>(path: string, body: Body): Promise<T> {
    this.version += 1;
    this.writes += 1;
    this.objects.set(path, { ...body, metadata: { ...body.metadata, resourceVersion: String(this.version) } });
    return Promise.resolve({} as T);
  }
}

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

describe('the CA bundle', () => {
  const configuration = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/virt-webhook';
  const service = '/apis/apiregistration.k8s.io/v1/apiservices/v1.subresources.kubevirt.io';
  const current = Buffer.from('CA\n').toString('base64');
  it('goes where it is missing or old, and nowhere else', async () => {
    const api = new FakeApi();
    api.objects.set(configuration, {
      webhooks: [
        { name: 'a', clientConfig: { caBundle: 'old' } },
        { name: 'b', clientConfig: { caBundle: current } },
      ],
    });
    api.objects.set(service, { spec: {} });
    await publishCaBundle(api, 'CA\n');
    assert.deepEqual(api.patches, [
      {
        path: configuration,
        patch: [
          { op: 'test', path: '/webhooks/0/name', value: 'a' },
          { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: current },
        ],
      },
      { path: service, patch: { spec: { caBundle: current } } },
    ]);
  });
  it('is not written when current, nor to what is not installed', async () => {
    const api = new FakeApi();
    api.objects.set(service, { spec: { caBundle: current } });
    await publishCaBundle(api, 'CA\n');
    assert.deepEqual(api.patches, []);
  });
});
