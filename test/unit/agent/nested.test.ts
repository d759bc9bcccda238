import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DomainView, Hypervisor } from '../../../src/agent/hypervisor/hypervisor.js';
import { labelsOf } from '../../../src/agent-api/node-report.js';
import { hostLabels, machineReport, readHostCpu } from '../../../src/agent/node/host-cpu.js';
import type { Launcher } from '../../../src/agent/pod/launcher.js';
import { NodeState } from '../../../src/agent/node/node-state.js';
import { Reconciler } from '../../../src/agent/vm/reconciler.js';
import { SessionTable } from '../../../src/agent/vm/session-table.js';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { podPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { silentLog } from '../../../src/kube/program/log.js';
import { FakeClock } from '../kube/fake-clock.js';
import { FakeWatchClient } from '../kube/fake-watch.js';

const NESTED = 'kubevirt.io/nested-virtualization';
const USABLE = 'kubevirt.io/kvm-usable';

describe('the host’s CPU', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'host-cpu-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  const file = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const cpuinfo = (vendor: string) =>
    file('proc/cpuinfo', `processor\t: 0\nvendor_id\t: ${vendor}\nflags\t: vmx svm\n`);

  for (const [vendorId, module, value, expected] of [
    ['GenuineIntel', 'kvm_intel', 'Y\n', { vendor: 'Intel', nested: true }],
    ['AuthenticAMD', 'kvm_amd', '1\n', { vendor: 'AMD', nested: true }],
    ['HygonGenuine', 'kvm_amd', 'N\n', { vendor: 'Hygon', nested: false }],
    ['GenuineIntel', 'kvm_intel', '0\n', { vendor: 'Intel', nested: false }],
    ['constructor', 'kvm', 'Y\n', { vendor: undefined, nested: false }],
  ] as const) {
    it(`is read: ${vendorId}, ${module} ${value.trim()}`, () => {
      cpuinfo(vendorId);
      file(`sys/module/${module}/parameters/nested`, value);
      assert.deepEqual(readHostCpu(root), expected);
    });
  }
  it('is unknown where there is nothing to read', () => {
    assert.deepEqual(readHostCpu(root), { vendor: undefined, nested: false });
  });
  it('makes labels: nothing nests without KVM', () => {
    assert.deepEqual(hostLabels(true, { vendor: 'AMD', nested: true }), {
      [USABLE]: 'true',
      [NESTED]: 'true',
      'cpu-vendor.node.kubevirt.io/AMD': 'true',
    });
    assert.deepEqual(hostLabels(false, { nested: true }), { [USABLE]: 'false', [NESTED]: 'false' });
  });
});

describe('the node’s labels', () => {
  it('are the Node’s, with what the host is now, before anybody has copied that there', async () => {
    const clock = new FakeClock();
    let nested = true;
    const fake = new FakeWatchClient();
    const there = { zone: 'a', 'cpu-vendor.node.kubevirt.io/AMD': 'true' };
    fake.answers = [
      {
        metadata: { resourceVersion: '1' },
        items: [{ metadata: { name: 'node-1', uid: 'n', resourceVersion: '1', labels: there } }],
      },
    ];
    const state = new NodeState({
      client: fake.client,
      name: 'node-1',
      ownLabels: () => labelsOf(machineReport(true, { vendor: 'Intel', nested })),
      clock,
      log: silentLog,
    });
    await state.start();
    const labels = {
      zone: 'a',
      'kubevirt.io/schedulable': 'true',
      'kubevirt.io/cpumanager': 'false',
      [USABLE]: 'true',
      [NESTED]: 'true',
      'cpu-vendor.node.kubevirt.io/Intel': 'true',
    };
    assert.deepEqual(state.nodeLabels, labels);
    nested = false;
    assert.deepEqual(state.nodeLabels, { ...labels, [NESTED]: 'false' });
    await state.stop();
  });
});

describe('a VM that wants to nest', () => {
  const VMI = {
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: '5d307ca9-b3ef-428c-8861-06e72d69f223',
      resourceVersion: '1',
      annotations: { VirtletCPUModel: 'host-model' },
    },
    spec: { domain: { devices: {}, memory: { guest: '64Mi' } } },
    status: {
      phase: 'Scheduled',
      nodeName: 'node-1',
      launcherPod: { name: 'virt-launcher-web', uid: 'pod-1', containers: [{ name: 'compute', id: 'c1' }] },
    },
  } as unknown as VirtualMachineInstance;

  /** Starts it on a node with these labels. @returns the events' reasons and the domain */
  const start = async (kvm: boolean, nodeLabels: Record<string, string>) => {
    const events: string[] = [];
    let xml = '';
    const view = { state: 'running', xml: { vmiUid: VMI.metadata?.uid, emulated: true, disks: [], interfaces: [] } };
    const hypervisor = {
      observe: () => Promise.resolve(xml === '' ? undefined : (view as unknown as DomainView)),
      define: (domain: string) => Promise.resolve(void (xml = domain)),
      start: () => Promise.resolve(),
      close: () => Promise.resolve(),
    } as unknown as Hypervisor;
    const launcher = {
      alive: () => Promise.resolve(true),
      result: () => undefined,
      takeKvm: () => Promise.resolve(kvm),
      network: { release: () => undefined },
      tuneCpu: () => Promise.resolve(undefined),
      workspace: () =>
        Promise.resolve({
          paths: podPaths('pod-1'),
          script: () => Promise.resolve({ stdout: Buffer.from('4096\ndirect\n'), stderr: '' }),
        }),
      connect: () => Promise.resolve(hypervisor),
    } as unknown as Launcher;
    const clock = new FakeClock();
    const config = resolveClusterConfig({
      spec: { configuration: { developerConfiguration: { useEmulation: true } } },
    });
    const reconciler = new Reconciler({
      client: { patch: <T>() => Promise.resolve(VMI as T) },
      events: { event: (_object, type, reason) => void events.push(`${type} ${reason}`) },
      sessions: new SessionTable({ nodeName: 'node-1', launcher: () => launcher, clock, changed: () => undefined }),
      get: () => VMI,
      startContext: () => ({ config, kvmUsable: kvm, nodeLabels, nodeHasSwap: false, passt: true }),
      clock,
      log: silentLog,
    });
    await reconciler.handle('default/web');
    return { events, xml };
  };

  it('is told that it cannot under emulation, and starts all the same', async () => {
    const { events, xml } = await start(false, hostLabels(false, { vendor: 'Intel', nested: true }));
    assert.deepEqual(events, ['Normal Created', 'Warning NestedVirtualizationUnavailable', 'Normal Started']);
    assert.doesNotMatch(xml, /vmx|svm/);
  });
  it('requires its vendor’s feature where it can, and hears nothing', async () => {
    const { events, xml } = await start(true, hostLabels(true, { vendor: 'AMD', nested: true }));
    assert.deepEqual(events, ['Normal Created', 'Normal Started']);
    assert.match(xml, /<feature policy="require" name="svm"\/>/);
  });
});
