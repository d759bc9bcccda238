import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, DomainState, isLibvirtError, LifecycleEvent, type Connection, type DomainEvent } from 'node-libvirt';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

const xml = (name: string): string =>
  `<domain type='test'><name>${name}</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>`;

describe('libvirt: the test driver of a real daemon', () => {
  let daemon: SessionLibvirtd;
  let connection: Connection;

  before(async function () {
    this.timeout(30_000);
    daemon = await startSessionLibvirtd();
  });
  after(() => daemon.stop());
  beforeEach(async () => {
    connection = await connect({ socketPath: daemon.socketPath, uri: 'test:///default' });
  });
  afterEach(() => connection.close());

  it('says who it is', async () => {
    assert.equal(await connection.getType(), 'TEST');
    assert.equal(await connection.getURI(), 'test:///default');
    assert.match(await connection.getLibVersion(), /^\d+\.\d+\.\d+$/);
    assert.match(await connection.getCapabilities(), /^<capabilities>/);
    assert.ok((await connection.getHostname()).length > 0);
  });

  it('defines, finds, starts, pauses, resumes, stops and forgets a domain', async () => {
    const defined = await connection.defineDomainXML(xml('vm1'));
    assert.deepEqual([defined.name, defined.id], ['vm1', -1]);
    assert.deepEqual(await connection.lookupDomainByUUID(defined.uuid), defined);

    const started = await connection.createDomain(defined);
    assert.ok(started.id > 0);
    assert.equal((await connection.getDomainState(started)).state, DomainState.RUNNING);
    await connection.suspendDomain(started);
    assert.equal((await connection.getDomainState(started)).state, DomainState.PAUSED);
    await connection.resumeDomain(started);
    const info = await connection.getDomainInfo(started);
    assert.deepEqual([info.state, info.maxMemory, info.vcpus], [DomainState.RUNNING, 65_536n, 1]);
    assert.match(await connection.getDomainXML(started), /<name>vm1<\/name>/);
    assert.deepEqual((await connection.listAllDomains()).map((domain) => domain.name).sort(), ['test', 'vm1']);
    await connection.destroyDomain(started);
    await connection.undefineDomain(defined);

    await assert.rejects(connection.lookupDomainByName('vm1'), (error) => {
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
    const subscription = await connection.onDomainEvent('lifecycle', (event) => events.push(event));
    const domain = await connection.defineDomainXML(xml('vm2'));
    await connection.createDomain(domain);
    await connection.destroyDomain(domain);
    // Events come beside the answers, not before them.
    while (events.length < 3) await sleep(5);
    await subscription.close();
    await connection.undefineDomain(domain);
    const { DEFINED, STARTED, STOPPED } = LifecycleEvent;
    assert.deepEqual(
      events.map(({ domain: { name }, event }) => [name, event]),
      [DEFINED, STARTED, STOPPED].map((event) => ['vm2', event]),
    );
  });

  it('answers many calls at once', async () => {
    const names = await Promise.all(Array.from({ length: 200 }, () => connection.lookupDomainByName('test')));
    assert.equal(names.length, 200);
  });

  it('gives statistics with names', async () => {
    const [record] = await connection.getAllDomainStats();
    assert.equal(record?.domain.name, 'test');
    assert.equal(record.params.get('state.state'), DomainState.RUNNING);
  });
});
