import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import {
  API_VERSION,
  crdPath,
  dataVolumePath,
  mutatingWebhookPath,
  namespacePath,
  resourcePath,
  validatingWebhookPath,
  vmPath,
  vmiPath,
} from '../../../src/kube/client/resources.js';
import { ApiError, isNotFound } from '../../../src/kube/client/api-error.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { clientFor } from '../../../src/kube/client/connect.js';
import { silentLog } from '../../../src/kube/program/log.js';
import type { CustomResourceDefinition } from '../../../src/controller/data-volumes/api.js';
import { Controller } from '../../../src/controller/controller.js';
import type { DataVolume } from '../../../src/api/schema/datavolume.js';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { ClusterWebhook } from '../../integration/webhook/cluster-webhook.js';
import { until } from '../../integration/support/api-server.js';

const RECORD = 'kubectl-virt.io/requested-by';
const TENANT = 'tenant';
const role = (namespace: string, name?: string) =>
  resourcePath({ group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'roles', namespace, name });
const binding = (namespace: string, name?: string) =>
  resourcePath({ group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'rolebindings', namespace, name });

const VMS = { apiGroups: ['kubevirt.io'], resources: ['*'], verbs: ['*'] };
const PODS = { apiGroups: [''], resources: ['pods'], verbs: ['create'] };
const SOURCE = { apiGroups: ['cdi.kubevirt.io'], resources: ['datavolumes/source'], verbs: ['create'] };

const copying = (name: string, source: object | undefined, more: object = {}): VirtualMachine => ({
  apiVersion: API_VERSION,
  kind: 'VirtualMachine',
  metadata: { name, namespace: TENANT, ...more },
  spec: {
    runStrategy: 'Halted',
    template: {
      spec: {
        domain: { devices: {}, resources: { requests: { memory: '64Mi' } } },
        ...(source === undefined ? {} : { volumes: [{ name: 'root', dataVolume: { name: `${name}-root` } }] }),
      },
    },
    ...(source === undefined
      ? {}
      : {
          dataVolumeTemplates: [
            {
              metadata: { name: `${name}-root` },
              spec: { ...source, storage: { resources: { requests: { storage: '1Gi' } } } },
            },
          ],
        }),
  },
});
const PAYROLL = { source: { pvc: { namespace: 'victim', name: 'payroll-db' } } };

/*
 * A real API server with its own RBAC, virt-webhook as it runs in a cluster, users by impersonation, virt-controller's
 * real code.
 */
describe('a VM acts for its user, with no more than his rights', function () {
  this.timeout(300_000);
  let webhook: ClusterWebhook;
  let admin: KubeClient;
  let controller: Controller | undefined;
  const clients: KubeClient[] = [];

  const as = async (user: string, groups: string[] = ['staff']): Promise<KubeClient> => {
    const client = await clientFor({
      kubeconfig: webhook.server.kubeconfig,
      as: user,
      'as-group': groups,
    });
    clients.push(client);
    return client;
  };
  const grant = async (user: string, namespace: string, name: string, ...rules: object[]): Promise<void> => {
    const metadata = { name: `${user}-${name}` };
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    await admin.create(role(namespace), { apiVersion, kind: 'Role', metadata, rules });
    await admin.create(binding(namespace), {
      ...{ apiVersion, kind: 'RoleBinding', metadata },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
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
  const create = (client: KubeClient, vm: VirtualMachine) => outcome(client.create(vmPath(TENANT), vm));
  const dataVolume = async (name: string): Promise<DataVolume | undefined> => {
    try {
      return await admin.get<DataVolume>(dataVolumePath(TENANT, name));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const eventually = <T>(what: string, check: () => Promise<T>): Promise<T> =>
    until(what, webhook.server.directory, check, 60_000);
  const refused = (name: string): Promise<string> =>
    eventually(`virt-controller refuses ${name}`, async () => {
      const vm = await admin.get<VirtualMachine>(vmPath(TENANT, name));
      const failure = vm.status?.conditions?.find(({ type }) => type === 'Failure');
      assert.equal(failure?.reason, 'UnauthorizedDataVolumeCreate');
      assert.equal(await dataVolume(`${name}-root`), undefined);
      return failure.message ?? '';
    });
  const made = (name: string): Promise<DataVolume> =>
    eventually(`virt-controller makes the DataVolume of ${name}`, async () => {
      const found = await dataVolume(`${name}-root`);
      assert.ok(found);
      return found;
    });
  const configurations = [mutatingWebhookPath, validatingWebhookPath] as const;
  /** As if an administrator had deleted the webhook configurations. */
  const withoutAdmission = async (act: () => Promise<void>): Promise<void> => {
    const before = await Promise.all(
      configurations.map((path) => admin.get<{ metadata: object }>(path('virt-webhook'))),
    );
    for (const path of configurations) await admin.delete(path('virt-webhook'));
    try {
      // The API server learns of it by a watch.
      await eventually('nobody checks VMs any more', async () => {
        const wrong = copying('probe', undefined);
        const vm = { ...wrong, spec: { ...wrong.spec, runStrategy: 'Nonsense' } };
        await admin.create(vmPath(TENANT), vm, { query: { dryRun: 'All' } });
      });
      await act();
    } finally {
      for (const [index, path] of configurations.entries()) {
        const { metadata, ...rest } = before[index]!;
        const { name } = metadata as { name: string };
        await admin.create(path(), { ...rest, metadata: { name } });
      }
      await eventually('VMs are checked again', async () => {
        const wrong = copying('probe', undefined);
        const vm = { ...wrong, spec: { ...wrong.spec, runStrategy: 'Nonsense' } };
        assert.notEqual(await outcome(admin.create(vmPath(TENANT), vm, { query: { dryRun: 'All' } })), 'allowed');
      });
    }
  };

  before(async () => {
    webhook = await ClusterWebhook.start();
    admin = webhook.client;
    for (const name of [TENANT, 'victim']) await admin.create(namespacePath(), { metadata: { name } });
    // CDI's definition, as far as it matters: not labelled as ours, so the built-in importer stays away.
    const [definition] = parseAllDocuments(readFileSync('manifests/data-volumes.yaml', 'utf8'));
    const crd = definition?.toJS() as CustomResourceDefinition;
    await admin.create(crdPath(), { ...crd, metadata: { name: crd.metadata?.name } });
    for (const user of ['mallory', 'alice', 'vm-only']) await grant(user, TENANT, 'vms', VMS);
    for (const user of ['mallory', 'alice']) await grant(user, TENANT, 'pods', PODS);
    await grant('alice', 'victim', 'source', SOURCE);
    await eventually('the webhook answers', async () =>
      assert.equal(
        await outcome(admin.create(vmPath(TENANT), copying('probe', undefined), { query: { dryRun: 'All' } })),
        'allowed',
      ),
    );
    controller = new Controller({
      architecture: 'amd64',
      ...{ client: admin, namespace: 'kubevirt', log: silentLog },
      settings: { launcherImage: 'launcher:test' },
    });
    await controller.startCaches();
    controller.startWork();
  });
  after(async () => {
    await controller?.stop();
    for (const client of clients) client.close();
    await webhook.stop();
  });

  it("refuses to copy another namespace's claim, snapshot or data source for a tenant, on creation", async () => {
    const mallory = await as('mallory');
    for (const source of [
      PAYROLL,
      { source: { snapshot: { namespace: 'victim', name: 'payroll-db' } } },
      { sourceRef: { kind: 'DataSource', namespace: 'victim', name: 'payroll-db' } },
    ]) {
      const answer = await create(mallory, copying('evil', source));
      assert.match(
        answer,
        /spec\.dataVolumeTemplates\[0\]\.spec\.source.*payroll-db.*"mallory" lacks the right in namespace victim/,
      );
      assert.match(answer, /create datavolumes\.cdi\.kubevirt\.io\/source payroll-db/);
    }
    const dryRun = { query: { dryRun: 'All' } };
    assert.match(await outcome(mallory.create(vmPath(TENANT), copying('evil', PAYROLL), dryRun)), /lacks the right/);
  });

  it('refuses it on a change', async () => {
    const mallory = await as('mallory');
    assert.equal(await create(mallory, copying('later', { source: { blank: {} } })), 'allowed');
    const patch = { spec: { dataVolumeTemplates: copying('later', PAYROLL).spec.dataVolumeTemplates } };
    assert.match(
      await outcome(mallory.patch(vmPath(TENANT, 'later'), patch, 'merge')),
      /lacks the right in namespace victim/,
    );
  });

  it('copies it for a user who may, on his word, and keeps his word when others change something else', async () => {
    const alice = await as('alice');
    assert.equal(
      await create(alice, copying('golden', PAYROLL, { annotations: { [RECORD]: 'forged.text' } })),
      'allowed',
    );
    const { spec } = await made('golden');
    assert.deepEqual(spec.source, PAYROLL.source);
    const before = await admin.get<VirtualMachine>(vmPath(TENANT, 'golden'));
    const mallory = await as('mallory');
    const labelled = await mallory.patch<VirtualMachine>(
      vmPath(TENANT, 'golden'),
      { metadata: { labels: { a: 'b' }, annotations: { [RECORD]: null } } },
      'merge',
    );
    assert.equal(labelled.metadata?.annotations?.[RECORD], before.metadata?.annotations?.[RECORD]);
    const over = { metadata: { annotations: { [RECORD]: 'renew' } } };
    assert.match(await outcome(mallory.patch(vmPath(TENANT, 'golden'), over, 'merge')), /"mallory" lacks the right/);
  });

  it('does not copy it while admission is away: nobody is on record', async () => {
    const mallory = await as('mallory');
    await withoutAdmission(async () => {
      assert.equal(await create(mallory, copying('unseen', PAYROLL)), 'allowed');
      const message = await refused('unseen');
      assert.match(message, /copies payroll-db of namespace victim, and nobody is on record/);
    });
    // Somebody with rights who labels it does not answer for it; who says so does.
    const alice = await as('alice');
    await alice.patch(vmPath(TENANT, 'unseen'), { metadata: { labels: { seen: 'yes' } } }, 'merge');
    const labelled = await admin.get<VirtualMachine>(vmPath(TENANT, 'unseen'));
    assert.equal(labelled.metadata?.annotations?.[RECORD], undefined);
    await alice.patch(vmPath(TENANT, 'unseen'), { metadata: { annotations: { [RECORD]: 'renew' } } }, 'merge');
    await made('unseen');
  });

  it("does not believe a record that is forged, or another VM's or another source's", async () => {
    const alice = await as('alice');
    const mallory = await as('mallory');
    assert.equal(await create(alice, copying('lent', PAYROLL, {})), 'allowed');
    const lent = (await admin.get<VirtualMachine>(vmPath(TENANT, 'lent'))).metadata?.annotations?.[RECORD] ?? '';
    assert.ok(lent.includes('.'));
    const forged = `${Buffer.from(JSON.stringify({ user: { username: 'alice' } })).toString('base64url')}.AAAA`;
    await withoutAdmission(async () => {
      assert.equal(await create(mallory, copying('copied', PAYROLL, { annotations: { [RECORD]: lent } })), 'allowed');
      assert.equal(await create(mallory, copying('forged', PAYROLL, { annotations: { [RECORD]: forged } })), 'allowed');
      await refused('copied');
      await refused('forged');
    });
  });

  it('asks again when it makes the DataVolume: a right that was taken away meanwhile is gone', async () => {
    const alice = await as('alice');
    await controller?.stop();
    assert.equal(await create(alice, copying('revoked', PAYROLL)), 'allowed');
    await admin.delete(binding('victim', 'alice-source'));
    controller = new Controller({
      architecture: 'amd64',
      ...{ client: admin, namespace: 'kubevirt', log: silentLog },
      settings: { launcherImage: 'launcher:test' },
    });
    await controller.startCaches();
    controller.startWork();
    assert.match(await refused('revoked'), /"alice" lacks the right in namespace victim/);
  });

  it('gives a user who may make VMs but no pods neither Secrets nor tokens nor claims; who may make pods has them', async () => {
    const nobody = await as('vm-only');
    const podMaker = await as('mallory');
    const taking = (volume: object): object => ({
      ...{ apiVersion: API_VERSION, kind: 'VirtualMachineInstance', metadata: { name: 'taking', namespace: TENANT } },
      spec: {
        domain: {
          devices: { disks: [{ name: 'd', disk: {} }] },
          resources: { requests: { memory: '64Mi' } },
        },
        volumes: [{ name: 'd', ...volume }],
      },
    });
    const attempt = (client: KubeClient, volume: object) =>
      outcome(client.create(vmiPath(TENANT), taking(volume), { query: { dryRun: 'All' } }));
    assert.equal(await attempt(nobody, { emptyDisk: { capacity: '1Gi' } }), 'allowed');
    for (const [volume, right] of [
      [{ secret: { secretName: 'db' } }, /get secrets db/],
      [{ configMap: { name: 'c' } }, /get configmaps c/],
      [{ serviceAccount: { serviceAccountName: 'admin' } }, /create serviceaccounts\/token admin/],
      [{ cloudInitNoCloud: { secretRef: { name: 'db' } } }, /get secrets db/],
      [{ persistentVolumeClaim: { claimName: 'payroll' } }, /create datavolumes\.cdi/],
    ] as const) {
      assert.match(await attempt(nobody, volume), right);
      assert.equal(await attempt(podMaker, volume), 'allowed', JSON.stringify(volume));
    }
    const reader = { apiGroups: [''], resources: ['secrets'], resourceNames: ['db'], verbs: ['get'] };
    await grant('vm-only', TENANT, 'secret', reader);
    await eventually('the right to read the Secret is enough', async () =>
      assert.equal(await attempt(nobody, { secret: { secretName: 'db' } }), 'allowed'),
    );
    assert.match(await attempt(nobody, { secret: { secretName: 'other' } }), /get secrets other/);
  });
});
