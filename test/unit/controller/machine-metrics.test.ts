import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { machineMetrics } from '../../../src/controller/machine-metrics.js';
import { PRINTABLE_STATUSES } from '../../../src/controller/vm/printable-status.js';
import { statusGroup } from '../../../src/controller/vm/status-group.js';

const CREATED = '2026-01-01T00:00:00Z';
const CHANGED = '2026-01-02T00:00:00Z';

const vmi = (name: string, spec: object, status: object, annotations = {}) =>
  ({ metadata: { namespace: 'shop', name, annotations }, spec, status }) as unknown as VirtualMachineInstance;
const vm = (name: string, printableStatus: string | undefined, conditions: readonly object[] = []) =>
  ({
    metadata: { namespace: 'shop', name, creationTimestamp: CREATED },
    spec: { template: { metadata: { annotations: { 'vm.kubevirt.io/os': 'fedora' } } } },
    status: { printableStatus, conditions },
  }) as unknown as VirtualMachine;

describe('metrics of each VM', () => {
  const registry = new Registry();
  let leads = false;
  let vmis: VirtualMachineInstance[] = [];
  let vms: VirtualMachine[] = [];
  machineMetrics(registry, () => (leads ? { vms: () => vms, vmis: () => vmis } : undefined));
  const shown = async (name: string) => (await registry.getSingleMetric(name)!.get()).values;

  it('are shown by the replica that leads alone', async () => {
    vmis = [vmi('web', {}, {})];
    assert.deepEqual(await shown('kubevirt_vmi_info'), []);
    leads = true;
    assert.equal((await shown('kubevirt_vmi_info')).length, 1);
  });

  it('say of an instance where it runs, as what, and what its guest is', async () => {
    vmis = [
      vmi(
        'web',
        {},
        {
          phase: 'Running',
          nodeName: 'a',
          launcherPod: { name: 'virt-launcher-web-x', uid: '1' },
          guestOSInfo: { name: 'Debian', versionId: '12', kernelRelease: '6.1', machine: 'x86_64' },
        },
        { 'vm.kubevirt.io/os': 'debian', 'vm.kubevirt.io/workload': 'server' },
      ),
    ];
    const [{ labels, value } = { labels: {}, value: 0 }] = await shown('kubevirt_vmi_info');
    assert.equal(value, 1);
    assert.deepEqual(labels, {
      ...{ node: 'a', namespace: 'shop', name: 'web', phase: 'running', os: 'debian', workload: 'server' },
      ...{ flavor: '<none>', guest_os_kernel_release: '6.1', guest_os_machine: 'x86_64', guest_os_name: 'Debian' },
      ...{ guest_os_version_id: '12', evictable: 'true', vmi_pod: 'virt-launcher-web-x' },
    });
  });

  it('forget an instance that is gone', async () => {
    vmis = [];
    assert.deepEqual(await shown('kubevirt_vmi_info'), []);
  });

  it('name the instances whose pods may not be evicted', async () => {
    const migratable = { conditions: [{ type: 'LiveMigratable', status: 'True' }] };
    vmis = [
      vmi('stays', { evictionStrategy: 'LiveMigrate' }, { nodeName: 'a' }),
      vmi('moves', { evictionStrategy: 'LiveMigrate' }, migratable),
      vmi('ends', { evictionStrategy: 'None' }, {}),
    ];
    const held = await shown('kubevirt_vmi_non_evictable');
    assert.deepEqual(
      held.map(({ labels }) => labels),
      [{ node: 'a', namespace: 'shop', name: 'stays' }],
    );
  });

  it("bound and make visible what a guest's agent or an annotation says", async () => {
    const odd = `\u202e${'x'.repeat(100_000)}`;
    vmis = [vmi('odd', {}, { guestOSInfo: { name: odd } }, { 'vm.kubevirt.io/os': 'a\nb"' })];
    const [{ labels } = { labels: {} as Record<string, string | number> }] = await shown('kubevirt_vmi_info');
    assert.ok(String(labels['guest_os_name']).length <= 63, 'the label is bounded');
    assert.match(String(labels['guest_os_name']), /^\\u202exxx/);
    const text = await registry.metrics();
    assert.ok(text.includes('os="a\\nb\\""'), 'a label cannot end its line');
  });

  it('say in which group of states a VM is, and since when', async () => {
    vms = [vm('web', 'Running', [{ lastTransitionTime: CHANGED }]), vm('db', 'ErrImagePull'), vm('new', undefined)];
    const info = await shown('kubevirt_vm_info');
    assert.deepEqual(
      info.map(({ labels }) => [labels['name'], labels['status'], labels['status_group'], labels['os']]),
      [
        ['web', 'running', 'running', 'fedora'],
        ['db', 'errimagepull', 'error', 'fedora'],
        ['new', '<none>', 'error', 'fedora'],
      ],
    );
    const since = async (group: string) =>
      (await shown(`kubevirt_vm_${group}_status_last_transition_timestamp_seconds`)).map(({ value }) => value);
    assert.deepEqual(await since('running'), [Date.parse(CHANGED) / 1000, 0, 0]);
    assert.deepEqual(await since('error'), [0, Date.parse(CREATED) / 1000, Date.parse(CREATED) / 1000]);
    assert.deepEqual(await since('starting'), [0, 0, 0]);
  });

  it('take no status that sounds well for an error, and no error for another group', () => {
    for (const { word } of PRINTABLE_STATUSES) {
      assert.equal(statusGroup(word) === 'error', /Err|BackOff/.test(word), word);
    }
  });
});
