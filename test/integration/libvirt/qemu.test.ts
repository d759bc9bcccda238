import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AffectFlag,
  connect,
  ConnectionClosedError,
  ConsoleFlag,
  CpuComparison,
  CreateFlag,
  DestroyFlag,
  DomainState,
  isLibvirtError,
  JobType,
  LifecycleEvent,
  ShutoffReason,
  StatsType,
  StoppedDetail,
  type Connection,
  type Domain,
} from 'node-libvirt';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

const MIB = 1_048_576;
const CPU = '<cpu><arch>x86_64</arch><model>qemu64</model></cpu>';

/** A machine without disk: its firmware writes to the serial console and finds nothing to boot. */
const xml = (name: string): string => `
  <domain type='qemu'>
    <name>${name}</name>
    <memory unit='MiB'>32</memory>
    <os><type arch='x86_64' machine='pc'>hvm</type><bios useserial='yes'/></os>
    <features><acpi/></features>
    <devices>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      <serial type='pty'><target port='0'/></serial>
      <console type='pty'><target type='serial' port='0'/></console>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      <channel type='unix'><target type='virtio' name='test.0'/></channel>
      <video><model type='vga'/></video>
      <graphics type='vnc' socket=''/>
    </devices>
  </domain>`;

describe('libvirt: QEMU under a real session daemon', function () {
  this.timeout(300_000);
  let daemon: SessionLibvirtd;
  let connection: Connection;
  let domain: Domain;

  before(async () => {
    daemon = await startSessionLibvirtd();
    connection = await connect({ socketPath: daemon.socketPath });
  });
  after(async () => {
    await connection.close();
    await daemon.stop();
  });

  it('refuses a domain that is not valid, with the reason', async () => {
    await assert.rejects(connection.domains.defineXML('<domain type="qemu"><name>x</name></domain>'), (error) => {
      assert.ok(isLibvirtError(error));
      assert.notEqual(error.message, '');
      return true;
    });
    await assert.rejects(connection.domains.defineXML('<domain'), (error) => isLibvirtError(error, 'XML_DETAIL'));
  });

  it('knows the host and what QEMU can do', async () => {
    assert.equal(await connection.node.getType(), 'QEMU');
    assert.match(await connection.node.getVersion(), /^\d+\.\d+\.\d+$/);
    const capabilities = await connection.node.getDomainCapabilities({
      arch: 'x86_64',
      virtType: 'qemu',
      machine: 'q35',
    });
    assert.match(capabilities, /^<domainCapabilities>/);
    assert.ok((await connection.node.getCpuModelNames('x86_64')).includes('qemu64'));
  });

  it('starts a guest and shows what it writes on its console', async () => {
    const defined = await connection.domains.defineXML(xml('guest'));
    // Started paused, so that nothing is written before we listen.
    domain = await connection.domains.create(defined, CreateFlag.PAUSED);
    assert.equal((await connection.domains.getState(domain)).state, DomainState.PAUSED);

    const console = await connection.consoles.open(domain);
    await connection.domains.resume(domain);
    let text = '';
    for await (const chunk of console as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1');
      if (text.includes('No bootable device')) break;
    }
    assert.match(text, /SeaBIOS \(version/);
  });

  it('lends the console to one client at a time, and takes it away when told to', async () => {
    const first = await connection.consoles.open(domain, 'serial0');
    await assert.rejects(connection.consoles.open(domain), (error) => isLibvirtError(error, 'OPERATION_FAILED'));
    const gone = once(first.resume(), 'error');
    const second = await connection.consoles.open(domain, undefined, ConsoleFlag.FORCE);
    const [error] = (await gone) as [unknown];
    assert.ok(isLibvirtError(error) && error.procedure === 'domainOpenConsole');
    second.write('x');
    second.end();
    second.resume();
    await once(second, 'close');
  });

  it('pauses and resumes it, and tells by events', async () => {
    const kinds: number[] = [];
    const subscription = await connection.events.subscribe('lifecycle', ({ event }) => kinds.push(event), domain);
    await connection.domains.suspend(domain);
    assert.equal((await connection.domains.getState(domain)).state, DomainState.PAUSED);
    await connection.domains.resume(domain);
    while (kinds.length < 2) await sleep(5);
    await subscription.close();
    assert.deepEqual(kinds, [LifecycleEvent.SUSPENDED, LifecycleEvent.RESUMED]);
  });

  it('tells of its reset, by which what its agent did in the guest is gone', async () => {
    let resets = 0;
    const subscription = await connection.events.subscribe('reboot', () => (resets += 1), domain);
    await connection.domains.reset(domain);
    while (resets === 0) await sleep(5);
    await subscription.close();
  });

  it('measures it', async () => {
    const [record] = await connection.statistics.getAll(StatsType.STATE | StatsType.VCPU | StatsType.BALLOON);
    assert.equal(record?.params.get('vcpu.current'), 1);
    assert.equal(record.params.get('balloon.current'), 32_768n);
    const memory = await connection.statistics.getMemory(domain);
    assert.ok(memory.get('rss')! > 0n);
    const [vcpu] = await connection.resources.getVcpus(domain);
    assert.equal(vcpu?.number, 0);
    assert.equal((await connection.domains.getControlInfo(domain)).state, 0);
  });

  it('knows the machine it runs on', async () => {
    const { node } = connection;
    const { memory, cpus } = await node.getInfo();
    assert.ok(memory > 0n && cpus > 0);
    assert.ok((await node.getMemoryStats()).get('total')! > 0n);
    assert.ok((await node.getCPUStats()).get('idle')! > 0n);
    assert.equal((await node.getFreePages([4], 0, 1)).length, 1);
    assert.ok(Object.values(CpuComparison).includes((await node.compareCPU(CPU)) as 0));
  });

  it('attaches a disk to the running guest, makes it larger, and asks the guest to give it back', async () => {
    const { devices, disks, domains, statistics } = connection;
    const file = join(daemon.directory, 'disk.img');
    writeFileSync(file, Buffer.alloc(MIB));
    if (process.getuid?.() === 0) chownSync(file, daemon.uid, daemon.uid);
    const disk =
      `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${file}'/>` +
      `<target dev='vda' bus='virtio'/><alias name='ua-disk'/></disk>`;
    await devices.attach(domain, disk, AffectFlag.LIVE);
    assert.match(await domains.getXML(domain), /<alias name='ua-disk'\/>/);
    assert.equal(await domains.isUpdated(domain), false);
    assert.equal((await disks.getInfo(domain, 'vda')).capacity, BigInt(MIB));
    await disks.resize(domain, 'vda', BigInt(2 * MIB));
    assert.equal((await disks.getInfo(domain, 'vda')).capacity, BigInt(2 * MIB));
    assert.ok((await statistics.getBlock(domain, 'vda')).has('rd_bytes'));
    assert.deepEqual([...(await disks.peek(domain, 'vda', 0n, 4))], [0, 0, 0, 0]);
    assert.equal(await disks.getJob(domain, 'vda'), undefined);
    assert.deepEqual(await disks.getErrors(domain), []);
    // No operating system runs that could let it go.
    await devices.detachByAlias(domain, 'ua-disk', AffectFlag.LIVE);
  });

  it('opens a channel', async () => {
    const channel = await connection.consoles.openChannel(domain, 'test.0');
    channel.write('x');
    channel.end();
    channel.resume();
    await once(channel, 'close');
  });

  it('has no job, and no guest agent to ask', async () => {
    const { guests, jobs } = connection;
    assert.equal((await jobs.getInfo(domain)).type, JobType.NONE);
    assert.equal((await jobs.getStats(domain)).type, JobType.NONE);
    await assert.rejects(jobs.abort(domain), (error) => isLibvirtError(error, 'OPERATION_INVALID'));
    for (const ask of [guests.getVcpus(domain), guests.getFilesystems(domain), guests.getTime(domain)]) {
      await assert.rejects(ask, (error) => isLibvirtError(error, 'AGENT_UNRESPONSIVE'));
    }
  });

  it('takes a picture of the screen', async () => {
    const { mime, data } = await connection.consoles.screenshot(domain);
    // QEMU before 7.1 knows only PPM.
    const magic = mime === 'image/png' ? '\x89PNG' : 'P6';
    assert.equal(data.subarray(0, magic.length).toString('latin1'), magic);
    assert.ok(data.length > 1_000);
  });

  it('talks to the monitor, and says that no guest agent answers', async () => {
    const answer = await connection.guests.monitorCommand(domain, '{"execute":"query-status"}');
    assert.match(answer, /"running":true/);
    await assert.rejects(connection.guests.agentCommand(domain, '{"execute":"guest-ping"}', 1), (error) =>
      isLibvirtError(error, 'AGENT_UNRESPONSIVE'),
    );
  });

  it('asks the guest to power off, which this one cannot, and destroys it', async () => {
    // libvirt sends events beside the answers: this one may come after that of destroyDomain.
    const stopped = new Promise<number>((resolve, reject) => {
      connection.events
        .subscribe('lifecycle', ({ event, detail }) => {
          if (event === LifecycleEvent.STOPPED) resolve(detail);
        })
        .catch(reject);
    });
    await connection.domains.shutdown(domain);
    await connection.domains.destroy(domain, DestroyFlag.GRACEFUL);
    assert.equal(await stopped, StoppedDetail.DESTROYED);
    const { state, reason } = await connection.domains.getState(domain);
    assert.deepEqual([state, reason], [DomainState.SHUTOFF, ShutoffReason.DESTROYED]);
    await assert.rejects(connection.domains.destroy(domain), (error) => isLibvirtError(error, 'OPERATION_INVALID'));
    await connection.domains.undefine(domain);
    assert.deepEqual(await connection.domains.listAll(), []);
  });

  it('ends an open console when its guest ends', async () => {
    const guest = await connection.domains.createXML(xml('short'));
    const console = (await connection.consoles.open(guest)).resume();
    const ended = once(console, 'close');
    await connection.domains.destroy(guest);
    await ended;
  });

  it('rejects what is under way when the daemon is killed, and says so', async () => {
    const guest = await connection.domains.createXML(xml('survivor'));
    const closed = once(connection, 'close');
    const ended = once(daemon.process, 'exit');
    const destroy = connection.domains.destroy(guest);
    daemon.process.kill('SIGKILL');
    await assert.rejects(destroy, (error) => {
      assert.ok(error instanceof ConnectionClosedError);
      assert.deepEqual([error.reason, error.procedure], ['lost', 'domainDestroyFlags']);
      return true;
    });
    await closed;
    await ended;
    await assert.rejects(connection.domains.listAll(), ConnectionClosedError);
    await assert.rejects(connect({ socketPath: daemon.socketPath }), /Is libvirtd running\?/);
  });
});
