import assert from 'node:assert/strict';
import { parseNetworkDevices } from '../../../../src/agent/pod/network-devices.js';

const HEAD = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

describe('counters of a pod’s network devices', () => {
  it('are the kernel’s, each in its column, whether or not a blank stands between name and number', () => {
    const devices = parseNetworkDevices(
      `${HEAD}    lo: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n  eth0:100 20 3 4 0 0 0 0 500 60 7 8 0 0 0 0\n`,
    );
    assert.deepEqual(devices[1], {
      name: 'eth0',
      receive: { bytes: 100, packets: 20, errors: 3, drops: 4 },
      transmit: { bytes: 500, packets: 60, errors: 7, drops: 8 },
    });
    assert.equal(devices.length, 2);
  });

  it('are none of a line that is none, and not more than a pod has devices', () => {
    assert.deepEqual(parseNetworkDevices('eth0: 1 2 3\nnonsense\neth0: a b\n'), []);
    const line = (index: number): string => `tap${index}: ${'1 '.repeat(16).trim()}\n`;
    const many = Array.from({ length: 5_000 }, (_, index) => line(index)).join('');
    assert.equal(parseNetworkDevices(many).length, 256);
  });
});
