import { DEV, iface, IF, type ExampleTable } from './shared.js';

export const networksExamples: ExampleTable = {
  'net.pod-single': {
    accepts: [iface({})],
    refuses: [
      [
        {
          'spec.networks': [
            { name: 'a', pod: {} },
            { name: 'b', pod: {} },
          ],
        },
        'spec.networks[1].pod',
      ],
      [
        {
          'spec.networks': [
            { name: 'a', multus: { networkName: 'x' } },
            { name: 'b', pod: {} },
            { name: 'c', pod: {} },
          ],
        },
        'spec.networks[2].pod',
      ],
    ],
  },
  'net.source': {
    accepts: [iface({})],
    refuses: [
      [{ 'spec.networks': [{ name: 'a' }] }, 'spec.networks[0]'],
      [{ 'spec.networks': [{ name: 'a', pod: {}, multus: { networkName: 'x' } }] }, 'spec.networks[0]'],
    ],
  },
  'net.multus-name': {
    accepts: [{ 'spec.networks': [{ name: 'a', multus: { networkName: 'x' } }] }],
    refuses: [
      [{ 'spec.networks': [{ name: 'a', multus: { networkName: '' } }] }, 'spec.networks[0].multus.networkName'],
      [
        {
          'spec.networks': [
            { name: 'a', pod: {} },
            { name: 'b', multus: { networkName: '' } },
          ],
        },
        'spec.networks[1].multus.networkName',
      ],
    ],
  },
  'net.name-unique': {
    accepts: [iface({})],
    refuses: [
      [
        {
          'spec.networks': [
            { name: 'a', pod: {} },
            { name: 'a', multus: { networkName: 'x' } },
          ],
        },
        'spec.networks[1].name',
      ],
      [{ 'spec.networks': [{ name: 'a' }, { name: 'b' }, { name: 'b' }] }, 'spec.networks[2].name'],
    ],
  },
  'net.no-iface': {
    accepts: [iface({})],
    refuses: [
      [{ 'spec.networks': [{ name: 'a', pod: {} }] }, 'spec.networks[0].name'],
      [{ ...iface({}), 'spec.networks[1]': { name: 'b', multus: { networkName: 'x' } } }, 'spec.networks[1].name'],
    ],
  },
  'if.slirp-gone': {
    accepts: [iface({})],
    refuses: [
      [iface({ masquerade: undefined, slirp: {} }), `${IF}.slirp`],
      [iface({ slirp: {} }), `${IF}.slirp`],
    ],
  },
  'if.passt-gone': {
    accepts: [iface({ masquerade: undefined, passtBinding: {} })],
    refuses: [
      [iface({ masquerade: undefined, passt: {} }), `${IF}.passt`],
      [iface({ passt: {} }), `${IF}.passt`],
    ],
  },
  'if.macvtap-gone': {
    accepts: [iface({})],
    refuses: [
      [iface({ masquerade: undefined, macvtap: {} }), `${IF}.macvtap`],
      [iface({ macvtap: {} }), `${IF}.macvtap`],
    ],
  },
  'if.one-binding': {
    accepts: [iface({})],
    refuses: [
      [iface({ masquerade: undefined }), IF],
      [iface({ bridge: {} }), IF],
    ],
  },
  'if.pod-binding': {
    accepts: [iface({})],
    refuses: [
      [{ ...iface({}), 'spec.networks': [{ name: 'default', multus: { networkName: 'x' } }] }, `${IF}.name`],
      [
        {
          ...iface({ masquerade: undefined, passtBinding: {} }),
          'spec.networks': [{ name: 'default', multus: { networkName: 'x' } }],
        },
        `${IF}.name`,
      ],
    ],
  },
  'if.masq-mac': {
    accepts: [iface({ macAddress: '02:00:00:00:00:01' })],
    refuses: [
      [iface({ macAddress: '02:00:00:00:00:00' }), `${IF}.macAddress`],
      [{ ...iface({ macAddress: '02:00:00:00:00:00', model: 'virtio' }) }, `${IF}.macAddress`],
    ],
  },
  'if.bridge-pod': {
    config: { network: { permitBridgeInterfaceOnPodNetwork: false, defaultNetworkInterface: 'masquerade' } },
    accepts: [iface({})],
    refuses: [
      [iface({ masquerade: undefined, bridge: {} }), `${IF}.bridge`],
      [iface({ bridge: {} }), `${IF}.bridge`],
    ],
  },
  'if.passt-gate': {
    config: { developerConfiguration: { disabledFeatureGates: ['PasstBinding'] } },
    accepts: [iface({})],
    refuses: [
      [iface({ masquerade: undefined, passtBinding: {} }), `${IF}.passtBinding`],
      [iface({ passtBinding: {} }), `${IF}.passtBinding`],
    ],
  },
  'if.name-unique': {
    accepts: [iface({})],
    refuses: [
      [{ ...iface({}), [`${DEV}.interfaces[1]`]: { name: 'default', bridge: {} } }, `${DEV}.interfaces[1].name`],
      [{ ...iface({}), [`${DEV}.interfaces[1]`]: { name: 'default', masquerade: {} } }, `${DEV}.interfaces[1].name`],
    ],
  },
  'if.no-network': {
    accepts: [iface({})],
    refuses: [
      [iface({ name: 'other' }), `${IF}.name`],
      [iface({ name: 'Default' }), `${IF}.name`],
    ],
  },
  'if.name-format': {
    accepts: [iface({ name: 'a_B-1' })],
    refuses: [
      [iface({ name: 'a.b' }), `${IF}.name`],
      [iface({ name: '' }), `${IF}.name`],
    ],
  },
  'if.model': {
    accepts: [iface({ model: 'e1000e' })],
    refuses: [
      [iface({ model: 'vmxnet3' }), `${IF}.model`],
      [iface({ model: 'VIRTIO' }), `${IF}.model`],
    ],
  },
  'if.mac': {
    accepts: [iface({ macAddress: 'de-ad-00-00-be-af' })],
    refuses: [
      [iface({ macAddress: 'de:ad:00:00:be:af:be' }), `${IF}.macAddress`],
      [iface({ macAddress: 'x' }), `${IF}.macAddress`],
    ],
  },
  'if.pci': {
    accepts: [iface({ pciAddress: '0000:81:01.7' })],
    refuses: [
      [iface({ pciAddress: '0000:81:01.8' }), `${IF}.pciAddress`],
      [iface({ pciAddress: '81:01.0' }), `${IF}.pciAddress`],
    ],
  },
  'if.ports': {
    accepts: [iface({ ports: [{ port: 1 }, { port: 65535, protocol: 'UDP', name: '8-a'.repeat(5) }] })],
    refuses: [
      [iface({ ports: [{ port: 65536 }] }), `${IF}.ports[0].port`],
      [
        iface({
          ports: [
            { port: 80, name: 'a' },
            { port: 81, name: 'a' },
          ],
        }),
        `${IF}.ports[1].name`,
      ],
      [iface({ ports: [{ port: 80, protocol: 'SCTP' }] }), `${IF}.ports[0].protocol`],
      [iface({ ports: [{ port: 80, name: '80-90' }] }), `${IF}.ports[0].name`],
      [iface({ ports: [{ port: 80, name: 'a'.repeat(16) }] }), `${IF}.ports[0].name`],
    ],
  },
  'iface.boot-order-min': {
    accepts: [iface({ bootOrder: 1 })],
    refuses: [
      [iface({ bootOrder: 0 }), `${IF}.bootOrder`],
      [iface({ bootOrder: -1 }), `${IF}.bootOrder`],
    ],
  },
};
