import assert from 'node:assert/strict';
import type { KubernetesList } from '../../../../src/kube/types.js';
import type { RequestOptions } from '../../../../src/kube/client/client.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { KubePolicyStore } from '../../../../src/webhook/policies/store.js';

describe('What the admission of policies asks the API server', () => {
  const asked: string[] = [];
  const missing = new ApiError({ code: 404, reason: 'NotFound', message: 'none' });
  const pages: Record<string, KubernetesList<object>> = {
    '': { metadata: { continue: 'more' }, items: [{ metadata: { name: 'a', annotations: { x: 'y' } }, spec: 1 }] },
    more: { metadata: { continue: '' }, items: [{ metadata: { name: 'b' }, spec: 2 }] },
  };
  const store = new KubePolicyStore({
    get: <T>(path: string): Promise<T> => {
      asked.push(path);
      const ending = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } };
      return path.endsWith('/ending') ? Promise.resolve(ending as T) : Promise.reject(missing);
    },
    list: <T>(path: string, { query = {} }: RequestOptions = {}): Promise<KubernetesList<T>> => {
      asked.push(`${path}?limit=${String(query['limit'])}`);
      if (query['limit'] === 1)
        return Promise.resolve({ metadata: { remainingItemCount: 41 }, items: [{}] } as KubernetesList<T>);
      return Promise.resolve(pages[String(query['continue'] ?? '')] as KubernetesList<T>);
    },
  });
  beforeEach(() => asked.splice(0));

  it('is a policy, of the cluster or of the namespace', async () => {
    assert.equal(await store.policy('VirtualMachineClusterPolicy', 'shop', 'a'), undefined);
    assert.equal(await store.policy('VirtualMachinePolicy', 'shop', '../a'), undefined);
    assert.deepEqual(asked, [
      '/apis/policies.kubectl-virt.io/v1alpha1/virtualmachineclusterpolicies/a',
      '/apis/policies.kubectl-virt.io/v1alpha1/namespaces/shop/virtualmachinepolicies/..%2Fa',
    ]);
  });

  it('is how many there are, for one object’s price', async () => {
    assert.equal(await store.count('VirtualMachineClusterPolicy', ''), 42);
    assert.deepEqual(asked, ['/apis/policies.kubectl-virt.io/v1alpha1/virtualmachineclusterpolicies?limit=1']);
  });

  it('is all of a namespace, some at a time, without what is not looked at', async () => {
    assert.deepEqual(await store.list('VirtualMachinePolicyException', 'shop'), [
      { metadata: { name: 'a' }, spec: 1 },
      { metadata: { name: 'b' }, spec: 2 },
    ]);
    assert.equal(asked.length, 2);
  });

  it('is whether a namespace is going', async () => {
    assert.equal(await store.isNamespaceEnding('ending'), true);
    assert.equal(await store.isNamespaceEnding('gone'), false);
  });
});
