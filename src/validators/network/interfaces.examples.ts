import { connected, DEV, IF, iface, type ExampleTable } from '../rule/examples.js';
import { bound } from './example-parts.js';

const pod = { name: 'default', pod: {} };
const masquerade = { name: 'default', masquerade: {} };
const bridge = (name: string) => ({ name, bridge: {} });
const multus = (name: string, networkName = 'vlan10') => ({ name, multus: { networkName } });
const instead = (binding: object) => iface({ masquerade: undefined, ...binding });

export const interfacesExamples: ExampleTable = {
  'if.slirp-gone': {
    accepts: [iface({})],
    refuses: [
      [instead({ slirp: {} }), `${IF}.slirp`],
      [iface({ slirp: {} }), `${IF}.slirp`],
    ],
  },
  'if.passt-gone': {
    accepts: [instead({ passtBinding: {} }), iface({})],
    refuses: [
      [instead({ passt: {} }), `${IF}.passt`],
      [iface({ passt: {} }), `${IF}.passt`],
    ],
  },
  'if.macvtap-gone': {
    accepts: [iface({})],
    refuses: [
      [instead({ macvtap: {} }), `${IF}.macvtap`],
      [iface({ macvtap: {} }), `${IF}.macvtap`],
    ],
  },
  'if.binding-plugin': {
    config: {
      network: {
        binding: {
          lan: { domainAttachmentType: 'managedTap' },
          sidecar: { sidecarImage: 'x:1', domainAttachmentType: 'tap' },
          own: { networkAttachmentDefinition: 'default/own', domainAttachmentType: 'tap' },
          none: {},
        },
      },
    },
    accepts: [bound({ binding: { name: 'lan' } }, { multus: { networkName: 'vlan10' } })],
    refuses: [
      ...['other', 'sidecar', 'own', 'none', 'constructor'].map(
        (name) => [bound({ binding: { name } }, { multus: { networkName: 'vlan10' } }), `${IF}.binding`] as const,
      ),
      [bound({ binding: { name: 'lan' } }, { pod: {} }), `${IF}.binding`],
    ],
  },
  'if.one-binding': {
    accepts: [iface({})],
    refuses: [
      [iface({ bridge: {} }), IF],
      [instead({}), IF],
    ],
  },
  'if.pod-binding': {
    why: 'Both translate addresses to that of the pod, so they work on its network only.',
    accepts: [connected([bridge('lan')], [multus('lan')])],
    refuses: [
      [connected([{ name: 'lan', masquerade: {} }], [multus('lan')]), `${IF}.name`],
      [connected([{ name: 'lan', passtBinding: {} }], [multus('lan')]), `${IF}.name`],
    ],
  },
  'if.masq-mac': {
    accepts: [iface({ macAddress: '02:00:00:00:00:01' })],
    refuses: [
      [iface({ macAddress: '02:00:00:00:00:00' }), `${IF}.macAddress`],
      [iface({ macAddress: '02:00:00:00:00:00', model: 'virtio' }), `${IF}.macAddress`],
    ],
  },
  'if.bridge-pod': {
    why: 'A guest that is bridged takes the address of its pod away, which some clusters cannot have.',
    config: { network: { permitBridgeInterfaceOnPodNetwork: false, defaultNetworkInterface: 'masquerade' } },
    accepts: [iface({})],
    refuses: [
      [instead({ bridge: {} }), `${IF}.bridge`],
      [instead({ bridge: {}, model: 'virtio' }), `${IF}.bridge`],
    ],
  },
  'if.passt-gate': {
    config: { developerConfiguration: { disabledFeatureGates: ['PasstBinding'] } },
    accepts: [iface({})],
    refuses: [
      [instead({ passtBinding: {} }), `${IF}.passtBinding`],
      [instead({ passtBinding: {}, model: 'virtio' }), `${IF}.passtBinding`],
    ],
  },
  'if.name-unique': {
    accepts: [connected([masquerade, bridge('lan')], [pod, multus('lan')])],
    refuses: [
      [connected([masquerade, bridge('default')], [pod]), `${DEV}.interfaces[1].name`],
      [connected([masquerade, masquerade], [pod]), `${DEV}.interfaces[1].name`],
    ],
  },
  'if.no-network': {
    accepts: [iface({})],
    refuses: [
      [iface({ name: 'defualt' }), `${IF}.name`],
      [iface({ name: 'other' }), `${IF}.name`],
      [{ [`${DEV}.interfaces`]: [masquerade] }, `${IF}.name`],
    ],
  },
  'if.name-format': {
    accepts: [
      connected([bridge('office-lan')], [multus('office-lan')]),
      connected([bridge('a_B-1')], [multus('a_B-1')]),
    ],
    refuses: [
      [connected([bridge('office.lan')], [multus('office.lan')]), `${IF}.name`],
      [iface({ name: '' }), `${IF}.name`],
      [iface({ name: 'a.b' }), `${IF}.name`],
    ],
  },
  'if.model': {
    accepts: [iface({ model: 'virtio' }), iface({ model: 'e1000e' })],
    refuses: [
      [iface({ model: 'vmxnet3' }), `${IF}.model`],
      [iface({ model: 'VIRTIO' }), `${IF}.model`],
    ],
  },
  'if.mac': {
    why: 'Six bytes with colons or dashes, or as `0254.006a.9a15`; the guest has the address whatever form it is written in.',
    accepts: [
      iface({ macAddress: 'de:ad:00:00:be:af' }),
      iface({ macAddress: 'DE-AD-00-00-BE-AF' }),
      iface({ macAddress: 'dead.0000.beaf' }),
    ],
    refuses: [
      [iface({ macAddress: 'de:ad:00:00:be' }), `${IF}.macAddress`],
      [iface({ macAddress: 'de:ad:00:00:be:af:be' }), `${IF}.macAddress`],
      [iface({ macAddress: '01:00:5e:00:00:01' }), `${IF}.macAddress`],
      [iface({ macAddress: 'ff-ff-ff-ff-ff-ff' }), `${IF}.macAddress`],
      [iface({ macAddress: '0000.0000.0000' }), `${IF}.macAddress`],
      [iface({ macAddress: '02:00:5e:10:00:00:00:01' }), `${IF}.macAddress`],
    ],
  },
  'if.acpi-index': {
    accepts: [iface({ acpiIndex: 16383 }), iface({ acpiIndex: 0 })],
    refuses: [
      [iface({ acpiIndex: 16384 }), `${IF}.acpiIndex`],
      [iface({ acpiIndex: -1 }), `${IF}.acpiIndex`],
      [
        connected(
          [
            { ...masquerade, acpiIndex: 3 },
            { ...bridge('lan'), acpiIndex: 3 },
          ],
          [pod, multus('lan')],
        ),
        `${DEV}.interfaces[1].acpiIndex`,
      ],
    ],
  },
  'if.mac-unique': {
    accepts: [
      connected(
        [
          { ...masquerade, macAddress: '02:00:00:00:00:01' },
          { ...bridge('lan'), macAddress: '02:00:00:00:00:02' },
        ],
        [pod, multus('lan')],
      ),
    ],
    refuses: [
      [
        connected(
          [
            { ...masquerade, macAddress: '02:00:00:00:00:01' },
            { ...bridge('lan'), macAddress: '0200.0000.0001' },
          ],
          [pod, multus('lan')],
        ),
        `${DEV}.interfaces[1].macAddress`,
      ],
      [
        connected(
          [
            { ...masquerade, macAddress: '02:00:00:00:00:aa' },
            { ...bridge('lan'), macAddress: '02-00-00-00-00-AA' },
          ],
          [pod, multus('lan')],
        ),
        `${DEV}.interfaces[1].macAddress`,
      ],
    ],
  },
  'if.pci': {
    accepts: [iface({ pciAddress: '0000:81:00.0' }), iface({ pciAddress: '0000:00:1A.0' })],
    refuses: [
      [iface({ pciAddress: '81:00.0' }), `${IF}.pciAddress`],
      [iface({ pciAddress: '0000:81:00.8' }), `${IF}.pciAddress`],
    ],
  },
};
