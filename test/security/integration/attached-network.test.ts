import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GATEWAY_MAC } from '../../../src/agent/network/guest-end.js';
import { networkThread, type PodNetworks } from '../../../src/agent/network/network-thread.js';
import { addressBytes, icmpv6Frame, macBytes, readFrame, udpFrame } from '../../../src/agent/network/packets.js';
import type { NetworkWish, WireWish } from '../../../src/agent/network/wish.js';
import { attachedNetworks, wireNames } from '../../../src/api/vmi/attached-networks.js';
import { workerFile } from '../../../src/kube/program/worker-file.js';
import { buildPrograms } from '../../support/built-program.js';
import { dhcpFrame, dhcpMessage, GUEST_MAC } from '../../unit/agent/network/asking.js';
import { addresses, isUdp, NODE, POD, PodNamespace, Wire } from './wire.js';

/** As Multus leaves a pod: a second device, whose other end the test holds. */
const deviceOf = (name: string): string =>
  attachedNetworks({
    spec: { domain: { devices: { interfaces: [{ name }] } }, networks: [{ name, multus: { networkName: name } }] },
  })[0]!.device;
const [LAN, GIVEN, SIX] = [deviceOf('lan'), deviceOf('given'), deviceOf('six')];
const KEY = 'vmi-uid';
const PROGRAM = fileURLToPath(workerFile('network-set-up'));
const EVERYONE = 'ff:ff:ff:ff:ff:ff';
const POD_WISH: NetworkWish = {
  mac: '02:00:00:00:cc:01',
  handOver: false,
  network: '10.0.2.0/24',
  network6: 'fd10:0:2::/120',
  ports: [],
  queues: 1,
};
const OWN = { mac: '02:00:00:00:bb:02', address: '10.30.0.7' } as const;
/** On a network that gave an address of IPv6 too. */
const OWN_SIX = {
  mac: '02:00:00:00:ee:02',
  address: '10.31.0.7',
  address6: 'fd00:31::7',
  linkLocal: 'fe80::ff:fe00:ee02',
} as const;
const OTHER = { mac: '02:00:00:00:dd:09', address: '10.30.0.9' } as const;

interface Sent {
  readonly mac?: string;
  readonly toMac?: string;
  readonly from?: string;
  readonly to?: string;
  readonly ports?: readonly [number, number];
  readonly data?: Buffer;
}

/** One guest with a card on the pod's network, one on a plain wire, and one on a network that gives addresses. */
describe('a network that Multus attached, with a hostile guest', function () {
  this.timeout(120_000);
  const namespace = new PodNamespace(`kv-attached-${process.pid}`);
  let networks: PodNetworks;
  const guest: Record<string, Wire> = {};
  const world: Record<string, Wire> = {};
  const wires: WireWish[] = [
    { name: 'lan', device: LAN, mac: GUEST_MAC, queues: 1, dhcp: {} },
    { name: 'given', device: GIVEN, queues: 1, dhcp: { tftpServerName: '10.30.0.9', bootFileName: 'boot.ipxe' } },
    { name: 'six', device: SIX, queues: 1, dhcp: {} },
  ];

  const setUp = (resume = false) =>
    networks.open({
      key: KEY,
      argv: namespace.argv(PROGRAM),
      wish: POD_WISH,
      wires,
      told: { hostname: 'web', dns: [NODE.address], search: ['example'] },
      node: readlinkSync('/proc/self/ns/net'),
      resume,
    });
  const must = async (resume = false) => {
    const report = await setUp(resume);
    assert.ok(!('error' in report), JSON.stringify(report));
    return report;
  };
  const inside = (...args: string[]): string =>
    execFileSync('ip', ['-n', namespace.name, ...args], { encoding: 'utf8' });

  before(async () => {
    buildPrograms('virt-agent');
    networks = networkThread({ error: (fields) => assert.fail(JSON.stringify(fields)) });
    namespace.create();
    for (const [device, mac] of [
      [LAN, '02:00:00:00:bb:01'],
      [GIVEN, OWN.mac],
      [SIX, OWN_SIX.mac],
    ] as const) {
      inside('tuntap', 'add', 'dev', device, 'mode', 'tap');
      inside('link', 'set', device, 'address', mac, 'mtu', '1400');
      inside('link', 'set', device, 'up');
    }
    inside('address', 'add', `${OWN.address}/24`, 'dev', GIVEN);
    inside('address', 'add', `${OWN_SIX.address}/24`, 'dev', SIX);
    inside('address', 'add', `${OWN_SIX.address6}/64`, 'dev', SIX, 'nodad');
    inside('route', 'add', '10.40.0.0/16', 'via', OTHER.address, 'dev', GIVEN);
    const report = await must();
    assert.equal(report.found, false);
    for (const device of [LAN, GIVEN, SIX]) {
      const { nic, tap } = wireNames(device);
      world[device] = await Wire.hold(namespace.name, nic);
      guest[device] = await Wire.hold(namespace.name, tap);
    }
    world['pod'] = await Wire.hold(namespace.name, 'eth0');
    // Ports come up with their carrier.
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  after(() => {
    for (const wire of [...Object.values(guest), ...Object.values(world)]) wire.close();
    networks.close(KEY);
    namespace.remove();
  });

  const frame = ({ mac, toMac = OTHER.mac, from, to = OTHER.address, ports = [5000, 53], data }: Sent): Buffer =>
    udpFrame(
      {
        fromMac: macBytes(mac ?? OWN.mac),
        toMac: macBytes(toMac),
        from: addressBytes(from ?? OWN.address),
        to: addressBytes(to),
      },
      ports,
      data ?? Buffer.from('hello'),
    );
  const onLan = (sent: Sent): Buffer => frame({ mac: GUEST_MAC, from: '192.168.7.7', to: '192.168.7.8', ...sent });
  const arp = (mac: string, address: string, sender = mac): Buffer =>
    Buffer.concat([
      ...[macBytes(EVERYONE), macBytes(mac), Buffer.from([8, 6, 0, 1, 8, 0, 6, 4, 0, 2])],
      ...[macBytes(sender), addressBytes(address), macBytes(OTHER.mac), addressBytes(OTHER.address)],
    ]);

  /** In a VLAN. */
  const tagged = (inner: Buffer, type: number): Buffer => {
    const tag = Buffer.from([type >> 8, type & 255, 0, 7]);
    return Buffer.concat([inner.subarray(0, 12), tag, inner.subarray(12)]);
  };
  /** A neighbour's message (RFC 4861) about an address: what it says of itself, or asks. */
  const neighbour = (mac: string, from: string, type: number, target: string, flags = 0): Buffer =>
    icmpv6Frame(
      {
        fromMac: macBytes(mac),
        toMac: macBytes('33:33:00:00:00:01'),
        from: addressBytes(from),
        to: addressBytes('ff02::1'),
      },
      Buffer.concat([Buffer.from([type, 0, 0, 0, flags, 0, 0, 0]), addressBytes(target)]),
    );

  /** Sends what must get nowhere, then something honest: when that has arrived, the rest would have. */
  const nothingOf = async (device: string, ...frames: readonly Buffer[]): Promise<void> => {
    const all = [
      ...Object.values(world),
      ...Object.entries(guest).flatMap(([d, wire]) => (d === device ? [] : [wire])),
    ];
    for (const wire of all) wire.take();
    const honest = { ports: [5001, 99] as const };
    const onSix = { mac: OWN_SIX.mac, from: OWN_SIX.address, ...honest };
    guest[device]!.send(...frames, device === LAN ? onLan(honest) : frame(device === SIX ? onSix : honest));
    await world[device]!.next(isUdp(99));
    const arrived = all.flatMap((wire) =>
      wire.take(
        (one) =>
          one.readUInt16BE(12) !== 0x86dd ||
          [GUEST_MAC, OWN.mac, OWN_SIX.mac, OTHER.mac].some((mac) => one.subarray(6, 12).equals(macBytes(mac))),
      ),
    );
    assert.deepEqual(
      arrived.map((one) => one.toString('hex')),
      [],
    );
  };

  it('is one wire with the guest’s card, under its own address, whole frames both ways', async () => {
    guest[LAN]!.send(onLan({}));
    const sent = await world[LAN]!.next(isUdp(53));
    assert.deepEqual(addresses(sent), ['192.168.7.7', '192.168.7.8']);
    assert.ok(sent.subarray(6, 12).equals(macBytes(GUEST_MAC)));
    world[LAN]!.send(
      onLan({ mac: OTHER.mac, toMac: GUEST_MAC, from: '192.168.7.8', to: '192.168.7.7', ports: [53, 5000] }),
    );
    await guest[LAN]!.next(isUdp(5000));
    const vlan = Buffer.concat([sent.subarray(0, 12), Buffer.from([0x81, 0, 0, 7]), sent.subarray(12)]);
    guest[LAN]!.send(vlan);
    await world[LAN]!.next((one) => one.readUInt16BE(12) === 0x8100 && one.readUInt16BE(16) === 0x0800);
  });

  it('asks nobody but the network where that gave no address, and the agent where it did', async () => {
    world[LAN]!.take();
    guest[LAN]!.send(dhcpFrame(dhcpMessage(1)));
    await world[LAN]!.next(isUdp(67));
    const asked = dhcpMessage(1, {}, { mac: OWN.mac });
    const discover = udpFrame(
      {
        fromMac: macBytes(OWN.mac),
        toMac: macBytes(EVERYONE),
        from: addressBytes('0.0.0.0'),
        to: addressBytes('255.255.255.255'),
      },
      [68, 67],
      asked,
    );
    const offer = readFrame(await guest[GIVEN]!.answer(isUdp(68), discover))!;
    assert.deepEqual(offer.data.subarray(16, 20), addressBytes(OWN.address));
    assert.deepEqual(offer.data.subarray(20, 24), addressBytes('10.30.0.9'), 'where a boot ROM looks for its server');
    assert.ok(offer.data.includes(Buffer.from([67, 9, ...Buffer.from('boot.ipxe')])));
    assert.ok(offer.data.includes(Buffer.from([121, 7, 16, 10, 40, 10, 30, 0, 9])), 'the route that the network gave');
    assert.equal(world[GIVEN]!.take(isUdp(67)).length, 0, 'the question stays on the guest’s side');
  });

  it('is entered under the guest’s own card alone', async () => {
    const bridges = Buffer.from(onLan({ toMac: '01:80:c2:00:00:00' }));
    await nothingOf(
      LAN,
      onLan({ mac: OTHER.mac }),
      onLan({ mac: '02:00:00:00:bb:01' }),
      arp(GUEST_MAC, '192.168.7.9', OTHER.mac),
      arp(OTHER.mac, '192.168.7.9'),
      bridges,
      tagged(arp(GUEST_MAC, '192.168.7.9', OTHER.mac), 0x8100),
      tagged(tagged(arp(GUEST_MAC, '192.168.7.9', OTHER.mac), 0x8100), 0x88a8),
      tagged(tagged(tagged(arp(GUEST_MAC, '192.168.7.9'), 0x8100), 0x8100), 0x88a8),
    );
    for (const own of [tagged(arp(GUEST_MAC, '192.168.7.7'), 0x8100), tagged(tagged(onLan({}), 0x8100), 0x88a8)]) {
      guest[LAN]!.send(own);
      await world[LAN]!.next((one) => one.equals(own));
    }
  });

  it('that gave an address is entered under that address alone', async () => {
    const own = 'fe80::ff:fe00:bb02';
    await nothingOf(
      GIVEN,
      ...[OTHER.address, '10.30.0.1', '0.0.0.0', '127.0.0.1', '169.254.75.11'].map((from) => frame({ from })),
      arp(OWN.mac, OTHER.address),
      arp(OWN.mac, OWN.address, OTHER.mac),
      // A DHCP server, a router, and a neighbour of its own.
      frame({ ports: [67, 68], toMac: EVERYONE, to: '255.255.255.255' }),
      // It gave none of IPv6.
      ...[134, 135, 136, 137].flatMap((type) =>
        [own, 'fe80::1', 'fd00::1'].map((target) => neighbour(OWN.mac, own, type, target)),
      ),
      neighbour(OWN.mac, 'fe80::1', 136, 'fe80::1'),
      neighbour(OWN.mac, '::', 135, own),
      tagged(frame({}), 0x8100),
      Buffer.concat([macBytes(OTHER.mac), macBytes(OWN.mac), Buffer.from([0x88, 0xb5]), Buffer.alloc(60)]),
    );
  });

  it('that gave an address of IPv6 has in the guest the neighbour of that address, and no router', async () => {
    const { mac, address6, linkLocal } = OWN_SIX;
    const [SOLICIT, ADVERT, ROUTER] = [135, 136, 0x80];
    await nothingOf(
      SIX,
      neighbour(mac, linkLocal, 134, '::'),
      neighbour(mac, linkLocal, 137, 'fd00:31::1'),
      ...['fe80::1', 'fd00:31::1'].flatMap((target) => [
        neighbour(mac, linkLocal, ADVERT, target),
        neighbour(mac, target, ADVERT, target),
        neighbour(mac, target, SOLICIT, address6),
        neighbour(mac, '::', SOLICIT, target),
      ]),
      neighbour(mac, linkLocal, ADVERT, linkLocal, ROUTER),
      neighbour(mac, address6, ADVERT, address6, ROUTER),
    );
    for (const honest of [
      neighbour(mac, linkLocal, ADVERT, linkLocal, 0x60),
      neighbour(mac, address6, ADVERT, address6, 0x60),
      neighbour(mac, linkLocal, SOLICIT, 'fe80::1'),
      neighbour(mac, address6, SOLICIT, 'fd00:31::1'),
      neighbour(mac, '::', SOLICIT, address6),
      neighbour(mac, '::', SOLICIT, linkLocal),
    ]) {
      guest[SIX]!.send(honest);
      await world[SIX]!.next((one) => one.equals(honest));
    }
  });

  it('takes no frame that is larger than the network carries', () =>
    nothingOf(
      LAN,
      onLan({ data: Buffer.alloc(9000, 1) }),
      onLan({ data: Buffer.alloc(60_000, 1) }),
      onLan({ data: Buffer.alloc(1400, 1) }),
    ));

  it('leads neither to the pod, nor to the agent, nor to another network of the guest’s', async () => {
    const bridgeMac = (device: string): string =>
      namespace.run('cat', `/sys/class/net/${wireNames(device).bridge}/address`).trim();
    const tries = (device: string, make: (sent: Sent) => Buffer): Buffer[] =>
      [bridgeMac(device), GATEWAY_MAC, EVERYONE].flatMap((toMac) =>
        ['10.9.0.2', '127.0.0.1', '10.0.2.2', '192.0.2.67', '169.254.75.10', '198.51.100.7'].flatMap((to) =>
          [4789, 4790, 53].map((port) => make({ toMac, to, ports: [6000, port] })),
        ),
      );
    const opened = namespace.run('cat', '/proc/net/snmp');
    for (const device of [LAN, GIVEN]) {
      const others = [...Object.entries(world), ...Object.entries(guest)].filter(([name]) => name !== device);
      for (const [, wire] of others) wire.take();
      const make = device === LAN ? onLan : frame;
      guest[device]!.send(...tries(device, make), make({ ports: [5001, 99] }));
      await world[device]!.next(isUdp(99));
      // The world on that wire has no way in either.
      const fromWorld = (sent: Sent): Buffer => make({ ...sent, mac: OTHER.mac, from: OTHER.address });
      world[device]!.send(...tries(device, fromWorld), fromWorld({ toMac: EVERYONE, ports: [5001, 98] }));
      await guest[device]!.next(isUdp(98));
      for (const [name, wire] of others)
        assert.deepEqual(
          wire.take((one) => readFrame(one)?.protocol === 17).map((one) => one.toString('hex')),
          [],
          name,
        );
    }
    const received = (text: string): string => /^Udp: (\d+) /m.exec(text.split('Udp: InDatagrams')[1] ?? '')?.[1] ?? '';
    const now = namespace.run('cat', '/proc/net/snmp');
    assert.equal(received(now), received(opened), 'datagrams that anything in the pod was given');
  });

  it('is asked in vain for the addresses of the pod’s other networks', async () => {
    const whoHas = (mac: string, address: string, wanted: string): Buffer =>
      Buffer.concat([
        ...[macBytes(EVERYONE), macBytes(mac), Buffer.from([8, 6, 0, 1, 8, 0, 6, 4, 0, 1])],
        ...[macBytes(mac), addressBytes(address), Buffer.alloc(6), addressBytes(wanted)],
      ]);
    const isAnswer = (one: Buffer): boolean => one.readUInt16BE(12) === 0x0806 && one.readUInt16BE(20) === 2;
    for (const wanted of [POD.address, '10.0.2.1', OWN.address]) {
      for (const wire of [guest[LAN]!, world[LAN]!]) wire.take();
      guest[LAN]!.send(whoHas(GUEST_MAC, '10.9.0.77', wanted), onLan({ ports: [5001, 99] }));
      world[LAN]!.send(
        whoHas(OTHER.mac, '10.9.0.78', wanted),
        onLan({ mac: OTHER.mac, toMac: EVERYONE, ports: [5001, 98] }),
      );
      await guest[LAN]!.next(isUdp(98));
      await world[LAN]!.next(isUdp(99));
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (const wire of [guest[LAN]!, world[LAN]!]) assert.deepEqual(wire.take(isAnswer), [], wanted);
    }
  });

  it('leaves in the pod what those look for who made the device', () => {
    const shown = namespace.run('ip', 'address', 'show', 'dev', GIVEN);
    assert.ok(shown.includes(`inet ${OWN.address}/24`) && shown.includes(OWN.mac));
    assert.equal(namespace.run('ip', '-4', 'address', 'show', 'dev', wireNames(GIVEN).nic), '');
  });

  it('is there again after an agent that was killed anywhere', async () => {
    const { nic, bridge, tap } = wireNames(GIVEN);
    const index = namespace.run('cat', `/sys/class/net/${tap}/ifindex`);
    const killed: (() => void)[] = [
      () => inside('link', 'delete', GIVEN),
      () => inside('link', 'set', nic, 'nomaster'),
      () => void namespace.run('nft', 'flush', 'ruleset'),
      () => inside('link', 'set', bridge, 'down'),
      () => inside('link', 'delete', 'virt0'),
    ];
    for (const undo of killed) {
      undo();
      networks.close(KEY);
      assert.equal((await must(true)).found, true);
    }
    assert.equal(namespace.run('cat', `/sys/class/net/${tap}/ifindex`), index);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await nothingOf(GIVEN, frame({ from: OTHER.address }));
  });

  it('is not touched in the network of the node, nor made where Multus made none', async () => {
    const none = await networks.open({
      key: 'other',
      argv: namespace.argv(PROGRAM),
      wires: [{ name: 'nowhere', device: deviceOf('nowhere'), queues: 1, dhcp: {} }],
      told: { hostname: 'web', dns: [], search: [] },
      node: readlinkSync('/proc/self/ns/net'),
      resume: false,
    });
    assert.ok(
      'error' in none && none.error.includes('"nowhere"') && none.error.includes('Multus'),
      JSON.stringify(none),
    );
  });
});

/** `default: true`: the first device of the pod is the network's, and there is no other. */
describe('a network in place of the pod’s own, with a hostile guest', function () {
  this.timeout(60_000);
  const namespace = new PodNamespace(`kv-instead-${process.pid}`);
  let networks: PodNetworks;
  after(() => {
    networks.close(KEY);
    namespace.remove();
  });

  it('is handed over with its router and its name servers, by an agent that nobody else reaches', async () => {
    buildPrograms('virt-agent');
    networks = networkThread({ error: (fields) => assert.fail(JSON.stringify(fields)) });
    namespace.create();
    const report = await networks.open({
      key: KEY,
      argv: namespace.argv(PROGRAM),
      wires: [{ name: 'default', device: 'eth0', queues: 1, dhcp: {} }],
      told: { hostname: 'web', dns: ['10.96.0.10'], search: ['example'] },
      node: readlinkSync('/proc/self/ns/net'),
      resume: false,
    });
    assert.ok(!('error' in report), JSON.stringify(report));
    const { tap, nic } = wireNames('eth0');
    const [guest, world] = [await Wire.hold(namespace.name, tap), await Wire.hold(namespace.name, nic)];
    try {
      const discover = udpFrame(
        {
          fromMac: macBytes(POD.mac),
          toMac: macBytes(EVERYONE),
          from: addressBytes('0.0.0.0'),
          to: addressBytes('255.255.255.255'),
        },
        [68, 67],
        dhcpMessage(1, {}, { mac: POD.mac }),
      );
      const offer = readFrame(await guest.answer(isUdp(68), discover))!;
      assert.deepEqual(offer.data.subarray(16, 20), addressBytes(POD.address));
      for (const [option, address] of [
        [3, NODE.address],
        [6, '10.96.0.10'],
      ] as const)
        assert.ok(offer.data.includes(Buffer.concat([Buffer.from([option, 4]), addressBytes(address)])));
      const sent = (from: string, port: number): Buffer =>
        udpFrame(
          {
            fromMac: macBytes(POD.mac),
            toMac: macBytes(NODE.mac),
            from: addressBytes(from),
            to: addressBytes(NODE.address),
          },
          [5000, port],
          Buffer.from('hello'),
        );
      guest.send(sent('10.9.0.77', 53), sent(POD.address, 99));
      await world.next(isUdp(99));
      assert.deepEqual(world.take(isUdp(53)), []);
    } finally {
      guest.close();
      world.close();
    }
  });
});
