import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfinementError } from '../../../src/agent/pod/cgroup-way.js';
import { Confinement } from '../../../src/agent/pod/confinement.js';
import { firstProcess } from '../../../src/agent/pod/pod-process.js';
import { PREPARERS, prepareVolumes } from '../../../src/agent/volumes/prepare.js';
import { PodWorkspace } from '../../../src/agent/workspace/pod-workspace.js';
import { podPaths } from '../../../src/api/pod-layout.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { volumeSourceKind } from '../../../src/api/vmi/volume-source.js';
import { FakePod, type FakePodOptions } from '../support/fake-pod.js';

const VMI_UID = 'c0ffee00-0000-4000-8000-000000000001';
const paths = podPaths(VMI_UID);

/**
 * Every first program of a command in the pod is `timeout`; this one notes where it runs. In one write: commands run
 * beside each other, and the lines of two must not mix.
 */
const NOTING = `#!/bin/sh
where=$(cat /proc/self/cgroup)
printf '%s\\n\\n' "$where" >>/run/noted
exec /run/real-timeout "$@"
`;

/** In the pod's own mount namespace: its volumes, and the programs that note. */
const setUp = (directory: string): string => `
mount -t tmpfs -o mode=755 pod /run
cp /usr/bin/timeout /run/real-timeout
cat >/run/noting <<'END'
${NOTING}END
chmod 755 /run/noting
mount --bind /run/noting /usr/bin/timeout
mkdir -p /run/kubevirt-private /run/kubevirt-ephemeral-disks /run/kubevirt/container-disks /run/image/disk ${paths.persistentVolume('claimed')} ${paths.persistentVolume('hosted')} ${paths.persistentVolume('below')} ${paths.persistentVolume('datavolume')}
truncate -s 1M /run/image/disk/disk.img ${paths.persistentVolume('below')}/disk.img
for name in configmap secret downward account sysprep; do
  mkdir -p ${paths.content('x').replace(/x$/, '')}$name/..1
  echo text >${paths.content('x').replace(/x$/, '')}$name/..1/unattend.xml
  ln -s ..1 ${paths.content('x').replace(/x$/, '')}$name/..data
done
: >/run/noted
chown -R 107:107 /run
mount --bind ${directory} /mnt
`;

describe('attack: a command for a pod that runs elsewhere', function () {
  this.timeout(300_000);
  let pod: FakePod;

  const start = async (options: FakePodOptions = {}): Promise<PodWorkspace> => {
    pod = new FakePod({ setUp: setUp, ...options });
    await pod.start();
    return workspaceOf();
  };
  const workspaceOf = async (): Promise<PodWorkspace> =>
    new PodWorkspace(VMI_UID, new Confinement(pod.compute, (await firstProcess(pod.compute))!));
  const noted = async (): Promise<string[]> => {
    const root = `/proc/${(await firstProcess(pod.compute))!.pid}/root`;
    return readFileSync(`${root}/run/noted`, 'utf8').trim().split('\n\n');
  };
  /** Every hierarchy, the pod's container. */
  const assertConfined = (cgroups: string): void => {
    const lines = cgroups.trim().split('\n');
    assert.ok(lines.length >= pod.cgroups.length, cgroups);
    for (const line of lines) assert.ok(line.endsWith(`/pod${pod.uid}/${pod.id}`), `not the pod's: ${line}`);
  };

  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip();
  });
  afterEach(() => pod.stop());

  it('every way of a workspace to run a command is in every cgroup of the container', async () => {
    const workspace = await start();
    const at = (name: string): string => `/run/kubevirt-private/${name}`;
    await workspace.run(['true']);
    await workspace.script('a script', 'true', []);
    await workspace.exists(at('nothing'));
    await workspace.mkdir(at('directory'));
    await workspace.writeFile(at('file'), Buffer.from('text'));
    assert.equal((await workspace.readFile(at('file'), 10)).toString(), 'text');
    await workspace.symlink('file', at('link'));
    assert.equal(await workspace.readLink(at('link')), 'file');
    await workspace.remove(at('file'));
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(PodWorkspace.prototype)).filter(
      (name) => name !== 'constructor',
    );
    assert.deepEqual(methods.sort(), [
      'exists',
      'mkdir',
      'readFile',
      'readLink',
      'remove',
      'script',
      'symlink',
      'writeFile',
    ]);
    const all = await noted();
    assert.ok(all.length >= 9, `${all.length} commands were seen`);
    all.forEach(assertConfined);
  });

  it('every source of volumes works there and nowhere else', async () => {
    const workspace = await start();
    const claim = {
      claimName: 'db',
      volumeMode: 'Filesystem' as const,
      requests: { storage: '2Mi' },
      capacity: { storage: '2Mi' },
    };
    const volumes: Volume[] = [
      { name: 'root', containerDisk: { image: 'x' } },
      { name: 'nocloud', cloudInitNoCloud: { userData: '#cloud-config' } },
      { name: 'configdrive', cloudInitConfigDrive: { userData: '#cloud-config' } },
      { name: 'configmap', configMap: { name: 'a' } },
      { name: 'secret', secret: { secretName: 'a' } },
      { name: 'downward', downwardAPI: { fields: [] } },
      { name: 'account', serviceAccount: { serviceAccountName: 'a' } },
      { name: 'sysprep', sysprep: { configMap: { name: 'a' } } },
      { name: 'metrics', downwardMetrics: {} },
      { name: 'empty', emptyDisk: { capacity: '2Mi' } },
      { name: 'below', ephemeral: { persistentVolumeClaim: { claimName: 'db' } } },
      { name: 'hosted', hostDisk: { path: '/data/disk.img', type: 'DiskOrCreate', capacity: '2Mi' } },
      { name: 'claimed', persistentVolumeClaim: { claimName: 'db' } },
      { name: 'datavolume', dataVolume: { name: 'db' } },
    ];
    assert.deepEqual(volumes.map(volumeSourceKind).sort(), Object.keys(PREPARERS).sort(), 'a source without this test');
    const vmi: VirtualMachineInstance = {
      metadata: { name: 'web', namespace: 'default', uid: VMI_UID },
      spec: { domain: { devices: { disks: volumes.map(({ name }) => ({ name, disk: {} })) } }, volumes },
      status: { volumeStatus: volumes.map(({ name }) => ({ name, target: '', persistentVolumeClaimInfo: claim })) },
    };
    await prepareVolumes(vmi, workspace, {
      imageSource: () => Promise.resolve({ root: '/run/image' }),
      memoryLimitBytes: 128n << 20n,
    });
    const all = await noted();
    assert.ok(all.length >= volumes.length, `${all.length} commands were seen`);
    all.forEach(assertConfined);
  });

  it('a container with a cgroup namespace of its own is entered too', async () => {
    const workspace = await start({ cgroupNamespace: true });
    const { stdout } = await workspace.run(['cat', '/proc/self/cgroup']);
    for (const line of stdout.toString().trim().split('\n')) assert.match(line, /:\/$/);
    const { stdout: id } = await workspace.run(['sh', '-c', 'sleep 0.2; readlink /proc/self/ns/cgroup']);
    const first = (await firstProcess(pod.compute))!.pid;
    assert.equal(
      id.toString().trim(),
      execFileSync('readlink', [`/proc/${first}/ns/cgroup`], { encoding: 'utf8' }).trim(),
    );
  });

  it('a device that the container may not open is refused to the agent’s commands as well', async () => {
    const workspace = await start();
    // A loop device of this machine, as an image's layer or an emptyDir could hold it: mode 666, the guest's own.
    const disk = join(pod.directory, 'disk');
    writeFileSync(disk, 'HOST-SECRET'.padEnd(65536, '.'));
    const loop = execFileSync('losetup', ['--find', '--show', disk], { encoding: 'utf8' }).trim();
    try {
      const number = loop.replace('/dev/loop', '');
      const node = join(pod.directory, 'node');
      execFileSync('mknod', ['-m', '666', node, 'b', '7', number]);
      execFileSync('chmod', ['755', pod.directory]);
      await assert.rejects(workspace.readFile('/mnt/node', 100), /Operation not permitted/);
      await workspace.symlink('/mnt/node', '/run/kubevirt-private/link');
      await assert.rejects(workspace.readFile('/run/kubevirt-private/link', 100), /Operation not permitted/);
      await assert.rejects(
        workspace.run(['dd', 'of=/mnt/node', 'conv=notrunc'], { stdin: Buffer.from('PWNED') }),
        /Operation not permitted/,
      );
      execFileSync('sync', []);
      assert.match(readFileSync(disk, 'utf8'), /^HOST-SECRET/);
    } finally {
      execFileSync('losetup', ['--detach', loop]);
    }
  });

  it('memory is the container’s: what takes too much dies in its cgroup', async () => {
    const workspace = await start({ memory: 96 << 20 });
    const hog = ['sh', '-c', 'head -c 200M /dev/zero | tail -c 200M >/dev/null'] as const;
    await assert.rejects(workspace.run(hog), /died of|was killed|failed/);
    const failures = existsSync(join(pod.memoryCgroup, 'memory.failcnt'))
      ? Number(readFileSync(join(pod.memoryCgroup, 'memory.failcnt'), 'utf8'))
      : Number(/^oom_kill (\d+)$/m.exec(readFileSync(join(pod.memoryCgroup, 'memory.events'), 'utf8'))?.[1]);
    assert.ok(failures > 0, 'the limit of the pod was not met');
  });

  /** Moves the container's processes out of its cgroup in one hierarchy of v1, and removes it. */
  const leave = (controller: string): void => {
    const directory = pod.cgroups.find((each) => each.startsWith(`/sys/fs/cgroup/${controller}/`))!;
    for (const pid of readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean))
      writeFileSync(join('/sys/fs/cgroup', controller, 'cgroup.procs'), pid);
    rmdirSync(directory);
  };
  const needsV1 = (test: Mocha.Context): void => {
    if (!existsSync('/sys/fs/cgroup/devices')) test.skip();
  };

  it('no command runs when a cgroup cannot be joined, and the error names which', async function () {
    needsV1(this);
    const workspace = await start();
    await workspace.run(['true']);
    const before = (await noted()).length;
    leave('freezer');
    await assert.rejects(workspace.run(['touch', '/run/kubevirt-private/ran']), (error) => {
      assert.ok(error instanceof ConfinementError, String(error));
      assert.match(error.message, /touch did not run: .*the pod's cgroup of freezer cannot be joined/s);
      return true;
    });
    assert.equal((await noted()).length, before, 'something ran');
    mkdirSync(pod.cgroups.find((each) => each.startsWith('/sys/fs/cgroup/freezer/'))!);
  });

  for (const controller of ['devices', 'memory', 'pids'])
    it(`no command runs where the container’s own process is not confined by ${controller}`, async function () {
      needsV1(this);
      await start();
      leave(controller);
      await assert.rejects((await workspaceOf()).run(['true']), (error) => {
        assert.ok(error instanceof ConfinementError, String(error));
        assert.match(error.message, new RegExp(`is not confined: its process is in / for ${controller}`));
        return true;
      });
      mkdirSync(pod.cgroups.find((each) => each.startsWith(`/sys/fs/cgroup/${controller}/`))!);
    });

  it('nothing runs for a container that has ended', async () => {
    const workspace = await start();
    await workspace.run(['true']);
    process.kill((await firstProcess(pod.compute))!.pid, 'SIGKILL');
    await assert.rejects(async () => {
      // The kernel ends it in its own time.
      for (let n = 0; n < 100; n += 1) await workspace.run(['true']);
    }, ConfinementError);
  });

  it('an agent in a cgroup namespace of its own leaves it for each command', () => {
    const script = fileURLToPath(new URL('../support/agent-apart.ts', import.meta.url));
    const output = execFileSync(
      'unshare',
      ['--mount', '--pid', '--fork', '--mount-proc', 'sh', '-c', APART, 'sh', process.execPath, script],
      {
        encoding: 'utf8',
      },
    );
    const { seen, cgroups } = JSON.parse(output) as { seen: string; cgroups: string };
    assert.match(seen, /:\/\.\.\//, 'the agent was not apart');
    for (const line of cgroups.trim().split('\n')) assert.match(line, /:\/$/);
    pod = new FakePod();
  });
});

/**
 * Arguments: node, the script. PID 1 is this shell, in the cgroup namespace of the node; the script is in one of its
 * own.
 */
const APART = `
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
  [ -e "$hierarchy/cgroup.procs" ] || continue
  agent=$hierarchy/kubectl-virt-test-agent
  mkdir -p "$agent"
  for file in cpuset.cpus cpuset.mems; do [ ! -e "$agent/$file" ] || cat "$hierarchy/$file" >"$agent/$file"; done
done
(
  for agent in /sys/fs/cgroup/*/kubectl-virt-test-agent; do sh -c 'echo $PPID' >"$agent/cgroup.procs" || exit 1; done
  unshare --cgroup "$1" --import tsx "$2"
)
code=$?
rmdir /sys/fs/cgroup/*/kubectl-virt-test-agent
exit $code
`;
