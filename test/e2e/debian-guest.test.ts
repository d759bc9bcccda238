import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { ConsoleSession } from './support/console.js';
import { apply, get, until } from './support/kubectl.js';
import { instance, tinySpec, untilPhase, useNamespace } from './support/machines.js';

/* A whole distribution: cloud-init takes its user data, and the guest agent tells about it. Under TCG it boots in minutes. */
describe('a Debian guest with cloud-init and qemu-guest-agent', function () {
  this.timeout(480_000);
  const namespace = useNamespace('e2e-debian-guest');
  const vmi = () => get<VirtualMachineInstance>(namespace, 'vmi', 'debian');

  it('does what its user data says, and reports its system through the guest agent', async () => {
    const image = 'kubectl-virt/guest-debian:latest';
    // Not echoed anywhere as it stands here: only the guest's shell makes 42 of it.
    const userData = '#cloud-config\nruncmd:\n  - echo "user data ran: $((6*7))" > /dev/ttyS0\n';
    const spec = tinySpec({
      volumes: [
        { name: 'root', containerDisk: { image, imagePullPolicy: 'IfNotPresent' } },
        { name: 'seed', cloudInitNoCloud: { userData } },
      ],
    });
    spec.domain.devices.disks = ['root', 'seed'].map((name) => ({ name, disk: { bus: 'virtio' } }));
    spec.domain.resources = { requests: { memory: '512Mi' } };
    await apply(instance(namespace, 'debian', spec));
    await untilPhase(namespace, 'debian', 'Running');
    const console = new ConsoleSession(namespace, 'debian');
    await console.expect(/user data ran: 42/, 400).finally(() => console.close());
    const isConnected = async () =>
      (await vmi())?.status?.conditions?.some(({ type, status }) => type === 'AgentConnected' && status === 'True');
    await until('the guest agent is connected', isConnected, { seconds: 60, namespace });
    const info = await until('the guest tells its system', async () => (await vmi())?.status?.guestOSInfo, {
      namespace,
    });
    assert.match(info.name ?? '', /Debian/);
    assert.ok(info.kernelRelease);
  });
});
