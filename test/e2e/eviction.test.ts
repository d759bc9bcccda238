import assert from 'node:assert/strict';
import { subresourcePath } from '../../cmd/kubectl-virt/paths.js';
import { ConsoleSession } from './support/console.js';
import { evict } from './support/evictions.js';
import { apply, get, list } from './support/api.js';
import { launchersOf, lifeOf, type Pod, untilEventOf, vmiOf } from './support/faults.js';
import { kubectl, plugin, run, until } from './support/kubectl.js';
import { instance, machine, tinySpec, untilGone, untilPhase, useNamespace } from './support/machines.js';

interface LauncherPod extends Pod {
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
}

/** kubectl drain as a VM sees it, strategy by strategy. */
describe('evictions', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-eviction');
  const GRACE_SECONDS = 30;
  /** What a pod's end is called: Kubernetes 1.26 and newer tell an eviction from another deletion. */
  const REASON = /^(Evicted|PodDeleted)$/;
  const withStrategy = (evictionStrategy: string) =>
    tinySpec({ evictionStrategy, terminationGracePeriodSeconds: GRACE_SECONDS });
  /** What nobody looks into may stand still: it costs no CPU. */
  const still = (evictionStrategy: string) => ({ ...withStrategy(evictionStrategy), startStrategy: 'Paused' });
  const podOf = async (name: string): Promise<string> => {
    const [pod, ...others] = await launchersOf(namespace, name);
    assert.ok(pod && others.length === 0, `${name} has ${others.length + (pod ? 1 : 0)} pods`);
    return pod.metadata.name;
  };
  const uidOf = async (name: string) => (await vmiOf(namespace, name))?.metadata?.uid;
  const assertEvicted = async (name: string): Promise<void> => {
    const { code, stderr } = await evict(namespace, await podOf(name));
    assert.equal(code, 0, stderr);
  };

  before('VMs of each strategy', async () => {
    await Promise.all([
      apply(instance(namespace, 'bare', withStrategy('None'))),
      apply(machine(namespace, 'always', { runStrategy: 'Always' }, withStrategy('None'))),
      apply(machine(namespace, 'again', { runStrategy: 'RerunOnFailure' }, withStrategy('LiveMigrateIfPossible'))),
      apply(machine(namespace, 'live', { runStrategy: 'Always' }, still('LiveMigrate'))),
      apply(instance(namespace, 'external', still('External'))),
    ]);
    await Promise.all(
      ['bare', 'always', 'again', 'live', 'external'].map((name) => untilPhase(namespace, name, 'Running', 360)),
    );
  });

  it('of a VM with strategy None power its guest off; what should run runs again, a bare VMI does not', async () => {
    const before = { always: await uidOf('always'), again: await uidOf('again'), bare: await uidOf('bare') };
    const console = new ConsoleSession(namespace, 'bare');
    try {
      // A guest that is still booting does not hear the power button.
      await console.shell(180);
      const started = Date.now();
      await Promise.all(['bare', 'always', 'again'].map(assertEvicted));
      // What the kernel of a guest says that was not just cut off.
      await console.expect(/Power down|power off|poweroff/i, GRACE_SECONDS);
      await untilPhase(namespace, 'bare', 'Succeeded', GRACE_SECONDS);
      assert.ok(Date.now() - started < GRACE_SECONDS * 1000, 'within the grace period');
    } finally {
      await console.close();
    }
    const bare = await vmiOf(namespace, 'bare');
    assert.match(bare?.status?.reason ?? '', REASON);
    assert.match(await untilEventOf(namespace, before.bare, bare?.status?.reason ?? ''), /evicted/);
    assert.match(await untilEventOf(namespace, before.bare, 'Stopped'), /shut down/);

    for (const name of ['always', 'again'] as const) {
      await until(
        `another life of ${name}`,
        async () => {
          const vmi = await vmiOf(namespace, name);
          return vmi?.metadata?.uid !== before[name] && vmi?.status?.phase === 'Running';
        },
        { namespace, seconds: 300 },
      );
      await lifeOf(namespace, name);
    }
    await until('its pod is gone', async () => (await launchersOf(namespace, 'bare')).length === 0, { namespace });
    assert.equal(await uidOf('bare'), before.bare);
    assert.equal((await vmiOf(namespace, 'bare'))?.status?.phase, 'Succeeded');
  });

  it('of a VM with strategy LiveMigrate are refused with the remedy, and the guest does not notice', async () => {
    const life = await lifeOf(namespace, 'live');
    const { code, stderr } = await evict(namespace, await podOf('live'));
    assert.notEqual(code, 0);
    assert.match(stderr, /TooManyRequests/);
    assert.match(stderr, /VMI "e2e-eviction\/live" has evictionStrategy LiveMigrate .* evictionStrategy: None/);
    assert.deepEqual(await lifeOf(namespace, 'live'), life);
  });

  it('of a VM with strategy External mark it and are refused', async () => {
    const life = await lifeOf(namespace, 'external');
    const { code, stderr } = await evict(namespace, await podOf('external'));
    assert.notEqual(code, 0);
    assert.match(stderr, /TooManyRequests.*Eviction triggered evacuation of VMI "e2e-eviction\/external"/);
    const { status } = (await vmiOf(namespace, 'external')) ?? {};
    assert.equal(status?.evacuationNodeName, status?.nodeName);
    await untilEventOf(namespace, life.vmi, 'EvictionRequested');
    const conditions = (await vmiOf(namespace, 'external'))?.status?.conditions;
    assert.equal(conditions?.find(({ type }) => type === 'EvictionRequested')?.status, 'True');
    await until(
      'the second is answered so',
      async () => (await evict(namespace, await podOf('external'))).stderr.includes('Evacuation in progress'),
      { namespace, seconds: 300 },
    );
    assert.deepEqual(await lifeOf(namespace, 'external'), life);
  });

  it('that marked a VM are called off by who may edit it', async () => {
    const marked = async () => (await vmiOf(namespace, 'external'))?.status?.evacuationNodeName;
    // Under KubeVirt's name, of two words: the API server asks for the first of them.
    const path = subresourcePath('vmi', namespace, 'external', 'evacuate/cancel');
    const cancel = async () => run('kubectl', ['replace', '--raw', path, '-f', '-', '--as=jane'], '{}');
    assert.match((await cancel()).stderr, /forbidden/i);
    assert.notEqual(await marked(), undefined);
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }];
    const metadata = { name: 'jane-edits', namespace };
    const binding = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef, subjects };
    await kubectl(['apply', '-f', '-'], JSON.stringify(binding));
    await until('jane may', async () => (await cancel()).code === 0, { namespace });
    assert.equal(await marked(), undefined);
    await until(
      'the condition is gone too',
      async () =>
        (await vmiOf(namespace, 'external'))?.status?.conditions?.some(({ type }) => type === 'EvictionRequested') ===
        false,
      { namespace },
    );
    const { code, stdout } = await plugin(['evacuate-cancel', 'vmi/external', '-n', namespace]);
    assert.deepEqual([code, stdout], [0, 'VMI external was scheduled to stay where it is\n'], 'nothing to cancel');
  });

  it('of a pod that is no VM’s happen as ever', async () => {
    const [launcher] = await list<LauncherPod>(namespace, 'pod', 'kubevirt.io=virt-launcher');
    const image = launcher?.spec.containers.find(({ name }) => name === 'compute')?.image;
    // Its name is meant to mislead.
    const name = 'virt-launcher-impostor';
    const containers = [{ name: 'main', image, imagePullPolicy: 'Never', command: ['sleep', '600'] }];
    const spec = { terminationGracePeriodSeconds: 1, containers };
    await apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec });
    await until('it runs', async () => (await get<Pod>(namespace, 'pod', name))?.status.phase === 'Running', {
      namespace,
      seconds: 300,
    });
    const { code, stderr } = await evict(namespace, name);
    assert.equal(code, 0, stderr);
    await untilGone(namespace, 'pod', name, 240);
  });
});
