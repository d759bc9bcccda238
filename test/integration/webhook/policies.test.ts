import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { parseAllDocuments } from 'yaml';
import { INSTALL_NAMESPACE, KUBEVIRT_OBJECT_NAME } from '../../../src/api/names.js';
import type { VirtualMachinePolicy, VirtualMachinePolicyException } from '../../../src/api/schema/policies.js';
import { keepPolicyStatus } from '../../../src/controller/policies/keep-policy-status.js';
import { policyFleetMetrics } from '../../../src/controller/policies/metrics.js';
import { ApiError } from '../../../src/kube/client/api-error.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { clientFor } from '../../../src/kube/client/connect.js';
import {
  API_VERSION,
  eventPath,
  kubevirtPath,
  namespacePath,
  policyPath,
  resourcePath,
} from '../../../src/kube/client/resources.js';
import { systemClock } from '../../../src/kube/clock.js';
import { EventRecorder } from '../../../src/kube/events.js';
import { informerMetrics, workQueueMetrics } from '../../../src/kube/program/metrics.js';
import { silentLog } from '../../../src/kube/program/log.js';
import type { KubernetesObject } from '../../../src/kube/types.js';
import { until } from '../support/api-server.js';
import { ClusterWebhook } from './cluster-webhook.js';

/*
 * Policies and exceptions through a real API server with its own RBAC and the roles as they are shipped: the real
 * program admits them, virt-controller's real code writes their status.
 */

const ROLES = join(import.meta.dirname, '..', '..', '..', 'manifests', 'rbac', 'policy-roles.yaml');
const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;
const CLUSTER = 'VirtualMachineClusterPolicy';
const EXCEPTION = 'VirtualMachinePolicyException';
const PAUSED = 'policies.kubectl-virt.io/paused-until';
const REASON = 'policies.kubectl-virt.io/pause-reason';
const HOUR = 3_600_000;

const policy = (name: string, spec: object = {}, kind = CLUSTER): object => ({
  apiVersion: 'policies.kubectl-virt.io/v1alpha1',
  kind,
  metadata: { name },
  spec: { action: 'Enforce', validations: [{ name: 'vcpus', expression: 'variables.vcpus <= 8' }], ...spec },
});
const exception = (name: string, spec: object = {}): object => ({
  apiVersion: 'policies.kubectl-virt.io/v1alpha1',
  kind: EXCEPTION,
  metadata: { name },
  spec: {
    policies: [{ name: 'vm-size' }],
    match: { names: ['db-*'] },
    reason: 'Reporting database until it is split',
    owner: 'team-db@example.com',
    expiresAt: new Date(Date.now() + 24 * HOUR).toISOString(),
    ...spec,
  },
});

describe('policies through a real API server', function () {
  this.timeout(300_000);
  let webhook: ClusterWebhook;
  let admin: KubeClient;
  const clients: KubeClient[] = [];
  const stopping = new AbortController();
  let status: Promise<void> = Promise.resolve();

  const as = async (user: string): Promise<KubeClient> => {
    const client = await clientFor({ kubeconfig: webhook.server.kubeconfig, as: user });
    clients.push(client);
    return client;
  };
  const bind = (user: string, roleName: string, namespace?: string): Promise<unknown> => {
    const resource = namespace === undefined ? 'clusterrolebindings' : 'rolebindings';
    return admin.create(resourcePath({ ...RBAC, resource, namespace }), {
      metadata: { name: `${user}-${roleName.replace(/.*:/, '')}` },
      roleRef: { apiGroup: RBAC.group, kind: 'ClusterRole', name: roleName },
      subjects: [{ apiGroup: RBAC.group, kind: 'User', name: user }],
    });
  };
  /** What the API server answers, or "allowed". */
  const outcome = async (attempt: Promise<unknown>): Promise<string> => {
    try {
      await attempt;
      return 'allowed';
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
  };
  const eventually = <T>(what: string, check: () => Promise<T>): Promise<T> =>
    until(what, webhook.server.directory, check, 30_000);

  before(async () => {
    webhook = await ClusterWebhook.start();
    admin = webhook.client;
    for (const document of parseAllDocuments(readFileSync(ROLES, 'utf8')))
      await admin.create(resourcePath({ ...RBAC, resource: 'clusterroles' }), document.toJS() as object);
    await admin.create(resourcePath({ ...RBAC, resource: 'clusterroles' }), {
      metadata: { name: 'everything' },
      rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
    });
    await admin.create(namespacePath(), { metadata: { name: 'shop' } });
    await bind('pipeline', 'kubevirt.io:policy-pipeline');
    await bind('platform', 'kubevirt.io:policy-admin');
    await bind('owner', 'everything', 'shop');
    await eventually('virt-webhook checks policies', async () => {
      const answer = await outcome(
        admin.create(policyPath(CLUSTER), policy('probe', { acton: 'Warn' }), { query: { dryRun: 'All' } }),
      );
      assert.match(answer, /did you mean/, `${answer}\n${webhook.log}`);
    });
    const registry = new Registry();
    const options = {
      client: admin,
      recorder: new EventRecorder(admin, { component: 'virt-controller' }),
      clock: systemClock,
      log: silentLog,
      pausedUntil: () => undefined,
      onSettings: () => undefined,
      metrics: {
        informer: informerMetrics(registry),
        queue: workQueueMetrics(registry),
        policies: policyFleetMetrics(registry),
      },
    };
    status = keepPolicyStatus(options, stopping.signal);
  });
  after(async () => {
    stopping.abort();
    await status;
    for (const client of clients) client.close();
    await webhook.stop();
  });

  it('are refused with the place of every mistake, what the schema does not know among them', async () => {
    const validations = [{ name: 'a', expression: 'object.spec.template.spec.domain.cpu.coers <= 8', mesage: 'x' }];
    const platform = await as('platform');
    const unknown = await outcome(
      platform.create(policyPath(CLUSTER), policy('wrong', { validations, mutations: [] })),
    );
    assert.match(unknown, /denied the request: spec\.mutations is not acted on: policies change no objects yet/);
    assert.match(unknown, /\nspec\.validations\[0\]\.mesage is not a known field; did you mean "message"\?/);
    const [{ name, expression }] = validations as [(typeof validations)[0]];
    const wrong = await outcome(
      platform.create(policyPath(CLUSTER), policy('wrong', { validations: [{ name, expression }] })),
    );
    assert.match(
      wrong,
      /spec\.validations\[0\]\.expression:1:38: VirtualMachine has no field "coers".*did you mean "cores"\?\n {2}object\..*\n {39}\^~~~~$/,
    );
  });

  it('are stored when they are right, and say that they are ready and what they do', async () => {
    const platform = await as('platform');
    assert.equal(await outcome(platform.create(policyPath(CLUSTER), policy('vm-size'))), 'allowed');
    await eventually('the policy is ready', async () => {
      const stored = await admin.get<VirtualMachinePolicy>(policyPath(CLUSTER, undefined, 'vm-size'));
      const ready = stored.status?.conditions?.find(({ type }) => type === 'Ready');
      assert.deepEqual(
        [ready?.status, stored.status?.action, stored.status?.observedGeneration],
        ['True', 'Enforce', 1],
      );
    });
    const table = await admin.request<{ columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] }>(
      'GET',
      policyPath(CLUSTER),
      undefined,
      { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } },
    );
    assert.deepEqual(
      table.columnDefinitions.map(({ name }) => name),
      ['Name', 'Action', 'Ready', 'Age', 'Severity', 'Category', 'Rollout', 'Paused-Until'],
    );
    assert.deepEqual(table.rows[0]?.cells.slice(0, 3), ['vm-size', 'Enforce', 'True']);
  });

  it('are tightened by a pipeline, and neither loosened, paused nor deleted by it, in whatever way', async () => {
    const pipeline = await as('pipeline');
    const at = policyPath(CLUSTER, undefined, 'vm-size');
    const patch = (body: object): Promise<string> => outcome(pipeline.patch(at, body, 'merge'));
    assert.equal(await patch({ spec: { existing: 'Enforce' } }), 'allowed');
    for (const body of [
      { spec: { existing: 'Ratchet' } },
      { spec: { action: 'Warn' } },
      { spec: { match: { excludeNames: ['*'] } } },
      { spec: { validations: [] } },
      { spec: null },
    ])
      assert.notEqual(await patch(body), 'allowed', JSON.stringify(body));
    assert.match(await patch({ spec: { action: 'Warn' } }), /"pipeline" lacks the verb weaken on .* "vm-size"/);
    const until = new Date(Date.now() + HOUR).toISOString();
    assert.match(
      await patch({ metadata: { annotations: { [PAUSED]: until, [REASON]: 'x' } } }),
      /lacks the verb pause/,
    );
    await bind('pipeline', 'everything', 'shop');
    assert.match(await patch({ spec: { action: 'Warn' } }), /lacks the verb weaken/, 'a right within a namespace');
  });

  it('are weakened and deleted by who may, which an Event tells', async () => {
    const platform = await as('platform');
    const at = policyPath(CLUSTER, undefined, 'vm-size');
    const dry = { query: { dryRun: 'All' } };
    assert.equal(await outcome(platform.patch(at, { spec: { action: 'Off' } }, 'merge', dry)), 'allowed');
    assert.equal(await outcome(platform.patch(at, { spec: { existing: 'Ratchet' } }, 'merge')), 'allowed');
    await eventually('the Event is there', async () => {
      const { items } = await admin.list<KubernetesObject & { reason: string; message: string }>(eventPath('default'));
      const told = items.filter(({ reason }) => reason === 'Weakened').map(({ message }) => message);
      assert.deepEqual(told, ['weakened by platform: spec.existing is Ratchet and was Enforce']);
    });
    const deleter = await as('deleter');
    await admin.create(resourcePath({ ...RBAC, resource: 'clusterroles' }), {
      metadata: { name: 'deleter' },
      rules: [
        { apiGroups: ['policies.kubectl-virt.io'], resources: ['*'], verbs: ['delete', 'deletecollection', 'list'] },
      ],
    });
    await bind('deleter', 'deleter');
    assert.match(await outcome(deleter.delete(at)), /to delete it is to weaken it: "deleter" lacks the verb weaken/);
    assert.match(await outcome(deleter.delete(policyPath(CLUSTER))), /"deleter" lacks the verb weaken/);
    await platform.create(policyPath(CLUSTER), policy('short-lived'));
    assert.equal(await outcome(platform.delete(policyPath(CLUSTER, undefined, 'short-lived'))), 'allowed');
  });

  it('are paused for hours, with a reason, by somebody whose name is known', async () => {
    const platform = await as('platform');
    const pause = (ms: number): object => ({
      metadata: {
        annotations: {
          [PAUSED]: new Date(Date.now() + ms).toISOString(),
          [REASON]: 'incident 7',
          'policies.kubectl-virt.io/paused-by': 'somebody else',
        },
      },
    });
    const at = policyPath(CLUSTER, undefined, 'vm-size');
    assert.match(await outcome(platform.patch(at, pause(5 * HOUR), 'merge')), /a pause lasts 4 h at most/);
    const paused = await platform.patch<KubernetesObject>(at, pause(HOUR), 'merge');
    assert.equal(paused.metadata?.annotations?.['policies.kubectl-virt.io/paused-by'], 'platform');
    await eventually('the policy acts as Audit', async () => {
      assert.equal((await admin.get<VirtualMachinePolicy>(at)).status?.action, 'Audit');
    });
    const resumed = await platform.patch<KubernetesObject>(
      at,
      { metadata: { annotations: { [PAUSED]: null } } },
      'merge',
    );
    assert.deepEqual(resumed.metadata?.annotations ?? {}, {});
    await admin.create(kubevirtPath(INSTALL_NAMESPACE), {
      apiVersion: API_VERSION,
      kind: 'KubeVirt',
      metadata: { name: KUBEVIRT_OBJECT_NAME },
      spec: {},
    });
    const all = await admin.patch<KubernetesObject>(
      kubevirtPath(INSTALL_NAMESPACE, KUBEVIRT_OBJECT_NAME),
      pause(HOUR),
      'merge',
    );
    assert.notEqual(all.metadata?.annotations?.['policies.kubectl-virt.io/paused-by'], 'somebody else');
  });

  it('have exceptions by who may except, not by who may do anything in a namespace', async () => {
    const owner = await as('owner');
    const at = policyPath(EXCEPTION, 'shop');
    assert.match(await outcome(owner.create(at, exception('mine'))), /"owner" lacks the verb except on .* "vm-size"/);
    const missing = await outcome(owner.create(at, exception('mine', { policies: [{ name: 'vm-sizes' }] })));
    assert.match(missing, /there is no VirtualMachineClusterPolicy of this name/);
    const platform = await as('platform');
    assert.equal(await outcome(platform.create(at, exception('db'))), 'allowed');
    await eventually('the exception is active', async () => {
      const { status: found } = await admin.get<VirtualMachinePolicyException>(policyPath(EXCEPTION, 'shop', 'db'));
      assert.deepEqual([found?.state, found?.createdBy], ['Active', 'platform']);
    });
    // He may shorten it, and make policies and exceptions of his own.
    const mine = policyPath(EXCEPTION, 'shop', 'db');
    const soon = new Date(Date.now() + HOUR).toISOString();
    const later = new Date(Date.now() + 48 * HOUR).toISOString();
    assert.equal(await outcome(owner.patch(mine, { spec: { expiresAt: soon } }, 'merge')), 'allowed');
    assert.match(await outcome(owner.patch(mine, { spec: { expiresAt: later } }, 'merge')), /lacks the verb except/);
    const own = policy('own', {}, 'VirtualMachinePolicy');
    assert.equal(await outcome(owner.create(policyPath('VirtualMachinePolicy', 'shop'), own)), 'allowed');
    const policies = [{ kind: 'VirtualMachinePolicy', name: 'own' }];
    assert.equal(await outcome(owner.create(at, exception('own', { policies }))), 'allowed');
    await owner.delete(policyPath('VirtualMachinePolicy', 'shop', 'own'));
    await eventually('the exception of a policy that has gone is Invalid', async () => {
      const { status: found } = await admin.get<VirtualMachinePolicyException>(policyPath(EXCEPTION, 'shop', 'own'));
      assert.equal(found?.state, 'Invalid');
    });
  });
});
