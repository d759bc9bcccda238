import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node-libvirt';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';
import { AgentLife, LocalLauncher, OneVmi, scheduledVmi, until } from './harness.js';

/** The agent's reconcile loop against a real libvirtd and QEMU; only the API server is a stand-in. */
describe('life of a VM under the agent', function () {
  this.timeout(300_000);
  let daemon: SessionLibvirtd;
  let life: AgentLife | undefined;

  beforeEach(async () => {
    daemon = await startSessionLibvirtd();
  });
  afterEach(async () => {
    await life?.kill();
    life = undefined;
    await daemon.stop();
  });

  const launcher = (image?: string): LocalLauncher => new LocalLauncher(daemon, 'default_web', image);
  /** QEMUs of this daemon, by pid. */
  const guests = (): number[] =>
    readdirSync('/proc').flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return /^\d+$/.test(pid) && command.includes('guest=default_web') && command.includes(daemon.directory)
          ? [Number(pid)]
          : [];
      } catch {
        return [];
      }
    });

  /** What the launcher's entrypoint does when libvirtd has died. */
  const restart = (): ChildProcess => {
    const at = (name: string): string => join(daemon.directory, name);
    return spawn('/usr/sbin/libvirtd', ['--timeout', '0'], {
      ...(process.getuid?.() === 0 ? { uid: daemon.uid, gid: daemon.uid } : {}),
      cwd: daemon.directory,
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        XDG_RUNTIME_DIR: at('run'),
        XDG_CONFIG_HOME: at('config'),
        XDG_CACHE_HOME: at('cache'),
        HOME: at('home'),
      },
      stdio: 'ignore',
    });
  };

  it('starts, reports in one write, rests, and is destroyed after its grace period', async () => {
    const api = new OneVmi(scheduledVmi());
    life = new AgentLife(api, launcher());
    await until('Running', () => api.phase === 'Running');
    assert.equal(api.writes.length, 1, 'one write for the whole start');
    assert.deepEqual(api.events, ['Created', 'Started']);
    const status = api.object!.status!;
    assert.equal(status.volumeStatus?.[0]?.target, 'vda');
    assert.match(status.interfaces?.[0]?.mac ?? '', /^02:/);
    assert.match(status.machine?.type ?? '', /^pc-q35-/);
    assert.deepEqual(
      status.conditions?.map(({ type }) => type),
      ['LiveMigratable', 'SoftwareEmulation'],
    );
    for (let i = 0; i < 5; i += 1) life.queue.add('default/web');
    await until('rest', () => !life!.queue.busy);
    assert.equal(api.writes.length, 1, 'nothing is written while nothing changes');

    api.delete();
    // The firmware does not hear the power button.
    await until('Failed', () => api.phase === 'Failed');
    assert.deepEqual(api.events.slice(2), ['ShuttingDown', 'Deleted', 'Stopped']);
    assert.deepEqual(guests(), []);
  });

  it('goes on after a kill at any point, with one QEMU and no second start', async () => {
    const api = new OneVmi(scheduledVmi());
    const pod = launcher();
    const pids = new Set<number>();
    // Each life is a little longer than the one before, so the kills fall on every step of the start.
    for (let milliseconds = 0; api.phase !== 'Running'; milliseconds += 60) {
      life = new AgentLife(api, pod);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      await life.kill();
      for (const pid of guests()) pids.add(pid);
      assert.ok(pids.size <= 1, 'a second QEMU was started');
    }
    life = new AgentLife(api, pod);
    await until('rest', () => !life!.queue.busy);
    assert.equal(guests().length, 1);
    assert.ok(pids.size <= 1);
    assert.equal(api.events.filter((event) => event === 'Started').length, 1);
  });

  it('adopts a guest that runs, and stops it within what is left of its grace period', async () => {
    const api = new OneVmi(scheduledVmi({ terminationGracePeriodSeconds: 3600 }));
    const pod = launcher();
    life = new AgentLife(api, pod);
    await until('Running', () => api.phase === 'Running');
    await life.kill();
    const [pid] = guests();
    api.object!.metadata!.deletionTimestamp = new Date(Date.now() - 3600_000).toISOString();
    life = new AgentLife(api, pod);
    await until('the end', () => api.phase === 'Failed');
    assert.ok(pid !== undefined && !guests().includes(pid));
  });

  it('starts paused when asked to, and tells of pause and unpause', async () => {
    const api = new OneVmi(scheduledVmi({ startStrategy: 'Paused' }));
    life = new AgentLife(api, launcher());
    await until('Running', () => api.phase === 'Running');
    assert.equal(api.condition('Paused'), 'VMI was paused by user');
    const hypervisor = life.sessions.get('default/web')!.require();
    await hypervisor.unpause();
    await until('unpaused', () => api.condition('Paused') === undefined);
    await hypervisor.pause();
    await until('paused', () => api.condition('Paused') !== undefined);
    assert.deepEqual(api.events, ['Created', 'Started', 'Paused', 'Unpaused', 'Paused']);
  });

  it('sees a crash of QEMU', async () => {
    const api = new OneVmi(scheduledVmi());
    life = new AgentLife(api, launcher());
    await until('Running', () => api.phase === 'Running');
    process.kill(guests()[0]!, 'SIGKILL');
    await until('Failed', () => api.phase === 'Failed');
    assert.equal(api.events.at(-1), 'Stopped');
    assert.match(api.object?.status?.reason ?? '', /crashed/);
  });

  it('waits for a libvirtd that was killed, says so, and finds the guest again', async () => {
    const api = new OneVmi(scheduledVmi());
    life = new AgentLife(api, launcher());
    await until('Running', () => api.phase === 'Running');
    const [guest] = guests();
    daemon.process.kill('SIGKILL');
    await until('the condition', () => api.condition('Synchronized') !== undefined);
    assert.match(api.condition('Synchronized') ?? '', /does not answer/);
    assert.equal(api.phase, 'Running');
    const writes = api.writes.length;
    const again = restart();
    try {
      await until('the condition to go', () => api.condition('Synchronized') === undefined);
      assert.equal(api.writes.length, writes + 1);
      assert.deepEqual(guests(), [guest], 'the guest did not notice');
      await life.sessions.get('default/web')!.require().pause();
      await until('paused', () => api.condition('Paused') !== undefined);
    } finally {
      await life.kill();
      again.kill('SIGKILL');
    }
  });

  it('refuses to start without KVM and without leave to emulate, and says so', async () => {
    const api = new OneVmi(scheduledVmi());
    life = new AgentLife(api, launcher(), false);
    await until('the condition', () => api.condition('Synchronized') !== undefined);
    assert.match(api.condition('Synchronized') ?? '', /useEmulation/);
    assert.equal(api.phase, 'Scheduled');
    assert.ok(api.events.includes('SyncFailed'));
    assert.equal(api.writes.length, 1);
    api.delete();
    await until('the end', () => api.phase === 'Succeeded');
  });

  it('fails a VM whose image is no disk, and ends its launcher', async () => {
    const pod = launcher('/nonexistent');
    const api = new OneVmi(
      scheduledVmi({ volumes: [{ name: 'scratch', containerDisk: { image: 'example.com/none' } }] }),
    );
    life = new AgentLife(api, pod);
    await until('Failed', () => api.phase === 'Failed');
    assert.match(api.object?.status?.reason ?? '', /volume scratch: invalid disk image \/nonexistent/);
    assert.ok(pod.terminated);
    assert.deepEqual(api.events, ['SyncFailed', 'Stopped']);
  });

  it("clears away another VMI's domain of the same name", async () => {
    const other = scheduledVmi();
    other.metadata!.uid = '6f1dbdcc-0be8-4f43-9f58-c2abbd5a00ff';
    const first = new AgentLife(new OneVmi(other), launcher());
    await until('Running', () => first.api.phase === 'Running');
    await first.kill();
    const [old] = guests();
    const api = new OneVmi(scheduledVmi());
    life = new AgentLife(api, launcher());
    await until('Running', () => api.phase === 'Running');
    assert.equal(guests().length, 1);
    assert.notEqual(guests()[0], old);
    const connection = await connect({ socketPath: daemon.socketPath });
    assert.equal((await connection.domains.listAll()).length, 1);
    await connection.close();
  });
});
