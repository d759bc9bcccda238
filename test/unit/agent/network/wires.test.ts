import assert from 'node:assert/strict';
import { ruleset } from '../../../../src/agent/network/ruleset.js';
import { cardMac, newWire, setAside, wireSettings } from '../../../../src/agent/network/wire-links.js';
import { readNotes, seeWire, writeNotes, type Shown } from '../../../../src/agent/network/wire-notes.js';
import type { WireFacts, WireNotes } from '../../../../src/agent/network/wish.js';

const DEVICE = 'pod094a367b026';
const wish = { name: 'lan', device: DEVICE, queues: 1, dhcp: {} };
const NOTES: WireNotes = {
  mac: '02:00:00:00:bb:02',
  mtu: 1400,
  ipv4: { address: '10.30.0.7', prefix: 24 },
  ipv6: 'fd00::7',
  routes: [{ to: '0.0.0.0/0', via: '10.30.0.1' }],
};
const PLAIN: WireNotes = { mac: NOTES.mac, mtu: 1400, routes: [] };
const wire = (notes: WireNotes, more: object = {}): WireFacts => ({ wish: { ...wish, ...more }, notes });

const shown = (name: string, alias?: string): Shown => ({
  addresses: JSON.stringify([
    { ifname: 'lo' },
    {
      ifname: name,
      address: '02:00:00:00:BB:02',
      mtu: 1400,
      addr_info: [
        { family: 'inet', local: '10.30.0.7', prefixlen: 24, scope: 'global' },
        { family: 'inet6', local: 'fd01::99', prefixlen: 64, scope: 'global', dynamic: true },
        { family: 'inet6', local: 'fd00::7', prefixlen: 64, scope: 'global' },
        { family: 'inet6', local: 'fe80::7', prefixlen: 64, scope: 'link' },
      ],
    },
  ]),
  links: JSON.stringify([{ ifname: name, ...(alias === undefined ? {} : { ifalias: alias }) }]),
  routes: JSON.stringify([
    { dst: 'default', gateway: '10.30.0.1', dev: name },
    { dst: '10.30.0.0/24', dev: name },
    { dst: '10.50.0.0/16', gateway: '10.9.0.1', dev: 'eth0' },
  ]),
});

describe('what a network gave a pod', () => {
  it('is noted as it was found, without what the pod chose itself', () => {
    const seen = seeWire(wish, shown(DEVICE));
    assert.deepEqual(seen, { wish, notes: NOTES, untouched: true });
  });
  it('is read again from the kernel, whatever is left on the device', () => {
    for (const notes of [NOTES, PLAIN]) assert.deepEqual(readNotes(writeNotes(notes)), notes);
    const later = seeWire(wish, shown('094a367b026-nic', writeNotes(PLAIN)));
    assert.deepEqual(later, { wish, notes: PLAIN, untouched: false });
    const interrupted = seeWire(wish, shown(DEVICE, writeNotes(PLAIN)));
    assert.deepEqual(interrupted.notes, PLAIN, 'noted before its device went down');
  });
  it('is refused of a device that takes frames for its own MAC address alone', () => {
    const of = (linkinfo: object): Shown => ({
      ...shown(DEVICE),
      links: JSON.stringify([{ ifname: DEVICE, linkinfo }]),
    });
    for (const linkinfo of [{ info_kind: 'macvlan', info_data: { mode: 'bridge' } }, { info_kind: 'ipvlan' }])
      assert.throws(() => seeWire(wish, of(linkinfo)), /gave the pod a device of type (mac|ip)vlan/);
    for (const linkinfo of [{ info_kind: 'veth' }, { info_kind: 'macvlan', info_data: { mode: 'passthru' } }])
      assert.ok(seeWire(wish, of(linkinfo)).untouched);
  });
  it('is refused of a device on which its network keeps notes of its own, as host-device does', () => {
    assert.throws(
      () => seeWire(wish, shown(DEVICE, 'enp3s0f1')),
      /the network "lan" gave the pod a device that has an alias, "enp3s0f1".*could not give it back/,
    );
    assert.ok(seeWire(wish, shown(DEVICE, '')).untouched);
  });
  it('is refused where it has no place, or is not ours', () => {
    const routes = Array.from({ length: 12 }, (_, n) => ({ to: `10.200.${n}.0/24`, via: '10.200.100.200' }));
    assert.throws(() => writeNotes({ ...NOTES, routes }), /12 routes/);
    assert.throws(() => seeWire(wish, shown('094a367b026-nic')), /not of this program/);
    assert.throws(() => seeWire(wish, shown('eth0')), /no device pod094a367b026 for the network "lan": Multus/);
    assert.equal(readNotes('lan uplink'), undefined);
  });
});

describe('a wire', () => {
  it('is made in an order in which nothing is lost', () => {
    const commands = setAside({ ...wire(NOTES), untouched: true });
    assert.deepEqual(
      commands.map((line) => line.split(' ').slice(4, 5)[0]),
      ['alias', 'down', 'name'],
    );
    assert.deepEqual(setAside({ ...wire(NOTES), untouched: false }), []);
    assert.deepEqual(newWire(wire(NOTES), ['k6t-094a367b026', 'tap094a367b026']), []);
    assert.match(newWire(wire(NOTES, { queues: 4 }), [])[1]!, /user 107 group 107 multi_queue$/);
  });
  it('has the card’s address on no device of the bridge', () => {
    const settings = wireSettings(wire(NOTES));
    assert.ok(settings.includes(`address replace 10.30.0.7/24 dev ${DEVICE}`));
    assert.ok(!settings.some((line) => line.includes('-nic address 02:00:00:00:bb:02')));
    assert.equal(cardMac(wire(NOTES)), NOTES.mac);
    assert.equal(cardMac(wire(NOTES, { mac: '02:00:00:00:00:01' })), '02:00:00:00:00:01');
  });
  it('is entered with the guest’s addresses alone where the network gave them, and with its card alone where not', () => {
    const given = ruleset(undefined, undefined, [wire(NOTES)]);
    for (const rule of [
      'device "tap094a367b026" priority -500; policy drop',
      'ether saddr != 02:00:00:00:bb:02 drop',
      'ether type ip ip saddr 10.30.0.7 accept',
      'ether type ip udp sport 67 drop',
      'ip6 saddr { fd00::7, fe80::0:ff:fe00:bb02 } accept',
      'device "k6t-094a367b026" priority -500; policy drop',
      'ether saddr 02:6b:76:00:03:0a fwd to "tap094a367b026"',
    ])
      assert.ok(given.includes(rule), rule);
    const { mac, mtu, ipv4, routes } = NOTES;
    const without6 = ruleset(undefined, undefined, [wire({ mac, mtu, ...(ipv4 && { ipv4 }), routes })]);
    const [, fromGuest = ''] = /chain wire_0 (.*)chain wire_0_pod/s.exec(without6) ?? [];
    assert.match(fromGuest, /ip saddr 10\.30\.0\.7 accept/);
    assert.doesNotMatch(fromGuest, /ip6/);
    const plain = ruleset(undefined, undefined, [wire(PLAIN)]);
    assert.match(plain, /device "tap094a367b026" priority -500; policy accept/);
    assert.doesNotMatch(plain, /udp dport 67/);
  });
});
