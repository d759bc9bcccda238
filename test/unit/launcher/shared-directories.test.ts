import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveClusterConfig } from '../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Volume } from '../../../src/api/schema/volumes.js';
import { buildLauncherPod } from '../../../src/launcher/index.js';
import { parseQuantity } from '../../../src/api/quantity.js';

const SOCKETS = { name: 'virtiofs-sockets', mountPath: '/var/run/kubevirt/virtiofs-containers' };
const MIB = 2n ** 20n;

type Domain = VirtualMachineInstance['spec']['domain'];
const build = (volumes: readonly Volume[], shared: readonly string[], more: Partial<Domain> = {}) => {
  const vmi: VirtualMachineInstance = {
    metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
    spec: {
      domain: {
        memory: { guest: '1Gi' },
        ...more,
        devices: { filesystems: shared.map((name) => ({ name, virtiofs: {} })), ...more.devices },
      },
      volumes: [...volumes],
    },
  };
  return buildLauncherPod(vmi, { config: resolveClusterConfig({ spec: {} }), launcherImage: 'launcher:1' }).spec;
};
const container = (spec: ReturnType<typeof build>, name: string) => spec.containers.find((each) => each.name === name)!;
const conf: Volume = { name: 'conf', configMap: { name: 'app' } };
const data: Volume = { name: 'data', persistentVolumeClaim: { claimName: 'data' } };

describe('directories that a launcher pod shares with its guest', () => {
  it('are nothing of a VM without file systems', () => {
    const spec = build([conf], []);
    assert.deepEqual(
      spec.containers.map(({ name }) => name),
      ['compute'],
    );
    assert.ok(!spec.volumes.some(({ name }) => name === SOCKETS.name));
    assert.ok(!spec.containers[0]?.env.some(({ name }) => name === 'FILESYSTEM_SOCKETS'));
  });

  it('have a container each, with its volume, the directory of the sockets, and no other right or file', () => {
    const spec = build([data, conf], ['conf', 'data']);
    assert.deepEqual(
      spec.containers.map(({ name }) => name),
      ['compute', 'virtiofs-data', 'virtiofs-conf'],
    );
    assert.deepEqual(container(spec, 'virtiofs-conf').volumeMounts, [
      SOCKETS,
      { name: 'volumeconf', mountPath: '/shared', readOnly: true },
    ]);
    assert.deepEqual(container(spec, 'virtiofs-data').volumeMounts, [
      SOCKETS,
      { name: 'volumedata', mountPath: '/shared' },
    ]);
    for (const name of ['virtiofs-conf', 'virtiofs-data']) {
      const { image, securityContext, volumeDevices, ports } = container(spec, name);
      assert.equal(image, 'launcher:1');
      assert.deepEqual(securityContext, {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      });
      assert.deepEqual([volumeDevices, ports], [undefined, undefined]);
    }
    assert.equal(spec.securityContext['runAsUser'], 107);
    assert.equal(spec.automountServiceAccountToken, false);
  });

  it('are none of QEMU’s, but for their sockets', () => {
    const compute = container(build([data, conf], ['conf', 'data']), 'compute');
    const mounts = compute.volumeMounts.map(({ name }) => name);
    assert.ok(mounts.includes(SOCKETS.name));
    assert.ok(!mounts.includes('volumedata') && !mounts.includes('volumeconf'), mounts.join());
    assert.equal(
      compute.env.find(({ name }) => name === 'FILESYSTEM_SOCKETS')?.value,
      `${SOCKETS.mountPath}/data.sock ${SOCKETS.mountPath}/conf.sock`,
    );
    const both = build([conf], ['conf'], { devices: { disks: [{ name: 'conf', disk: {} }] } });
    assert.ok(container(both, 'compute').volumeMounts.some(({ name }) => name === 'volumeconf'));
  });

  it('squash the owners of files, and are read-only where the claim is', () => {
    const [, readOnly] = [
      build([data], ['data']),
      build([{ name: 'data', persistentVolumeClaim: { claimName: 'data', readOnly: true } }], ['data']),
    ];
    assert.equal(container(readOnly, 'virtiofs-data').volumeMounts[1]?.readOnly, true);
    const [, , , program, ...options] = container(readOnly, 'virtiofs-data').command ?? [];
    assert.equal(program, '/usr/libexec/virtiofsd');
    assert.deepEqual(options, [
      `--socket-path=${SOCKETS.mountPath}/data.sock`,
      '--shared-dir=/shared',
      '--sandbox=none',
      '--cache=auto',
      '--translate-uid=squash-guest:0:107:4294967295',
      '--translate-gid=squash-guest:0:107:4294967295',
      '--log-level=error',
    ]);
  });

  it('request what they use, and may have the guest’s memory, which they touch', () => {
    const of = (more: Partial<Domain>) => container(build([conf], ['conf'], more), 'virtiofs-conf').resources;
    const bytes = (text: string | undefined) => parseQuantity(text ?? '0').value() / MIB;
    const usual = of({});
    assert.deepEqual([usual.requests['cpu'], usual.limits['cpu']], ['10m', '1']);
    assert.deepEqual([bytes(usual.requests['memory']), bytes(usual.limits['memory'])], [10n, 64n + 1024n + 2n]);
    const guaranteed = of({ resources: { requests: { memory: '1Gi' }, limits: { memory: '1Gi' } } });
    assert.deepEqual(guaranteed.requests, guaranteed.limits);
    assert.equal(bytes(guaranteed.limits['memory']), 66n);
    const huge = of({ memory: { guest: '1Gi', hugepages: { pageSize: '2Mi' } } });
    assert.deepEqual([bytes(huge.requests['memory']), bytes(huge.limits['memory'])], [8n, 64n]);
  });
});

/**
 * Runs a program where openat2 is refused, as by a seccomp profile that does not know it: arguments are the number of
 * prctl here, then the program's.
 */
const WITHOUT_OPENAT2 = `
my $filter = pack('(SCCL)4', 0x20, 0, 0, 0, 0x15, 0, 1, 437, 0x06, 0, 0, 0x00050001, 0x06, 0, 0, 0x7fff0000);
my $program = pack('Sx6P', 4, $filter);
my $prctl = 0 + shift;
syscall($prctl, 38, 1, 0, 0, 0) == 0 && syscall($prctl, 22, 2, $program) == 0 or die "prctl: $!";
exec @ARGV;`;
const PRCTL = process.arch === 'arm64' ? '167' : '157';

describe('what keeps virtiofsd', function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), 'sharing-'));
  after(() => rmSync(directory, { recursive: true }));
  const program = join(directory, 'virtiofsd');
  /** Runs the container's own script with a program in virtiofsd's place, and the sockets' directory in another. */
  const run = (
    script: string,
    around: readonly string[] = [],
  ): { status: number | null; calls: string; stderr: string } => {
    const calls = join(directory, 'calls');
    rmSync(join(directory, 'ended'), { force: true });
    writeFileSync(calls, '');
    writeFileSync(program, `#!/bin/sh\necho "$@" >>${calls}\n${script}`);
    chmodSync(program, 0o755);
    const [shell = '', flag = '', text = ''] = container(build([conf], ['conf']), 'virtiofs-conf').command ?? [];
    const own = [shell, flag, text.replaceAll(SOCKETS.mountPath, directory), program, 'an argument'];
    const [first = '', ...rest] = [...around, ...own];
    const { status, stderr } = spawnSync(first, rest, { timeout: 20_000, encoding: 'utf8' });
    return { status, calls: readFileSync(calls, 'utf8'), stderr };
  };

  it('starts it again for the next QEMU, until there is none, and ends with 0', () => {
    const twice = `[ "$(wc -l <${join(directory, 'calls')})" -lt 2 ] || : >${join(directory, 'ended')}`;
    assert.deepEqual(run(twice), { status: 0, calls: 'an argument\nan argument\n', stderr: '' });
    assert.ok(existsSync(join(directory, 'ended')));
  });
  it('ignores kubelet’s SIGTERM, and takes the entrypoint’s SIGUSR1 for a good end', () => {
    const { status } = run(`kill -TERM $$; kill -TERM $PPID; : >${join(directory, 'ended')}; kill -USR1 $$`);
    assert.equal(status, 0);
  });
  it('does not start it where nothing would hold the guest in the directory, and says so', () => {
    const refused = run(`: >${join(directory, 'ended')}`, ['perl', '-e', WITHOUT_OPENAT2, PRCTL]);
    assert.deepEqual([refused.status, refused.calls], [1, '']);
    assert.match(refused.stderr, /^openat2 is refused on this node, .*Linux 5\.6.*seccomp.*\n$/);
  });
  it('ends with 1 where it cannot serve', () => {
    assert.equal(run('exit 3').status, 1);
  });
});
