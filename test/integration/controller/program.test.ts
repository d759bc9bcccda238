import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import type { VirtualMachine } from '../../../src/api/schema/kinds.js';
import { leasePath, vmPath } from '../../../src/kube/client/resources.js';
import type { Lease } from '../../../src/kube/work/leader-election.js';
import { buildPrograms, builtCommand } from '../../support/built-program.js';
import { until } from '../support/api-server.js';
import { ControllerCluster, machine } from './cluster.js';

/** One replica of the program, with its log. */
class Replica {
  readonly child: ChildProcess;
  log = '';

  constructor(
    kubeconfig: string,
    readonly port: number,
  ) {
    const flags = [
      '--kubeconfig',
      kubeconfig,
      '--launcher-image',
      'launcher:test',
      '--metrics-listen',
      `127.0.0.1:${port}`,
    ];
    this.child = spawn(...builtCommand('virt-controller', flags), { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (text: Buffer) => (this.log += text.toString()));
  }

  async get(path: string): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}\n${this.log}`);
    return text;
  }

  async leads(): Promise<boolean> {
    return (await this.get('/leader')).includes('"true"');
  }

  exit(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve(this.child.exitCode);
    return new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
  }
}

describe('virt-controller, the program', function () {
  this.timeout(300_000);
  let cluster: ControllerCluster;
  let replicas: Replica[];

  before(async () => {
    buildPrograms('virt-controller');
    cluster = await ControllerCluster.start();
    replicas = [18_471, 18_472].map((port) => new Replica(cluster.server.kubeconfig, port));
  });
  after(async () => {
    for (const replica of replicas) {
      replica.child.kill('SIGKILL');
      await replica.exit();
    }
    await cluster.stop();
  });

  const shows = (name: string, status: string): Promise<unknown> =>
    cluster.eventually(`${name} shows ${status}`, async () => {
      const vm = await cluster.client.get<VirtualMachine>(vmPath('default', name));
      assert.equal(vm.status?.printableStatus, status);
    });

  it('is ready as leader and as standby, and one of two leads', async () => {
    for (const replica of replicas) await until('it is ready', undefined, () => replica.get('/readyz'));
    await until('one leads', undefined, async () => {
      const leaders = await Promise.all(replicas.map((replica) => replica.leads()));
      assert.equal(leaders.filter(Boolean).length, 1);
    });
    await cluster.client.create(vmPath('default'), machine('one', { running: true }));
    await shows('one', 'Starting');
    const leader = (await replicas[0]!.leads()) ? replicas[0]! : replicas[1]!;
    // The VM's status is written before the watch has brought the VMI's phase back to the counter.
    await until('its metrics tell', undefined, async () => {
      const text = await leader.get('/metrics');
      assert.match(text, /kubevirt_virt_controller_leading_status 1/);
      assert.match(text, /kubevirt_workqueue_depth\{name="virt-controller-vm"\} 0/);
      assert.match(text, /kubevirt_vmi_phase_transitions_total\{phase="Scheduling"\} 1/);
    });
  });

  it('ends well on SIGTERM, and the other takes over at once', async () => {
    const leader = (await replicas[0]!.leads()) ? replicas[0]! : replicas[1]!;
    const other = replicas.find((replica) => replica !== leader)!;
    leader.child.kill('SIGTERM');
    assert.equal(await leader.exit(), 0, leader.log);
    const begin = Date.now();
    await until('the other leads', undefined, async () => assert.ok(await other.leads()));
    const { spec } = await cluster.client.get<Lease>(leasePath('kubevirt', 'virt-controller'));
    assert.ok(Date.now() - begin < spec!.leaseDurationSeconds! * 1000, 'it waited for the lease to end');
    await cluster.client.create(vmPath('default'), machine('two', { running: true }));
    await shows('two', 'Starting');
  });

  it('ends when it loses the lease', async () => {
    const leader = replicas.find(({ child }) => child.exitCode === null)!;
    const lease = await cluster.client.get<Lease>(leasePath('kubevirt', 'virt-controller'));
    const spec = { ...lease.spec, holderIdentity: 'another', renewTime: new Date().toISOString().replace('Z', '000Z') };
    await cluster.client.patch(leasePath('kubevirt', 'virt-controller'), { spec }, 'merge');
    assert.equal(await leader.exit(), 1);
    assert.match(leader.log, /lost the lease/);
  });
});
