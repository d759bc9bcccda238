import assert from 'node:assert/strict';
import { attachments } from '../../../src/launcher/attachments.js';
import { podMetadata } from '../../../src/launcher/metadata.js';
import type { VirtualMachineInstance } from '../../../src/api/schema/kinds.js';

const vmi = (
  networks: VirtualMachineInstance['spec']['networks'],
  more: object = {},
  annotations: Record<string, string> = {},
): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'web', namespace: 'shop', annotations },
  spec: {
    networks,
    domain: { devices: { interfaces: (networks ?? []).map(({ name }) => ({ name, bridge: {}, ...more })) } },
  },
});
const network = (name: string, networkName: string, more: object = {}) => ({ name, multus: { networkName, ...more } });

describe('the annotations by which Multus attaches networks', () => {
  it('name each network with its namespace, the device, and the MAC address where one is written', () => {
    // The device's name is KubeVirt's: pod and 11 digits of the network's own name in SHA-256.
    assert.deepEqual(attachments(vmi([network('blue', 'vlan10'), network('red', 'infra/vlan20')])), {
      'k8s.v1.cni.cncf.io/networks':
        '[{"namespace":"shop","name":"vlan10","interface":"pod16477688c0e"},' +
        '{"namespace":"infra","name":"vlan20","interface":"podb1f51a511f1"}]',
    });
    const text = JSON.stringify(attachments(vmi([network('blue', 'vlan10')], { macAddress: '02-00-00-00-77-0A' })));
    assert.match(text, /mac\\":\\"02:00:00:00:77:0a/);
  });
  it('put a default network in the place of the pod’s', () => {
    assert.deepEqual(attachments(vmi([network('blue', 'vlan10', { default: true })])), {
      'v1.multus-cni.io/default-network': 'shop/vlan10',
    });
  });
  it('are none for a VM without such a network, or whose card is absent', () => {
    assert.deepEqual(attachments(vmi([{ name: 'default', pod: {} }])), {});
    assert.deepEqual(attachments(vmi([network('blue', 'vlan10')], { state: 'absent' })), {});
  });
  it('take the place of a VMI’s own, and what Multus has to say is nobody else’s', () => {
    const own = { 'k8s.v1.cni.cncf.io/networks': 'vlan99', 'k8s.v1.cni.cncf.io/network-status': '[]' };
    const { annotations } = podMetadata(vmi([network('blue', 'vlan10')], {}, own));
    assert.match(annotations['k8s.v1.cni.cncf.io/networks'] ?? '', /vlan10/);
    assert.ok(!('k8s.v1.cni.cncf.io/network-status' in annotations));
    const kept = podMetadata(vmi([{ name: 'default', pod: {} }], {}, own)).annotations;
    assert.equal(kept['k8s.v1.cni.cncf.io/networks'], 'vlan99');
  });
});
