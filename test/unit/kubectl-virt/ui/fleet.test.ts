import assert from 'node:assert/strict';
import { Fleet } from '../../../../cmd/kubectl-virt/ui/server/fleet.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import type { KubeClient } from '../../../../src/kube/client/client.js';
import { vm } from './fake-cluster.js';

type Client = Pick<KubeClient, 'list' | 'watch'>;

/** A server that lists one VM of each namespace, forbids what `forbids` matches, and whose watches say nothing. */
const server = (forbids: RegExp): Client =>
  ({
    list: (path: string) => {
      if (forbids.test(path))
        return Promise.reject(new ApiError({ code: 403, reason: 'Forbidden', message: `may not list ${path}` }));
      const namespace = /namespaces\/([^/]+)/.exec(path)?.[1] ?? 'prod';
      const items = path.endsWith('/virtualmachines') ? [vm(namespace, 'web')] : [];
      return Promise.resolve({ metadata: { resourceVersion: '1' }, items });
    },
    // eslint-disable-next-line require-yield
    watch: async function* (_path: string, { signal }: { signal: AbortSignal }) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  }) as unknown as Client;

describe('the list of the page of kubectl virt ui', () => {
  let fleet: Fleet;
  afterEach(() => fleet.stop());

  it('is there for a user who may list VMs and not their instances, with the reason', async () => {
    fleet = new Fleet(server(/instances$/), undefined);
    await fleet.answered();
    assert.deepEqual(
      fleet.rows().map(({ name }) => name),
      ['web'],
    );
    assert.match(fleet.problem ?? '', /may not list .*virtualmachineinstances/);
  });

  it('is there with all namespaces but the one that refuses', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
    fleet = new Fleet(server(/n17/), names);
    await fleet.answered();
    assert.equal(fleet.rows().length, 49);
    assert.match(fleet.problem ?? '', /n17/);
  });

  it('has no problem where nothing is refused', async () => {
    fleet = new Fleet(server(/never/), undefined);
    await fleet.answered();
    assert.equal(fleet.problem, undefined);
  });
});
