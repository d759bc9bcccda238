import assert from 'node:assert/strict';
import type { VirtNode } from '../../../../src/api/virt-node/virt-node.js';
import { NodeLabelReconciler } from '../../../../src/controller/node/node-labels.js';
import { ApiError } from '../../../../src/kube/client/api-error.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import type { Node } from '../../../../src/kube/types.js';
import { FakeClock } from '../../kube/fake-clock.js';

const SCHEDULABLE = 'kubevirt.io/schedulable';
const SECOND = 1_000;

type Kind = 'labels' | 'annotations';
type Texts = Record<string, string | null>;

/** A node and its report in memory, and what is asked and written. */
class Fixture {
  readonly clock = new FakeClock();
  node: Node | undefined = { metadata: { name: 'a', uid: 'n1', labels: { zone: 'z' } } };
  report: VirtNode | undefined;
  /** What the API server has, where that is newer than the cache. */
  live: VirtNode | undefined;
  away = false;
  patches: { path: string; patch: { metadata: { uid: string; labels: Texts; annotations?: Texts } } }[] = [];
  readonly reconciler = new NodeLabelReconciler({
    client: {
      get: <T>() => {
        if (this.away) return Promise.reject(new ApiError({ code: 500, message: 'etcd is away' }));
        const found = this.live ?? this.report;
        return found ? Promise.resolve(found as T) : Promise.reject(new ApiError({ code: 404, reason: 'NotFound' }));
      },
      patch: <T>(path: string, patch: object) => {
        this.patches.push({ path, patch: patch as never });
        const merged = (kind: Kind): Record<string, string> => {
          const all = { ...this.node?.metadata?.[kind], ...this.patches.at(-1)?.patch.metadata[kind] };
          return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as Record<
            string,
            string
          >;
        };
        const metadata = { labels: merged('labels'), annotations: merged('annotations') };
        this.node = { metadata: { ...this.node?.metadata, ...metadata } };
        return Promise.resolve({} as T);
      },
    },
    node: () => this.node,
    report: () => this.report,
    clock: this.clock,
    log: silentLog,
  });

  get annotations(): Record<string, string> {
    return this.node?.metadata?.annotations ?? {};
  }

  get labels(): Record<string, string> {
    return this.node?.metadata?.labels ?? {};
  }

  beat(more: Partial<VirtNode['spec']> = {}): void {
    this.report = { metadata: { name: 'a' }, spec: { heartbeat: String(this.clock.now()), ...more } };
  }

  look(): Promise<{ requeueAfterMs?: number | undefined } | undefined> {
    return this.reconciler.reconcile('a');
  }
}

describe('the labels of a node', () => {
  it('are what its agent reports, and no others are touched', async () => {
    const test = new Fixture();
    test.beat({ kvmUsable: true, cpuVendor: 'Intel' });
    const outcome = await test.look();
    assert.equal(outcome?.requeueAfterMs, 150 * SECOND);
    const wanted = {
      zone: 'z',
      [SCHEDULABLE]: 'true',
      'kubevirt.io/kvm-usable': 'true',
      'kubevirt.io/nested-virtualization': 'false',
      'kubevirt.io/cpumanager': 'false',
      'cpu-vendor.node.kubevirt.io/Intel': 'true',
    };
    assert.deepEqual(test.labels, wanted);
    assert.equal(test.patches[0]?.path, '/api/v1/nodes/a');
    assert.equal(test.patches[0].patch.metadata.uid, 'n1');
    await test.look();
    assert.equal(test.patches.length, 1, 'nothing to write twice');
    test.beat({ kvmUsable: true, cpuVendor: 'AMD', seccompProfile: 'a'.repeat(32) });
    await test.look();
    assert.deepEqual(test.patches[1]?.patch.metadata.labels, {
      'cpu-vendor.node.kubevirt.io/Intel': null,
      'cpu-vendor.node.kubevirt.io/AMD': 'true',
      'kubevirt.io/seccomp-profile': 'a'.repeat(32),
    });
    test.beat({ kvmUsable: true, cpuVendor: 'AMD' });
    await test.look();
    assert.deepEqual(test.patches[2]?.patch.metadata.labels, { 'kubevirt.io/seccomp-profile': null });
  });

  it('and its annotations say whether pages are merged and how full it may become, in one write', async () => {
    const test = new Fixture();
    test.beat();
    await test.look();
    assert.deepEqual(test.annotations, {}, 'of an agent that reports neither: nothing');
    assert.ok(!('kubevirt.io/ksm-enabled' in test.labels));
    const density = {
      kubelet: {
        evictionHardBytes: 104857600,
        evictionMaxPodGraceSeconds: -1,
        systemReservedBytes: 1,
        kubeReservedBytes: 2,
        failSwapOn: true,
        swapBehavior: 'NoSwap' as const,
      },
      memoryBytes: 2 ** 40,
      swapBytes: 0,
      vms: 1,
      guestMemoryBytes: 3,
      requestedMemoryBytes: 4,
      memoryOvercommitPercent: 5,
      warnings: ['SwapEnabled' as const],
    };
    test.beat({ ksm: { enabled: true, managed: false }, density });
    await test.look();
    assert.equal(test.patches.length, 2);
    assert.equal(test.labels['kubevirt.io/ksm-enabled'], 'true');
    const { annotations } = test;
    assert.equal(annotations['kubevirt.io/ksm-handler-managed'], 'false');
    assert.deepEqual(JSON.parse(annotations['kubevirt.io/node-density'] ?? ''), density);
    await test.look();
    assert.equal(test.patches.length, 2, 'nothing to write twice');
    test.beat();
    await test.look();
    assert.deepEqual(test.annotations, {});
  });

  it('have no text in an annotation that an agent makes up', async () => {
    const test = new Fixture();
    const evil = '"}<script>\u001b[2J'.repeat(1000);
    const density = {
      kubelet: { failSwapOn: evil, swapBehavior: evil, x: evil },
      vms: evil,
      warnings: [evil],
      y: evil,
    };
    test.beat({ ksm: { enabled: evil, managed: evil }, density: density as never } as never);
    await test.look();
    const { annotations } = test;
    assert.equal(test.labels['kubevirt.io/ksm-enabled'], 'false');
    assert.equal(annotations['kubevirt.io/ksm-handler-managed'], 'false');
    assert.doesNotMatch(annotations['kubevirt.io/node-density'] ?? '', /script/);
    assert.ok((annotations['kubevirt.io/node-density'] ?? '').length < 500);
  });

  it('have no value and no name that an agent makes up', async () => {
    const test = new Fixture();
    const spec = {
      kvmUsable: 'yes',
      cpuManager: { a: 1 },
      cpuVendor: '../x',
      seccompProfile: 'mine',
      labels: { a: 'b' },
    };
    test.beat(spec as never);
    await test.look();
    assert.deepEqual(test.labels, {
      zone: 'z',
      [SCHEDULABLE]: 'true',
      'kubevirt.io/kvm-usable': 'false',
      'kubevirt.io/nested-virtualization': 'false',
      'kubevirt.io/cpumanager': 'false',
    });
  });

  it('say that no VM is to be placed there when the report has gone stale, and again when it comes', async () => {
    const test = new Fixture();
    test.beat();
    await test.look();
    await test.clock.advance(150 * SECOND);
    assert.equal((await test.look())?.requeueAfterMs, 60 * SECOND, 'asked for, and once more');
    assert.equal(test.labels[SCHEDULABLE], 'true');
    await test.clock.advance(60 * SECOND);
    assert.equal(await test.look(), undefined);
    assert.equal(test.labels[SCHEDULABLE], 'false');
    assert.equal(test.labels['kubevirt.io/kvm-usable'], 'false');
    test.beat();
    await test.look();
    assert.equal(test.labels[SCHEDULABLE], 'true');
  });

  it('stay while the API server is away, and while only our cache is late', async () => {
    const test = new Fixture();
    test.beat();
    await test.look();
    await test.clock.advance(3_600 * SECOND);
    test.away = true;
    await assert.rejects(test.look());
    test.away = false;
    assert.equal((await test.look())?.requeueAfterMs, 60 * SECOND, 'agents get the time to report');
    test.live = { metadata: { name: 'a' }, spec: { heartbeat: 'newer' } };
    await test.clock.advance(60 * SECOND);
    assert.ok(((await test.look())?.requeueAfterMs ?? 0) > 0);
    assert.equal(test.labels[SCHEDULABLE], 'true');
  });

  it('that an older agent wrote itself stay for an hour, those of others for good', async () => {
    const test = new Fixture();
    assert.equal(await test.look(), undefined);
    assert.deepEqual(test.patches, []);
    test.node = { metadata: { name: 'a', uid: 'n1', labels: { [SCHEDULABLE]: 'true' } } };
    assert.equal((await test.look())?.requeueAfterMs, 3_600 * SECOND);
    await test.clock.advance(3_600 * SECOND);
    await test.look();
    await test.clock.advance(60 * SECOND);
    await test.look();
    assert.deepEqual(test.labels, { [SCHEDULABLE]: 'false' });
  });

  it('are nobody’s when the node is gone', async () => {
    const test = new Fixture();
    test.beat();
    test.node = undefined;
    assert.equal(await test.look(), undefined);
    assert.deepEqual(test.patches, []);
  });
});
