import assert from 'node:assert/strict';
import { guestAddress } from '../../../../src/agent/network/guest-address.js';
import type { VirtualMachineInstance } from '../../../../src/api/schema/kinds.js';
import type { Interface } from '../../../../src/api/schema/networks.js';

const SSH = { port: 22, protocol: 'tcp' } as const;
const vmi = (
  card: Partial<Interface> | undefined,
  addresses: string[] = ['10.244.0.7'],
  pod: Record<string, string> = {},
): VirtualMachineInstance => ({
  metadata: { name: 'web' },
  spec: {
    domain: { devices: { interfaces: card === undefined ? [] : [{ name: 'default', ...card }] } },
    networks: [{ name: 'default', pod }],
  },
  status: { interfaces: [{ name: 'default', ipAddress: addresses[0], ipAddresses: addresses }] },
});
const of = (...args: Parameters<typeof vmi>) => guestAddress(vmi(...args), SSH);

describe('where a guest is in its pod', () => {
  it('is behind the tap: in its own network, or with the address of the pod', () => {
    assert.deepEqual(of({ masquerade: {} }), { address: '10.0.2.2', device: 'tap0' });
    assert.deepEqual(of({ masquerade: {} }, ['10.244.0.7'], { vmNetworkCIDR: '192.168.9.0/24' }), {
      address: '192.168.9.2',
      device: 'tap0',
    });
    assert.deepEqual(of({ masquerade: {} }, ['fd99::7']), { address: 'fd10:0:2::2', device: 'tap0' });
    assert.deepEqual(of({ bridge: {} }), { address: '10.244.0.7', device: 'tap0' });
    // Where a port is listed for others, the user of the VM still reaches all.
    assert.equal(of({ masquerade: {}, ports: [{ port: 80 }] }).address, '10.0.2.2');
  });
  it('is where passt listens, and nowhere else', () => {
    assert.deepEqual(of({ passtBinding: {} }), { address: '10.244.0.7', device: 'lo' });
    assert.throws(() => guestAddress(vmi({ passtBinding: {} }), { port: 5000, protocol: 'tcp' }), /1-1023/);
    assert.throws(() => of({ passtBinding: {}, ports: [{ port: 80 }] }), /list it in interfaces/);
  });
  it('is not on the networks of others', () => {
    assert.throws(() => of(undefined), { code: 400 });
    assert.throws(() => of({ masquerade: {}, state: 'absent' }), { code: 400 });
    assert.throws(() => of({ masquerade: {} }, []), { code: 409 });
  });
});
