import assert from 'node:assert/strict';
import { run as evaluate } from '@bufbuild/cel';
import { SINCE } from '../../../../src/kube/client/server-version.js';
import { launcherPodName } from '../../../../src/launcher/pod-name.js';
import { publishRegistration } from '../../../../src/webhook/admission/registration.js';
import { FakeApi } from '../fake-api.js';

const MUTATING = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/virt-webhook';
const VALIDATING = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/virt-webhook';
const SERVICE = '/apis/apiregistration.k8s.io/v1/apiservices/v1.subresources.kubevirt.io';
const EVICTIONS = 'virt-launcher-eviction-interceptor.kubevirt.io';
const current = Buffer.from('CA\n').toString('base64');

const publish = (
  api: FakeApi,
  pathOf: (path: string) => string | undefined = (path) => `/${path}/token`,
  minor = SINCE.matchConditions - 1,
) => publishRegistration(api, { bundle: 'CA\n', pathOf, minor });

describe('the registration', () => {
  it('gets CA and path where they are missing or old, and nowhere else', async () => {
    const api = new FakeApi();
    api.objects.set(MUTATING, {
      webhooks: [
        { name: 'a', clientConfig: { caBundle: 'old', service: { path: '/mutate/token' } } },
        { name: 'b', clientConfig: { caBundle: current, service: { path: '/mutate/token' } } },
        { name: 'c', clientConfig: { caBundle: current, service: {} } },
      ],
    });
    api.objects.set(SERVICE, { spec: {} });
    await publish(api);
    assert.deepEqual(api.patches, [
      {
        path: MUTATING,
        patch: [
          { op: 'test', path: '/webhooks/0/name', value: 'a' },
          { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: current },
          { op: 'test', path: '/webhooks/2/name', value: 'c' },
          { op: 'add', path: '/webhooks/2/clientConfig/service/path', value: '/mutate/token' },
        ],
      },
      { path: SERVICE, patch: { spec: { caBundle: current } } },
    ]);
  });

  it('has evictions asked by a path of their own', async () => {
    const api = new FakeApi();
    api.objects.set(VALIDATING, {
      webhooks: ['x', EVICTIONS].map((name) => ({
        name,
        clientConfig: { caBundle: current, service: { path: '/evict' } },
      })),
    });
    await publish(api);
    const [{ patch } = { patch: [] }] = api.patches as { patch: { op: string; value: string }[] }[];
    assert.deepEqual(
      patch.filter(({ op }) => op === 'add').map(({ value }) => value),
      ['/validate/token', '/evict/token'],
    );
  });

  it('spares evictions of what is no VM from 1.28 on, and leaves the conditions of an administrator', async () => {
    const registered = (matchConditions?: object[]) => ({
      webhooks: ['x', EVICTIONS].map((name) => ({
        name,
        clientConfig: { caBundle: current, url: 'https://here' },
        ...(matchConditions && { matchConditions }),
      })),
    });
    const patched = async (minor: number, found: Record<string, unknown>) => {
      const api = new FakeApi();
      api.objects.set(VALIDATING, found);
      await publish(api, undefined, minor);
      return (api.patches as { patch: { op: string; path: string; value: { expression: string }[] }[] }[]).flatMap(
        ({ patch }) => patch,
      );
    };
    const [test, add, ...others] = await patched(SINCE.matchConditions, registered());
    assert.deepEqual([test?.value, others], [EVICTIONS, []]);
    assert.equal(add?.path, '/webhooks/1/matchConditions');
    const [{ expression } = { expression: '' }] = add.value;
    for (const [name, asks] of [
      [launcherPodName({ metadata: { name: 'web', uid: 'u' } }), true],
      [launcherPodName({ metadata: { name: 'w'.repeat(200), uid: 'u' } }), true],
      ['hp-volume-x', true],
      ['virt-webhook-5c7d', false],
      ['web', false],
    ] as const)
      assert.equal(evaluate(expression, { request: { name } }), asks, name);
    assert.deepEqual(await patched(SINCE.matchConditions - 1, registered()), []);
    assert.deepEqual(await patched(36, registered([{ name: 'mine', expression: 'true' }])), []);
  });

  it('is not written when current, nor to what is not installed', async () => {
    const api = new FakeApi();
    api.objects.set(SERVICE, { spec: { caBundle: current } });
    await publish(api);
    assert.deepEqual(api.patches, []);
  });

  it('keeps a path while there is no token, and a URL of somebody else', async () => {
    const api = new FakeApi();
    api.objects.set(MUTATING, {
      webhooks: [
        { name: 'a', clientConfig: { caBundle: current, service: { path: '/kept' } } },
        { name: 'b', clientConfig: { caBundle: current, url: 'https://proxy/mutate' } },
      ],
    });
    await publish(api, () => undefined);
    await publish(api, (path) => (path === 'mutate' ? '/kept' : '/other'));
    assert.deepEqual(api.patches, []);
  });
});
