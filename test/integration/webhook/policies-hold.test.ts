import assert from 'node:assert/strict';
import type { KubernetesObject } from '../../../src/kube/types.js';
import { ApiError } from '../../../src/kube/client/api-error.js';
import type { KubeClient, RequestOptions } from '../../../src/kube/client/client.js';
import {
  eventPath,
  namespacePath,
  policyPath,
  resourcePath,
  vmiPath,
  vmirsPath,
  vmPath,
} from '../../../src/kube/client/resources.js';
import type { PolicyResourceKind } from '../../../src/api/policy/policy-kinds.js';
import { run, type Outcome } from '../../e2e/support/kubectl.js';
import { kubernetesBinary, until } from '../support/api-server.js';
import { ClusterWebhook } from './cluster-webhook.js';

/*
 * Policies at the admission of VMs, through a real API server and the real program.
 */

const CLUSTER = 'VirtualMachineClusterPolicy';
const NS = 'shop';
const RULE = /\[policy\/vm-size\/vcpus\]/;

const meta = (name: string, more: object = {}): object => ({ name, namespace: NS, ...more });
const spec = (cores: number): object => ({ domain: { cpu: { cores }, memory: { guest: '1Gi' }, devices: {} } });
const vm = (name: string, cores: number, apiVersion = 'kubevirt.io/v1'): object => ({
  apiVersion,
  kind: 'VirtualMachine',
  metadata: meta(name),
  spec: { runStrategy: 'Halted', template: { spec: spec(cores) } },
});
const vmi = (name: string, cores: number): object => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: meta(name),
  spec: spec(cores),
});
const replicaSet = (name: string, cores: number): object => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstanceReplicaSet',
  metadata: meta(name),
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: spec(cores) },
  },
});
const policy = (name: string, given: object = {}, kind: PolicyResourceKind = CLUSTER): object => ({
  apiVersion: 'policies.kubectl-virt.io/v1alpha1',
  kind,
  metadata: { name },
  spec: { action: 'Enforce', validations: [{ name: 'vcpus', expression: 'variables.vcpus <= 8' }], ...given },
});

describe('policies at the admission of VMs', function () {
  this.timeout(300_000);
  let webhook: ClusterWebhook;
  let client: KubeClient;
  const DRY: RequestOptions = { query: { dryRun: 'All' } };

  const outcome = async (attempt: Promise<unknown>): Promise<string> => {
    try {
      await attempt;
      return 'allowed';
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
  };
  const created = (object: object): Promise<string> => outcome(client.create(vmPath(NS), object, DRY));
  const kubectl = (args: readonly string[], input?: object): Promise<Outcome> =>
    run(
      kubernetesBinary('kubectl'),
      ['--kubeconfig', webhook.server.kubeconfig, '-n', NS, ...args],
      JSON.stringify(input ?? {}),
    );
  const eventually = <T>(what: string, check: () => Promise<T>, ms?: number): Promise<T> =>
    until(what, webhook.server.directory, check, ms);
  /** Writes a policy, and gives the milliseconds until it is in force. */
  const inForce = async (write: () => Promise<unknown>, holds: () => Promise<boolean>): Promise<number> => {
    await write();
    const written = performance.now();
    await eventually('the policy is in force', async () => assert.ok(await holds(), webhook.log));
    return performance.now() - written;
  };
  const answers = async (object: object, wanted: RegExp): Promise<boolean> => wanted.test(await created(object));

  before(async () => {
    webhook = await ClusterWebhook.start(async (admin) => {
      await admin.create(namespacePath(), { metadata: { name: NS, labels: { env: 'prod' } } });
      // Written before anybody looked, as are these.
      await admin.create(policyPath(CLUSTER), policy('vm-size'));
      await admin.create(vmPath(NS), vm('old', 16));
      await admin.create(vmPath(NS), vm('gone', 16));
      await admin.create(vmirsPath(NS), replicaSet('old', 16));
      return undefined;
    });
    client = webhook.client;
    // From the first answer on: the program does not answer before it knows the policies.
    const seen: string[] = [];
    const all = await (async () => {
      for (;;) {
        const answer = await created(vm('new', 16));
        seen.push(answer);
        if (RULE.test(answer) || seen.length > 5000) return seen;
      }
    })();
    assert.match(all.at(-1) ?? '', RULE, webhook.log);
    // Until the API server knows the webhook's CA, it refuses; nothing passed since it asks.
    const asked = all.findIndex((answer) => answer !== 'allowed');
    assert.ok(!all.slice(asked).includes('allowed'), all.slice(asked).join('\n'));
  });
  after(() => webhook.stop());

  it('refuse a VM, a VMI and a set, in every version and by every verb, with the place and the value', async () => {
    const refused =
      /spec\.template\.spec\.domain\.cpu\.cores: variables\.vcpus <= 8 is false: variables\.vcpus is 16 \[policy\/vm-size\/vcpus\]/;
    assert.match(await created(vm('new', 16)), refused);
    assert.equal(await created(vm('new', 8)), 'allowed');
    assert.match(await outcome(client.create(vmiPath(NS), vmi('new', 16), DRY)), RULE);
    assert.match(await outcome(client.create(vmirsPath(NS), replicaSet('new', 16), DRY)), RULE);
    const old = resourcePath({ group: 'kubevirt.io', version: 'v1alpha3', resource: 'virtualmachines', namespace: NS });
    assert.match(await outcome(client.create(old, vm('new', 16, 'kubevirt.io/v1alpha3'), DRY)), RULE);
    await client.create(vmPath(NS), vm('small', 2));
    const cores = { spec: { template: { spec: { domain: { cpu: { cores: 16 } } } } } };
    assert.match(await outcome(client.patch(vmPath(NS, 'small'), cores, 'merge', DRY)), RULE);
    const apply = await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], vm('small', 16));
    assert.match(apply.stderr, RULE);
  });

  it('tell what else is wrong at once', async () => {
    const both = {
      ...vm('new', 16),
      spec: { runStrategy: 'Halted', template: { spec: { ...spec(16), hostname: 'A_' } } },
    };
    const answer = await created(both);
    assert.match(answer, RULE);
    assert.match(answer, /hostname/);
  });

  it('let be what was there before: it is labelled, started, stopped, gets finalizers, and is deleted', async () => {
    for (const args of [
      ['label', 'vm', 'old', 'team=blue'],
      ['patch', 'vm', 'old', '--type=merge', '-p', '{"spec":{"runStrategy":"Always"}}'],
      ['patch', 'vm', 'old', '--type=merge', '-p', '{"spec":{"runStrategy":"Halted"}}'],
      ['patch', 'vm', 'gone', '--type=merge', '-p', '{"metadata":{"finalizers":["example.org/x"]}}'],
    ]) {
      const { code, stderr } = await kubectl(args);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /Warning: spec\.template\.spec\.domain\.cpu\.cores: .*the stored object has it too/);
    }
    assert.equal((await kubectl(['delete', 'vm', 'gone', '--wait=false'])).code, 0);
    const finalizers = ['patch', 'vm', 'gone', '--type=json', '-p', '[{"op":"remove","path":"/metadata/finalizers"}]'];
    const { code, stderr } = await kubectl(finalizers);
    assert.equal(code, 0, stderr);
    // A set is scaled by a sub-resource, which nobody asks us about.
    assert.equal((await kubectl(['scale', 'vmirs', 'old', '--replicas=2'])).code, 0);
  });

  it('let virt-controller start what is stored, with an event for its owner, and nobody else', async () => {
    const { metadata } = await client.get<KubernetesObject>(vmPath(NS, 'old'));
    const owner = {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      name: 'old',
      uid: metadata?.uid,
      controller: true,
    };
    const owned = { ...vmi('old', 16), metadata: meta('old', { ownerReferences: [owner] }) };
    const as = 'system:serviceaccount:kubevirt:virt-controller';
    const start = (user: readonly string[]): Promise<Outcome> => kubectl(['create', ...user, '-f', '-'], owned);
    assert.match((await start([])).stderr, RULE);
    const groups = ['--as-group', 'system:masters'];
    const { code, stderr } = await start(['--as', as, ...groups]);
    assert.equal(code, 0, stderr);
    await eventually('the event is written', async () => {
      const { items } = await client.list<{ reason: string; message: string }>(eventPath(NS));
      assert.ok(items.some(({ reason, message }) => reason === 'PolicyRatcheted' && /vm-size/.test(message)));
    });
    const { items } = await client.list<{ reason: string; message: string }>(eventPath('default'));
    const refusals = items.filter(({ reason }) => reason === 'PolicyRefused').map(({ message }) => message);
    assert.ok(refusals.length > 0 && refusals.every((message) => /in namespace shop$/.test(message)), refusals.join());
  });

  it('come into force, change and go within two seconds', async () => {
    const at = policyPath(CLUSTER, undefined, 'vm-size');
    const times = [
      await inForce(
        () => client.patch(at, { spec: { action: 'Warn' } }, 'merge'),
        () => answers(vm('new', 16), /^allowed$/),
      ),
      await inForce(
        () => client.patch(at, { spec: { action: 'Enforce' } }, 'merge'),
        () => answers(vm('new', 16), RULE),
      ),
    ];
    // The limit is that of a cluster; here tests run beside it.
    assert.ok(Math.max(...times) < 20_000, times.join());
    const own = policy('own', { validations: [{ name: 'none', expression: 'false' }] }, 'VirtualMachinePolicy');
    await inForce(
      () => client.create(policyPath('VirtualMachinePolicy', NS), own),
      () => answers(vm('new', 1), /\[policy\/shop:own\/none\]/),
    );
    await client.create(namespacePath(), { metadata: { name: 'other' } });
    const elsewhere = { ...vm('new', 1), metadata: { name: 'new', namespace: 'other' } };
    assert.equal(await outcome(client.create(vmPath('other'), elsewhere, DRY)), 'allowed');
    await inForce(
      () => client.delete(policyPath('VirtualMachinePolicy', NS, 'own')),
      () => answers(vm('new', 1), /^allowed$/),
    );
  });

  it('warn by kubectl, and say nothing where they only count', async () => {
    const at = policyPath(CLUSTER, undefined, 'vm-size');
    await client.patch(at, { spec: { action: 'Warn' } }, 'merge');
    await eventually('it warns', async () => {
      const { code, stderr } = await kubectl(['create', '--dry-run=server', '-f', '-'], vm('new', 16));
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        /Warning: spec\.template\.spec\.domain\.cpu\.cores: variables\.vcpus .* \[policy\/vm-size\/vcpus\]/,
      );
    });
    await client.patch(at, { spec: { action: 'Audit' } }, 'merge');
    await eventually('it counts', async () => {
      const { stderr } = await kubectl(['create', '--dry-run=server', '-f', '-'], vm('new', 16));
      assert.doesNotMatch(stderr, /Warning/);
    });
    await client.patch(at, { spec: { action: 'Enforce' } }, 'merge');
    await eventually('it refuses', async () => assert.match(await created(vm('new', 16)), RULE));
  });

  it('change under load: no call fails, and none sees half of a change', async () => {
    const at = policyPath(CLUSTER, undefined, 'vm-size');
    // Of either version one of the two refuses nine vCPUs; of half of each, none or both.
    const versions = ['a', 'b'].map((on) => ({
      spec: {
        validations: ['a', 'b'].map((name) => ({
          name,
          expression: name === on ? 'variables.vcpus <= 8' : 'true',
        })),
      },
    }));
    await client.patch(at, versions[0] ?? {}, 'merge');
    await eventually('the first holds', async () => assert.match(await created(vm('new', 9)), /vm-size\/a\]/));
    const seen = new Map<string, number>();
    let isDone = false;
    const load = Array.from({ length: 4 }, async () => {
      while (!isDone) {
        const answer = await created(vm('new', 9));
        const rules = (answer.match(/\[policy\/vm-size\/\w+\]/g) ?? [answer]).sort();
        const key = [...new Set(rules)].join();
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    });
    for (let i = 1; i <= 20; i += 1) {
      await client.patch(at, versions[i % 2] ?? {}, 'merge');
      await created(vm('new', 9));
    }
    isDone = true;
    await Promise.all(load);
    const known = ['[policy/vm-size/a]', '[policy/vm-size/b]'];
    assert.deepEqual(
      [...seen.keys()].filter((key) => !known.includes(key)),
      [],
    );
  });

  it('are not passed by while the program is away and comes back', async () => {
    const answersSeen: string[] = [];
    let isDone = false;
    const load = (async () => {
      while (!isDone) answersSeen.push(await created(vm('new', 9)));
    })();
    await webhook.kill();
    webhook.restart();
    await eventually(
      'it answers again',
      async () => assert.match(await created(vm('new', 9)), /\[policy\/vm-size\/\w\]/),
      120_000,
    );
    isDone = true;
    await load;
    assert.ok(answersSeen.length > 0 && !answersSeen.includes('allowed'), answersSeen.join('\n').slice(0, 2000));
  });
});
