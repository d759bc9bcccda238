import assert from 'node:assert/strict';
import type { ApiClient, ClientRequest } from '../../../../cmd/kubectl-virt/client/client.js';
import { KnownSettings } from '../../../../cmd/kubectl-virt/ui/server/known-settings.js';
import { Editor } from '../../../../cmd/kubectl-virt/ui/server/editor.js';
import type { VirtualMachine } from '../../../../src/api/schema/kinds.js';
import { vm } from './fake-cluster.js';

const PLACE = { namespace: 'prod', name: 'web' };

describe('the editor of the page of kubectl virt ui', function () {
  this.timeout(60_000);

  /** What a user of the editor cannot see of a VM, and must not lose by saving it. */
  const hidden = {
    uid: 'vm-prod-web',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generateName: 'web-',
    finalizers: ['backup.example.com/keep'],
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'team', uid: 'u-1' }],
  };
  const live = {
    ...vm('prod', 'web'),
    metadata: {
      ...PLACE,
      ...hidden,
      resourceVersion: '7',
      labels: { tier: 'front' },
      annotations: { note: 'x' },
      managedFields: [{ manager: 'kubectl' }],
    },
  } as unknown as VirtualMachine;

  /** Says of every path but the VM's that it is not there. */
  const client = (puts: ClientRequest[]) =>
    ({
      get: (path: string) =>
        path.endsWith('/virtualmachines/web') ? Promise.resolve(live) : Promise.reject(new Error('not found')),
      request: (request: ClientRequest) => {
        puts.push(request);
        return Promise.resolve({});
      },
    }) as unknown as ApiClient;

  it('writes a VM with all that its text does not show: a PUT without it would take it away', async () => {
    const puts: ClientRequest[] = [];
    const api = client(puts);
    const editor = new Editor(api, 'prod');
    const text = await editor.write(live);
    for (const word of ['finalizers', 'ownerReferences', 'uid', 'managedFields'])
      assert.ok(!text.includes(word), `${word} in ${text}`);
    const changed = text
      .replace('runStrategy: Manual', 'runStrategy: Halted')
      .replace(/ *labels:\n *tier: front\n/, '');
    assert.deepEqual(await editor.apply(api, changed, PLACE), PLACE);
    const [put] = puts;
    assert.equal(put?.method, 'PUT');
    const { metadata, spec } = put.body as { metadata: object; spec: { runStrategy: string } };
    assert.equal(spec.runStrategy, 'Halted');
    // The labels are gone because they were seen and taken out.
    assert.deepEqual(metadata, { ...PLACE, ...hidden, resourceVersion: '7', annotations: { note: 'x' } });
  });

  it('writes the version of the text, so that a change made meanwhile is refused and not undone', async () => {
    const puts: ClientRequest[] = [];
    const api = client(puts);
    const editor = new Editor(api, 'prod');
    const text = (await editor.write(live)).replace(/resourceVersion: .*/, 'resourceVersion: "6"');
    await editor.apply(api, text, PLACE);
    assert.equal((puts[0]?.body as VirtualMachine).metadata?.resourceVersion, '6');
  });

  it('leaves it to the text where that names them after all', async () => {
    const puts: ClientRequest[] = [];
    const api = client(puts);
    const editor = new Editor(api, 'prod');
    const text = (await editor.write(live)).replace('metadata:\n', 'metadata:\n  finalizers: []\n');
    await editor.apply(api, text, PLACE);
    assert.deepEqual((puts[0]?.body as VirtualMachine).metadata?.finalizers, []);
  });
});

describe('the settings that the editor of the page of kubectl virt ui checks with', () => {
  let now: number;
  let answer: object | Error;
  let asked: number;
  let settings: KnownSettings;
  beforeEach(() => {
    [now, asked] = [0, 0];
    const get = () => {
      asked += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    settings = new KnownSettings({ get } as unknown as ApiClient, () => now);
  });

  it('are read again after a minute, and once for all who ask together', async () => {
    answer = { kind: 'first' };
    assert.deepEqual(await Promise.all([settings.current(), settings.current()]), [answer, answer]);
    answer = { kind: 'second' };
    now = 59_000;
    assert.deepEqual(await settings.current(), { kind: 'first' });
    assert.equal(asked, 1);
    now = 61_000;
    assert.deepEqual(await settings.current(), answer);
  });

  it('are asked for again after a failure, which is not kept; what was known is', async () => {
    answer = new Error('the server is away');
    assert.equal(await settings.current(), undefined);
    answer = { kind: 'first' };
    assert.deepEqual(await settings.current(), answer);
    answer = new Error('the server is away again');
    now = 61_000;
    assert.deepEqual(await settings.current(), { kind: 'first' });
    answer = { kind: 'second' };
    assert.deepEqual(await settings.current(), answer);
  });
});
