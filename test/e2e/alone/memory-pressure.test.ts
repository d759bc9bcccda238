import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { NodeDensity } from '../../../src/api/virt-node/virt-node.js';
import { kubelet } from '../../cluster/node.js';
import { ensureRunning, stop } from '../../cluster/processes.js';
import { get, patch } from '../support/api.js';
import { ConsoleSession } from '../support/console.js';
import { runOutOfMemory, untilEventOf, vmiOf } from '../support/faults.js';
import { kubectl, until } from '../support/kubectl.js';
import { tinySpec, untilPhase, useNamespace } from '../support/machines.js';
import { tools } from '../support/tools.js';

interface Node {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
}

const KSM = '/sys/kernel/mm/ksm';
const counter = (file: string): number => Number(readFileSync(`${KSM}/${file}`, 'utf8'));

/** A node that is short of memory: a kernel that kills, a kubelet that evicts, and equal pages that are merged. */
describe('memory pressure', function () {
  const namespace = useNamespace('e2e-memory');
  this.timeout(600_000);
  const { boot, uid, untilReborn, vm } = tools(namespace);
  let node = '';
  const nodeNow = async (): Promise<Node['metadata']> => {
    const found = await get<Node>('', 'node', node);
    assert.ok(found);
    return found.metadata;
  };
  const density = async (): Promise<NodeDensity | undefined> => {
    const text = (await nodeNow()).annotations['kubevirt.io/node-density'];
    return text === undefined ? undefined : (JSON.parse(text) as NodeDensity);
  };
  const configure = (ksmConfiguration: object | null): Promise<void> =>
    patch('kubevirt', 'kubevirt', 'kubevirt', { spec: { configuration: { ksmConfiguration } } });
  const metrics = async (): Promise<string> => {
    const [name] = (
      await kubectl(['-n', 'kubevirt', 'get', 'pod', '-l', 'kubevirt.io=virt-agent', '-o', 'name'])
    ).split('\n');
    return kubectl([
      'get',
      '--raw',
      `/api/v1/namespaces/kubevirt/${name?.replace('pod', 'pods') ?? ''}:8080/proxy/metrics`,
    ]);
  };
  /** May use more than it requests, so kubelet takes it first. */
  const greedy = () =>
    tinySpec({
      domain: {
        ...tinySpec().domain,
        memory: { guest: '128Mi' },
        resources: { requests: { memory: '16Mi' }, overcommitGuestOverhead: true },
      },
    });

  before('two VMs, equal inside', async () => {
    await Promise.all([boot('greedy', 'Always', greedy()), boot('twin', 'Always')]);
    await Promise.all(['greedy', 'twin'].map((name) => untilPhase(namespace, name, 'Running')));
    node = (await vmiOf(namespace, 'greedy'))?.status?.nodeName ?? '';
  });

  it('is foreseen: the Node says what kubelet was told and what the guests have', async () => {
    const now = await until('a report with both VMs', async () => {
      const report = await density();
      return report !== undefined && report.vms >= 2 && report.warnings.includes('SoftEvictionNotConfigured') && report;
    });
    assert.equal(now.kubelet?.evictionHardBytes, 50 * 1024 * 1024);
    assert.equal(now.kubelet.failSwapOn, false);
    assert.ok(now.guestMemoryBytes >= 256 * 1024 * 1024 && now.memoryBytes > now.guestMemoryBytes);
    await untilEventOf('default', node, 'SoftEvictionNotConfigured');
    assert.match(await metrics(), /^kubevirt_node_eviction_threshold_bytes\{node="[^"]+",kind="hard"\} 52428800$/m);
  });

  it('has equal pages merged where the settings say so, and stops when they do not', async function () {
    if (!existsSync(`${KSM}/run`)) {
      console.log('      (skipped: this kernel has no KSM)');
      this.skip();
    }
    const overrides = ['pages-init', 'pages-max', 'free-percent', 'sleep-ms-baseline'];
    const annotate = (...values: (string | null)[]): Promise<void> =>
      patch('', 'node', node, {
        metadata: {
          annotations: Object.fromEntries(
            overrides.map((name, index) => [`kubevirt.io/ksm-${name}-override`, values[index] ?? null]),
          ),
        },
      });
    try {
      // Of so little that is used here there is no pressure: any is.
      await annotate('20000', '20000', '1', '10');
      await configure({ nodeLabelSelector: {} });
      await until('it runs', () => Promise.resolve(counter('run') === 1));
      await until('pages of equal guests are merged', () => Promise.resolve(counter('pages_sharing') > 2_000), {
        seconds: 120,
      });
      await until('the Node says so', async () => {
        const { labels, annotations } = await nodeNow();
        return (
          labels['kubevirt.io/ksm-enabled'] === 'true' && annotations['kubevirt.io/ksm-handler-managed'] === 'true'
        );
      });
      assert.match(await metrics(), /^kubevirt_node_ksm_pages\{node="[^"]+",kind="sharing"\} [1-9]/m);
    } finally {
      await configure(null);
      await annotate();
    }
    await until('it is off', () => Promise.resolve(counter('run') === 0));
    await until('the Node says that', async () => (await nodeNow()).labels['kubevirt.io/ksm-enabled'] === 'false');
  });

  it('that makes the kernel kill QEMU is told from a crash, and the VM runs again', async () => {
    const before = await uid('twin');
    await runOutOfMemory(namespace, 'twin');
    assert.match(await untilEventOf(namespace, before, 'OOMKilled'), /killed the guest for its memory/);
    await untilReborn('twin', before);
    const last = (await vm('twin'))?.status?.lastTermination;
    assert.deepEqual([last?.reason, last?.by], ['OOMKilled', 'Kernel']);
    assert.equal((await vm('twin'))?.status?.startFailure, undefined);
    assert.match(
      await metrics(),
      /^kubevirt_vmi_evictions_total\{node="[^"]+",namespace="e2e-memory",name="twin",kind="oom"\} 1$/m,
    );
  });

  it('that makes kubelet evict softly gives the guest its time, and the VM runs again', async () => {
    const summary = JSON.parse(await kubectl(['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`])) as {
      node: { memory: { availableBytes: number } };
    };
    const before = await uid('greedy');
    const console = new ConsoleSession(namespace, 'greedy');
    const restart = async (...flags: string[]): Promise<void> => {
      await stop('kubelet', 5_000);
      ensureRunning({ ...kubelet, args: [...kubelet.args, ...flags] });
    };
    try {
      await console.shell();
      await restart(
        `--eviction-soft=memory.available<${summary.node.memory.availableBytes + 1024 ** 3}`,
        '--eviction-soft-grace-period=memory.available=1s',
        '--eviction-max-pod-grace-period=30',
        '--eviction-pressure-transition-period=1s',
      );
      await console.ended(120);
      await untilEventOf(namespace, before, 'Evicted');
    } finally {
      await console.close();
      await restart();
    }
    await untilReborn('greedy', before);
    const last = (await vm('greedy'))?.status?.lastTermination;
    assert.equal(last?.reason, 'Evicted');
    assert.match(last.message ?? '', /The node was low on resource: memory/);
  });
});
