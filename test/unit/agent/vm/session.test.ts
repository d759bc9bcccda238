import assert from 'node:assert/strict';
import type { DomainChange, DomainView, Hypervisor } from '../../../../src/agent/hypervisor/hypervisor.js';
import type { Launcher } from '../../../../src/agent/pod/launcher.js';
import { Reconciler } from '../../../../src/agent/vm/reconciler.js';
import { Session } from '../../../../src/agent/vm/session.js';
import { SessionTable } from '../../../../src/agent/vm/session-table.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import { silentLog } from '../../../../src/kube/program/log.js';
import { FakeClock } from '../../kube/fake-clock.js';

const VMI = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'web', namespace: 'default', uid: 'vmi-1', resourceVersion: '5' },
  spec: { domain: { devices: {} } },
  status: {
    phase: 'Scheduled',
    nodeName: 'node-1',
    launcherPod: { name: 'virt-launcher-web', uid: 'pod-1', containers: [{ name: 'compute', id: 'c1' }] },
  },
} as unknown as VirtualMachineInstance;

/** A launcher whose connections the test holds in its hands. */
class FakeLauncher {
  readonly talk: ((change: DomainChange) => void)[] = [];
  readonly asked: string[] = [];
  observe: () => Promise<DomainView | undefined> = () => Promise.resolve(undefined);
  agent: (command: string) => Promise<unknown> = () => Promise.resolve(undefined);
  /** Runs when a start asks for the workspace, its first step. */
  workspace = (): Promise<never> => Promise.reject(new Error('no workspace'));
  connectError: Error | undefined;
  alive = (): Promise<boolean> => Promise.resolve(true);
  result = (): undefined => undefined;
  terminate = (): Promise<void> => Promise.resolve();
  network = { setUp: () => Promise.resolve(undefined), resume: () => undefined, release: () => undefined };
  connect = (onChange: (change: DomainChange) => void): Promise<Hypervisor> => {
    if (this.connectError) return Promise.reject(this.connectError);
    this.talk.push(onChange);
    const hypervisor = {
      observe: () => this.observe(),
      close: () => Promise.resolve(),
      guestAgent: (command: string) => {
        this.asked.push(command);
        return this.agent(command);
      },
      requestShutdown: () => Promise.resolve(void this.asked.push('power button')),
    };
    return Promise.resolve(hypervisor as unknown as Hypervisor);
  };
}
/** A guest that runs, whose agent has its end of the channel open. */
const withAgent = (): DomainView => ({ state: 'running', xml: { guestAgentConnected: true } }) as DomainView;
const asLauncher = (fake: FakeLauncher): Launcher => fake as unknown as Launcher;

describe('a session', () => {
  it('does not take the end of an old connection for that of the new one', async () => {
    const launcher = new FakeLauncher();
    const session = new Session('vmi-1', 'pod-1', asLauncher(launcher), new FakeClock(), () => undefined);
    launcher.observe = () => Promise.reject(new Error('does not answer'));
    assert.equal((await session.look(VMI)).connected, false);
    launcher.observe = () => Promise.resolve(undefined);
    assert.equal((await session.look(VMI)).connected, true);
    // The first one needed a while to close.
    launcher.talk[0]!({ kind: 'disconnected', message: 'closed' });
    launcher.talk[0]!({ kind: 'stopped', reason: 'crashed' });
    const situation = await session.look(VMI);
    assert.equal(situation.stopSeen, undefined);
    assert.equal(launcher.talk.length, 2, 'the second connection is still the one');
  });

  it('thaws a guest that is frozen when it is to power off', async () => {
    const launcher = new FakeLauncher();
    launcher.observe = () => Promise.resolve(withAgent());
    const session = new Session('vmi-1', 'pod-1', asLauncher(launcher), new FakeClock(), () => undefined);
    await session.look(VMI);
    await session.freezer.freeze(session.require(), 60_000);
    assert.equal(await session.signalShutdown(), true);
    assert.equal(await session.signalShutdown(), false);
    assert.deepEqual(
      launcher.asked.map((what) => /freeze-(\w+)/.exec(what)?.[1] ?? what),
      ['status', 'freeze', 'thaw', 'power button', 'power button'],
    );
    await session.close();
  });

  it('thaws one that may be frozen when it is to power off: its freeze was not answered', async () => {
    const launcher = new FakeLauncher();
    launcher.observe = () => Promise.resolve(withAgent());
    launcher.agent = () => Promise.reject(new Error('the connection was closed'));
    const session = new Session('vmi-1', 'pod-1', asLauncher(launcher), new FakeClock(), () => undefined);
    await session.look(VMI);
    await assert.rejects(session.freezer.freeze(session.require(), 60_000));
    launcher.agent = () => Promise.resolve(undefined);
    await session.signalShutdown();
    assert.deepEqual(
      launcher.asked.slice(-2).map((what) => /freeze-(\w+)/.exec(what)?.[1] ?? what),
      ['thaw', 'power button'],
    );
    await session.close();
  });

  it('asks a guest that it meets with an agent whether it is frozen, and takes a reset for the end of it', async () => {
    const clock = new FakeClock();
    const launcher = new FakeLauncher();
    launcher.observe = () => Promise.resolve(withAgent());
    // An agent of this node has frozen it, and ended before it could write so.
    launcher.agent = (command) => Promise.resolve({ return: command.includes('status') ? 'frozen' : 1 });
    const session = new Session('vmi-1', 'pod-1', asLauncher(launcher), clock, () => undefined);
    await session.look(VMI);
    await clock.advance(0);
    assert.deepEqual([session.freezer.frozen, session.freezer.mayBeFrozen], [false, false]);
    assert.equal(session.freezer.thawedBecause, 'the agent of its node was restarted');
    await session.freezer.freeze(session.require(), 60_000);
    launcher.talk[0]!({ kind: 'rebooted' });
    assert.deepEqual([session.freezer.frozen, session.freezer.thawedBecause], [false, 'the guest was restarted']);
    await session.close();
  });

  it('spreads out the looks that a restless guest causes', async () => {
    const clock = new FakeClock();
    const launcher = new FakeLauncher();
    const delays: number[] = [];
    const session = new Session('vmi-1', 'pod-1', asLauncher(launcher), clock, (ms) => delays.push(ms));
    await session.look(VMI);
    for (let n = 0; n < 1000; n += 1) launcher.talk[0]!({ kind: 'changed' });
    assert.ok(delays.slice(0, 20).every((ms) => ms === 0));
    assert.ok(delays.slice(30).every((ms) => ms > 0 && ms <= 5_000));
    await clock.advance(60_000);
    launcher.talk[0]!({ kind: 'changed' });
    assert.equal(delays.at(-1), 0, 'after a quiet minute at once again');
  });
});

describe('the reconciler', () => {
  const bed = (launcher: FakeLauncher) => {
    const clock = new FakeClock();
    const writes: { status?: { conditions?: { message?: string }[] } }[] = [];
    let cached: VirtualMachineInstance | undefined = VMI;
    let stored = VMI;
    const sessions = new SessionTable({
      nodeName: 'node-1',
      launcher: () => asLauncher(launcher),
      clock,
      changed: () => undefined,
    });
    const reconciler = new Reconciler({
      client: {
        patch: <T>(_path: string, patch: object): Promise<T> => {
          writes.push(patch);
          const { metadata, ...rest } = patch as VirtualMachineInstance;
          assert.equal(metadata?.resourceVersion, stored.metadata?.resourceVersion, 'no write over an old object');
          const resourceVersion = String(Number(stored.metadata?.resourceVersion) + 1);
          stored = {
            ...stored,
            metadata: { ...stored.metadata, resourceVersion },
            status: { ...stored.status, ...rest.status },
          };
          return Promise.resolve(stored as T);
        },
      },
      events: { event: () => undefined },
      sessions,
      get: () => cached,
      startContext: () => ({
        config: resolveClusterConfig(),
        kvmUsable: false,
        nodeLabels: {},
        nodeHasSwap: false,
        passt: true,
      }),
      clock,
      log: silentLog,
      parallelStarts: 1,
    });
    return { clock, writes, reconciler, setCached: (vmi: VirtualMachineInstance | undefined) => (cached = vmi) };
  };

  it('remembers a second write until the informer has it', async () => {
    const launcher = new FakeLauncher();
    launcher.workspace = () => Promise.reject(new Error('first'));
    const { reconciler, writes } = bed(launcher);
    await assert.rejects(reconciler.handle('default/web'), /first/);
    launcher.workspace = () => Promise.reject(new Error('second'));
    await assert.rejects(reconciler.handle('default/web'), /second/);
    launcher.workspace = () => Promise.reject(new Error('third'));
    // The fake API server refuses a write over an old object.
    await assert.rejects(reconciler.handle('default/web'), /third/);
    assert.equal(writes.length, 3);
  });

  it('starts nothing for a VM that is gone or another one by the time its turn comes', async () => {
    for (const next of [undefined, { ...VMI, metadata: { ...VMI.metadata, uid: 'vmi-2' } } as VirtualMachineInstance]) {
      const launcher = new FakeLauncher();
      let asked = 0;
      const { reconciler, setCached } = bed(launcher);
      launcher.workspace = () => {
        asked += 1;
        return Promise.reject(new Error('no'));
      };
      launcher.observe = () => {
        setCached(next);
        return Promise.resolve(undefined);
      };
      assert.deepEqual(await reconciler.handle('default/web'), { requeueAfterMs: 0 });
      assert.equal(asked, 0);
    }
  });

  it('writes a problem with libvirtd once, whatever its words, and shortened', async () => {
    const launcher = new FakeLauncher();
    const { reconciler, clock, writes } = bed(launcher);
    for (let second = 0; second < 60; second += 1) {
      launcher.connectError = new Error(`${second} ${'x'.repeat(100_000)}`);
      await reconciler.handle('default/web');
      await clock.advance(1_000);
    }
    assert.equal(writes.length, 1);
    assert.ok((writes[0]?.status?.conditions?.[0]?.message?.length ?? 0) <= 1024);
  });
});
