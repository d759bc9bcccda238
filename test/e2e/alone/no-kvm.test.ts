import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { VirtualMachine, VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { needsTestBed } from '../support/bed.js';
import { apply, get, list, patch, remove } from '../support/api.js';
import { aim, renew, untilBack } from '../support/faults.js';
import { until } from '../support/kubectl.js';
import { instance, machine, untilPhase, useNamespace } from '../support/machines.js';

describe('a node without KVM, where emulation is not allowed', function () {
  const namespace = useNamespace('e2e-no-kvm');
  this.timeout(900_000);
  const allowEmulation = (allow: boolean): Promise<void> =>
    patch('kubevirt', 'kubevirt', 'kubevirt', {
      spec: { configuration: { developerConfiguration: { useEmulation: allow } } },
    });

  /** What the nodes offer, summed up. */
  const devices = async (): Promise<number> => {
    const nodes = await list<{ status: { allocatable: Readonly<Record<string, string>> } }>('', 'node');
    return nodes.reduce((sum, { status }) => sum + Number(status.allocatable['devices.kubevirt.io/kvm'] ?? 0), 0);
  };
  let changed = false;
  let restricted = false;

  before('no node offers KVM', async function () {
    if ((await devices()) === 0) return;
    needsTestBed(this, 'a node of this cluster has KVM');
    // As if the self-test had found none: the agent reads its result when it starts.
    const { pods, strike } = await aim('virt-agent');
    for (const { metadata } of pods) {
      const file = `/var/lib/kubelet/pods/${metadata.uid}/volumes/kubernetes.io~empty-dir/kvm-self-test/result`;
      writeFileSync(file, 'false\nthe test says so\n');
    }
    changed = true;
    strike();
    await untilBack('virt-agent', pods);
    await until('no KVM', async () => (await devices()) === 0);
  });
  after('as it was', async function () {
    if (restricted) await allowEmulation(true);
    if (changed) await renew('virt-agent');
  });

  it('does not start a new VM and says why', async () => {
    const phase = async () => (await get<VirtualMachineInstance>(namespace, 'vmi', 'guest'))?.status?.phase;
    const status = async () => (await get<VirtualMachine>(namespace, 'vm', 'guest'))?.status;
    restricted = true;
    await allowEmulation(false);
    // The programs learn of it by their watches.
    let probes = 0;
    await until('the setting has arrived', async () => {
      const probe = `probe-${(probes += 1)}`;
      await apply(instance(namespace, probe));
      const pod = await until(
        'its pod',
        async () => (await list<object>(namespace, 'pod', `vm.kubevirt.io/name=${probe}`))[0],
        { namespace },
      );
      await remove(namespace, 'vmi', probe);
      return JSON.stringify(pod).includes('devices.kubevirt.io/kvm');
    });
    await apply(machine(namespace, 'guest', { runStrategy: 'Always' }));
    await until('ErrorUnschedulable', async () => (await status())?.printableStatus === 'ErrorUnschedulable', {
      namespace,
    });
    const condition = (await status())?.conditions?.find(({ type }) => type === 'PodScheduled');
    assert.match(condition?.message ?? '', /devices\.kubevirt\.io\/kvm/);
    assert.equal(await phase(), 'Scheduling');
  });

  it('starts it without help once emulation is allowed', async () => {
    await allowEmulation(true);
    restricted = false;
    await untilPhase(namespace, 'guest', 'Running');
  });
});
