import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import type { Pod } from '../../../src/kube/types.js';
import { LAUNCHER_PROFILE } from '../../../src/launcher/index.js';
import { inGuest } from '../../e2e/support/guest.js';
import { apply, get } from '../../e2e/support/api.js';
import { greeting } from '../../e2e/support/greeting.js';
import { kubectl, until } from '../../e2e/support/kubectl.js';
import { instance, tapSpec, tinySpec, untilPhase, useNamespace } from '../../e2e/support/machines.js';

/** Numbers of x86-64: a call, its arguments. Harmless where they are let through: each lacks what it would act on. */
const REFUSED: Readonly<Record<string, readonly number[]>> = {
  keyctl: [250, 0, -3, 0],
  bpf: [321, 0, 0, 0],
  userfaultfd: [323, 0],
  perf_event_open: [298, 0, 0, 0, 0, 0],
  ptrace: [101, 0, 0, 0, 0],
  process_vm_readv: [310, 1, 0, 0, 0, 0, 0],
  io_uring_setup: [425, 1, 0],
  setns: [308, 0, 0],
  open_by_handle_at: [304, 0, 0, 0],
  fsopen: [430, 0, 0],
  'mount (bind)': [165, 0, 0, 0, 0x1000, 0],
  'unshare (network)': [272, 0x40000000],
  'unshare (user and network)': [272, 0x50000000],
  'unshare (mounts)': [272, 0x20000],
};
/** In one process; prints a call's name and its error, 1 being EPERM, 38 ENOSYS. */
const CALLS = Object.entries({ ...REFUSED, clone3: [435, 0, 0] })
  .map(([name, args]) => `print "${name}=", (syscall(${args.join(', ')}) == -1 ? $! + 0 : "done"), "\\n";`)
  .join('\n');

describe('attack: the kernel from within a launcher pod', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-security-seccomp');

  const start = async (name: string, spec = tinySpec()): Promise<Pod> => {
    await apply(instance(namespace, name, spec));
    await untilPhase(namespace, name, 'Running', 360);
    const vmi = await get<VirtualMachineInstance>(namespace, 'vmi', name);
    return (await get<Pod>(namespace, 'pod', vmi!.status!.launcherPod!.name))!;
  };
  const exec = (pod: Pod, command: string[]): Promise<string> =>
    kubectl(['-n', namespace, 'exec', pod.metadata!.name!, '-c', 'compute', '--', ...command]);
  const profiles = (pod: Pod): unknown[] =>
    [...pod.spec!.containers!, ...((pod.spec as { initContainers?: unknown[] }).initContainers ?? [])].map(
      (container) => (container as { securityContext: { seccompProfile?: unknown } }).securityContext.seccompProfile,
    );
  const RUNTIME = { type: 'RuntimeDefault' };

  describe('with passt', () => {
    let pod: Pod;
    before(async () => {
      const spec = tinySpec();
      spec.domain.devices.interfaces = [{ name: 'default', passtBinding: {} }];
      spec.networks = [{ name: 'default', pod: {} }];
      pod = await start('online', spec);
    });

    it('goes to a node with our profile, and every container has one', () => {
      const ours = { type: 'Localhost', localhostProfile: `kubectl-virt/${LAUNCHER_PROFILE.fileName}` };
      assert.deepEqual(profiles(pod), [ours, RUNTIME, RUNTIME]);
      assert.equal(pod.spec?.nodeSelector?.['kubevirt.io/seccomp-profile'], LAUNCHER_PROFILE.digest);
    });

    it('has every process under a filter, passt and QEMU under their own besides', async () => {
      const script = 'for p in /proc/[0-9]*; do echo $(cat $p/comm) $(grep ^Seccomp: $p/status); done 2>/dev/null';
      const lines = (await exec(pod, ['sh', '-c', script])).split('\n');
      for (const program of ['virt-launcher', 'libvirtd', 'passt', 'qemu-system']) {
        const own = lines.filter((line) => line.startsWith(program) || line.includes(program));
        assert.ok(own.length > 0, `${program} is not among ${lines.join(', ')}`);
      }
      const open = lines.filter((line) => / Seccomp: [01]$/.test(line) && !line.startsWith('pause'));
      assert.deepEqual(open, []);
    });

    it('has calls by which containers were left refused, each with an error and not a death', async () => {
      const answers = (await exec(pod, ['perl', '-e', CALLS])).trim().split('\n');
      const wanted = [...Object.keys(REFUSED).map((name) => `${name}=1`), 'clone3=38'];
      assert.deepEqual(answers, wanted);
      for (const flag of ['--mount', '--net', '--user --net', '--user --mount --map-root-user'])
        await assert.rejects(exec(pod, ['unshare', ...flag.split(' '), 'true']), /Operation not permitted/, flag);
    });

    it('has a guest with its address by DHCP, a name server, and connections to the outside', async () => {
      const service = (await get<{ spec: { clusterIP: string } }>('default', 'service', 'kubernetes'))!;
      const { podIP } = (pod.status ?? {}) as { podIP?: string };
      await inGuest(namespace, 'online', async (guest) => {
        const address = 'ip -4 -o addr show scope global';
        await guest.run(`n=0; until ${address} | grep -q inet || [ $n -ge 30 ]; do sleep 1; n=$((n+1)); done`, 60);
        assert.match(await guest.run(address), new RegExp(`inet ${podIP ?? 'none'}/`));
        assert.match(await guest.run('cat /etc/resolv.conf'), /^nameserver \S+/m);
        // Not the gateway: there passt answers with the pod's own loopback.
        const request = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${service.spec.clusterIP} 443`;
        assert.match(await guest.run(request), /HTTP request to an HTTPS server/);
      });
    });
  });

  describe('with a tap', () => {
    let pod: Pod;
    before(async () => (pod = await start('tap', tapSpec())));
    const podIp = (): string => ((pod.status ?? {}) as { podIP?: string }).podIP ?? '';

    it('passes Pod Security restricted: the runtime’s own profile, and no passt', async () => {
      assert.deepEqual(profiles(pod), [RUNTIME, RUNTIME, RUNTIME]);
      await assert.rejects(exec(pod, ['unshare', '--user', 'true']), /Operation not permitted/);
      assert.doesNotMatch(await exec(pod, ['sh', '-c', 'cat /proc/[0-9]*/comm']), /passt/);
    });

    it('has a guest with an address of its own by DHCP, a name server, and connections both ways, ping included', async () => {
      const service = (await get<{ spec: { clusterIP: string } }>('default', 'service', 'kubernetes'))!;
      await inGuest(namespace, 'tap', async (guest) => {
        const address = 'ip -4 -o addr show scope global';
        await guest.run(`n=0; until ${address} | grep -q inet || [ $n -ge 30 ]; do sleep 1; n=$((n+1)); done`, 60);
        assert.match(await guest.run(address), /inet 10\.0\.2\.2\/24/);
        assert.match(await guest.run('cat /etc/resolv.conf'), /^nameserver \S+/m);
        const request = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${service.spec.clusterIP} 443`;
        assert.match(await guest.run(request), /HTTP request to an HTTPS server/);
        assert.match(await guest.run(`ping -c 3 ${service.spec.clusterIP} || ping -c 3 10.0.2.1`), /bytes from/);
        // Answered, so that it is on its way before the console ends.
        await guest.run('(while true; do echo hello | nc -l -p 17345; done) > /dev/null 2>&1 & true');
      });
      // No port is listed, so every one leads to the guest.
      const answers = async (): Promise<boolean> => (await greeting(podIp(), 17_345)) === 'hello\n';
      await until('the guest answers', answers, { seconds: 60, namespace });
    });
  });
});
