import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VirtualMachine } from '../../src/api/schema/kinds.js';
import { apiServer } from '../cluster/control-plane.js';
import { ensureRunning, stop as kill } from '../cluster/processes.js';
import { apiReady } from '../cluster/up.js';
import { needsTestBed } from './support/bed.js';
import { ConsoleSession } from './support/console.js';
import {
  PRODUCT,
  QEMU,
  aim,
  assertNoProcesses,
  killIn,
  launchersOf,
  lifeOf,
  podsOf,
  processesIn,
  renew,
  strikeWhen,
  untilBack,
  untilEventOf,
  untilNothingLeft,
  vmiOf,
} from './support/faults.js';
import { apply, get, kubectl, list, plugin, run, until } from './support/kubectl.js';
import {
  instance,
  machine,
  phaseOf,
  tinySpec,
  untilEvent,
  untilGone,
  untilPhase,
  useNamespace,
} from './support/machines.js';
import type { InstanceSpec } from './support/machines.js';

/** A guest without a disk to boot from: its firmware does not listen to the power button. */
const deafSpec = (): InstanceSpec =>
  tinySpec({ terminationGracePeriodSeconds: 5, volumes: [{ name: 'root', emptyDisk: { capacity: '8Mi' } }] });

const tools = (namespace: string) => {
  const vm = (name: string) => get<VirtualMachine>(namespace, 'vm', name);
  return {
    vm,
    virt: async (...args: string[]): Promise<void> => {
      const { code, stdout, stderr } = await plugin([...args, '-n', namespace]);
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}${stdout}`);
    },
    /** Applies a VM that is to run. */
    boot: async (
      name: string,
      strategy: 'Always' | 'Manual' | 'RerunOnFailure' | 'Once' = 'Manual',
      spec = tinySpec(),
    ) => {
      await apply(machine(namespace, name, { runStrategy: strategy }, spec));
      if (strategy === 'Manual') {
        const { code, stderr } = await plugin(['start', name, '-n', namespace]);
        assert.equal(code, 0, stderr);
      }
    },
    untilStatus: (name: string, wanted: string, seconds = 60) =>
      until(`VM ${name} ${wanted}`, async () => (await vm(name))?.status?.printableStatus === wanted, {
        namespace,
        seconds,
      }),
    /** Waits for another VMI of the VM to run. */
    untilReborn: (name: string, before: string | undefined) =>
      until(
        `another life of ${name}`,
        async () => {
          const vmi = await vmiOf(namespace, name);
          return vmi?.metadata?.uid !== before && vmi?.status?.phase === 'Running';
        },
        { namespace },
      ),
    uid: async (name: string) => (await vmiOf(namespace, name))?.metadata?.uid,
    /** Runs `use` at the guest's shell. */
    atShell: async (name: string, use: (console: ConsoleSession) => Promise<void>): Promise<void> => {
      const console = new ConsoleSession(namespace, name);
      try {
        await console.shell();
        await use(console);
      } finally {
        await console.close();
      }
    },
  };
};

describe('faults', function () {
  const namespace = useNamespace('e2e-faults');

  /** A VM runs through everything that happens to our programs: what it remembers in RAM must stay. */
  describe('of our programs', function () {
    this.timeout(300_000);
    const { boot, virt, untilStatus, atShell } = tools(namespace);
    const marker = `remembered-${process.pid}`;
    let life: Awaited<ReturnType<typeof lifeOf>>;

    const assertUnaffected = async (): Promise<void> => {
      assert.deepEqual(await lifeOf(namespace, 'witness'), life);
      await atShell('witness', async (console) => {
        console.type('cat /tmp-marker | tr a-z A-Z\r');
        await console.expect(new RegExp(marker.toUpperCase()), 10);
      });
    };

    before('a VM that remembers something', async function () {
      needsTestBed(this, 'its programs cannot be killed from here');
      await boot('witness');
      await untilPhase(namespace, 'witness', 'Running');
      await atShell('witness', async (console) => {
        console.type(`echo ${marker} > /tmp-marker; sync; echo written-$((2+3))\r`);
        await console.expect(/written-5/, 10);
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
      await kubectl(['-n', namespace, 'delete', 'vm', 'young', '--timeout=90s']);
    });

    /** The webhook pod that relays the console which was opened last. */
    const relayOf = async (name: string) => {
      const pods = await podsOf('virt-webhook');
      const opened = await Promise.all(
        pods.map(async (pod) => {
          const log = await kubectl(['-n', PRODUCT, 'logs', pod.metadata.name, '--since=120s']);
          const lines = log.split('\n').filter((line) => line.includes('console opened') && line.includes(name));
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
          assert.equal(await console.ended(30), 1);
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
          return (
            now.length === before.length && now.every(({ status }) => status.containerStatuses?.[0]?.ready === true)
          );
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
        assert.equal(await console.ended(30), 1);
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
        seconds: 30,
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

  describe('ends of guests', function () {
    this.timeout(300_000);
    const { boot, virt, uid, untilStatus, untilReborn, atShell } = tools(namespace);
    const STRATEGIES = ['Always', 'RerunOnFailure', 'Manual', 'Once'] as const;
    const nameOf = (strategy: string): string => strategy.toLowerCase();

    const doomed = `${namespace}-doomed`;
    /** Ends that take long go on beside the tests; their outcome is looked at in the tests that are named after them. */
    let unborn: Promise<void>[] = [];
    let doom: Promise<unknown> | undefined;
    let doomedPods: string[] = [];
    const waitingSpec = (): InstanceSpec => {
      const spec = tinySpec();
      spec.volumes?.push({ name: 'init', cloudInitNoCloud: { secretRef: { name: 'init-data' } } });
      spec.domain.devices.disks?.push({ name: 'init', disk: { bus: 'virtio' } });
      return spec;
    };
    /** Deletes a VM the moment its VMI is in a phase. */
    const deleteAt = async (phase: string): Promise<void> => {
      const name = `unborn-${phase.toLowerCase()}`;
      let deleted: Promise<string> | undefined;
      const struck = strikeWhen(namespace, name, phase, () => {
        deleted = kubectl(['-n', namespace, 'delete', 'vm', name, '--wait=false']);
      });
      await apply(machine(namespace, name, { runStrategy: 'Always' }));
      await struck;
      await deleted;
    };

    before('a VM of each run strategy, and those that take long', async () => {
      await run('kubectl', ['create', 'namespace', doomed]);
      await Promise.all([
        ...STRATEGIES.map((strategy) => boot(nameOf(strategy), strategy)),
        apply(instance(namespace, 'deaf', deafSpec())),
        apply(machine(doomed, 'one', { runStrategy: 'Always' })),
        apply(instance(doomed, 'two')),
      ]);
      await Promise.all(STRATEGIES.map((strategy) => untilPhase(namespace, nameOf(strategy), 'Running')));
      unborn = ['Pending', 'Scheduling', 'Scheduled'].map(deleteAt);
      // A failure is for the test that waits for it.
      for (const one of unborn) one.catch(() => undefined);
      await Promise.all([untilPhase(doomed, 'one', 'Running'), untilPhase(doomed, 'two', 'Running')]);
      doomedPods = (await list<{ metadata: { uid: string } }>(doomed, 'pods')).map(({ metadata }) => metadata.uid);
      doom = run('kubectl', ['delete', 'namespace', doomed, '--wait=false']);
    });

    it('QEMU killed: the VMI fails and says why; Always and RerunOnFailure start another one, Manual does not', async () => {
      const victims = ['always', 'rerunonfailure', 'manual'];
      const before = await Promise.all(victims.map(uid));
      await Promise.all(victims.map((name) => killIn(namespace, name, QEMU)));
      await untilPhase(namespace, 'manual', 'Failed', 30);
      const failed = await vmiOf(namespace, 'manual');
      assert.match(failed?.status?.reason ?? '', /crashed/);
      assert.match(await untilEventOf(namespace, failed?.metadata?.uid, 'Stopped'), /crashed/);
      await Promise.all([untilReborn('always', before[0]), untilReborn('rerunonfailure', before[1])]);
      assert.equal(await uid('manual'), before[2], 'Manual: the failed one stays');
      assert.equal(await phaseOf(namespace, 'manual'), 'Failed');
      await untilStatus('manual', 'Stopped');
      // A failed one can be started by hand.
      await virt('start', 'manual');
      await untilReborn('manual', before[2]);
      for (const name of victims) await lifeOf(namespace, name);
    });

    it('guest powers off by itself: Succeeded; Always starts another one, Manual and Once do not', async () => {
      const guests = ['always', 'manual', 'once'];
      const before = await Promise.all(guests.map(uid));
      await Promise.all(
        guests.map((name) =>
          atShell(name, async (console) => {
            console.type('poweroff -f\r');
            assert.equal(await console.ended(30), 0);
            assert.match(console.errors, /powered off/);
          }),
        ),
      );
      for (const name of ['manual', 'once']) await untilPhase(namespace, name, 'Succeeded', 30);
      await untilReborn('always', before[0]);
      assert.deepEqual([await uid('manual'), await uid('once')], before.slice(1));
      for (const name of ['manual', 'once']) {
        assert.equal(await phaseOf(namespace, name), 'Succeeded');
        await untilStatus(name, 'Stopped');
      }
    });

    it('launcher pod deleted: the guest gets the power button, the VMI ends in order, Always starts another one', async () => {
      const before = await uid('always');
      const [pod] = await launchersOf(namespace, 'always');
      await atShell('always', async (console) => {
        await kubectl(['-n', namespace, 'delete', 'pod', pod?.metadata.name ?? '', '--wait=false']);
        // What the kernel of a guest says that was not just cut off.
        await console.expect(/Power down|power off|poweroff/i, 30);
      });
      await untilReborn('always', before);
      assert.match(await untilEventOf(namespace, before, 'Stopped'), /shut down/);
      assertNoProcesses(pod?.metadata.uid ?? '');
      await lifeOf(namespace, 'always');
    });

    it('VMI deleted directly: its guest is shut down; Always starts another one, RerunOnFailure does not', async () => {
      const before = await uid('always');
      await kubectl(['-n', namespace, 'delete', 'vmi', 'always', 'rerunonfailure', '--timeout=150s']);
      await untilReborn('always', before);
      await untilStatus('rerunonfailure', 'Stopped');
      assert.equal(await uid('rerunonfailure'), undefined);
      assert.deepEqual(await launchersOf(namespace, 'rerunonfailure'), []);
    });

    it('a guest deaf to the power button is destroyed after its grace period, and the events say so', async () => {
      await untilPhase(namespace, 'deaf', 'Running');
      const started = Date.now();
      await kubectl(['-n', namespace, 'delete', 'vmi', 'deaf', '--wait=false']);
      await untilPhase(namespace, 'deaf', 'Failed', 30);
      const seconds = (Date.now() - started) / 1000;
      assert.ok(seconds >= 5 && seconds < 20, `it took ${seconds} s`);
      await untilEvent(namespace, 'deaf', 'ShuttingDown');
      assert.match(await untilEvent(namespace, 'deaf', 'Stopped'), /by force/);
      await untilNothingLeft(namespace, 'deaf');
    });

    it('Secret of the cloud-init data missing: the VMI says which; it starts once that is created', async () => {
      // Not earlier: kubelet tries ever more seldom.
      await boot('waits', 'Always', waitingSpec());
      const synchronized = async () =>
        (await vmiOf(namespace, 'waits'))?.status?.conditions?.find(({ type }) => type === 'Synchronized');
      const condition = await until(
        'a word about the Secret',
        async () => {
          const now = await synchronized();
          return now?.status === 'False' ? now : undefined;
        },
        { namespace, seconds: 60 },
      );
      assert.match(condition.message ?? '', /init-data/);
      await kubectl([
        '-n',
        namespace,
        'create',
        'secret',
        'generic',
        'init-data',
        '--from-literal=userdata=#cloud-config',
      ]);
      await untilPhase(namespace, 'waits', 'Running', 150);
      assert.notEqual((await synchronized())?.status, 'False');
    });

    it('VM deleted at every step of its start: nothing is left', async () => {
      await Promise.all(unborn);
      for (const phase of ['pending', 'scheduling', 'scheduled']) {
        // kubelet 1.20 takes more than a minute to let go of a pod that is deleted while its containers are made.
        await untilNothingLeft(namespace, `unborn-${phase}`, 120);
        await untilGone(namespace, 'vm', `unborn-${phase}`, 10);
      }
    });

    it('namespace deleted with running VMs: nothing is left', async () => {
      await doom;
      await untilGone(namespace, 'namespace', doomed, 90);
      assert.equal(doomedPods.length, 2);
      for (const uid of doomedPods) assertNoProcesses(uid);
    });
  });
});
