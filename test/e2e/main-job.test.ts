import assert from 'node:assert/strict';
import {
  BOOT_SECONDS,
  Console,
  apply,
  diagnosis,
  eventually,
  get,
  list,
  tinyVm,
  tryVirt,
  useNamespace,
  virt,
  kubectl,
} from './support.js';

describe('the main job: apply a VM, start it, stand on its console, stop it, delete it', function () {
  this.timeout((BOOT_SECONDS + 60) * 1000);
  const namespace = useNamespace();
  const vm = () => get('vm', 'web', namespace.name);
  const vmi = () => get('vmi', 'web', namespace.name);
  const status = async (): Promise<string | undefined> => (await vm())?.status?.printableStatus;
  const explain = () => diagnosis(namespace.name);

  it('admits the VM with defaults and leaves it stopped', async () => {
    await apply(tinyVm('web', namespace.name));
    const { spec } = await vm();
    assert.ok(spec.template.spec.domain.machine?.type, 'the machine type has a default');
    await eventually('status Stopped', async () => (await status()) === 'Stopped', 30, explain);
    assert.equal(await vmi(), undefined);
  });

  it('starts it: the VMI runs in one pod of its own', async () => {
    await virt(['start', 'web', '--namespace', namespace.name]);
    await eventually('phase Running', async () => (await vmi())?.status?.phase === 'Running', BOOT_SECONDS, explain);
    await eventually('status Running', async () => (await status()) === 'Running', 30, explain);
    const pods = await list('pods', namespace.name);
    assert.equal(pods.length, 1);
    assert.equal(pods[0].metadata.labels['kubevirt.io'], 'virt-launcher');
  });

  it('reaches the shell of the guest on the serial console', async () => {
    const console = new Console('web', namespace.name);
    try {
      // The guest computes, so that the echo of what was typed cannot be taken for an answer.
      await console.ask('echo answer-$((6*7))', /answer-42/);
      assert.equal(await console.leave(), 0);
    } finally {
      console.kill();
    }
  });

  it('shuts it down cleanly', async () => {
    await virt(['stop', 'web', '--namespace', namespace.name]);
    await eventually('the VMI to go', async () => (await vmi()) === undefined, 90, explain);
    await eventually('status Stopped', async () => (await status()) === 'Stopped', 30, explain);
    await eventually('the pod to go', async () => (await list('pods', namespace.name)).length === 0, 90, explain);
  });

  it('says so when it is stopped already', async () => {
    const { code, stderr } = await tryVirt(['stop', 'web', '--namespace', namespace.name]);
    assert.notEqual(code, 0);
    assert.match(stderr, /not running/i);
  });

  it('leaves nothing behind when it is deleted', async () => {
    await kubectl(['delete', 'vm', 'web', '--namespace', namespace.name, '--wait=true', '--timeout=60s']);
    for (const kind of ['vm', 'vmi', 'pods', 'pvc', 'configmaps']) {
      const left = (await list(kind, namespace.name)).filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt');
      assert.deepEqual(
        left.map(({ metadata }) => metadata.name),
        [],
        kind,
      );
    }
  });
});

describe('a wrong manifest', function () {
  this.timeout(60_000);
  const namespace = useNamespace();

  it('is refused at apply with the field and what is wrong', async () => {
    const vm = tinyVm('wrong', namespace.name);
    vm.spec.template.spec.domain.devices.disks.push({ name: 'nowhere', disk: { bus: 'virtio' } });
    await assert.rejects(apply(vm), (error: Error) => {
      assert.match(error.message, /spec\.template\.spec\.domain\.devices\.disks\[1\]\.name/);
      assert.match(error.message, /nowhere/);
      return true;
    });
    assert.equal(await get('vm', 'wrong', namespace.name), undefined);
  });
});
