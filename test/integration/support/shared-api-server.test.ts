import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { instanceSpec } from '../controller/cluster.js';
import { isNotFound } from '../../../src/kube/client/api-error.js';
import {
  API_VERSION,
  crdPath,
  dataVolumePath,
  namespacePath,
  nodePath,
  resourcePath,
  validatingWebhookPath,
  vmiPath,
} from '../../../src/kube/client/resources.js';
import type { KubernetesObject } from '../../../src/kube/types.js';
import { Informer } from '../../../src/kube/watch/informer.js';
import { until, type TestApiServer } from './api-server.js';
import { sharedApiServer } from './shared-api-server.js';

const ROLES = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' } as const;
const NAMESPACE = 'of-another-file';
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('the API server that test files share', function () {
  this.timeout(300_000);
  let api: TestApiServer | undefined;
  afterEach(async () => {
    await api?.stop();
    api = undefined;
  });

  it('has nothing of the file before, whatever that left: finalizers, webhooks, definitions, a namespace', async () => {
    const first = (api = await sharedApiServer());
    const client = await first.client();
    await client.create(namespacePath(), { metadata: { name: NAMESPACE } });
    await client.create(nodePath(), { metadata: { name: 'node-x' } });
    await client.create(resourcePath(ROLES), { metadata: { name: 'everything' }, rules: [] });
    const labels = { 'of-another': 'file' };
    await client.patch(namespacePath('default'), { metadata: { labels } }, 'merge');
    await client.create(vmiPath(NAMESPACE), {
      ...{ apiVersion: API_VERSION, kind: 'VirtualMachineInstance' },
      metadata: { name: 'held', finalizers: ['example.org/never'] },
      spec: instanceSpec(),
    });
    const [definition] = parseAllDocuments(readFileSync('manifests/data-volumes.yaml', 'utf8'));
    await client.create(crdPath(), definition?.toJS() as object);
    await until('DataVolumes are served', undefined, () => client.list(dataVolumePath('default')), 60_000);
    // Asked about every VM, and never there.
    await client.create(validatingWebhookPath(), {
      metadata: { name: 'nobody' },
      webhooks: [
        {
          ...{
            name: 'nobody.example.org',
            failurePolicy: 'Fail',
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
          },
          clientConfig: { url: 'https://127.0.0.1:9/' },
          rules: [{ apiGroups: ['kubevirt.io'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }],
        },
      ],
    });
    const vmi = {
      ...{ apiVersion: API_VERSION, kind: 'VirtualMachineInstance', metadata: { name: 'x' } },
      spec: instanceSpec(),
    };
    const refused = (): Promise<unknown> => client.create(vmiPath('default'), vmi, { query: { dryRun: 'All' } });
    await until('the webhook is asked', undefined, () => assert.rejects(refused(), /nobody\.example\.org/), 60_000);
    client.close();
    await first.stop();

    const second = (api = await sharedApiServer());
    assert.equal(second.url, first.url, 'the same server');
    const again = await second.client();
    for (const path of [
      namespacePath(NAMESPACE),
      nodePath('node-x'),
      resourcePath({ ...ROLES, name: 'everything' }),
      vmiPath(NAMESPACE, 'held'),
      dataVolumePath('default'),
    ])
      await assert.rejects(again.get(path), isNotFound, path);
    const { metadata } = await again.get<KubernetesObject>(namespacePath('default'));
    assert.equal(metadata?.labels?.['of-another'], undefined);
    // A copy begins with what the API server's cache has, and nobody is asked about VMs any more.
    const informer = new Informer<KubernetesObject>(again, { path: vmiPath() });
    informer.start();
    await informer.synced;
    assert.deepEqual(informer.list(), []);
    await informer.stop();
    await again.create(vmiPath('default'), vmi);
    again.close();
  });

  it('ends with its process, however that ends', async () => {
    const script = `
      const { startApiServer } = await import(${JSON.stringify(join(import.meta.dirname, 'api-server.ts'))});
      const { pids, directory } = await startApiServer();
      console.log(JSON.stringify({ pids: pids(), directory }));
    `;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { pids, directory } = JSON.parse(line.toString()) as { pids: number[]; directory: string };
    assert.equal(pids.filter(isAlive).length, 2);
    child.kill('SIGKILL');
    await ended;
    await until('both have ended', undefined, () => assert.ok(!pids.some(isAlive)), 10_000);
    rmSync(directory, { recursive: true, force: true });
  });
});
