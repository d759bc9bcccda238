import { connected, DEV, type Change, type ExampleTable } from '../rule/examples.js';

const multusNetwork = (more: object = {}) => ({ multus: { networkName: 'x', ...more } });
/** Networks, and an interface on each of them. */
const onNetworks = (...list: readonly { name: string; pod?: object }[]): Change => ({
  'spec.networks': list,
  [`${DEV}.interfaces`]: list.map(({ name, pod }) => ({ name, ...(pod ? { masquerade: {} } : { bridge: {} }) })),
});
const multusDefault = (name: string) => ({ name, ...multusNetwork({ default: true }) });
const pod = { name: 'default', pod: {} };
const masquerade = { name: 'default', masquerade: {} };
const bridge = (name: string) => ({ name, bridge: {} });
const multus = (name: string, networkName = 'vlan10') => ({ name, multus: { networkName } });

export const networksExamples: ExampleTable = {
  'net.multus-default-single': {
    accepts: [onNetworks(multusDefault('a'), { name: 'b', ...multusNetwork() })],
    refuses: [
      [onNetworks(multusDefault('a'), multusDefault('b')), 'spec.networks[1].multus.default'],
      [
        onNetworks(multusDefault('a'), { name: 'b', ...multusNetwork() }, multusDefault('c')),
        'spec.networks[2].multus.default',
      ],
    ],
  },
  'net.pod-and-multus-default': {
    why: 'A default Multus network takes the place of the pod network.',
    accepts: [onNetworks({ name: 'a', pod: {} }, { name: 'b', ...multusNetwork({ default: false }) })],
    refuses: [
      [onNetworks({ name: 'a', pod: {} }, multusDefault('b')), 'spec.networks[1].multus.default'],
      [onNetworks(multusDefault('b'), { name: 'a', pod: {} }), 'spec.networks[0].multus.default'],
    ],
  },
  'net.pod-single': {
    accepts: [connected([masquerade, bridge('lan')], [pod, multus('lan')])],
    refuses: [
      [connected([masquerade, bridge('lan')], [pod, { name: 'lan', pod: {} }]), 'spec.networks[1].pod'],
      [
        connected([masquerade, bridge('lan'), bridge('c')], [multus('lan'), pod, { name: 'c', pod: {} }]),
        'spec.networks[2].pod',
      ],
    ],
  },
  'net.source': {
    accepts: [connected([masquerade], [pod])],
    refuses: [
      [connected([masquerade], [{ name: 'default' }]), 'spec.networks[0]'],
      [connected([masquerade], [{ ...pod, multus: { networkName: 'x' } }]), 'spec.networks[0]'],
    ],
  },
  'net.multus-name': {
    accepts: [connected([bridge('lan')], [multus('lan')])],
    refuses: [
      [connected([bridge('lan')], [multus('lan', '')]), 'spec.networks[0].multus.networkName'],
      [connected([masquerade, bridge('b')], [pod, multus('b', '')]), 'spec.networks[1].multus.networkName'],
    ],
  },
  'net.multus-name-format': {
    accepts: [
      connected([bridge('lan')], [multus('lan', 'vlan10')]),
      connected([bridge('lan')], [multus('lan', 'infra/vlan.10')]),
    ],
    refuses: [
      [connected([bridge('lan')], [multus('lan', 'a/b/c')]), 'spec.networks[0].multus.networkName'],
      [connected([bridge('lan')], [multus('lan', 'VLAN_10')]), 'spec.networks[0].multus.networkName'],
    ],
  },
  'net.vm-cidr': {
    accepts: [connected([masquerade], [{ name: 'default', pod: { vmNetworkCIDR: '10.11.12.0/24' } }])],
    refuses: [
      [
        connected([masquerade], [{ name: 'default', pod: { vmNetworkCIDR: '10.11.12.0' } }]),
        'spec.networks[0].pod.vmNetworkCIDR',
      ],
      [
        connected([masquerade], [{ name: 'default', pod: { vmNetworkCIDR: '10.11.12.0/31' } }]),
        'spec.networks[0].pod.vmNetworkCIDR',
      ],
    ],
  },
  'net.vm-cidr6': {
    accepts: [connected([masquerade], [{ name: 'default', pod: { vmIPv6NetworkCIDR: 'fd10:1::/120' } }])],
    refuses: [
      [
        connected([masquerade], [{ name: 'default', pod: { vmIPv6NetworkCIDR: '10.11.12.0/24' } }]),
        'spec.networks[0].pod.vmIPv6NetworkCIDR',
      ],
      [
        connected([masquerade], [{ name: 'default', pod: { vmIPv6NetworkCIDR: 'fd10:1::/127' } }]),
        'spec.networks[0].pod.vmIPv6NetworkCIDR',
      ],
    ],
  },
  'net.name-unique': {
    accepts: [connected([masquerade, bridge('lan')], [pod, multus('lan')])],
    refuses: [
      [connected([masquerade], [pod, multus('default')]), 'spec.networks[1].name'],
      [connected([masquerade, bridge('b')], [pod, multus('b'), multus('b')]), 'spec.networks[2].name'],
    ],
  },
  'net.no-iface': {
    accepts: [connected([masquerade, bridge('lan')], [pod, multus('lan')])],
    refuses: [
      [connected([masquerade], [pod, multus('lan')]), 'spec.networks[1].name'],
      [{ 'spec.networks': [pod] }, 'spec.networks[0].name'],
    ],
  },
};
