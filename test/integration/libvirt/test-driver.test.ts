import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AddressSource,
  connect,
  DomainState,
  isLibvirtError,
  LifecycleEvent,
  MemoryPeekFlag,
  MetadataType,
  SnapshotDeleteFlag,
  SnapshotListFlag,
  SuspendTarget,
  type Connection,
  type Domain,
  type DomainEvent,
} from 'node-libvirt';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

const xml = (name: string): string =>
  `<domain type='test'><name>${name}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>`;

describe('libvirt: the test driver of a real daemon', () => {
  let daemon: SessionLibvirtd;
  let connection: Connection;

  before(async function () {
    this.timeout(300_000);
    daemon = await startSessionLibvirtd();
  });
  after(() => daemon.stop());
  beforeEach(async () => {
    connection = await connect({ socketPath: daemon.socketPath, uri: 'test:///default' });
  });
  afterEach(() => connection.close());

  it('says who it is', async () => {
    assert.equal(await connection.node.getType(), 'TEST');
    assert.equal(await connection.node.getURI(), 'test:///default');
    assert.match(await connection.node.getLibVersion(), /^\d+\.\d+\.\d+$/);
    assert.match(await connection.node.getCapabilities(), /^<capabilities>/);
    assert.ok((await connection.node.getHostname()).length > 0);
  });

  it('defines, finds, starts, pauses, resumes, stops and forgets a domain', async () => {
    const defined = await connection.domains.defineXML(xml('vm1'));
    assert.deepEqual([defined.name, defined.id], ['vm1', -1]);
    assert.deepEqual(await connection.domains.lookupByUUID(defined.uuid), defined);

    const started = await connection.domains.create(defined);
    assert.ok(started.id > 0);
    assert.equal((await connection.domains.getState(started)).state, DomainState.RUNNING);
    await connection.domains.suspend(started);
    assert.equal((await connection.domains.getState(started)).state, DomainState.PAUSED);
    await connection.domains.resume(started);
    await connection.domains.reset(started);
    const info = await connection.domains.getInfo(started);
    assert.deepEqual([info.state, info.maxMemory, info.vcpus], [DomainState.RUNNING, 65_536n, 1]);
    assert.match(await connection.domains.getXML(started), /<name>vm1<\/name>/);
    assert.deepEqual((await connection.domains.listAll()).map((domain) => domain.name).sort(), ['test', 'vm1']);
    await connection.domains.destroy(started);
    await connection.domains.undefine(defined);

    await assert.rejects(connection.domains.lookupByName('vm1'), (error) => {
      assert.ok(isLibvirtError(error, 'NO_DOMAIN'));
      assert.deepEqual(
        [error.codeName, error.domainName, error.procedure],
        ['NO_DOMAIN', 'TEST', 'domainLookupByName'],
      );
      assert.match(error.message, /vm1|domain/i);
      return true;
    });
  });

  it('reports the lifecycle in events, until the subscription is closed', async () => {
    const events: DomainEvent<'lifecycle'>[] = [];
    const subscription = await connection.events.subscribe('lifecycle', (event) => events.push(event));
    const domain = await connection.domains.defineXML(xml('vm2'));
    await connection.domains.create(domain);
    await connection.domains.destroy(domain);
    // Events come beside the answers, not before them.
    while (events.length < 3) await sleep(5);
    await subscription.close();
    await connection.domains.undefine(domain);
    const { DEFINED, STARTED, STOPPED } = LifecycleEvent;
    assert.deepEqual(
      events.map(({ domain: { name }, event }) => [name, event]),
      [DEFINED, STARTED, STOPPED].map((event) => ['vm2', event]),
    );
  });

  it('answers many calls at once', async () => {
    const names = await Promise.all(Array.from({ length: 200 }, () => connection.domains.lookupByName('test')));
    assert.equal(names.length, 200);
  });

  it('knows the machine', async () => {
    const { node } = connection;
    const { model, memory, cpus, nodes } = await node.getInfo();
    assert.deepEqual([model, memory, cpus, nodes], ['i686', 3_145_728n, 16, 2]);
    assert.ok((await node.getFreeMemory()) > 0n);
    assert.deepEqual(await node.getCellsFreeMemory(0, 2), [2_097_152n, 4_194_304n]);
    assert.deepEqual([...(await node.getCPUStats()).keys()].toSorted(), ['idle', 'iowait', 'kernel', 'user']);
    assert.deepEqual(await node.getCPUMap(), { total: 8, online: [0, 2, 4] });
    assert.deepEqual(await node.getSecurityModel(), { model: 'testSecurity', doi: '' });
    assert.equal(await node.isSecure(), true);
    assert.match(await node.getSysinfo(), /^<sysinfo /);
    assert.equal(await node.getMaxVcpus(), 32);
    const pentium = '<cpu><arch>i686</arch><model>pentium3</model></cpu>';
    assert.match(await node.baselineCPU([pentium]), /<model fallback='forbid'>pentium3</);
  });

  it('keeps what is written about a domain', async () => {
    const { domains } = connection;
    const domain = await domains.lookupByName('test');
    await domains.setAutostart(domain, true);
    assert.equal(await domains.getAutostart(domain), true);
    await domains.setMetadata(domain, { type: MetadataType.TITLE }, 'A title');
    assert.equal(await domains.getMetadata(domain, { type: MetadataType.TITLE }), 'A title');
    const own = { type: MetadataType.ELEMENT, uri: 'http://example.com/x' };
    await domains.setMetadata(domain, { ...own, key: 'x' }, '<a/>');
    assert.equal(await domains.getMetadata(domain, own), '<a/>');
    await domains.setMetadata(domain, own, undefined);
    await assert.rejects(domains.getMetadata(domain, own), (error) => isLibvirtError(error, 'NO_DOMAIN_METADATA'));
    assert.equal(await domains.getOSType(domain), 'linux');
    assert.equal(await domains.isUpdated(domain), false);
    assert.deepEqual([await domains.isActive(domain), await domains.isPersistent(domain)], [true, true]);
    assert.equal((await domains.getControlInfo(domain)).state, 0);
    const resting = await domains.defineXML(xml('before'));
    await domains.rename(resting, 'after');
    await domains.undefine(await domains.lookupByName('after'));
  });

  it('sets memory, vCPUs and where they run', async () => {
    const { domains, resources, statistics } = connection;
    const domain = await domains.lookupByName('test');
    assert.equal(await resources.getMaxMemory(domain), 8_388_608n);
    await resources.setMemory(domain, 1_000_000n);
    assert.equal((await domains.getInfo(domain)).memory, 1_000_000n);
    assert.equal((await statistics.getMemory(domain)).get('actualBalloon'), 1_000_000n);
    await resources.setMemoryStatsPeriod(domain, 5);
    assert.deepEqual([...(await resources.peekMemory(domain, 0n, 4, MemoryPeekFlag.PHYSICAL))], [0, 1, 2, 3]);
    assert.equal(await resources.getMaxVcpus(domain), 2);
    await resources.pinVcpu(domain, 1, [1, 2]);
    const pins = await resources.getVcpuPins(domain);
    assert.deepEqual([pins.length, pins[1]], [2, [1, 2]]);
    await resources.pinEmulator(domain, [3]);
    assert.deepEqual(await resources.getEmulatorPin(domain), [3]);
    await resources.setVcpus(domain, 1);
    assert.equal(await resources.countVcpus(domain), 1);
    assert.deepEqual(
      (await resources.getVcpus(domain)).map(({ number }) => number),
      [0],
    );
    assert.ok((await statistics.getCpu(domain)).has('cpu_time'));
    assert.ok((await statistics.getInterface(domain, 'testnet0')).rxBytes > 0n);
  });

  it('reaches into the guest', async () => {
    const { consoles, disks, guests } = connection;
    const domain = await connection.domains.lookupByName('test');
    assert.equal((await disks.getErrors(domain))[0]?.disk, 'vda');
    assert.ok((await disks.getInfo(domain, 'vda')).capacity > 0n);
    assert.equal(await guests.getHostname(domain), 'testhost');
    const [first] = await guests.getInterfaceAddresses(domain, AddressSource.LEASE);
    assert.equal(first?.addresses[0]?.address, '192.168.122.3');
    await guests.setTime(domain, 12_345n, 6);
    assert.deepEqual(await guests.getTime(domain), { seconds: 12_345n, nanoseconds: 6 });
    await guests.setUserPassword(domain, 'root', 'secret');
    assert.equal(await guests.freezeFilesystems(domain), 2);
    assert.equal(await guests.thawFilesystems(domain, ['/']), 1);
    assert.equal(await guests.thawFilesystems(domain), 1);
    await guests.trimFilesystems(domain);
    const root = { mountpoint: '/', name: 'vda1', type: 'ext4', disks: ['vda'] };
    assert.deepEqual((await guests.getFilesystems(domain))[0], root);
    await guests.injectNMI(domain);
    await guests.sendKey(domain, [28, 57], 10);
    assert.equal((await consoles.screenshot(domain)).mime, 'image/png');
  });

  it('takes snapshots, reverts to them and deletes them', async () => {
    const { snapshots } = connection;
    const domain = await connection.domains.lookupByName('test');
    assert.equal(await snapshots.getCurrent(domain), undefined);
    const first = await snapshots.createXML(domain, '<domainsnapshot><name>first</name></domainsnapshot>');
    const second = await snapshots.createXML(domain, '<domainsnapshot><name>second</name></domainsnapshot>');
    const names = (list: readonly { name: string }[]): string[] => list.map(({ name }) => name).toSorted();
    assert.deepEqual(names(await snapshots.listAll(domain)), ['first', 'second']);
    assert.deepEqual(names(await snapshots.listAll(domain, SnapshotListFlag.ROOTS)), ['first']);
    assert.deepEqual(names(await snapshots.listChildren(first)), ['second']);
    assert.deepEqual(await snapshots.getParent(second), first);
    assert.deepEqual(await snapshots.getCurrent(domain), second);
    assert.deepEqual([await snapshots.isCurrent(second), await snapshots.hasMetadata(second)], [true, true]);
    assert.match(await snapshots.getXML(first), /<name>first<\/name>/);
    await snapshots.revert(first);
    assert.equal(await snapshots.isCurrent(first), true);
    await snapshots.delete(first, SnapshotDeleteFlag.CHILDREN);
    await assert.rejects(snapshots.lookupByName(domain, 'first'), (error) =>
      isLibvirtError(error, 'NO_DOMAIN_SNAPSHOT'),
    );
  });

  it('saves a domain to a file and restores it', async () => {
    const { domains, savedStates } = connection;
    const domain = await domains.lookupByName('test');
    const file = join(daemon.directory, 'saved');
    await savedStates.dumpCore(domain, join(daemon.directory, 'core'));
    await savedStates.save(domain, file);
    assert.equal(await domains.isActive(domain), false);
    const saved = await savedStates.getXML(file);
    assert.match(saved, /<name>test<\/name>/);
    await savedStates.defineXML(file, saved);
    await savedStates.restore(file);
    assert.equal(await domains.isActive(domain), true);
    await savedStates.saveManaged(domain);
    assert.equal(await savedStates.hasManaged(domain), true);
    await savedStates.removeManaged(domain);
    assert.equal(await savedStates.hasManaged(domain), false);
  });

  describe('says by its name that a call is not supported, which shows that its number is right:', () => {
    const DISK = 'vda';
    const calls: Readonly<Record<string, (of: Connection, domain: Domain) => Promise<unknown>>> = {
      virConnectCompareCPU: ({ node }) => node.compareCPU('<cpu/>'),
      virConnectGetDomainCapabilities: ({ node }) => node.getDomainCapabilities(),
      virNodeGetMemoryStats: ({ node }) => node.getMemoryStats(),
      virDomainPMSuspendForDuration: ({ domains }, domain) => domains.suspendGuest(domain, SuspendTarget.MEM),
      virDomainPMWakeup: ({ domains }, domain) => domains.wakeUp(domain),
      virDomainAttachDeviceFlags: ({ devices }, domain) => devices.attach(domain, '<disk/>'),
      virDomainDetachDeviceFlags: ({ devices }, domain) => devices.detach(domain, '<disk/>'),
      virDomainDetachDeviceAlias: ({ devices }, domain) => devices.detachByAlias(domain, 'ua-x'),
      virDomainUpdateDeviceFlags: ({ devices }, domain) => devices.update(domain, '<disk/>'),
      virDomainBlockStatsFlags: ({ statistics }, domain) => statistics.getBlock(domain, DISK),
      virDomainBlockResize: ({ disks }, domain) => disks.resize(domain, DISK, 1n << 30n),
      virDomainGetBlockJobInfo: ({ disks }, domain) => disks.getJob(domain, DISK),
      virDomainBlockJobAbort: ({ disks }, domain) => disks.abortJob(domain, DISK),
      virDomainBlockJobSetSpeed: ({ disks }, domain) => disks.setJobSpeed(domain, DISK, 1n),
      virDomainBlockPull: ({ disks }, domain) => disks.pull(domain, DISK),
      virDomainBlockRebase: ({ disks }, domain) => disks.rebase(domain, DISK, '/base'),
      virDomainBlockCommit: ({ disks }, domain) => disks.commit(domain, DISK),
      virDomainBlockPeek: ({ disks }, domain) => disks.peek(domain, DISK, 0n, 512),
      virDomainGetJobInfo: ({ jobs }, domain) => jobs.getInfo(domain),
      virDomainGetJobStats: ({ jobs }, domain) => jobs.getStats(domain),
      virDomainAbortJob: ({ jobs }, domain) => jobs.abort(domain),
      virDomainGetGuestInfo: ({ guests }, domain) => guests.getInfo(domain),
      virDomainGetGuestVcpus: ({ guests }, domain) => guests.getVcpus(domain),
      virDomainSetGuestVcpus: ({ guests }, domain) => guests.setVcpus(domain, '1', true),
      virDomainQemuAgentCommand: ({ guests }, domain) => guests.agentCommand(domain, '{}'),
      virDomainQemuMonitorCommand: ({ guests }, domain) => guests.monitorCommand(domain, '{}'),
      virDomainOpenConsole: ({ consoles }, domain) => consoles.open(domain),
      virDomainOpenChannel: ({ consoles }, domain) => consoles.openChannel(domain),
    };
    for (const [name, call] of Object.entries(calls)) {
      it(name, async () => {
        const domain = await connection.domains.lookupByName('test');
        await assert.rejects(call(connection, domain), (error) => {
          assert.ok(isLibvirtError(error, 'NO_SUPPORT'), String(error));
          assert.ok(error.message.endsWith(`: ${name}`), error.message);
          return true;
        });
      });
    }
  });

  it('gives statistics with names', async () => {
    const [record] = await connection.statistics.getAll();
    assert.equal(record?.domain.name, 'test');
    assert.equal(record.params.get('state.state'), DomainState.RUNNING);
  });
});
