import assert from 'node:assert/strict';
import { imageName } from '../../src/api/images.js';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import type { Volume } from '../../src/api/schema/volumes.js';
import { ConsoleSession } from './support/console.js';
import { apply, get } from './support/api.js';
import { until } from './support/kubectl.js';
import { instance, tinySpec, untilPhase, useNamespace } from './support/machines.js';

/*
 * A whole distribution: cloud-init takes its user data, and the guest agent tells about it. Under TCG it boots in 90 s.
 */
describe('a Debian guest with cloud-init and qemu-guest-agent', function () {
  this.timeout(1_500_000);
  const namespace = useNamespace('e2e-debian-guest');
  const vmi = (name: string) => get<VirtualMachineInstance>(namespace, 'vmi', name);

  // Not echoed anywhere as it stands here: only the guest's shell makes 42 of it.
  const userData = `#cloud-config\nruncmd:\n  - 'echo "user data ran $((6*7))" > /dev/ttyS0'\n  - 'touch /run/open'\n`;
  const seeds: readonly { readonly title: string; readonly vm: string; readonly source: Omit<Volume, 'name'> }[] = [
    { title: 'does what its user data says, from NoCloud', vm: 'no-cloud', source: { cloudInitNoCloud: { userData } } },
    {
      title: 'does what its user data says, from ConfigDrive',
      vm: 'config-drive',
      source: { cloudInitConfigDrive: { userData } },
    },
  ];
  const readyOf = async (name: string) =>
    (await vmi(name))?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const consoles = new Map<string, ConsoleSession>();

  before('both boot side by side', async () => {
    const image = { image: imageName('guest-debian', 'latest'), imagePullPolicy: 'Never' } as const;
    for (const { vm, source } of seeds) {
      const volumes = [
        { name: 'root', containerDisk: image },
        { name: 'seed', ...source },
      ];
      const spec = tinySpec({ volumes });
      spec.domain.devices.disks = ['root', 'seed'].map((name) => ({ name, disk: { bus: 'virtio' } }));
      spec.domain.resources = { requests: { memory: '512Mi' } };
      if (vm === 'no-cloud')
        spec.readinessProbe = { exec: { command: ['test', '-e', '/run/open'] }, periodSeconds: 5, timeoutSeconds: 5 };
      await apply(instance(namespace, vm, spec));
    }
    for (const { vm } of seeds) {
      await untilPhase(namespace, vm, 'Running');
      consoles.set(vm, new ConsoleSession(namespace, vm));
    }
    // Its guest boots for a minute more, and nobody in it answers the probe.
    const ready = await until('something is said of it', async () => await readyOf('no-cloud'), { namespace });
    assert.equal(ready, 'False');
  });
  after(async () => {
    for (const session of consoles.values()) await session.close();
  });

  for (const { title, vm } of seeds) {
    it(title, async () => {
      await consoles.get(vm)?.expect(/user data ran 42/, 900);
    });
  }

  it('is ready when the command of its readiness probe succeeds in it', async () => {
    await until('it is ready', async () => (await readyOf('no-cloud')) === 'True', { seconds: 300, namespace });
  });

  it('reports its system through the guest agent', async () => {
    const isConnected = async () =>
      (await vmi('no-cloud'))?.status?.conditions?.some(
        ({ type, status }) => type === 'AgentConnected' && status === 'True',
      );
    await until('the guest agent is connected', isConnected, { seconds: 300, namespace });
    const info = await until('the guest tells its system', async () => (await vmi('no-cloud'))?.status?.guestOSInfo, {
      namespace,
    });
    assert.match(info.name ?? '', /Debian/);
    assert.ok(info.kernelRelease);
  });
});
