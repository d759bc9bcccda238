import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VirtualMachine } from '../../src/api/schema/kinds.js';
import { apply, get } from './support/api.js';
import { kubectl, plugin, until } from './support/kubectl.js';
import { machine, TINY_GUEST, tinySpec, useNamespace, type InstanceSpec } from './support/machines.js';

/* What a user sees of VMs by the plugin: create vm, list, logs, expose, doctor. */

interface Endpoints {
  readonly subsets?: readonly { readonly addresses?: readonly { readonly ip?: string }[] }[];
}
interface Row {
  readonly name: string;
  readonly status: string;
  readonly ip?: string;
  readonly node?: string;
  readonly lastTermination?: { readonly reason?: string };
}

describe('seeing virtual machines', function () {
  this.timeout(600_000);
  const namespace = useNamespace('e2e-seeing');
  const here = ['-n', namespace];

  /** What doctor says of a VM once it says so. */
  const diagnosed = (name: string, says: RegExp): Promise<string> =>
    until(
      `doctor ${name} says ${String(says)}`,
      async () => {
        const { code, stdout } = await plugin(['doctor', name, ...here]);
        return code === 1 && says.test(stdout) ? stdout : undefined;
      },
      { namespace, seconds: 120 },
    );

  const rowOf = async (name: string): Promise<Row | undefined> => {
    const { stdout } = await plugin(['list', ...here, '-o', 'json']);
    return (JSON.parse(stdout) as { items: Row[] }).items.find((row) => row.name === name);
  };

  it('makes a VM with create vm, and says that it is stopped', async () => {
    const disk = `src:${TINY_GUEST},name:root`;
    const args = ['--name=seen', '--run-strategy=Manual', '--memory=128Mi', `--volume-containerdisk=${disk}`];
    const { code, stdout, stderr } = await plugin(['create', 'vm', ...args, ...here, '-o', 'json']);
    assert.equal(code, 0, stderr);
    const vm = JSON.parse(stdout) as VirtualMachine;
    // The image is on the node alone.
    vm.spec.template.spec!.volumes![0]!.containerDisk!.imagePullPolicy = 'Never';
    vm.spec.template.spec!.domain.devices.logSerialConsole = true;
    await apply(vm);
    const broken: [string, Partial<InstanceSpec>][] = [
      ['no-claim', { volumes: [{ name: 'root', persistentVolumeClaim: { claimName: 'nowhere' } }] }],
      [
        'no-image',
        { volumes: [{ name: 'root', containerDisk: { image: 'localhost/nowhere:1', imagePullPolicy: 'Never' } }] },
      ],
      ['too-large', { domain: { ...tinySpec().domain, resources: { requests: { memory: '64Ti' } } } }],
    ];
    for (const [name, change] of broken)
      await apply(machine(namespace, name, { runStrategy: 'Always' }, tinySpec(change)));
    assert.match(await diagnosed('seen', /it is stopped/), /→ kubectl virt start seen/);
    const logs = await plugin(['logs', 'seen', ...here]);
    assert.equal(logs.code, 1);
    assert.match(logs.stderr, /seen does not run: it is Stopped/);
  });

  it('names the first broken link of those that cannot start', async () => {
    assert.match(await diagnosed('no-claim', /FailedPvcNotFound: .*nowhere/), /→ create it/);
    assert.match(await diagnosed('too-large', /no node takes it: .*Insufficient memory/), /→ /);
    await diagnosed('no-image', /ErrImage\w+: .*localhost\/nowhere:1|ErrImageNeverPull/);
  });

  it('lists, follows and exposes one that runs', async () => {
    const started = await plugin(['start', 'seen', '--wait', ...here], '', 200);
    assert.equal(started.code, 0, started.stderr);
    const row = await until('an address', async () => {
      const found = await rowOf('seen');
      return found?.ip === undefined ? undefined : found;
    });
    assert.equal(row.status, 'Running');
    assert.ok(row.node !== undefined);
    assert.match((await plugin(['list', ...here])).stdout, /^seen +Running +\S+ +[\d.]+ +\S+/m);
    const said = await until('the log of the console', async () => {
      const { stdout } = await plugin(['logs', 'seen', ...here]);
      return stdout.length > 100 ? stdout : undefined;
    });
    const tail = await plugin(['logs', 'seen', ...here, '--tail=1']);
    assert.ok(tail.stdout.length < said.length);
    const made = await plugin(['expose', 'vm', 'seen', '--name=seen-web', '--port=80', ...here]);
    assert.equal(made.code, 0, made.stderr);
    const ip = await until('an endpoint', async () => {
      const { subsets } = JSON.parse(
        await kubectl(['get', 'endpoints', 'seen-web', ...here, '-o', 'json']),
      ) as Endpoints;
      return subsets?.[0]?.addresses?.[0]?.ip;
    });
    const pods = await kubectl([
      'get',
      'pods',
      '-l',
      'vmi.kubevirt.io/id=seen',
      ...here,
      '-o',
      'jsonpath={.items[0].status.podIP}',
    ]);
    assert.equal(ip, pods);
    const { code, stdout } = await plugin(['doctor', 'seen', ...here]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^(ok {5}|WARNING) {2}guest seen: it runs/m);
    const nobody = await plugin(['doctor', 'seen', ...here, '--as=nobody']);
    assert.match(nobody.stdout, /^unknown {2}VM seen: you may not see it/m);
    assert.equal(nobody.code, 0, nobody.stdout);
  });

  it('tells of a guest that crashed', async () => {
    const pod = await kubectl(['get', 'pods', '-l', 'vmi.kubevirt.io/id=seen', ...here, '-o', 'name']);
    const kill = 'kill -9 $(pidof qemu-system-x86_64)';
    await kubectl(['exec', pod.trim(), '-c', 'compute', ...here, '--', 'sh', '-c', kill]);
    await diagnosed('seen', /VM seen: Crashed: /);
    const row = await until('its end in the list', async () => {
      const found = await rowOf('seen');
      return found?.lastTermination === undefined ? undefined : found;
    });
    assert.equal(row.lastTermination?.reason, 'Crashed');
    assert.equal((await get<VirtualMachine>(namespace, 'vm', 'seen'))?.status?.printableStatus, 'Stopped');
  });

  it('finds nothing wrong with the cluster, and packs what it saw', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'doctor-'));
    try {
      const file = join(directory, 'cluster.tar.gz');
      const { code, stdout } = await plugin(['doctor', '--bundle', file]);
      assert.equal(code, 0, stdout);
      for (const about of ['cluster', 'virt-webhook', 'virt-agent', 'admission', 'subresources', 'resources', 'nodes'])
        assert.match(stdout, new RegExp(`^ok {7}${about}: `, 'm'), stdout);
      assert.match(stdout, /^WARNING {2}KVM: KVM works on no node: guests are emulated|^ok {7}KVM/m);
      assert.ok(statSync(file).size > 1000);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
