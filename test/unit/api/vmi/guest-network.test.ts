import assert from 'node:assert/strict';
import { guestNetwork, guestNetworkProblem } from '../../../../src/api/vmi/guest-network.js';

describe('a guest’s network', () => {
  it('has the gateway first, then the guest', () => {
    assert.deepEqual(guestNetwork('10.0.2.0/24'), {
      network: '10.0.2.0',
      prefix: 24,
      gateway: '10.0.2.1',
      guest: '10.0.2.2',
    });
    assert.deepEqual(guestNetwork('192.168.7.77/30'), {
      network: '192.168.7.76',
      prefix: 30,
      gateway: '192.168.7.77',
      guest: '192.168.7.78',
    });
    assert.deepEqual(guestNetwork('fd10:0:2::/120'), {
      network: 'fd10:0:2::',
      prefix: 120,
      gateway: 'fd10:0:2::1',
      guest: 'fd10:0:2::2',
    });
    assert.equal(guestNetwork('fd00:1:2:3:4:5:6:7/64').guest, 'fd00:1:2:3::2');
    assert.equal(guestNetwork('2001:db8::1.2.3.4/126').gateway, '2001:db8::102:305');
  });

  it('is refused where it has no room, takes too much, or no network can use it', () => {
    for (const cidr of ['10.0.2.0/24', '192.168.7.77/30', '10.0.0.0/8'])
      assert.equal(guestNetworkProblem(cidr, 4), undefined, cidr);
    for (const cidr of ['fd10:0:2::/120', 'fd00:1:2:3:4:5:6:7/64', '2001:db8::1.2.3.4/126'])
      assert.equal(guestNetworkProblem(cidr, 6), undefined, cidr);
    const wrong = ['', '10.0.2.0', '10.0.2/24', '10.0.2.0/024', '10.0.2.256/24', 'fd10::/64', '10.0.2.0/24 '];
    for (const cidr of wrong) assert.match(guestNetworkProblem(cidr, 4) ?? cidr, /no IPv4 network|too many/, cidr);
    assert.match(guestNetworkProblem('10.0.2.0/31', 4)!, /no room/);
    assert.match(guestNetworkProblem('10.0.0.0/7', 4)!, /too many/);
    for (const cidr of ['127.0.0.0/24', '0.0.0.0/8', '169.254.1.0/24', '224.0.0.0/24', '255.255.255.0/24'])
      assert.match(guestNetworkProblem(cidr, 4)!, /no network can use/, cidr);
    for (const cidr of ['10.0.2.0/24', 'fd10::%eth0/64', 'fd10::/1000']) assert.ok(guestNetworkProblem(cidr, 6), cidr);
    for (const cidr of ['fe80::/64', 'ff02::/64', '::/64'])
      assert.match(guestNetworkProblem(cidr, 6)!, /no network can use/);
    assert.match(guestNetworkProblem('fd10::/127', 6)!, /no room/);
    assert.match(guestNetworkProblem('fd10::/48', 6)!, /too many/);
  });
});
