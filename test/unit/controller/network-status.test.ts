import assert from 'node:assert/strict';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';
import { slimPod } from '../../../src/controller/cache-transforms.js';
import { attachedStatus } from '../../../src/controller/network-status.js';

const KEY = 'k8s.v1.cni.cncf.io/network-status';
const vmi: VirtualMachineInstance = {
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    networks: [
      { name: 'default', pod: {} },
      { name: 'blue', multus: { networkName: 'vlan10' } },
    ],
    domain: {
      devices: {
        interfaces: [
          { name: 'default', masquerade: {} },
          { name: 'blue', bridge: {} },
        ],
      },
    },
  },
};
const status = (text: unknown) =>
  attachedStatus(vmi, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { annotations: { [KEY]: typeof text === 'string' ? text : JSON.stringify(text) } },
  });

describe('what Multus says of a pod', () => {
  it('is shown of the networks that the VM has', () => {
    const entries = [
      { name: 'k8s', interface: 'eth0', ips: ['10.9.0.2'] },
      { name: 'shop/vlan10', interface: 'pod16477688c0e', ips: ['10.30.0.7', 'fd00::7'], mac: '02:00:00:00:BB:01' },
    ];
    assert.deepEqual(status(entries), [
      {
        name: 'blue',
        podInterfaceName: 'pod16477688c0e',
        infoSource: 'multus-status',
        mac: '02:00:00:00:bb:01',
        ipAddress: '10.30.0.7',
        ipAddresses: ['10.30.0.7', 'fd00::7'],
      },
    ]);
  });
  it('may be anything, and is then nothing', () => {
    for (const text of ['', '{', '[1, null, []]', '{"interface":"pod16477688c0e"}', 'x'.repeat(100_000)])
      assert.deepEqual(status(text), [], text.slice(0, 20));
    const [odd] = status([{ interface: 'pod16477688c0e', ips: ['x', 7, '10.0.0.1; rm'], mac: 'nobody' }]);
    assert.deepEqual(odd, { name: 'blue', podInterfaceName: 'pod16477688c0e', infoSource: 'multus-status' });
    const many = status([
      { interface: 'pod16477688c0e', ips: Array.from({ length: 500 }, (_, n) => `10.0.0.${n % 250}`) },
    ]);
    assert.equal(many[0]?.ipAddresses?.length, 16);
  });
  it('is all that is kept of a pod’s annotations', () => {
    const pod = (text: string) =>
      slimPod({ apiVersion: 'v1', kind: 'Pod', metadata: { annotations: { [KEY]: text, other: 'x' } } }).metadata;
    assert.deepEqual(pod('[]')?.annotations, { [KEY]: '[]' });
    assert.equal(pod('x'.repeat(100_000))?.annotations, undefined);
  });
});
