import assert from 'node:assert/strict';
import type { VirtualMachine } from '../../src/api/schema/kinds.js';
import { apply, get, list, remove } from './support/api.js';
import {
  assertNoProcesses,
  killIn,
  launchersOf,
  lifeOf,
  QEMU,
  strikeWhen,
  untilEventOf,
  untilNothingLeft,
  vmiOf,
} from './support/faults.js';
import { columnsOf, seenDuring } from './support/history.js';
import { kubectl, run, until } from './support/kubectl.js';
import {
  instance,
  type InstanceSpec,
  machine,
  phaseOf,
  removeWhole,
  tinySpec,
  untilEvent,
  untilGone,
  untilPhase,
  useNamespace,
} from './support/machines.js';
import { tools } from './support/tools.js';

/** A guest without a disk to boot from: its firmware does not listen to the power button. */
const deafSpec = (): InstanceSpec =>
  tinySpec({ terminationGracePeriodSeconds: 5, volumes: [{ name: 'root', emptyDisk: { capacity: '8Mi' } }] });

describe('ends of guests', function () {
  const namespace = useNamespace('e2e-ends');
  this.timeout(900_000);
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
  /** Answers at a port until it is told to be mute. */
  const answeringSpec = (): InstanceSpec => {
    const spec = tinySpec({
      terminationGracePeriodSeconds: 10,
      networks: [{ name: 'default', pod: {} }],
      livenessProbe: { tcpSocket: { port: 4711 }, initialDelaySeconds: 60, periodSeconds: 2, failureThreshold: 2 },
    });
    spec.domain.devices.interfaces = [{ name: 'default', masquerade: {}, ports: [{ port: 4711 }] }];
    const userData = '#!/bin/sh\n(while [ ! -e /tmp/mute ]; do nc -l -p 4711 </dev/null; done) &\n';
    spec.volumes?.push({ name: 'init', cloudInitNoCloud: { userData } });
    spec.domain.devices.disks?.push({ name: 'init', disk: { bus: 'virtio' } });
    return spec;
  };
  /** Deletes a VM the moment its VMI is in a phase. */
  const deleteAt = async (phase: string): Promise<void> => {
    const name = `unborn-${phase.toLowerCase()}`;
    let deleted: Promise<void> | undefined;
    const struck = strikeWhen(namespace, name, phase, () => {
      deleted = remove(namespace, 'vm', name);
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
      apply(machine(namespace, 'alive', { runStrategy: 'RerunOnFailure' }, answeringSpec())),
      apply(machine(doomed, 'one', { runStrategy: 'Always' })),
      apply(instance(doomed, 'two')),
    ]);
    await Promise.all(STRATEGIES.map((strategy) => untilPhase(namespace, nameOf(strategy), 'Running')));
    unborn = ['Pending', 'Scheduling', 'Scheduled'].map(deleteAt);
    // A failure is for the test that waits for it.
    for (const one of unborn) one.catch(() => undefined);
    await Promise.all([untilPhase(doomed, 'one', 'Running'), untilPhase(doomed, 'two', 'Running')]);
    doomedPods = (await list<{ metadata: { uid: string } }>(doomed, 'pod')).map(({ metadata }) => metadata.uid);
    doom = run('kubectl', ['delete', 'namespace', doomed, '--wait=false']);
  });

  after('whatever the outcome, the second namespace goes', () => remove('', 'namespace', doomed));

  it('QEMU killed: the VMI fails and says why; Always and RerunOnFailure start another one, Manual does not', async () => {
    const victims = ['always', 'rerunonfailure', 'manual'];
    const before = await Promise.all(victims.map(uid));
    const seen = await seenDuring(columnsOf(namespace, 'manual'), async () => {
      await Promise.all(victims.map((name) => killIn(namespace, name, QEMU)));
      await untilPhase(namespace, 'manual', 'Failed', 360);
      await untilStatus('manual', 'Stopped');
    });
    assert.doesNotMatch(seen.join(), /Stopped ready/);
    // How it ended is known a moment after that it has: once nobody can have taken its pod away.
    const told = await until(
      'the VM keeps how it ended',
      async () => {
        const { lastTermination, conditions } = (await get<VirtualMachine>(namespace, 'vm', 'manual'))?.status ?? {};
        return lastTermination && { lastTermination, failure: conditions?.find(({ type }) => type === 'Failure') };
      },
      { namespace },
    );
    assert.deepEqual([told.lastTermination.reason, told.failure?.reason], ['Crashed', 'Crashed']);
    const failed = await vmiOf(namespace, 'manual');
    assert.match(failed?.status?.reason ?? '', /crashed/);
    assert.match(await untilEventOf(namespace, failed?.metadata?.uid, 'Stopped'), /crashed/);
    await Promise.all([untilReborn('always', before[0]), untilReborn('rerunonfailure', before[1])]);
    assert.equal(await uid('manual'), before[2], 'Manual: the failed one stays');
    assert.equal(await phaseOf(namespace, 'manual'), 'Failed');
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
          assert.equal(await console.ended(240), 0);
          assert.match(console.errors, /powered off/);
        }),
      ),
    );
    for (const name of ['manual', 'once']) await untilPhase(namespace, name, 'Succeeded', 360);
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
      await remove(namespace, 'pod', pod?.metadata.name ?? '');
      // What the kernel of a guest says that was not just cut off.
      await console.expect(/Power down|power off|poweroff/i, 240);
    });
    await untilReborn('always', before);
    assert.match(await untilEventOf(namespace, before, 'Stopped'), /shut down/);
    assertNoProcesses(pod?.metadata.uid ?? '');
    await lifeOf(namespace, 'always');
  });

  it('VMI deleted directly: its guest is shut down; Always starts another one, RerunOnFailure does not', async () => {
    const before = await uid('always');
    await removeWhole(namespace, 'vmi', ['always', 'rerunonfailure'], 150);
    await untilReborn('always', before);
    await untilStatus('rerunonfailure', 'Stopped');
    assert.equal(await uid('rerunonfailure'), undefined);
    assert.deepEqual(await launchersOf(namespace, 'rerunonfailure'), []);
  });

  it('a guest deaf to the power button is destroyed after its grace period, and the events say so', async () => {
    await untilPhase(namespace, 'deaf', 'Running');
    const started = Date.now();
    await remove(namespace, 'vmi', 'deaf');
    await untilPhase(namespace, 'deaf', 'Failed', 360);
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
      { namespace, seconds: 300 },
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
    await untilPhase(namespace, 'waits', 'Running', 360);
    assert.notEqual((await synchronized())?.status, 'False');
  });

  it('VM deleted at every step of its start: nothing is left', async () => {
    await Promise.all(unborn);
    for (const phase of ['pending', 'scheduling', 'scheduled']) {
      // kubelet 1.20 takes more than a minute to let go of a pod that is deleted while its containers are made.
      await untilNothingLeft(namespace, `unborn-${phase}`, 120);
      await untilGone(namespace, 'vm', `unborn-${phase}`, 240);
    }
  });

  it('namespace deleted with running VMs: nothing is left', async () => {
    await doom;
    await untilGone(namespace, 'namespace', doomed, 240);
    assert.equal(doomedPods.length, 2);
    for (const uid of doomedPods) assertNoProcesses(uid);
  });

  it('a guest that does not answer its liveness probe is ended, says so, and is started again', async () => {
    const first = await uid('alive');
    // Asked for a while already.
    await until(
      'its probe is asked',
      async () => {
        const [pod] = await launchersOf(namespace, 'alive');
        return Date.now() - Date.parse(pod?.status.startTime ?? '') > 70_000;
      },
      { namespace },
    );
    assert.deepEqual([await uid('alive'), await phaseOf(namespace, 'alive')], [first, 'Running']);
    await atShell('alive', async (console) => {
      console.type('touch /tmp/mute; killall nc\r');
      await console.ended(240);
    });
    const last = await until(
      'the VM keeps how it ended',
      async () => {
        const told = (await get<VirtualMachine>(namespace, 'vm', 'alive'))?.status?.lastTermination;
        return told?.instanceUID === first && told;
      },
      { namespace },
    );
    assert.deepEqual([last.reason, last.by], ['LivenessProbeFailed', 'Kubelet']);
    assert.match(last.message ?? '', /did not answer its liveness probe/);
    assert.match(await untilEventOf(namespace, first, 'LivenessProbeFailed'), /did not answer its liveness probe/);
    await untilReborn('alive', first);
    // One whose pod is deleted is told apart.
    const second = await uid('alive');
    const pod = (await launchersOf(namespace, 'alive')).find(({ status }) => status.phase === 'Running');
    await remove(namespace, 'pod', pod?.metadata.name ?? '');
    assert.match(await untilEventOf(namespace, second, 'PodDeleted'), /evicted or deleted/);
    await remove(namespace, 'vm', 'alive');
  });
});
