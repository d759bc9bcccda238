import assert from 'node:assert/strict';
import { INSTALL_NAMESPACE, apply, eventually, get, kubectl, useNamespace, virt } from './support.js';

describe('the cluster', function () {
  this.timeout(90_000);
  const namespace = useNamespace();

  it('runs a pod, and its logs and a command in it are reachable', async () => {
    const image = (await get('deployment', 'virt-controller', INSTALL_NAMESPACE)).spec.template.spec.containers[0]
      .image;
    await apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'smoke', namespace: namespace.name },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'smoke',
            image,
            imagePullPolicy: 'IfNotPresent',
            command: ['/bin/sh', '-c', 'echo hello; sleep 300'],
          },
        ],
      },
    });
    await eventually(
      'the pod to run',
      async () => (await get('pod', 'smoke', namespace.name))?.status?.phase === 'Running',
    );
    await eventually(
      'its log',
      async () => (await kubectl(['logs', 'smoke', '--namespace', namespace.name])) === 'hello\n',
    );
    assert.equal(await kubectl(['exec', 'smoke', '--namespace', namespace.name, '--', 'echo', 'inside']), 'inside\n');
  });

  it('has our programs ready and our API served', async () => {
    for (const [kind, name, field] of [
      ['deployment', 'virt-webhook', 'readyReplicas'],
      ['deployment', 'virt-controller', 'readyReplicas'],
      ['daemonset', 'virt-agent', 'numberReady'],
    ] as const) {
      const { status } = await get(kind, name, INSTALL_NAMESPACE);
      assert.ok(status[field] >= 1, `${name} is not ready`);
    }
    for (const version of ['v1', 'v1alpha3']) {
      const text = await kubectl(['get', '--raw', `/apis/subresources.kubevirt.io/${version}`]);
      assert.equal((JSON.parse(text) as { kind: string }).kind, 'APIResourceList');
    }
    assert.match(await virt(['version']), /Server/);
  });

  it('gives the agent no right to read Secrets or pods', async () => {
    const agent = `--as=system:serviceaccount:${INSTALL_NAMESPACE}:virt-agent`;
    for (const resource of ['secrets', 'pods', 'configmaps']) {
      for (const verb of ['get', 'list']) {
        await assert.rejects(kubectl(['auth', 'can-i', verb, resource, agent, '--all-namespaces', '--quiet']));
      }
    }
  });
});
