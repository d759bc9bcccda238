import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GATEWAY_MAC } from '../../../src/agent/network/guest-end.js';
import { networkThread, type PodNetworks } from '../../../src/agent/network/network-thread.js';
import {
  addressBytes,
  icmpv6Frame,
  macBytes,
  readFrame,
  udpFrame,
  wrapFrame,
} from '../../../src/agent/network/packets.js';
import type { NetworkWish } from '../../../src/agent/network/wish.js';
import { workerFile } from '../../../src/kube/program/worker-file.js';
import { buildPrograms } from '../../support/built-program.js';
import { dhcpFrame, dhcpMessage, dhcpv6Frame, dhcpv6Message, GUEST_MAC } from '../../unit/agent/network/asking.js';
import { addresses, isUdp, NODE, POD, PodNamespace, Wire } from './wire.js';

const WISH: NetworkWish = {
  mac: GUEST_MAC,
  handOver: true,
  network: '10.0.2.0/24',
  network6: 'fd10:0:2::/120',
  ports: [],
  queues: 1,
};
const KEY = 'vmi-uid';
const PROGRAM = fileURLToPath(workerFile('network-set-up'));
const OUTSIDE = '198.51.100.7';
const EVERYONE = 'ff:ff:ff:ff:ff:ff';

interface Sent {
  readonly mac?: string;
  readonly toMac?: string;
  readonly from?: string;
  readonly to?: string;
  readonly ports?: readonly [number, number];
  readonly data?: Buffer;
}
const fromGuest = ({ mac = GUEST_MAC, toMac = GATEWAY_MAC, from, to = OUTSIDE, ports = [5000, 53], data }: Sent = {}) =>
  udpFrame(
    {
      fromMac: macBytes(mac),
      toMac: macBytes(toMac),
      from: addressBytes(from ?? POD.address),
      to: addressBytes(to),
    },
    ports,
    data ?? Buffer.from('hello'),
  );
const fromWorld = (to: string, port: number, from = OUTSIDE): Buffer =>
  udpFrame(
    { fromMac: macBytes(NODE.mac), toMac: macBytes(POD.mac), from: addressBytes(from), to: addressBytes(to) },
    [6000, port],
    Buffer.from('hello'),
  );

/** Who has `to`? Tell `from`. An answer (2) is to everyone who believes it. */
const arp = (mac: string, from: string, to: string, operation: 1 | 2 = 1, toMac = EVERYONE): Buffer =>
  Buffer.concat([
    ...[macBytes(toMac), macBytes(mac), Buffer.from([8, 6, 0, 1, 8, 0, 6, 4, 0, operation])],
    ...[macBytes(mac), addressBytes(from), Buffer.alloc(6), addressBytes(to)],
  ]);
const isArpOf =
  (address: string) =>
  (frame: Buffer): boolean =>
    frame.readUInt16BE(12) === 0x0806 &&
    frame.readUInt16BE(20) === 2 &&
    frame.subarray(28, 32).equals(addressBytes(address));
const isFrom = (frame: Buffer, mac: string): boolean => frame.subarray(6, 12).equals(macBytes(mac));

describe('the address of a pod with a hostile guest', function () {
  this.timeout(120_000);
  const namespace = new PodNamespace(`kv-handed-${process.pid}`);
  let networks: PodNetworks;
  let guest: Wire;
  let world: Wire;

  const setUp = async (resume = false): Promise<boolean> => {
    const report = await networks.open({
      key: KEY,
      argv: namespace.argv(PROGRAM),
      wish: WISH,
      told: { hostname: 'web', dns: [NODE.address], search: ['example'] },
      node: readlinkSync('/proc/self/ns/net'),
      resume,
    });
    assert.ok(!('error' in report), JSON.stringify(report));
    return report.found;
  };

  before(async () => {
    buildPrograms('virt-agent');
    networks = networkThread({ error: (fields) => assert.fail(JSON.stringify(fields)) });
    namespace.create();
    world = await Wire.hold(namespace.name, 'eth0');
    assert.equal(await setUp(), false);
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

  it('is the guest’s by DHCP, of both families, and its packets leave under it from the card of the pod', async () => {
    const solicited = dhcpv6Message(1, [
      [1, Buffer.alloc(10, 1)],
      [3, Buffer.alloc(12)],
    ]);
    const offer = readFrame(await guest.answer(isUdp(68), dhcpFrame(dhcpMessage(1))))!;
    assert.deepEqual(offer.data.subarray(16, 20), addressBytes(POD.address));
    assert.ok(
      offer.data.includes(Buffer.concat([Buffer.from([3, 4]), addressBytes(NODE.address)])),
      'the pod’s router',
    );
    const answer = await guest.answer(isUdp(546), dhcpv6Frame(solicited));
    assert.ok(answer.includes(addressBytes(POD.address6)));
    guest.send(fromGuest());
    const sent = await world.next(isUdp(53));
    assert.deepEqual(addresses(sent), [POD.address, OUTSIDE]);
    assert.ok(isFrom(sent, POD.mac));
  });

  it('leads to the guest with every port, from outside and from the pod’s own network', async () => {
    world.send(fromWorld(POD.address, 22), fromWorld(POD.address, 4790, NODE.address), fromWorld(POD.address, 65_535));
    for (const port of [22, 4790, 65_535])
      assert.equal(addresses(await guest.next(isUdp(port)))[1], POD.address, String(port));
    world.send(
      udpFrame(
        {
          fromMac: macBytes(NODE.mac),
          toMac: macBytes(POD.mac),
          from: addressBytes('fd99::1'),
          to: addressBytes(POD.address6),
        },
        [6000, 7000],
        Buffer.from('hello'),
      ),
    );
    await guest.next(isUdp(7000));
  });

  it('is answered for at once: to the network by the pod’s card, to the guest for its neighbours, and not for itself', async () => {
    world.send(arp(NODE.mac, NODE.address, POD.address));
    assert.ok(isFrom(await world.next(isArpOf(POD.address), 0.5), POD.mac));
    const solicited = addressBytes('ff02::1:ff00:2');
    const asking = { fromMac: macBytes(NODE.mac), toMac: macBytes('33:33:ff:00:00:02'), from: addressBytes('fd99::1') };
    const target = Buffer.concat([
      Buffer.from([135, 0, 0, 0, 0, 0, 0, 0]),
      addressBytes(POD.address6),
      Buffer.from([1, 1]),
      macBytes(NODE.mac),
    ]);
    world.send(icmpv6Frame({ ...asking, to: solicited }, target));
    await world.next((frame) => frame[54] === 136 && frame.includes(addressBytes(POD.address6)));
    guest.take();
    guest.send(arp(GUEST_MAC, '0.0.0.0', POD.address), arp(GUEST_MAC, POD.address, '10.9.0.77'));
    assert.ok(isFrom(await guest.next(isArpOf('10.9.0.77'), 0.5), GATEWAY_MAC));
    assert.deepEqual(guest.take(isArpOf(POD.address)), [], 'a guest that asks whether its address is taken');
  });

  it('stays on the pod’s device, where those look who made it', () => {
    const shown = namespace.run('ip', 'address', 'show', 'dev', 'eth0');
    for (const text of [`inet ${POD.address}/24`, `inet6 ${POD.address6}/64`, POD.mac]) assert.ok(shown.includes(text));
  });

  it('is the only one that the guest can use, with its own card', async () => {
    const vlan = Buffer.concat([fromGuest().subarray(0, 12), Buffer.from([0x81, 0, 0, 7]), fromGuest().subarray(12)]);
    await nothingOf(
      ...['10.9.0.77', NODE.address, '127.0.0.1', '0.0.0.0', '169.254.75.1', '10.0.2.2'].map((from) =>
        fromGuest({ from }),
      ),
      fromGuest({ mac: '02:99:99:99:99:99' }),
      fromGuest({ mac: POD.mac }),
      vlan,
      fromGuest({ to: '127.0.0.1' }),
      fromGuest({ data: Buffer.alloc(9000, 1) }),
    );
  });

  it('is taken from no other pod: neither by ARP nor by an answer that nobody asked for', async () => {
    world.take();
    await nothingOf(
      arp(GUEST_MAC, '10.9.0.77', NODE.address),
      arp(GUEST_MAC, NODE.address, '10.9.0.77', 2),
      arp(GUEST_MAC, POD.address, NODE.address, 2, NODE.mac),
    );
    const spoofed = world.take((frame) => frame.readUInt16BE(12) === 0x0806 && frame.includes(macBytes(GUEST_MAC)));
    assert.deepEqual(spoofed, [], 'what the guest says of addresses stays on its wire');
    const neighbours = namespace.run('ip', 'neigh', 'show');
    assert.match(neighbours, new RegExp(`${NODE.address.replaceAll('.', '\\.')} dev eth0 lladdr ${NODE.mac}`));
    assert.doesNotMatch(neighbours, /10\.9\.0\.77 dev tap0/);
  });

  it('gives no DHCP server or router of the guest’s to anyone, and no broadcast', async () => {
    await nothingOf(
      fromGuest({ to: '255.255.255.255', toMac: EVERYONE, ports: [67, 68] }),
      fromGuest({ to: '10.9.0.255', toMac: EVERYONE, ports: [67, 68] }),
      fromGuest({ to: '224.0.0.251', toMac: '01:00:5e:00:00:fb', ports: [5353, 5353] }),
    );
  });

  it('opens nothing of the pod’s own: not who answers the guest, and not what listens on the loopback', async () => {
    guest.take();
    const inside = wrapFrame(dhcpFrame(dhcpMessage(1)));
    const tries = ['169.254.75.1', '127.0.0.1', '192.0.2.67'].flatMap((to) =>
      [4789, 4790].map((port) => fromGuest({ to, ports: [5000, port], data: inside })),
    );
    await nothingOf(...tries);
    world.send(...['169.254.75.1', '192.0.2.67'].map((to) => fromWorld(to, 4790)), fromWorld(POD.address, 7779));
    await guest.next(isUdp(7779));
    assert.deepEqual(
      guest.take((frame) => isUdp(68)(frame) || isUdp(4790)(frame)),
      [],
    );
  });

  it('is handed over again by an agent that comes back, wherever the last one was killed', async () => {
    const index = namespace.run('cat', '/sys/class/net/tap0/ifindex');
    networks.close(KEY);
    // As before its last step, then as before its first rule.
    namespace.run('ip', 'route', 'add', 'local', POD.address, 'dev', 'eth0', 'table', 'local');
    assert.equal(await setUp(true), true);
    namespace.run('nft', 'flush', 'ruleset');
    namespace.run('ip', 'route', 'del', `${POD.address}/32`, 'dev', 'tap0');
    namespace.run('ip', 'neigh', 'del', 'proxy', POD.address, 'dev', 'eth0');
    namespace.run('ip', 'link', 'delete', 'virt0');
    await setUp(true);
    assert.equal(namespace.run('cat', '/sys/class/net/tap0/ifindex'), index);
    guest.take();
    world.send(fromWorld(POD.address, 7781), arp(NODE.mac, NODE.address, POD.address));
    await guest.next(isUdp(7781));
    await world.next(isArpOf(POD.address), 0.5);
    guest.send(dhcpFrame(dhcpMessage(1)));
    await guest.next(isUdp(68));
    await nothingOf(fromGuest({ from: '10.9.0.77' }));
  });
});
