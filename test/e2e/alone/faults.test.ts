import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiServer } from '../../cluster/control-plane.js';
import { ensureRunning, stop as kill } from '../../cluster/processes.js';
import { apiReady } from '../../cluster/up.js';
import { needsTestBed } from '../support/bed.js';
import { ConsoleSession } from '../support/console.js';
import {
  aim,
  assertNoProcesses,
  killIn,
  launchersOf,
  lifeOf,
  podsOf,
  processesIn,
  PRODUCT,
  renew,
  strikeWhen,
  untilBack,
  untilNothingLeft,
} from '../support/faults.js';
import { kubectl, plugin, run, until } from '../support/kubectl.js';
import { machine, removeWhole, tapSpec, untilPhase, useNamespace } from '../support/machines.js';
import { tools } from '../support/tools.js';

/** A VM runs through everything that happens to our programs: what it remembers in RAM must stay. */
describe('faults of our programs', function () {
  const namespace = useNamespace('e2e-faults');
  this.timeout(900_000);
  const { boot, virt, untilStatus, atShell } = tools(namespace);
  const marker = `remembered-${process.pid}`;
  let life: Awaited<ReturnType<typeof lifeOf>>;

  const assertUnaffected = async (): Promise<void> => {
    assert.deepEqual(await lifeOf(namespace, 'witness'), life);
    await atShell('witness', async (console) => {
      console.type('cat /tmp-marker | tr a-z A-Z\r');
      await console.expect(new RegExp(marker.toUpperCase()), 240);
    });
  };

  before('a VM that remembers something', async function () {
    needsTestBed(this, 'its programs cannot be killed from here');
    await boot('witness', 'Manual', tapSpec());
    await untilPhase(namespace, 'witness', 'Running');
    await atShell('witness', async (console) => {
      console.type(`echo ${marker} > /tmp-marker; sync; echo written-$((2+3))\r`);
      await console.expect(/written-5/, 240);
    });
    life = await lifeOf(namespace, 'witness');
  });

  it('agent deleted while a VM runs: the same pod, the same QEMU, the console works again', async () => {
    await renew('virt-agent');
    await assertUnaffected();
    await virt('pause', 'vmi/witness');
    await untilStatus('witness', 'Paused');
    await virt('unpause', 'vmi/witness');
    await untilStatus('witness', 'Running');
    // Who answers the guest's DHCP is gone with the agent, and comes back with it.
    await atShell('witness', async (console) => {
      console.type('udhcpc -i eth0 -n -q -t 60 -T 1\r');
      await console.expect(/lease of 10\.0\.2\.2 obtained/, 240);
    });
  });

  it('agent killed the moment it gets a VM: it is started once', async () => {
    const { pods, strike } = await aim('virt-agent');
    const struck = strikeWhen(namespace, 'young', 'Scheduled', strike);
    await boot('young', 'Always');
    await struck;
    await untilPhase(namespace, 'young', 'Running');
    await untilBack('virt-agent', pods);
    await lifeOf(namespace, 'young');
    assert.deepEqual(await lifeOf(namespace, 'witness'), life);
  });

  it('agent killed during a stop: the stop is carried through, nothing is left', async () => {
    const [pod] = await launchersOf(namespace, 'young');
    const { pods, strike } = await aim('virt-agent');
    const struck = strikeWhen(namespace, 'young', 'deleting', strike);
    await virt('stop', 'young');
    await struck;
    await untilNothingLeft(namespace, 'young');
    await untilStatus('young', 'Stopped');
    assertNoProcesses(pod?.metadata.uid ?? '');
    await untilBack('virt-agent', pods);
    await assertUnaffected();
  });

  it('both controllers killed during a start: the VM runs, in one pod', async () => {
    const { pods, strike } = await aim('virt-controller');
    const struck = strikeWhen(namespace, 'young', 'Scheduling', strike);
    await virt('start', 'young');
    await struck;
    await untilPhase(namespace, 'young', 'Running');
    await lifeOf(namespace, 'young');
    await untilBack('virt-controller', pods);
  });

  it('both controllers killed during a stop: the VM stops, nothing is left', async () => {
    await renew('virt-controller');
    const [pod] = await launchersOf(namespace, 'young');
    const { pods, strike } = await aim('virt-controller');
    const struck = strikeWhen(namespace, 'young', 'deleting', strike);
    await virt('stop', 'young');
    await struck;
    await untilNothingLeft(namespace, 'young');
    await untilStatus('young', 'Stopped');
    assertNoProcesses(pod?.metadata.uid ?? '');
    await untilBack('virt-controller', pods);
    await removeWhole(namespace, 'vm', ['young'], 90);
  });

  /** The webhook pod that relays the console which was opened last. */
  const relayOf = async (name: string) => {
    const pods = await podsOf('virt-webhook');
    const opened = await Promise.all(
      pods.map(async (pod) => {
        const log = await kubectl(['-n', PRODUCT, 'logs', pod.metadata.name, '--since=120s']);
        const lines = log.split('\n').filter((line) => line.includes('console opened') && line.includes(name));
        // And by whom.
        for (const line of lines) assert.match((JSON.parse(line) as { user?: string }).user ?? '', /./);
        return { pod, time: (JSON.parse(lines.at(-1) ?? '{"time":""}') as { time: number | string }).time };
      }),
    );
    return opened.toSorted((a, b) => (a.time < b.time ? 1 : -1))[0]?.pod;
  };

  it('webhook pod deleted under a console: the client is told, admission never fails meanwhile', async () => {
    const console = new ConsoleSession(namespace, 'witness');
    try {
      await console.shell();
      const pod = await relayOf('witness');
      const [before, refusals] = [await podsOf('virt-webhook'), [] as string[]];
      // kubelet 1.20 removes a pod that has ended only when its housekeeping comes by, a minute later at times.
      const wait = ['--wait=true', '--timeout=150s'];
      const gone = kubectl(['-n', PRODUCT, 'delete', 'pod', pod?.metadata.name ?? '', ...wait]);
      let done = false;
      const admission = (async () => {
        while (!done) {
          const vm = JSON.stringify(machine(namespace, 'probe', { runStrategy: 'Halted' }));
          const { code, stderr } = await run('kubectl', ['create', '--dry-run=server', '-f', '-'], vm);
          if (code !== 0) refusals.push(stderr);
        }
      })();
      try {
        assert.equal(await console.ended(240), 1);
        assert.match(console.errors, /shutting down/);
        await gone;
      } finally {
        done = true;
        await admission;
      }
      assert.deepEqual(refusals, []);
      await assertUnaffected();
      await until('two replicas', async () => {
        const now = await podsOf('virt-webhook');
        return now.length === before.length && now.every(({ status }) => status.containerStatuses?.[0]?.ready === true);
      });
    } finally {
      await console.close();
    }
  });

  it('webhook killed under a console: the client is told, and gets on again', async () => {
    const console = new ConsoleSession(namespace, 'witness');
    try {
      await console.shell();
      const pod = await relayOf('witness');
      assert.ok(pod);
      const { pods, strike } = await aim('virt-webhook', [pod]);
      strike();
      assert.equal(await console.ended(240), 1);
      assert.match(console.errors, /connection .*lost|broke/);
      await assertUnaffected();
      await until('it is back', async () => {
        const now = (await podsOf('virt-webhook')).find(({ metadata }) => metadata.uid === pods[0]?.metadata.uid);
        return now?.status.containerStatuses?.[0]?.ready === true;
      });
    } finally {
      await console.close();
    }
  });

  it('API server killed: VMs run on; everything comes together again by itself', async () => {
    await kill('kube-apiserver', 0);
    await sleep(5_000);
    ensureRunning(apiServer);
    await until('the API server', apiReady);
    await until('subresources', async () => (await plugin(['pause', 'vmi/witness', '-n', namespace])).code === 0);
    await untilStatus('witness', 'Paused');
    await virt('unpause', 'vmi/witness');
    await boot('after');
    await untilPhase(namespace, 'after', 'Running');
    await virt('stop', 'after');
    await untilStatus('after', 'Stopping');
    await assertUnaffected();
  });

  it('libvirtd killed: the guest does not notice, libvirtd comes back, the VM is manageable', async () => {
    const [before] = await processesIn(namespace, 'witness', 'libvirtd');
    await killIn(namespace, 'witness', 'libvirtd');
    await until('another libvirtd', async () => {
      const now = await processesIn(namespace, 'witness', 'libvirtd');
      return now.length === 1 && now[0] !== before;
    });
    await until('manageable', async () => (await plugin(['pause', 'vmi/witness', '-n', namespace])).code === 0, {
      namespace,
      seconds: 300,
    });
    await untilStatus('witness', 'Paused');
    await virt('unpause', 'vmi/witness');
    await untilStatus('witness', 'Running');
    await assertUnaffected();
    await virt('stop', 'witness');
    await untilNothingLeft(namespace, 'witness');
    await untilNothingLeft(namespace, 'after');
  });
});
