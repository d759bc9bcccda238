import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { newCertificateRequest } from '../../../src/agent/node/certificate-request.js';
import { NodeCertificate } from '../../../src/agent/node/node-certificate.js';
import { NodeReporter } from '../../../src/agent/node/node-reporter.js';
import type { CertificateRequest } from '../../../src/agent-api/certificate-request.js';
import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { NodeDensity, VirtNode } from '../../../src/api/virt-node/virt-node.js';
import { Controller } from '../../../src/controller/controller.js';
import { ApiError } from '../../../src/kube/client/api-error.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { systemClock } from '../../../src/kube/clock.js';
import { silentLog } from '../../../src/kube/program/log.js';
import {
  API_VERSION,
  certificateRequestPath,
  configMapPath,
  kubevirtPath,
  leasePath,
  nodePath,
  podPath,
  secretPath,
  virtNodePath,
  vmiPath,
  vmPath,
} from '../../../src/kube/client/resources.js';
import type { Node } from '../../../src/kube/types.js';
import { until } from '../../integration/support/api-server.js';
import { ClusterWebhook } from '../../integration/webhook/cluster-webhook.js';
import { addNode, clientWith, installRights, kubeconfigWith, tokenOf } from './installation.js';

/*
 * Who has the token of one node's agent, on the real API server with the shipped rights and the real virt-webhook,
 * which runs with its own rights too. The API server is 1.20, whose tokens do not name the node: what holds here holds
 * later.
 */

const POD_UID = '5d307ca9-b3ef-428c-8861-06e72d69f223';
const facts = {
  kvmUsable: true,
  nestedVirtualization: false,
  cpuManager: false,
  cpuVendor: 'Intel' as const,
  seccompProfile: 'a'.repeat(32),
  cpuModels: ['EPYC', 'node-role'],
  cpuFeatures: ['avx2'],
  hostModel: 'EPYC',
  ksm: { enabled: true, managed: true },
  density: {
    memoryBytes: 2 ** 34,
    swapBytes: 0,
    vms: 1,
    guestMemoryBytes: 2 ** 30,
    requestedMemoryBytes: 2 ** 29,
    memoryOvercommitPercent: 6,
    warnings: ['SwapEnabled'],
  } as NodeDensity,
};

const refusedWith =
  (...codes: number[]) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof ApiError, String(error));
    assert.ok(codes.includes(error.code), `${error.code} ${error.message}`);
    return true;
  };

describe('attack: the token of the agent of node-a', function () {
  this.timeout(300_000);
  let webhook: ClusterWebhook;
  /** What the end has to close, whatever of it was made. */
  const made: (() => Promise<void> | void)[] = [];
  let admin: KubeClient;
  let a: KubeClient;
  let b: KubeClient;
  let unbound: KubeClient;
  let controllerClient: KubeClient;

  /** A VMI that runs on a node, as the programs leave it. */
  const running = async (name: string, node: string): Promise<void> => {
    const spec = { domain: { devices: {}, memory: { guest: '64Mi' } } };
    const object = { apiVersion: API_VERSION, kind: 'VirtualMachineInstance', metadata: { name }, spec };
    await until('virt-webhook answers', webhook.server.directory, () => admin.create(vmiPath('default'), object));
    await controllerClient.patch(
      vmiPath('default', name),
      {
        metadata: { labels: { 'kubevirt.io/nodeName': node } },
        status: { phase: 'Scheduled', nodeName: node, activePods: { [POD_UID]: node } },
      },
      'merge',
    );
  };

  before(async () => {
    webhook = await ClusterWebhook.start(async (client, server) => {
      await installRights(client);
      return kubeconfigWith(server, await tokenOf(client, 'virt-webhook'), 'virt-webhook');
    });
    const { server } = webhook;
    made.push(() => webhook.stop());
    admin = webhook.client;
    const [podA, podB] = [await addNode(admin, 'node-a'), await addNode(admin, 'node-b')];
    a = await clientWith(server, await tokenOf(admin, 'virt-agent', podA), 'agent-a');
    b = await clientWith(server, await tokenOf(admin, 'virt-agent', podB), 'agent-b');
    unbound = await clientWith(server, await tokenOf(admin, 'virt-agent'), 'agent');
    controllerClient = await clientWith(server, await tokenOf(admin, 'virt-controller'), 'virt-controller');
    for (const client of [a, b, unbound, controllerClient]) made.push(() => client.close());
    await running('on-a', 'node-a');
    await running('on-b', 'node-b');
  });
  after(async () => {
    for (const end of made.toReversed()) await end();
  });

  const patchVmi = (client: KubeClient, name: string, patch: object): Promise<VirtualMachineInstance> =>
    client.patch<VirtualMachineInstance>(vmiPath('default', name), patch, 'merge');

  describe('and the VMs', () => {
    it('of node-b: changes nothing of them, status or metadata', async () => {
      for (const patch of [
        { status: { phase: 'Failed' } },
        { status: { phase: 'Running' } },
        { status: { nodeName: 'node-a' } },
        { status: { activePods: { '../../../../etc': 'node-b' } } },
        { status: { conditions: [{ type: 'Paused', status: 'True' }] } },
        { metadata: { finalizers: null } },
        { metadata: { labels: { 'kubevirt.io/nodeName': 'node-a' } } },
        { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-a', uid: 'x' }] } },
        { spec: { hostname: 'mine' } },
      ])
        await assert.rejects(patchVmi(a, 'on-b', patch), refusedWith(422, 403), JSON.stringify(patch));
    });
    it('of node-a: reports what an agent reports, and nothing else', async () => {
      for (const patch of [
        { status: { activePods: { other: 'node-a' } } },
        { status: { launcherPod: { name: 'x', uid: 'y', containers: [] } } },
        { status: { nodeName: 'node-b' } },
        { status: { evacuationNodeName: 'node-a' } },
        { status: { launcherContainerImageVersion: 'x' } },
        { status: { qosClass: 'Guaranteed' } },
        { status: { interfaces: [{ name: 'default', ipAddress: '10.0.0.1' }] } },
        { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
        { status: { phase: 'Pending' } },
        { metadata: { finalizers: null } },
        { metadata: { annotations: { note: 'x' } } },
        { metadata: { labels: { app: 'x' } } },
        { metadata: { labels: { 'kubevirt.io/nodeName': null } } },
        { spec: { hostname: 'mine' } },
      ])
        await assert.rejects(patchVmi(a, 'on-a', patch), refusedWith(422, 403), JSON.stringify(patch));
      const conditions = [{ type: 'Paused', status: 'True' }];
      const { status } = await patchVmi(a, 'on-a', { status: { phase: 'Running', conditions } });
      assert.equal(status?.phase, 'Running');
    });
    it('creates and deletes none, and is no VM’s user', async () => {
      await assert.rejects(a.delete(vmiPath('default', 'on-a')), refusedWith(403));
      const object = { apiVersion: API_VERSION, kind: 'VirtualMachineInstance', metadata: { name: 'new' }, spec: {} };
      await assert.rejects(a.create(vmiPath('default'), object), refusedWith(403));
      await assert.rejects(a.list(vmPath()), refusedWith(403));
    });
    it('without a pod in it: writes nothing at all', async () => {
      await assert.rejects(patchVmi(unbound, 'on-a', { status: { phase: 'Failed' } }), refusedWith(422));
      await assert.rejects(unbound.create(virtNodePath(), { ...report('node-a') }), refusedWith(403));
    });
  });

  const report = (name: string) => ({
    apiVersion: API_VERSION,
    kind: 'VirtNode',
    metadata: { name },
    spec: { heartbeat: '2026-01-01T00:00:00Z', kvmUsable: true },
  });

  describe('and the nodes', () => {
    it('changes no Node: neither labels nor taints, not even of its own', async () => {
      for (const node of ['node-a', 'node-b']) {
        for (const patch of [{ metadata: { labels: { x: 'y' } } }, { spec: { unschedulable: true } }])
          await assert.rejects(a.patch(nodePath(node), patch, 'merge'), refusedWith(403));
        await assert.rejects(a.patch(nodePath(node, 'status'), { status: {} }, 'merge'), refusedWith(403));
      }
    });
    it('writes the report of node-a only, of no made-up node, and deletes none', async () => {
      await assert.rejects(a.create(virtNodePath(), report('node-b')), refusedWith(403));
      await assert.rejects(a.create(virtNodePath(), report('node-c')), refusedWith(403));
      const generated = { ...report(''), metadata: { generateName: 'node-' } };
      await assert.rejects(a.create(virtNodePath(), generated), refusedWith(403));
      await b.create(virtNodePath(), report('node-b'));
      await assert.rejects(a.patch(virtNodePath('node-b'), { spec: { kvmUsable: false } }, 'merge'), refusedWith(403));
      await assert.rejects(a.delete(virtNodePath('node-b')), refusedWith(403));
    });
    it('as the agent uses it, reports: and virt-controller copies into labels what is on its list', async () => {
      const reporter = new NodeReporter({
        client: a,
        node: 'node-a',
        facts: () => facts,
        clock: systemClock,
        log: silentLog,
      });
      reporter.start();
      await until('the report is there', webhook.server.directory, () => admin.get<VirtNode>(virtNodePath('node-a')));
      await reporter.stop();
      // What no agent of ours says: pruned by the schema, or refused by it.
      const extra = { spec: { labels: { 'node-role.kubernetes.io/master': '' }, unschedulable: true } };
      await a.patch(virtNodePath('node-a'), extra, 'merge');
      for (const spec of [
        { cpuVendor: 'x/y' },
        { seccompProfile: '../x' },
        { kvmUsable: 'yes' },
        { heartbeat: 'now' },
        { ksm: { enabled: 'x' } },
        { density: { ...facts.density, warnings: ['<script>'] } },
        { density: { ...facts.density, vms: 'many' } },
        { density: { ...facts.density, kubelet: { swapBehavior: '\u001b[2J' } } },
      ])
        await assert.rejects(a.patch(virtNodePath('node-a'), { spec }, 'merge'), refusedWith(422));

      const controller = new Controller({
        architecture: 'amd64',
        client: controllerClient,
        namespace: INSTALL_NAMESPACE,
        settings: { launcherImage: 'launcher:test' },
        log: silentLog,
      });
      made.push(() => controller.stop());
      await controller.startCaches();
      controller.startWork();
      const { labels = {}, annotations = {} } = await until(
        'the labels are there',
        webhook.server.directory,
        async () => {
          const { metadata } = await admin.get<Node>(nodePath('node-a'));
          assert.equal(metadata?.labels?.['kubevirt.io/schedulable'], 'true');
          return metadata;
        },
      );
      const ours = Object.entries(labels).filter(([label]) => !label.startsWith('kubernetes.io/'));
      assert.deepEqual(Object.fromEntries(ours), {
        'kubevirt.io/schedulable': 'true',
        'cpu-model.node.kubevirt.io/EPYC': 'true',
        'cpu-feature.node.kubevirt.io/avx2': 'true',
        'host-model-cpu.node.kubevirt.io/EPYC': 'true',
        'kubevirt.io/seccomp-profile': facts.seccompProfile,
        'kubevirt.io/ksm-enabled': 'true',
        'kubevirt.io/kvm-usable': 'true',
        'kubevirt.io/nested-virtualization': 'false',
        'kubevirt.io/cpumanager': 'false',
        'cpu-vendor.node.kubevirt.io/Intel': 'true',
      });
      assert.equal(annotations['kubevirt.io/ksm-handler-managed'], 'true');
      assert.deepEqual(JSON.parse(annotations['kubevirt.io/node-density'] ?? ''), facts.density);
    });
  });

  describe('and certificates', () => {
    const ask = async (client: KubeClient, more: object = {}): Promise<CertificateRequest> => {
      const { request } = newCertificateRequest();
      const created = await client.create<CertificateRequest>(certificateRequestPath(), {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { generateName: 'virt-agent-' },
        spec: {
          request: Buffer.from(request).toString('base64'),
          signerName: 'kubevirt.io/virt-agent',
          usages: ['digital signature', 'server auth'],
          ...more,
        },
      });
      return until('the request is answered', webhook.server.directory, async () => {
        const now = await admin.get<CertificateRequest>(certificateRequestPath(created.metadata?.name));
        if (!now.status?.certificate && !now.status?.conditions?.some(({ type }) => type === 'Denied'))
          throw new Error(`not yet; its log:\n${webhook.log.slice(-2000)}`);
        return now;
      });
    };
    const nameIn = ({ status }: CertificateRequest): string | undefined =>
      status?.certificate && new X509Certificate(Buffer.from(status.certificate, 'base64')).subjectAltName;

    it('gets one for node-a, also where the request says that somebody else asks', async () => {
      const forged = {
        username: 'system:serviceaccount:kubevirt:virt-agent',
        extra: { 'authentication.kubernetes.io/node-name': ['node-b'] },
      };
      assert.equal(nameIn(await ask(a)), 'URI:urn:kubevirt.io:node:node-a');
      assert.equal(nameIn(await ask(a, forged)), 'URI:urn:kubevirt.io:node:node-a');
      assert.equal(nameIn(await ask(b)), 'URI:urn:kubevirt.io:node:node-b');
    });
    it('gets none as a client of other agents, and others get none at all', async () => {
      const client = await ask(a, { usages: ['digital signature', 'client auth'] });
      assert.equal(client.status?.conditions?.[0]?.type, 'Denied');
      // Not even an administrator, whatever he says of himself.
      const extra = { 'authentication.kubernetes.io/node-name': ['node-a'] };
      const other = await ask(admin, { username: 'system:serviceaccount:kubevirt:virt-agent', extra });
      assert.equal(other.status?.conditions?.[0]?.type, 'Denied');
    });
    it('approves and signs none itself', async () => {
      const request = await ask(a);
      const path = (subresource: string) => certificateRequestPath(request.metadata?.name, subresource);
      await assert.rejects(a.update(path('approval'), request), refusedWith(403));
      await assert.rejects(a.update(path('status'), request), refusedWith(403));
    });
    it('as the agent uses it, gets a certificate and hears of the CA', async () => {
      const { data } = await until('the CA is published', webhook.server.directory, () =>
        admin.get<{ data: Record<string, string> }>(configMapPath(INSTALL_NAMESPACE, 'virt-agent-ca')),
      );
      let shown: SecureContextOptions | undefined;
      const certificate = new NodeCertificate({
        client: b,
        node: 'node-b',
        ca: () => data['ca.crt'],
        clock: systemClock,
        log: silentLog,
        changed: (tls) => (shown = tls),
      });
      certificate.start();
      await until('the agent may serve', webhook.server.directory, () => {
        if (shown === undefined) throw new Error(certificate.notReady());
      });
      await certificate.stop();
      // What the agent itself is allowed: the one ConfigMap, by its name.
      const list = { query: { fieldSelector: 'metadata.name=virt-agent-ca' } };
      assert.equal((await b.list(configMapPath(INSTALL_NAMESPACE), list)).items.length, 1);
    });
  });

  it('reads no Secret, ConfigMap, pod, lease or token of ours, and changes no settings', async () => {
    for (const path of [secretPath(INSTALL_NAMESPACE), podPath(INSTALL_NAMESPACE), configMapPath(INSTALL_NAMESPACE)])
      await assert.rejects(a.list(path), refusedWith(403), path);
    await assert.rejects(a.get(secretPath(INSTALL_NAMESPACE, 'virt-webhook-certificates')), refusedWith(403));
    await assert.rejects(a.get(leasePath(INSTALL_NAMESPACE, 'virt-controller')), refusedWith(403));
    await assert.rejects(tokenOf(a, 'virt-controller'), refusedWith(403));
    await assert.rejects(a.patch(kubevirtPath(INSTALL_NAMESPACE, 'kubevirt'), { spec: {} }, 'merge'), refusedWith(403));
  });
});
