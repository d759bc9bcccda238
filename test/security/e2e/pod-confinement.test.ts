import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { kill } from 'node:process';
import { join } from 'node:path';
import { Confinement } from '../../../src/agent/pod/confinement.js';
import { firstProcess, type ContainerIdentity, type ContainerProcess } from '../../../src/agent/pod/pod-process.js';
import { PodWorkspace } from '../../../src/agent/workspace/pod-workspace.js';
import { podPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { needsTestBed } from '../../e2e/support/bed.js';
import { hostPids } from '../../e2e/support/faults.js';
import { provideImage } from '../../e2e/support/images.js';
import { apply, get } from '../../e2e/support/api.js';
import { kubectl, until } from '../../e2e/support/kubectl.js';
import { instance, phaseOf, tinySpec, untilPhase, useNamespace } from '../../e2e/support/machines.js';
import { writeSnapshotBomb } from '../support/snapshot-bomb.js';

const SECRET = 'HOST-SECRET';

interface Pods {
  readonly items: readonly {
    readonly status: { readonly containerStatuses: readonly { readonly restartCount: number }[] };
  }[];
}

describe('attack: a tenant in his own launcher pod', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-security-confinement');
  let directory = '';
  let loop = '';
  let vmi: VirtualMachineInstance;

  before(async function () {
    needsTestBed(this, 'it makes devices of the node and looks at processes');
    directory = mkdtempSync(join(tmpdir(), 'virt-e2e-confinement-'));
    writeFileSync(join(directory, 'disk'), SECRET.padEnd(65_536, '.'));
    loop = execFileSync('losetup', ['--find', '--show', join(directory, 'disk')], { encoding: 'utf8' }).trim();
    const minor = Number(loop.replace('/dev/loop', ''));
    const image = await provideImage('device', [
      { path: 'disk/disk.img', content: Buffer.alloc(1 << 20), mode: 0o444 },
      { path: 'node', content: '', device: [7, minor], mode: 0o666 },
    ]);
    const spec = tinySpec({
      volumes: [{ name: 'root', containerDisk: { image, path: '/disk/disk.img', imagePullPolicy: 'IfNotPresent' } }],
    });
    await apply(instance(namespace, 'tenant', spec));
    await untilPhase(namespace, 'tenant', 'Running', 360);
    vmi = (await get<VirtualMachineInstance>(namespace, 'vmi', 'tenant'))!;
  });
  after(() => {
    // Empty where the set-up was skipped.
    if (loop !== '') execFileSync('losetup', ['--detach', loop]);
    if (directory !== '') rmSync(directory, { recursive: true, force: true });
  });

  const container = (name: string): ContainerIdentity => {
    const { uid = '', containers = [] } = vmi.status?.launcherPod ?? {};
    return { podUid: uid, name, id: containers.find((each) => each.name === name)!.id };
  };
  const process = async (name = 'compute'): Promise<ContainerProcess> => (await firstProcess(container(name)))!;
  /** The agent's own way into the pod. */
  const workspace = async (): Promise<PodWorkspace> =>
    new PodWorkspace(vmi.metadata!.uid!, new Confinement(container('compute'), await process()));
  const exec = (command: string[]): Promise<string> =>
    kubectl(['-n', namespace, 'exec', vmi.status!.launcherPod!.name, '-c', 'compute', '--', ...command]);
  const restarts = async (): Promise<number> => {
    const text = await kubectl(['-n', 'kubevirt', 'get', 'pods', '-l', 'kubevirt.io=virt-agent', '-o', 'json']);
    return (JSON.parse(text) as Pods).items
      .flatMap(({ status }) => status.containerStatuses)
      .reduce((sum, each) => sum + each.restartCount, 0);
  };

  it('has the agent’s commands in every cgroup of his container', async () => {
    const pod = await workspace();
    const running = pod.run(['sleep', '5']);
    const { id } = container('compute');
    const seen = await until('the command', () => {
      const pids = execFileSync('pgrep', ['-x', 'sleep'], { encoding: 'utf8' }).split('\n').filter(Boolean);
      const mine = pids.find(
        (pid) =>
          readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id) &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8') === 'sleep\x005\0',
      );
      return Promise.resolve(mine === undefined ? undefined : readFileSync(`/proc/${mine}/cgroup`, 'utf8'));
    });
    assert.equal(seen, readFileSync(`/proc/${(await process()).pid}/cgroup`, 'utf8'));
    await running;
  });

  it('has no device of the node opened for him: from an image’s layer, behind a link, in an emptyDir', async () => {
    const pod = await workspace();
    const { podPid } = await process('volumeroot');
    const inImage = `/proc/${podPid}/root/node`;
    assert.match((await pod.run(['stat', '--format=%F %a', inImage])).stdout.toString(), /^block special file 666/);
    await assert.rejects(pod.readFile(inImage, 100), /Operation not permitted/);
    const own = podPaths(vmi.metadata!.uid!).serialSocket.replace(/[^/]*$/, '');
    await exec(['ln', '-s', inImage, `${own}link`]);
    await assert.rejects(pod.readFile(`${own}link`, 100), /Operation not permitted/);
    await assert.rejects(
      pod.run(['dd', `of=${own}link`, 'conv=notrunc'], { stdin: Buffer.from('PWNED') }),
      /Operation not permitted/,
    );
    // As a root of the pod could leave it there.
    const volume = `/var/lib/kubelet/pods/${container('compute').podUid}/volumes/kubernetes.io~empty-dir/private`;
    execFileSync('mknod', ['-m', '666', `${volume}/device`, 'b', '7', loop.replace('/dev/loop', '')]);
    await assert.rejects(pod.readFile('/var/run/kubevirt-private/device', 100), /Operation not permitted/);
    execFileSync('sync', []);
    assert.ok(readFileSync(join(directory, 'disk'), 'utf8').startsWith(SECRET));
  });

  it('is not taken for the compute container with 20 execs that call themselves so', async () => {
    const first = await process();
    const execs = Array.from({ length: 20 }, () =>
      exec(['env', 'VIRT_CONTAINER=compute', 'sleep', '600']).catch(String),
    );
    const sleeping = (): number[] => hostPids(container('compute').podUid, /^sleep 600/);
    try {
      await until('all 20 run', () => Promise.resolve(sleeping().length === execs.length), { namespace });
      for (let n = 0; n < 10; n += 1) assert.deepEqual(await process(), first);
    } finally {
      for (const pid of sleeping()) kill(pid);
      await Promise.all(execs);
    }
  });

  it('cannot stop the agent with 65,535 snapshots: his VM fails, for good', async () => {
    const before = await restarts();
    const bomb = join(directory, 'bomb');
    writeSnapshotBomb(bomb);
    const image = await provideImage('bomb', [{ path: 'disk/disk.img', content: readFileSync(bomb), mode: 0o444 }]);
    const spec = tinySpec({ volumes: [{ name: 'root', containerDisk: { image, imagePullPolicy: 'IfNotPresent' } }] });
    await apply(instance(namespace, 'bomb', spec));
    await untilPhase(namespace, 'bomb', 'Failed', 360);
    const { status } = (await get<VirtualMachineInstance>(namespace, 'vmi', 'bomb'))!;
    assert.match(status?.reason ?? '', /volume root: .*(?:cannot be looked at within|invalid disk image)/);
    assert.equal(await restarts(), before);
    assert.equal(await phaseOf(namespace, 'tenant'), 'Running');
  });
});
