import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { LiveMessage, VmDetail, VmRow } from '../../../../cmd/kubectl-virt/ui/shared/protocol.js';
import type { VirtualMachine } from '../../../../src/api/schema/kinds.js';
import type { KubeClient } from '../../../../src/kube/client/client.js';
import { eventPath, namespacePath, vmPath } from '../../../../src/kube/client/resources.js';
import { buildPrograms } from '../../../support/built-program.js';
import { vm } from '../../../unit/kubectl-virt/ui/fake-cluster.js';
import { logIn, send, type Login } from '../../../unit/kubectl-virt/ui/login.js';
import { serveUi, type Served } from '../../../unit/kubectl-virt/ui/served.js';
import { installCrds, type TestApiServer } from '../../support/api-server.js';
import { sharedApiServer } from '../../support/shared-api-server.js';

const until = async (what: string, holds: () => boolean): Promise<void> => {
  const end = Date.now() + 30_000;
  while (!holds()) {
    assert.ok(Date.now() < end, `not within 30 s: ${what}`);
    await sleep(50);
  }
};

/** What a page has been told, as a page keeps it. */
class Listener {
  readonly rows = new Map<string, VmRow>();
  namespaces: readonly string[] | undefined;
  detail: VmDetail | undefined;
  problem: string | undefined;
  readonly socket: WebSocket;

  constructor(served: Served, { root, cookie }: Login) {
    const headers = { cookie, origin: served.link.origin };
    this.socket = new WebSocket(`ws://${served.link.host}${root}live`, { headers });
    this.socket.on('message', (data: Buffer) => this.take(JSON.parse(data.toString()) as LiveMessage));
  }

  private take(message: LiveMessage): void {
    if (message.type === 'scope') this.namespaces = message.scope.namespaces ?? ['all'];
    if (message.type === 'problem') this.problem = message.text;
    if (message.type === 'detail') this.detail = message.detail;
    if (message.type !== 'rows') return;
    for (const row of message.rows) this.rows.set(`${row.namespace}/${row.name}`, row);
    for (const key of message.gone) this.rows.delete(key);
  }
}

/** The page's server with a real API server: watches, field selectors, and rights by RBAC. */
describe('kubectl virt ui and an API server', function () {
  this.timeout(300_000);
  let server: TestApiServer;
  let client: KubeClient;
  let served: Served;
  let page: Listener;
  let login: Login;

  const open = async (...flags: readonly string[]): Promise<void> => {
    served = await serveUi(['--kubeconfig', server.kubeconfig, ...flags]);
    login = await logIn(served.link);
    page = new Listener(served, login);
  };
  const close = async (): Promise<void> => {
    page.socket.terminate();
    await served.stop();
  };
  const rbac = (namespace: string, kind: string) =>
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/${kind}`;

  before(async () => {
    buildPrograms('kubectl-virt');
    server = await sharedApiServer();
    client = await server.client();
    await installCrds(client);
    for (const name of ['mine', 'theirs']) await client.create(namespacePath(), { metadata: { name } });
    for (const namespace of ['mine', 'theirs']) {
      const { metadata, ...rest } = vm(namespace, 'web');
      await client.create(vmPath(namespace), { ...rest, metadata: { name: metadata?.name } });
    }
    // May list VMs of one namespace, and no namespaces, instances' events or anything else.
    const rules = [
      {
        apiGroups: ['kubevirt.io'],
        resources: ['virtualmachines', 'virtualmachineinstances'],
        verbs: ['get', 'list', 'watch'],
      },
    ];
    await client.create(rbac('mine', 'roles'), { metadata: { name: 'viewer' }, rules });
    await client.create(rbac('mine', 'rolebindings'), {
      metadata: { name: 'viewer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'viewer' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }],
    });
  });
  after(() => server.stop());
  afterEach(close);

  it('shows an administrator all VMs, one with its events, and what changes', async () => {
    await open();
    await until('both VMs', () => page.rows.size === 2);
    assert.deepEqual(page.namespaces, ['all']);
    page.socket.send(JSON.stringify({ watch: { namespace: 'mine', name: 'web' } }));
    const about = (name: string) => ({ kind: 'VirtualMachine', namespace: 'mine', name });
    for (const name of ['web', 'other'])
      await client.create(eventPath('mine'), {
        metadata: { name: `${name}.1` },
        ...{ involvedObject: about(name), type: 'Warning', reason: 'FailedMount', message: `of ${name}` },
      });
    await until('its event', () => page.detail?.events.length === 1);
    assert.equal(page.detail?.events[0]?.message, 'of web');
    assert.ok(page.detail.facts.some(([label, text]) => label === 'Memory' && text === '1024 MiB'));
    await client.delete(vmPath('theirs', 'web'));
    await until('it is gone', () => page.rows.size === 1);
  });

  it('shows a user what he may see, and says what he may not', async () => {
    await open('--as', 'jane', '-n', 'mine');
    await until('his VM', () => page.rows.has('mine/web'));
    page.socket.send(JSON.stringify({ watch: { namespace: 'mine', name: 'web' } }));
    await until('why there are no events', () => /forbidden/.test(page.detail?.eventsProblem ?? ''));
    await close();
    await open('--as', 'jane', '-n', 'theirs');
    await until('the refusal', () => /forbidden/.test(page.problem ?? ''));
    const headers = { cookie: login.cookie, origin: served.link.origin, 'content-type': 'application/json' };
    const body = JSON.stringify({ namespace: 'theirs', name: 'web' });
    const { code, text } = await send(served.link, `${login.root}api/manifest`, { method: 'POST', headers, body });
    assert.equal(code, 400);
    assert.match(text, /cannot get resource/);
  });

  it('creates a VM, and overwrites no change that somebody else has made', async () => {
    await open('-n', 'mine');
    const headers = { cookie: login.cookie, origin: served.link.origin, 'content-type': 'application/json' };
    const post = (path: string, body: object) =>
      send(served.link, `${login.root}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const place = { namespace: 'mine', name: 'web' };
    const hidden = {
      finalizers: ['backup.example.com/keep'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'team', uid: 'u-1' }],
    };
    await client.patch(vmPath('mine', 'web'), { metadata: hidden }, 'merge');
    const { text } = JSON.parse((await post('api/manifest', place)).text) as { text: string };
    const changed = text.replace('runStrategy: Manual', 'runStrategy: Halted');
    assert.equal((await post('api/apply', { text: changed, replaces: place })).code, 200);
    const { metadata } = await client.get<VirtualMachine>(vmPath('mine', 'web'));
    assert.deepEqual(metadata?.finalizers, hidden.finalizers, 'what the text does not show stays');
    assert.deepEqual(metadata.ownerReferences, hidden.ownerReferences);
    await client.patch(vmPath('mine', 'web'), { metadata: { finalizers: null } }, 'merge');
    const late = await post('api/apply', { text, replaces: place });
    assert.equal(late.code, 400);
    assert.match(late.text, /modified/);
    const made = await post('api/apply', {
      text: text.replace('name: web', 'name: two').replace(/ *resourceVersion.*/, ''),
    });
    assert.deepEqual(JSON.parse(made.text), { name: 'two', namespace: 'mine' });
    await until('it is listed', () => page.rows.has('mine/two'));
  });
});
