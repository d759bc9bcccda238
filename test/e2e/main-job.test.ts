import assert from 'node:assert/strict';
import type { VirtualMachine, VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { ConsoleSession } from './support/console.js';
import { apply, get, kubectl, list, plugin, refusal, until } from './support/kubectl.js';
import { machine, untilGone, untilPhase, useNamespace } from './support/machines.js';

interface Named {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

describe('the main job: apply a VM, start it, stand on its console, stop it, delete it', function () {
  this.timeout(300_000);
  const namespace = useNamespace('e2e-main-job');
  const vm = () => get<VirtualMachine>(namespace, 'vm', 'web');
  const untilStatus = (wanted: string) =>
    until(`VM status ${wanted}`, async () => (await vm())?.status?.printableStatus === wanted, { namespace });
  const virt = async (...args: string[]) => {
    const { code, stdout, stderr } = await plugin([...args, '-n', namespace]);
    assert.equal(code, 0, stderr + stdout);
  };

  it('admits the VM with defaults and leaves it stopped', async () => {
    await apply(machine(namespace, 'web', { runStrategy: 'Manual' }));
    assert.ok(await vm());
    await untilStatus('Stopped');
    assert.equal(await get(namespace, 'vmi', 'web'), undefined);
  });

  it('starts it: the VMI runs in one pod of its own', async () => {
    await virt('start', 'web');
    await untilPhase(namespace, 'web', 'Running', 240);
    await untilStatus('Running');
    const pods = await list<Named>(namespace, 'pods');
    assert.deepEqual(
      pods.map(({ metadata }) => metadata.labels?.['kubevirt.io']),
      ['virt-launcher'],
    );
    const vmi = await get<VirtualMachineInstance>(namespace, 'vmi', 'web');
    assert.notEqual(vmi?.status?.nodeName, undefined, 'the VMI says on which node it runs');
    assert.notEqual(vmi?.spec.domain.machine?.type, undefined, 'the machine type has a default');
  });

  it('reaches the shell of the guest on the serial console', async () => {
    const console = new ConsoleSession(namespace, 'web');
    try {
      await console.shell(180);
    } finally {
      await console.close();
    }
  });

  it('shuts it down cleanly', async () => {
    await virt('stop', 'web');
    await untilGone(namespace, 'vmi', 'web');
    await untilStatus('Stopped');
    await until('no pod', async () => (await list<Named>(namespace, 'pods')).length === 0, { namespace });
  });

  it('says so when it is stopped already', async () => {
    const { code, stderr } = await plugin(['stop', 'web', '-n', namespace]);
    assert.notEqual(code, 0);
    assert.match(stderr, /not running/i);
  });

  it('leaves nothing behind when it is deleted', async () => {
    await kubectl(['delete', 'vm', 'web', '-n', namespace, '--wait=true', '--timeout=60s']);
    for (const kind of ['vm', 'vmi', 'pods', 'pvc', 'configmaps']) {
      const left = (await list<Named>(namespace, kind)).map(({ metadata }) => metadata.name);
      assert.deepEqual(
        left.filter((name) => name !== 'kube-root-ca.crt'),
        [],
        kind,
      );
    }
  });

  it('refuses a wrong manifest at apply, with the field and what is wrong', async () => {
    const wrong = machine(namespace, 'wrong');
    wrong.spec.template.spec?.domain.devices.disks?.push({ name: 'nowhere', disk: { bus: 'virtio' } });
    const text = await refusal(wrong);
    assert.match(text, /spec\.template\.spec\.domain\.devices\.disks\[1\]\.name/);
    assert.match(text, /nowhere/);
  });
});
