import assert from 'node:assert/strict';
import { AGENT_END, giveUp, linkSettings, newLinks, sysctls } from '../../../../src/agent/network/links.js';
import { readAddresses, stillLocal } from '../../../../src/agent/network/pod-facts.js';
import { ruleset } from '../../../../src/agent/network/ruleset.js';
import type { NetworkWish, PodFacts } from '../../../../src/agent/network/wish.js';

const WISH: NetworkWish = {
  mac: '02:11:22:33:44:55',
  handOver: false,
  network: '10.0.2.0/24',
  network6: 'fd10:0:2::/120',
  ports: [],
  queues: 1,
};
const FACTS: PodFacts = { device: 'eth0', mtu: 1450, ipv4: '10.9.0.2', prefix: 24, ipv6: 'fd99::2' };
const ONLY_IPV4: PodFacts = { device: 'eth0', mtu: 1450, ipv4: '10.9.0.2', prefix: 24 };
const HANDED: NetworkWish = { ...WISH, handOver: true };
const port = (protocol: string, start: number, end = start) => ({ protocol, start, end });

describe('the rules of a pod’s network', () => {
  it('lead everything that reaches the pod to the guest, ping included', () => {
    const rules = ruleset(WISH, FACTS);
    assert.match(rules, /iifname "eth0" ip daddr 10\.9\.0\.2 dnat ip to 10\.0\.2\.2\n/);
    assert.match(rules, /iifname "eth0" ip6 daddr fd99::2 dnat ip6 to fd10:0:2::2\n/);
  });

  it('lead the listed ports alone', () => {
    const rules = ruleset({ ...WISH, ports: [port('TCP', 80), port('TCP', 8000, 8080), port('UDP', 53)] }, FACTS);
    assert.match(rules, /ip daddr 10\.9\.0\.2 tcp dport \{ 80, 8000-8080 \} dnat ip to 10\.0\.2\.2\n/);
    assert.match(rules, /ip daddr 10\.9\.0\.2 udp dport \{ 53 \} dnat ip to 10\.0\.2\.2\n/);
    assert.doesNotMatch(rules, /10\.9\.0\.2 dnat/);
    assert.match(rules, /ip daddr 127\.0\.0\.1 tcp dport \{ 80, 8000-8080 \} dnat/);
  });

  it('lead nothing from the pod’s loopback where no port of TCP is listed', () => {
    assert.doesNotMatch(ruleset({ ...WISH, ports: [port('UDP', 53)] }, FACTS), /daddr 127\.0\.0\.1/);
  });

  it('know no IPv6 where the pod has none', () => {
    assert.doesNotMatch(ruleset(WISH, ONLY_IPV4), /ip6 (s|d)addr/);
    assert.ok(
      sysctls(WISH, ONLY_IPV4).some(({ file, value }) => file === 'ipv6/conf/tap0/disable_ipv6' && value === '1'),
    );
    assert.ok(!sysctls(WISH, ONLY_IPV4).some(({ file }) => file === 'ipv6/conf/all/forwarding'));
  });

  it('take the place of what was there in one transaction', () => {
    for (const table of ['netdev virt', 'inet virt'])
      assert.match(ruleset(WISH, FACTS), new RegExp(`table ${table}\ndelete table ${table}\ntable ${table} \\{`));
  });
});

describe('the devices of a pod’s network', () => {
  it('are made once, for the guest’s uid', () => {
    const made = newLinks(WISH, ['lo', 'eth0']);
    assert.equal(made[0], 'tuntap add dev tap0 mode tap user 107 group 107');
    assert.match(made[1]!, /^link add virt0 type vxlan .*local 127\.0\.0\.1/);
    assert.deepEqual(newLinks(WISH, ['lo', 'eth0', 'tap0', 'virt0']), []);
    assert.match(newLinks({ ...WISH, queues: 4 }, [])[0]!, / multi_queue$/);
    assert.match(AGENT_END, /^fdb append /);
  });

  it('have the gateway’s addresses and the pod’s MTU', () => {
    const settings = linkSettings(WISH, FACTS);
    assert.ok(settings.includes('address replace 10.0.2.1/24 dev tap0'));
    assert.ok(settings.includes('address replace fd10:0:2::1/120 dev tap0 nodad'));
    assert.ok(settings.some((line) => line.endsWith(' mtu 1450')));
    assert.ok(!linkSettings(WISH, ONLY_IPV4).some((line) => line.includes('nodad')));
  });
});

describe('a pod whose address is the guest’s', () => {
  const route = (type: string, dst: string, dev = 'eth0') => ({ type, dst, dev });

  it('translates nothing, and lets through to the guest what is for this address', () => {
    const rules = ruleset(HANDED, FACTS);
    assert.doesNotMatch(rules, /10\.0\.2\.|fd10:|[ds]nat ip6|snat ip to 10/);
    assert.match(rules, /iifname "eth0" oifname "tap0" ip daddr 10\.9\.0\.2 accept\n/);
    assert.match(rules, /iifname "eth0" oifname "tap0" ip6 daddr fd99::2 accept\n/);
    assert.match(rules, /ether type ip ip saddr 10\.9\.0\.2 accept\n/);
    assert.match(rules, /ip daddr 127\.0\.0\.1 meta l4proto tcp dnat ip to 10\.9\.0\.2\n/, 'port-forward');
  });

  it('keeps it on its device, and leads what comes for it on', () => {
    const settings = linkSettings(HANDED, FACTS);
    for (const line of [
      'address replace 169.254.75.1/32 dev tap0',
      'route replace 10.9.0.2/32 dev tap0',
      'neigh replace proxy 10.9.0.2 dev eth0',
      'route replace fd99::2/128 dev tap0',
    ])
      assert.ok(settings.includes(line), line);
    assert.ok(!settings.some((line) => /address (del|flush)/.test(line)));
    assert.ok(sysctls(HANDED, FACTS).some(({ file, value }) => file === 'ipv4/conf/tap0/proxy_arp' && value === '1'));
    assert.ok(!sysctls(WISH, FACTS).some(({ file }) => file.endsWith('proxy_arp')));
  });

  it('is left by the kernel once, and by nothing else of it', () => {
    const routes = [
      JSON.stringify([
        route('local', '10.9.0.2'),
        route('local', '127.0.0.1', 'lo'),
        route('broadcast', '10.9.0.255'),
        route('local', '169.254.75.1', 'tap0'),
      ]),
      JSON.stringify([route('local', 'fd99::2'), route('local', 'fe80::2')]),
    ];
    assert.deepEqual(stillLocal(FACTS, routes), ['10.9.0.2', 'fd99::2']);
    assert.deepEqual(giveUp(FACTS, ['10.9.0.2']), ['route del local 10.9.0.2 dev eth0 table local']);
    assert.deepEqual(giveUp(FACTS, stillLocal(FACTS, ['[]', '[]'])), []);
  });
});

describe('the pod’s own device', () => {
  const device = (ifname: string, ...locals: string[]) => ({
    ifname,
    mtu: 1450,
    addr_info: locals.map((local) => ({
      family: local.includes(':') ? 'inet6' : 'inet',
      local,
      prefixlen: local.includes(':') ? 64 : 24,
      scope: local.startsWith('fe80') ? 'link' : 'global',
    })),
  });
  const read = (devices: object[], routes: object[] = []) =>
    readAddresses(JSON.stringify([device('lo'), ...devices]), JSON.stringify(routes));

  it('is the one of the default route, else eth0', () => {
    const devices = [device('eth0', '10.9.0.2', 'fe80::1', 'fd99::2'), device('net1', '192.168.0.2')];
    assert.deepEqual(read(devices).facts, FACTS);
    const net1 = { device: 'net1', mtu: 1450, ipv4: '192.168.0.2', prefix: 24 };
    assert.deepEqual(read(devices, [{ dev: 'net1' }]).facts, net1);
    const routed = read(devices, [{ dev: 'net1', gateway: '192.168.0.1' }]).facts;
    assert.deepEqual(routed, { ...net1, router: '192.168.0.1' });
    assert.deepEqual(read(devices, [{ dev: 'net1', gateway: 'fe80::1' }]).facts, net1);
    assert.deepEqual(read(devices).devices, ['lo', 'eth0', 'net1']);
  });

  it('is missed where the pod has no network', () => {
    assert.throws(() => read([]), /the pod has no network/);
  });

  it('is no name that a command could read as something else', () => {
    assert.deepEqual(read([device('eth0', '10.9.0.2'), device('a b\nlink del lo')]).devices, ['lo', 'eth0']);
  });
});
