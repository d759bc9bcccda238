import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { networkThread, type PodNetworks } from '../../../src/agent/network/network-thread.js';
import { addressBytes, macBytes, readFrame, udpFrame, wrapFrame } from '../../../src/agent/network/packets.js';
import { GATEWAY_MAC } from '../../../src/agent/network/guest-end.js';
import type { NetworkWish, SetUpReport } from '../../../src/agent/network/wish.js';
import { workerFile } from '../../../src/kube/program/worker-file.js';
import { buildPrograms } from '../../support/built-program.js';
import {
  dhcpFrame,
  dhcpMessage,
  dhcpv6Frame,
  dhcpv6Message,
  GUEST_MAC,
  solicitationFrame,
} from '../../unit/agent/network/asking.js';
import { addresses, isUdp, NODE, POD, PodNamespace, Wire } from './wire.js';

const WISH: NetworkWish = {
  mac: GUEST_MAC,
  handOver: false,
  network: '10.0.2.0/24',
  network6: 'fd10:0:2::/120',
  ports: [],
  queues: 1,
};
const KEY = 'vmi-uid';
const PROGRAM = fileURLToPath(workerFile('network-set-up'));

interface Sent {
  readonly mac?: string;
  readonly from?: string;
  readonly to?: string;
  readonly ports?: readonly [number, number];
  readonly data?: Buffer;
}
/** A datagram of the guest's, to the world by default. */
const fromGuest = ({ mac = GUEST_MAC, from = '10.0.2.2', to = '198.51.100.7', ports = [5000, 53], data }: Sent = {}) =>
  udpFrame(
    { fromMac: macBytes(mac), toMac: macBytes(GATEWAY_MAC), from: addressBytes(from), to: addressBytes(to) },
    ports,
    data ?? Buffer.from('hello'),
  );
const fromWorld = (to: string, port: number): Buffer =>
  udpFrame(
    { fromMac: macBytes(NODE.mac), toMac: macBytes(POD.mac), from: addressBytes('198.51.100.7'), to: addressBytes(to) },
    [6000, port],
    Buffer.from('hello'),
  );

describe('the network of a pod with a hostile guest', function () {
  this.timeout(120_000);
  const namespace = new PodNamespace(`kv-attack-${process.pid}`);
  let networks: PodNetworks;
  let guest: Wire;
  let world: Wire;

  const setUp = (more: Partial<NetworkWish> = {}, resume = false, node = readlinkSync('/proc/self/ns/net')) =>
    networks.open({
      key: KEY,
      argv: namespace.argv(PROGRAM),
      wish: { ...WISH, ...more },
      told: { hostname: 'web', dns: [NODE.address], search: ['example'] },
      node,
      resume,
    });
  const must = (report: SetUpReport) => {
    assert.ok(!('error' in report), JSON.stringify(report));
    return report;
  };

  before(async () => {
    buildPrograms('virt-agent');
    networks = networkThread({ error: (fields) => assert.fail(JSON.stringify(fields)) });
    namespace.create();
    world = await Wire.hold(namespace.name, 'eth0');
    assert.equal(must(await setUp()).found, false);
    guest = await Wire.hold(namespace.name, 'tap0');
  });
  after(() => {
    guest.close();
    world.close();
    networks.close(KEY);
    namespace.remove();
  });

  /** Sends what must get nowhere, then something honest: when that has arrived, the rest would have. */
  const nothingOf = async (...frames: readonly Buffer[]): Promise<void> => {
    world.take();
    guest.send(...frames, fromGuest({ ports: [5001, 99] }));
    await world.next(isUdp(99));
    assert.deepEqual(
      world.take((frame) => readFrame(frame)?.protocol === 17),
      [],
    );
  };

  it('gives an honest one its address, its router and the world, under the address of the pod', async () => {
    const offer = readFrame(await guest.answer(isUdp(68), dhcpFrame(dhcpMessage(1))))!;
    assert.deepEqual(offer.data.subarray(16, 20), addressBytes('10.0.2.2'));
    await guest.answer((frame) => readFrame(frame)?.data[0] === 134, solicitationFrame());
    const asked = dhcpv6Frame(
      dhcpv6Message(1, [
        [1, Buffer.alloc(10, 1)],
        [3, Buffer.alloc(12)],
      ]),
    );
    assert.ok((await guest.answer(isUdp(546), asked)).includes(addressBytes('fd10:0:2::2')));
    guest.send(fromGuest());
    assert.deepEqual(addresses(await world.next(isUdp(53))), [POD.address, '198.51.100.7']);
  });

  it('lets nothing out under another address or card, in a VLAN, or to the loopback', async () => {
    const vlan = Buffer.concat([fromGuest().subarray(0, 12), Buffer.from([0x81, 0, 0, 7]), fromGuest().subarray(12)]);
    await nothingOf(
      ...['10.0.2.9', POD.address, NODE.address, '127.0.0.1', '0.0.0.0', '10.0.2.1'].map((from) => fromGuest({ from })),
      fromGuest({ mac: '02:99:99:99:99:99' }),
      vlan,
      fromGuest({ to: '127.0.0.1' }),
    );
  });

  it('believes no other station by ARP', async () => {
    const arp = (mac: string, address: string): Buffer =>
      Buffer.concat([
        ...[macBytes(GATEWAY_MAC), macBytes(GUEST_MAC), Buffer.from([8, 6, 0, 1, 8, 0, 6, 4, 0, 2])],
        ...[macBytes(mac), addressBytes(address), macBytes(GATEWAY_MAC), addressBytes('10.0.2.1')],
      ]);
    await nothingOf(arp(GUEST_MAC, NODE.address), arp(GUEST_MAC, '10.0.2.1'), arp('02:99:99:99:99:99', '10.0.2.2'));
    const neighbours = namespace.run('ip', 'neigh', 'show');
    assert.doesNotMatch(neighbours, /02:99:99|10\.0\.2\.1 /);
    assert.match(neighbours, new RegExp(`${NODE.address.replaceAll('.', '\\.')} dev eth0 lladdr ${NODE.mac}`));
  });

  it('is no router and no DHCP server for anyone', async () => {
    const reply = (to: string): Buffer => fromGuest({ to, ports: [67, 68] });
    await nothingOf(reply('255.255.255.255'), reply('10.0.2.1'), reply(POD.address));
    const advertisement = solicitationFrame();
    advertisement[54] = 134;
    guest.send(advertisement);
    await nothingOf();
    assert.doesNotMatch(namespace.run('ip', '-6', 'route', 'show', 'default'), /tap0/);
  });

  it('reaches no socket of the pod: not the agent’s behind it, and none that listens', async () => {
    const inside = wrapFrame(dhcpFrame(dhcpMessage(1)));
    guest.take();
    const tries = ['10.0.2.1', POD.address, '127.0.0.1', '192.0.2.67'].flatMap((to) =>
      [4789, 4790].map((port) => fromGuest({ to, ports: [5000, port], data: inside })),
    );
    await nothingOf(...tries);
    assert.deepEqual(guest.take(isUdp(68)), []);
  });

  it('is answered a bounded number of times, and sends no giant out', async () => {
    guest.take();
    guest.send(...Array.from({ length: 3000 }, () => dhcpFrame(dhcpMessage(1))));
    await nothingOf(fromGuest({ data: Buffer.alloc(9000, 1) }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { length } = guest.take(isUdp(68));
    assert.ok(length > 0 && length <= 400, `${length} answers to 3000 questions`);
  });

  it('is reached at the address of its pod alone', async () => {
    world.send(fromWorld(POD.address, 7777));
    assert.deepEqual(addresses(await guest.next(isUdp(7777))), ['198.51.100.7', '10.0.2.2']);
    world.send(fromWorld('10.0.2.2', 7778), fromWorld(POD.address, 7779));
    await guest.next(isUdp(7779));
    assert.deepEqual(guest.take(isUdp(7778)), []);
  });

  it('is found again by an agent that comes back, with its connections, and by one that was killed half way', async () => {
    const index = namespace.run('cat', '/sys/class/net/tap0/ifindex');
    networks.close(KEY);
    assert.equal(must(await setUp({}, true)).found, true);
    namespace.run('nft', 'flush', 'ruleset');
    namespace.run('ip', 'link', 'delete', 'virt0');
    must(await setUp({}, true));
    assert.equal(namespace.run('cat', '/sys/class/net/tap0/ifindex'), index);
    guest.take();
    await guest.answer(isUdp(68), dhcpFrame(dhcpMessage(1)));
    await nothingOf(fromGuest({ from: '10.0.2.9' }));
  });

  it('forwards what is listed, and nothing else', async () => {
    must(await setUp({ ports: [{ protocol: 'UDP', start: 53, end: 54 }] }));
    world.send(fromWorld(POD.address, 7780), fromWorld(POD.address, 4790), fromWorld(POD.address, 54));
    await guest.next(isUdp(54));
    assert.deepEqual(
      guest.take((frame) => isUdp(7780)(frame) || isUdp(4790)(frame)),
      [],
    );
  });

  it('is never set up in the network of the node', async () => {
    const rules = namespace.run('nft', 'list', 'ruleset');
    const own = `net:[${namespace.run('stat', '-Lc', '%i', '/proc/self/ns/net').trim()}]`;
    const report = await setUp({ ports: [] }, false, own);
    assert.match('error' in report ? report.error : '', /network of the node/);
    assert.equal(namespace.run('nft', 'list', 'ruleset').replaceAll(/# handle \d+/g, ''), rules);
  });

  it('is refused where the pod’s own address is in the guest’s network', async () => {
    const report = await setUp({ network: '10.9.0.0/24' });
    assert.match('error' in report ? report.error : '', /10\.9\.0\.2 is in the guest's own network.*vmNetworkCIDR/);
  });
});
