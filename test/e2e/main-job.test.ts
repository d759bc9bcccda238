import assert from 'node:assert/strict';
import type { VirtualMachine, VirtualMachineInstance } from '../../src/api/schema/kinds.js';
import { ConsoleSession } from './support/console.js';
import { get, list } from './support/api.js';
import { greeting } from './support/greeting.js';
import { inGuest } from './support/guest.js';
import { columnsOf, seenDuring } from './support/history.js';
import { kubectl, plugin, run, until } from './support/kubectl.js';
import { machine, tinySpec, untilEvent, untilGone, untilPhase, useNamespace } from './support/machines.js';

interface Named {
  readonly metadata: { readonly name: string };
}

/*
 * The whole path as a user walks it: apply, start, console, pause, restart, stop, delete. Each step builds on the last.
 */
describe('the main job', function () {
  this.timeout(900_000);
  const namespace = useNamespace('e2e-main-job');
  const vm = () => get<VirtualMachine>(namespace, 'vm', 'web');
  const vmi = () => get<VirtualMachineInstance>(namespace, 'vmi', 'web');
  const pods = () => list<Named & { status: { podIP: string; phase: string } }>(namespace, 'pod');
  const untilStatus = (status: string) =>
    until(`VM is ${status}`, async () => (await vm())?.status?.printableStatus === status, { namespace });
  const virt = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await plugin([...args, '-n', namespace]);
    assert.equal(code, 0, stderr + stdout);
    return stdout;
  };
  const withConsole = async (use: (session: ConsoleSession) => Promise<void>) => {
    const session = new ConsoleSession(namespace, 'web');
    try {
      await session.shell(180);
      await use(session);
    } finally {
      await session.close();
    }
  };
  let firstUid: string | undefined;

  it('admits a VM, stores UUID and serial number in its template and nothing else, and leaves it stopped', async () => {
    const volumes = [
      ...(tinySpec().volumes ?? []),
      { name: 'seed', cloudInitNoCloud: { userData: '#!/bin/sh\nhostname from-user-data\n' } },
      { name: 'scratch', emptyDisk: { capacity: '64Mi' } },
    ];
    const spec = tinySpec({ volumes });
    // The tiny guest has drivers for virtio; the volume without a disk of its own gets one by default, on SATA.
    spec.domain.devices.disks = ['root', 'seed'].map((name) => ({ name, disk: { bus: 'virtio' } }));
    const submitted = machine(namespace, 'web', { running: false }, spec);
    await kubectl(['apply', '-f', '-'], JSON.stringify(submitted));
    const stored = (await vm())?.spec.template.spec;
    assert.ok(stored?.domain.firmware?.uuid);
    assert.deepEqual(stored.domain.devices, submitted.spec.template.spec?.domain.devices);
    assert.deepEqual(stored.volumes, volumes);
    await untilStatus('Stopped');
    assert.equal(await vmi(), undefined);
  });

  it('starts it: one pod, a domain, phase Running, statuses and events', async () => {
    assert.match(await virt('start', 'web'), /web/);
    await untilPhase(namespace, 'web', 'Running', 360);
    await untilStatus('Running');
    const running = await vmi();
    firstUid = running?.metadata?.uid;
    const all = await pods();
    assert.equal(all.length, 1);
    assert.match(all[0]!.metadata.name, /^virt-launcher-web-/);
    assert.equal(running?.status?.interfaces?.[0]?.ipAddress, all[0]?.status.podIP);
    assert.ok(running?.status?.nodeName);
    assert.ok(running.spec.domain.machine?.type);
    await until('VM is ready', async () => (await vm())?.status?.ready, { namespace });
    await untilEvent(namespace, 'web', 'Started');
    assert.match(await kubectl(['-n', namespace, 'get', 'vm,vmi']), /web .*Running/);
  });

  it('reaches the guest’s shell on its console, and the guest has its disks and its cloud-init', () =>
    withConsole(async (session) => {
      session.type('ls /sys/block | tr "\\n" +; hostname\r');
      await session.expect(/vda\+vdb\+/);
      await session.expect(/from-user-data/);
    }));

  it('has the address of its pod, under which it reaches others and is reached, at every port, though it names no network', async () => {
    const [pod] = await pods();
    const podIP = pod?.status.podIP ?? '';
    const service = await get<{ spec: { clusterIP: string } }>('default', 'service', 'kubernetes');
    const world = service?.spec.clusterIP ?? '';
    await inGuest(namespace, 'web', async (guest) => {
      const address = 'ip -4 -o addr show scope global';
      await guest.run(`n=0; until ${address} | grep -q inet || [ $n -ge 30 ]; do sleep 1; n=$((n+1)); done`, 60);
      assert.match(await guest.run(address), new RegExp(`inet ${podIP.replaceAll('.', '\\.')}/`));
      assert.match(await guest.run('cat /etc/resolv.conf'), /^nameserver \S+/m);
      const request = `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 5 ${world} 443`;
      assert.match(await guest.run(request), /HTTP request to an HTTPS server/);
      assert.match(
        await guest.run('ping -c 3 $(ip route | sed -n "s/^default via //p" | cut -d" " -f1)'),
        /bytes from/,
      );
      await guest.run('(while true; do echo hello | nc -l -p 17345; done) > /dev/null 2>&1 & true');
    });
    // As kubelet's probes and Services come.
    const answers = async (): Promise<boolean> => (await greeting(podIP, 17_345)) === 'hello\n';
    await until('the guest answers', answers, { seconds: 60, namespace });
    const { code, stdout } = await run('kubectl', [
      ...['-n', namespace, 'exec', pod?.metadata.name ?? '', '-c', 'compute', '--'],
      ...['sh', '-c', 'cat /proc/[0-9]*/comm'],
    ]);
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /passt/);
  });

  it('works in a pipe: a command in, its output out', async () => {
    const args = ['console', 'web', '-n', namespace, '--drain-timeout', '5s'];
    const { code, stdout, stderr } = await plugin(args, '\recho piped-$((6*7))\r', 90);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /piped-42/);
  });

  it('is there for any client of the API: discovery, and a start of a running VM by kubectl alone', async () => {
    const raw = await kubectl(['get', '--raw', '/apis/subresources.kubevirt.io/v1']);
    const { resources } = JSON.parse(raw) as { resources: { name: string }[] };
    assert.ok(resources.some(({ name }) => name === 'virtualmachines/start'));
    const path = `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/virtualmachines/web/start`;
    const again = await run('kubectl', ['replace', '--raw', path, '-f', '-'], '{}');
    assert.notEqual(again.code, 0);
    assert.match(again.stderr, /already running/);
  });

  it('pauses once and unpauses', async () => {
    await virt('pause', 'vm', 'web');
    await untilStatus('Paused');
    const twice = await plugin(['pause', 'vmi', 'web', '-n', namespace]);
    assert.equal(twice.code, 1);
    assert.match(twice.stderr, /paused/);
    await virt('unpause', 'vmi', 'web');
    await untilStatus('Running');
  });

  it('restarts: another VMI in another pod, with the same firmware UUID', async () => {
    const uuid = (await vmi())?.spec.domain.firmware?.uuid;
    const isAnother = async () => {
      const now = await vmi();
      return now?.metadata?.uid !== firstUid && now?.status?.phase === 'Running';
    };
    const seen = await seenDuring(columnsOf(namespace, 'web'), async () => {
      await virt('restart', 'web');
      await until('another VMI runs', isAnother, { seconds: 300, namespace });
      await untilStatus('Running');
    });
    // Never Stopped in its middle, and ready only while a guest runs.
    assert.doesNotMatch(seen.join(), /Stopped|(?:Stopping|Starting) ready/);
    assert.ok(seen.includes('Stopping') && seen.includes('Starting'), seen.join());
    assert.equal((await vmi())?.spec.domain.firmware?.uuid, uuid);
    await until('one pod', async () => (await pods()).length === 1, { namespace });
  });

  it('stops it cleanly within its grace period', async () => {
    // A guest that is still booting does not hear the power button.
    await withConsole(() => Promise.resolve());
    const phases = new Set<string | undefined>();
    const seen = await seenDuring(
      async () => {
        for (const { status } of await pods()) phases.add(status.phase);
        return columnsOf(namespace, 'web')();
      },
      async () => {
        await virt('stop', 'web');
        await untilGone(namespace, 'vmi', 'web', 240);
        await untilStatus('Stopped');
      },
    );
    assert.doesNotMatch(seen.join(), /(?:Stopping|Stopped) ready/);
    // An alert on failed pods has nothing to do with a VM that was stopped.
    assert.ok(!phases.has('Failed'), [...phases].join());
    await untilEvent(namespace, 'web', 'ShuttingDown');
    assert.equal((await vm())?.spec.running, false);
    await until('no pod', async () => (await pods()).length === 0, { namespace });
  });

  it('leaves nothing behind when it is deleted while it runs', async () => {
    await virt('start', 'web');
    await untilPhase(namespace, 'web', 'Running');
    await kubectl(['-n', namespace, 'delete', 'vm', 'web', '--timeout=90s']);
    for (const kind of ['vm', 'vmi', 'pod', 'persistentvolumeclaim', 'configmap', 'controllerrevision'] as const) {
      const left = async () =>
        (await list<Named>(namespace, kind)).filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt');
      await until(`no ${kind}`, async () => (await left()).length === 0, { namespace });
    }
  });
});
