import assert from 'node:assert/strict';
import { answerFrame } from '../../../../src/agent/network/answer.js';
import type { Lease } from '../../../../src/agent/network/lease.js';
import { addressBytes, macBytes, readFrame } from '../../../../src/agent/network/packets.js';
import { GATEWAY_MAC } from '../../../../src/agent/network/guest-end.js';
import {
  dhcpFrame,
  dhcpMessage,
  dhcpv6Frame,
  dhcpv6Message,
  GUEST_MAC,
  handedLease,
  LEASE,
  solicitationFrame,
} from './asking.js';

const [DISCOVER, REQUEST, DECLINE, RELEASE, INFORM] = [1, 3, 4, 7, 8];
const [OFFER, ACK, NAK] = [2, 5, 6];

const answer = (frame: Buffer, lease: Lease = LEASE) => {
  const found = answerFrame(frame, lease);
  return found === undefined ? undefined : { frame: found, datagram: readFrame(found)! };
};

/** The options of a DHCP message, those of one code put together. */
const optionsOf = (message: Buffer): Map<number, Buffer> => {
  const found = new Map<number, Buffer>();
  for (let at = 240; message[at] !== 255; at += 2 + message[at + 1]!)
    found.set(
      message[at]!,
      Buffer.concat([found.get(message[at]!) ?? Buffer.alloc(0), message.subarray(at + 2, at + 2 + message[at + 1]!)]),
    );
  return found;
};
const ask = (...args: Parameters<typeof dhcpMessage>) => answer(dhcpFrame(dhcpMessage(...args)));
const typeOf = (found: ReturnType<typeof answer>) => found && optionsOf(found.datagram.data).get(53)?.[0];

describe('what a guest asks by DHCP', () => {
  it('is told what the VM wants it to be told, and where a boot ROM finds its server', () => {
    const offered = (options: Lease['options']) =>
      answer(dhcpFrame(dhcpMessage(DISCOVER)), { ...LEASE, ...(options === undefined ? {} : { options }) })!.datagram
        .data;
    const told = offered({
      bootFileName: 'boot.ipxe',
      tftpServerName: '010.000.000.001',
      ntpServers: ['192.0.2.10', '192.000.002.011'],
      privateOptions: [
        { option: 224, value: 'kept' },
        { option: 254, value: 'ü' },
      ],
    });
    const options = optionsOf(told);
    assert.equal(options.get(67)?.toString(), 'boot.ipxe');
    assert.equal(options.get(66)?.toString(), '010.000.000.001');
    assert.deepEqual(options.get(42), Buffer.from([192, 0, 2, 10, 192, 0, 2, 11]));
    assert.deepEqual([options.get(224)?.toString(), options.get(254)?.toString()], ['kept', 'ü']);
    assert.deepEqual(told.subarray(20, 24), addressBytes('10.0.0.1'));
    assert.deepEqual(offered({ tftpServerName: 'boot.example' }).subarray(20, 24), Buffer.alloc(4));
    assert.equal(optionsOf(offered({})).get(67), undefined);
  });

  it('is told of a network without a router where else it leads, and of one with both', () => {
    const on = (ipv4: object) =>
      optionsOf(
        answer(dhcpFrame(dhcpMessage(DISCOVER)), { ...LEASE, ipv4: { ...LEASE.ipv4!, ...ipv4 } })!.datagram.data,
      );
    const elsewhere = [{ to: '10.40.0.0/15', via: '10.0.2.9' }];
    const alone = on({ router: undefined, routes: elsewhere });
    assert.equal(alone.get(3), undefined);
    assert.deepEqual(alone.get(121), Buffer.from([15, 10, 40, 10, 0, 2, 9]));
    const both = on({ router: '10.0.2.1', routes: elsewhere });
    assert.deepEqual(both.get(121), Buffer.from([0, 10, 0, 2, 1, 15, 10, 40, 10, 0, 2, 9]));
  });

  it('is offered its address with everything it needs', () => {
    const { datagram, frame } = ask(DISCOVER, { 61: Buffer.from('me') })!;
    assert.deepEqual([datagram.sourcePort, datagram.destinationPort], [67, 68]);
    assert.deepEqual(datagram.source, addressBytes('10.0.2.1'));
    assert.deepEqual(datagram.destination, addressBytes('10.0.2.2'));
    assert.deepEqual([frame.subarray(0, 6), frame.subarray(6, 12)], [macBytes(GUEST_MAC), macBytes(GATEWAY_MAC)]);
    assert.deepEqual(datagram.data.subarray(4, 8), Buffer.from('deadbeef', 'hex'), 'its transaction');
    assert.deepEqual(datagram.data.subarray(16, 20), addressBytes('10.0.2.2'));
    const options = optionsOf(datagram.data);
    assert.equal(options.get(53)?.[0], OFFER);
    assert.deepEqual(options.get(54), addressBytes('10.0.2.1'));
    assert.deepEqual(options.get(1), Buffer.from([255, 255, 255, 0]));
    assert.deepEqual(options.get(3), addressBytes('10.0.2.1'));
    assert.deepEqual(options.get(6), addressBytes('10.96.0.10'), 'no server of IPv6');
    assert.equal(options.get(12)?.toString(), 'web');
    assert.equal(options.get(15)?.toString(), 'ns.svc.cluster.local');
    assert.equal(options.get(26)?.readUInt16BE(), 1450);
    assert.equal(options.get(51)?.readUInt32BE(), 0xffff_ffff, 'for ever');
    assert.equal(options.get(61)?.toString(), 'me');
    const search = '\u0002ns\u0003svc\u0007cluster\u0005local\0\u0003svc\u0007cluster\u0005local\0';
    assert.equal(options.get(119)?.toString('latin1'), search);
  });

  it('is acknowledged, refused where it remembers another address, and left to the server that it chose', () => {
    assert.equal(typeOf(ask(REQUEST, { 50: addressBytes('10.0.2.2') })), ACK);
    assert.equal(typeOf(ask(REQUEST, {}, { ciaddr: '10.0.2.2' })), ACK);
    const refused = ask(REQUEST, { 50: addressBytes('192.168.1.7') })!;
    assert.equal(typeOf(refused), NAK);
    assert.deepEqual(refused.datagram.destination, addressBytes('255.255.255.255'));
    assert.equal(ask(REQUEST, { 50: addressBytes('10.0.2.2'), 54: addressBytes('10.0.2.9') }), undefined);
  });

  it('gets settings without a lease by INFORM, and no answer to what it gives back', () => {
    const options = optionsOf(ask(INFORM, {}, { ciaddr: '10.0.2.2' })!.datagram.data);
    assert.deepEqual([options.get(53)?.[0], options.has(51)], [ACK, false]);
    for (const type of [DECLINE, RELEASE, 99]) assert.equal(ask(type), undefined);
  });

  it('is answered to all stations where it asks for that', () => {
    const { datagram, frame } = ask(DISCOVER, {}, { flags: 0x8000 })!;
    assert.deepEqual(datagram.destination, addressBytes('255.255.255.255'));
    assert.deepEqual(frame.subarray(0, 6), Buffer.alloc(6, 255));
  });

  it('leaves the domains out where they do not fit', () => {
    const search = Array.from({ length: 32 }, (_, index) => `${'a'.repeat(60)}.${index}.example`);
    const { data } = answer(dhcpFrame(dhcpMessage(DISCOVER)), { ...LEASE, search })!.datagram;
    assert.ok(data.length <= 548);
    assert.equal(optionsOf(data).has(119), false);
    const roomy = dhcpMessage(DISCOVER, { 57: Buffer.from([0x40, 0]) });
    const all = optionsOf(answer(dhcpFrame(roomy), { ...LEASE, search })!.datagram.data);
    assert.equal(all.get(119)?.filter((byte) => byte === 0).length, 32, 'an option longer than 255 bytes is several');
  });
});

describe('what a guest is told that has the address of its pod', () => {
  const told = (lease: Lease) => {
    const { datagram } = answer(dhcpFrame(dhcpMessage(DISCOVER)), lease)!;
    return { datagram, options: optionsOf(datagram.data) };
  };

  it('is the address, the network and the router of the pod, by a server of its own wire', () => {
    const { datagram, options } = told(handedLease());
    assert.deepEqual(datagram.data.subarray(16, 20), addressBytes('10.9.0.7'));
    assert.deepEqual(datagram.source, addressBytes('169.254.75.1'));
    assert.deepEqual(options.get(54), addressBytes('169.254.75.1'));
    assert.deepEqual(options.get(1), Buffer.from([255, 255, 255, 0]));
    assert.deepEqual(options.get(3), addressBytes('10.9.0.1'));
    assert.equal(options.has(121), false);
  });

  it('is how to reach a router that is in no network of the pod’s', () => {
    const [router, zero] = [addressBytes('169.254.1.1'), Buffer.alloc(4)];
    const { options } = told(handedLease({ prefix: 32, router: '169.254.1.1' }));
    assert.deepEqual(options.get(1), Buffer.from([255, 255, 255, 255]));
    assert.deepEqual(options.get(121), Buffer.concat([Buffer.from([32]), router, zero, Buffer.from([0]), router]));
  });

  it('is the pod’s address of IPv6, and the wire’s own router', () => {
    const { data } = readFrame(answerFrame(solicitationFrame(), handedLease())!)!;
    assert.equal(data[0], 134);
    const options = [
      [1, Buffer.alloc(10, 1)],
      [3, Buffer.alloc(12)],
    ] as const;
    const offered = answer(dhcpv6Frame(dhcpv6Message(1, options)), handedLease())!.datagram;
    assert.ok(offered.data.includes(addressBytes('fd99::2')));
  });
});

describe('what a guest asks by IPv6', () => {
  const client = Buffer.from([0, 3, 0, 1, 2, 0x11, 0x22, 0x33, 0x44, 0x55]);
  const association = Buffer.alloc(12, 7);
  const [SOLICIT, REQUEST6, RENEW, INFORMATION, RELEASE6] = [1, 3, 5, 11, 8];
  const ask6 = (type: number, options: readonly (readonly [number, Buffer])[], lease = LEASE) =>
    answer(dhcpv6Frame(dhcpv6Message(type, options)), lease)?.datagram;

  it('is told of its router', () => {
    const { datagram, frame } = answer(solicitationFrame())!;
    assert.deepEqual(datagram.source, addressBytes('fe80::1'));
    assert.deepEqual(datagram.destination, addressBytes('ff02::1'));
    assert.equal(frame[21], 255, 'the hop limit');
    assert.equal(datagram.data[0], 134);
    assert.equal(datagram.data[5]! & 0xc0, 0xc0, 'addresses and settings by DHCPv6');
    assert.equal(datagram.data.readUInt16BE(6), 65_535);
    assert.ok(datagram.data.includes(Buffer.from([5, 1, 0, 0, 0, 0, 0x05, 0xaa])), 'the MTU');
    assert.ok(datagram.data.includes(addressBytes('fd00::a')), 'the name server');
  });

  it('is given its address', () => {
    for (const type of [SOLICIT, REQUEST6, RENEW]) {
      const datagram = ask6(type, [
        [1, client],
        [3, association],
      ])!;
      assert.equal(datagram.data[0], type === SOLICIT ? 2 : 7);
      assert.deepEqual(datagram.data.subarray(1, 4), Buffer.from([1, 2, 3]));
      assert.ok(datagram.data.includes(addressBytes('fd10:0:2::2')));
      assert.ok(datagram.data.includes(client) && datagram.data.includes(addressBytes('fd00::a')));
      assert.deepEqual([datagram.sourcePort, datagram.destinationPort], [547, 546]);
      assert.deepEqual(datagram.destination, addressBytes('fe80::11:22ff:fe33:4455'));
    }
    assert.equal(
      ask6(SOLICIT, [
        [1, client],
        [3, association],
        [14, Buffer.alloc(0)],
      ])?.data[0],
      7,
      'at once',
    );
  });

  it('is given settings alone where it asks for them, and nothing when it gives its address back', () => {
    assert.equal(ask6(INFORMATION, [])!.data.includes(addressBytes('fd10:0:2::2')), false);
    assert.equal(
      ask6(RELEASE6, [
        [1, client],
        [3, association],
      ])!.data.includes(addressBytes('fd10:0:2::2')),
      false,
    );
  });

  it('has no answer where the pod has no IPv6, and none that is for another server', () => {
    const { ipv6, ...lease } = LEASE;
    assert.ok(ipv6);
    assert.equal(answer(solicitationFrame(), lease), undefined);
    assert.equal(
      ask6(
        SOLICIT,
        [
          [1, client],
          [3, association],
        ],
        lease,
      ),
      undefined,
    );
    assert.equal(
      ask6(REQUEST6, [
        [1, client],
        [2, Buffer.from('another')],
        [3, association],
      ]),
      undefined,
    );
  });
});
