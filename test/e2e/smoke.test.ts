import assert from 'node:assert/strict';
import { apply, get } from './support/api.js';
import { kubectl, plugin, run, until } from './support/kubectl.js';
import { useNamespace } from './support/machines.js';

const INSTALLED = 'kubevirt';

interface Workload {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
  readonly status: { readonly readyReplicas?: number; readonly numberReady?: number };
}

describe('the cluster', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-smoke');

  it('runs a pod, and its log and a command in it are reachable', async () => {
    const controller = await get<Workload>(INSTALLED, 'deployment', 'virt-controller');
    const image = controller?.spec.template.spec.containers[0]?.image;
    const container = { name: 'smoke', image, imagePullPolicy: 'Never' };
    await apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'smoke', namespace },
      spec: {
        terminationGracePeriodSeconds: 0,
        // It needs none, and a namespace as new as this one may have none to mount yet (Kubernetes before 1.24).
        automountServiceAccountToken: false,
        containers: [{ ...container, command: ['/bin/sh', '-c', 'echo hello; exec sleep 300'] }],
      },
    });
    await until('the log', async () => (await kubectl(['logs', 'smoke', '-n', namespace])) === 'hello\n', {
      namespace,
    });
    assert.equal(await kubectl(['exec', 'smoke', '-n', namespace, '--', 'echo', 'inside']), 'inside\n');
  });

  it('has our programs ready and the aggregated API served', async () => {
    for (const [kind, name] of [
      ['deployment', 'virt-webhook'],
      ['deployment', 'virt-controller'],
      ['daemonset', 'virt-agent'],
    ] as const) {
      await until(`${name} is ready`, async () => {
        const status = (await get<Workload>(INSTALLED, kind, name))?.status;
        return (status?.readyReplicas ?? status?.numberReady ?? 0) >= 1;
      });
    }
    for (const version of ['v1', 'v1alpha3']) {
      const { kind } = await until(
        `subresources.kubevirt.io/${version}`,
        async () =>
          JSON.parse(await kubectl(['get', '--raw', `/apis/subresources.kubevirt.io/${version}`])) as { kind?: string },
      );
      assert.equal(kind, 'APIResourceList');
    }
    assert.match((await plugin(['version'])).stdout, /server/i);
  });

  it('says of itself that it is available, as scripts of KubeVirt wait for it', async () => {
    const waited = await kubectl([
      '-n',
      INSTALLED,
      'wait',
      'kv',
      'kubevirt',
      '--for=condition=Available',
      '--timeout=120s',
    ]);
    assert.ok(waited.includes('kubevirt'), waited);
    assert.match(await kubectl(['-n', INSTALLED, 'get', 'kv', 'kubevirt']), /Deployed/);
  });

  it('gives the agent no right to read Secrets, ConfigMaps or pods', async () => {
    for (const resource of ['secrets', 'pods', 'configmaps']) {
      for (const verb of ['get', 'list', 'watch']) {
        const as = `--as=system:serviceaccount:${INSTALLED}:virt-agent`;
        const { stdout } = await run('kubectl', ['auth', 'can-i', verb, resource, as, '--all-namespaces']);
        assert.equal(stdout.trim(), 'no', `${verb} ${resource}`);
      }
    }
  });
});
