import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  connect,
  ConnectionClosedError,
  ConsoleFlag,
  CreateFlag,
  DestroyFlag,
  DomainState,
  isLibvirtError,
  LifecycleEvent,
  ShutoffReason,
  StatsType,
  StoppedDetail,
  type Connection,
  type Domain,
} from 'node-libvirt';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

/** A machine without disk: its firmware writes to the serial console and finds nothing to boot. */
const xml = (name: string): string => `
  <domain type='qemu'>
    <name>${name}</name>
    <memory unit='MiB'>32</memory>
    <os><type arch='x86_64' machine='pc'>hvm</type><bios useserial='yes'/></os>
    <devices>
      <emulator>/usr/bin/qemu-system-x86_64</emulator>
      <serial type='pty'><target port='0'/></serial>
      <console type='pty'><target type='serial' port='0'/></console>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
      <video><model type='vga'/></video>
      <graphics type='vnc' socket=''/>
    </devices>
  </domain>`;

describe('libvirt: QEMU under a real session daemon', function () {
  this.timeout(60_000);
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
    await assert.rejects(connection.defineDomainXML('<domain type="qemu"><name>x</name></domain>'), (error) => {
      assert.ok(isLibvirtError(error));
      assert.notEqual(error.message, '');
      return true;
    });
    await assert.rejects(connection.defineDomainXML('<domain'), (error) => isLibvirtError(error, 'XML_DETAIL'));
  });

  it('knows the host and what QEMU can do', async () => {
    assert.equal(await connection.getType(), 'QEMU');
    assert.match(await connection.getVersion(), /^\d+\.\d+\.\d+$/);
    const capabilities = await connection.getDomainCapabilities({ arch: 'x86_64', virtType: 'qemu', machine: 'q35' });
    assert.match(capabilities, /^<domainCapabilities>/);
    assert.ok((await connection.getCpuModelNames('x86_64')).includes('qemu64'));
  });

  it('starts a guest and shows what it writes on its console', async () => {
    const defined = await connection.defineDomainXML(xml('guest'));
    // Started paused, so that nothing is written before we listen.
    domain = await connection.createDomain(defined, CreateFlag.PAUSED);
    assert.equal((await connection.getDomainState(domain)).state, DomainState.PAUSED);

    const console = await connection.openConsole(domain);
    await connection.resumeDomain(domain);
    let text = '';
    for await (const chunk of console as AsyncIterable<Buffer>) {
      text += chunk.toString('latin1');
      if (text.includes('No bootable device')) break;
    }
    assert.match(text, /SeaBIOS \(version/);
  });

  it('lends the console to one client at a time, and takes it away when told to', async () => {
    const first = await connection.openConsole(domain, 'serial0');
    await assert.rejects(connection.openConsole(domain), (error) => isLibvirtError(error, 'OPERATION_FAILED'));
    const gone = once(first.resume(), 'error');
    const second = await connection.openConsole(domain, undefined, ConsoleFlag.FORCE);
    const [error] = (await gone) as [unknown];
    assert.ok(isLibvirtError(error) && error.procedure === 'domainOpenConsole');
    second.write('x');
    second.end();
    second.resume();
    await once(second, 'close');
  });

  it('pauses and resumes it, and tells by events', async () => {
    const kinds: number[] = [];
    const subscription = await connection.onDomainEvent('lifecycle', ({ event }) => kinds.push(event), domain);
    await connection.suspendDomain(domain);
    assert.equal((await connection.getDomainState(domain)).state, DomainState.PAUSED);
    await connection.resumeDomain(domain);
    while (kinds.length < 2) await sleep(5);
    await subscription.close();
    assert.deepEqual(kinds, [LifecycleEvent.SUSPENDED, LifecycleEvent.RESUMED]);
  });

  it('measures it', async () => {
    const [record] = await connection.getAllDomainStats(StatsType.STATE | StatsType.VCPU | StatsType.BALLOON);
    assert.equal(record?.params.get('vcpu.current'), 1);
    assert.equal(record.params.get('balloon.current'), 32_768n);
    const memory = await connection.getMemoryStats(domain);
    assert.ok(memory.get('rss')! > 0n);
    const [vcpu] = await connection.getVcpus(domain);
    assert.equal(vcpu?.number, 0);
    assert.equal((await connection.getDomainControlInfo(domain)).state, 0);
  });

  it('takes a picture of the screen', async () => {
    const { mime, data } = await connection.screenshot(domain);
    // QEMU before 7.1 knows only PPM.
    const magic = mime === 'image/png' ? '\x89PNG' : 'P6';
    assert.equal(data.subarray(0, magic.length).toString('latin1'), magic);
    assert.ok(data.length > 1_000);
  });

  it('talks to the monitor, and says that no guest agent answers', async () => {
    const answer = await connection.qemuMonitorCommand(domain, '{"execute":"query-status"}');
    assert.match(answer, /"running":true/);
    await assert.rejects(connection.qemuAgentCommand(domain, '{"execute":"guest-ping"}', 1), (error) =>
      isLibvirtError(error, 'AGENT_UNRESPONSIVE'),
    );
  });

  it('asks the guest to power off, which this one cannot, and destroys it', async () => {
    // libvirt sends events beside the answers: this one may come after that of destroyDomain.
    const stopped = new Promise<number>((resolve, reject) => {
      connection
        .onDomainEvent('lifecycle', ({ event, detail }) => {
          if (event === LifecycleEvent.STOPPED) resolve(detail);
        })
        .catch(reject);
    });
    await connection.shutdownDomain(domain);
    await connection.destroyDomain(domain, DestroyFlag.GRACEFUL);
    assert.equal(await stopped, StoppedDetail.DESTROYED);
    const { state, reason } = await connection.getDomainState(domain);
    assert.deepEqual([state, reason], [DomainState.SHUTOFF, ShutoffReason.DESTROYED]);
    await assert.rejects(connection.destroyDomain(domain), (error) => isLibvirtError(error, 'OPERATION_INVALID'));
    await connection.undefineDomain(domain);
    assert.deepEqual(await connection.listAllDomains(), []);
  });

  it('ends an open console when its guest ends', async () => {
    const guest = await connection.createDomainXML(xml('short'));
    const console = (await connection.openConsole(guest)).resume();
    const ended = once(console, 'close');
    await connection.destroyDomain(guest);
    await ended;
  });

  it('rejects what is under way when the daemon is killed, and says so', async () => {
    const guest = await connection.createDomainXML(xml('survivor'));
    const closed = once(connection, 'close');
    const ended = once(daemon.process, 'exit');
    const destroy = connection.destroyDomain(guest);
    daemon.process.kill('SIGKILL');
    await assert.rejects(destroy, (error) => {
      assert.ok(error instanceof ConnectionClosedError);
      assert.deepEqual([error.reason, error.procedure], ['lost', 'domainDestroyFlags']);
      return true;
    });
    await closed;
    await ended;
    await assert.rejects(connection.listAllDomains(), ConnectionClosedError);
    await assert.rejects(connect({ socketPath: daemon.socketPath }), /Is libvirtd running\?/);
  });
});
