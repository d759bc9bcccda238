import { DEV, IF, iface, type Change, type ExampleTable } from '../rule/examples.js';

const RANGES = ['PortRangesSpec'];
const range = (start: number, end: number, protocol = 'TCP') => ({ start, end, protocol });
const multus = (more: object = {}) => ({ multus: { networkName: 'x', ...more } });
/** One interface with a binding on a network, neither of them by default. */
const connected = (binding: object, network: object): Change => ({
  [`${DEV}.interfaces`]: [{ name: 'a', ...binding }],
  'spec.networks': [{ name: 'a', ...network }],
});
/** Networks, and an interface on each of them. */
const networks = (...list: readonly { name: string; pod?: object }[]): Change => ({
  'spec.networks': list,
  [`${DEV}.interfaces`]: list.map(({ name, pod }) => ({ name, ...(pod ? { masquerade: {} } : { bridge: {} }) })),
});
const multusDefault = (name: string) => ({ name, ...multus({ default: true }) });
const dhcp = (dhcpOptions: object) => iface({ dhcpOptions });
const option = (number: number) => ({ option: number, value: 'v' });

export const interfacesExamples: ExampleTable = {
  'net.multus-default-single': {
    accepts: [networks(multusDefault('a'), { name: 'b', ...multus() })],
    refuses: [
      [networks(multusDefault('a'), multusDefault('b')), 'spec.networks[1].multus.default'],
      [networks(multusDefault('a'), { name: 'b', ...multus() }, multusDefault('c')), 'spec.networks[2].multus.default'],
    ],
  },
  'net.pod-and-multus-default': {
    why: 'A default Multus network takes the place of the pod network.',
    accepts: [networks({ name: 'a', pod: {} }, { name: 'b', ...multus({ default: false }) })],
    refuses: [
      [networks({ name: 'a', pod: {} }, multusDefault('b')), 'spec.networks[1].multus.default'],
      [networks(multusDefault('b'), { name: 'a', pod: {} }), 'spec.networks[0].multus.default'],
    ],
  },
  'if.state-value': {
    accepts: [iface({ state: 'down' }), iface({ state: '' })],
    refuses: [
      [iface({ state: 'off' }), `${IF}.state`],
      [iface({ state: 'Up' }), `${IF}.state`],
    ],
  },
  'if.state-sriov': {
    accepts: [connected({ sriov: {} }, multus()), iface({ state: 'up' })],
    refuses: [
      [connected({ sriov: {}, state: 'up' }, multus()), `${IF}.state`],
      [connected({ sriov: {}, state: 'down' }, multus()), `${IF}.state`],
    ],
  },
  'if.state-absent-bridge': {
    why: 'A guest without its other interfaces could still need this one: only bridges can be unplugged while it runs.',
    accepts: [
      connected({ masquerade: {}, state: 'down' }, { pod: {} }),
      connected({ bridge: {}, state: 'absent' }, multus()),
    ],
    refuses: [
      [connected({ masquerade: {}, state: 'absent' }, { pod: {} }), `${IF}.state`],
      [connected({ sriov: {}, state: 'absent' }, multus()), `${IF}.state`],
    ],
  },
  'if.state-absent-default': {
    accepts: [
      connected({ bridge: {}, state: 'down' }, { pod: {} }),
      connected({ bridge: {}, state: 'absent' }, multus()),
    ],
    refuses: [
      [connected({ bridge: {}, state: 'absent' }, { pod: {} }), `${IF}.state`],
      [connected({ bridge: {}, state: 'absent' }, multus({ default: true })), `${IF}.state`],
    ],
  },
  'if.pr-gate': {
    accepts: [
      iface({ ports: [{ port: 1 }, { port: 2 }] }),
      iface({ portRanges: [] }),
      iface({ ports: [{ port: 80 }] }),
    ],
    refuses: [
      [iface({ portRanges: [range(1, 2)] }), `${IF}.portRanges`],
      [iface({ portRanges: [range(0, 70000, 'SCTP')] }), `${IF}.portRanges`],
    ],
  },
  'if.pr-excl': {
    gates: RANGES,
    accepts: [iface({ portRanges: [range(1, 2), range(80, 80)] }), iface({ portRanges: [range(1, 2)], ports: [] })],
    refuses: [
      [iface({ portRanges: [range(1, 2)], ports: [{ port: 80 }] }), `${IF}.portRanges`],
      [iface({ portRanges: [range(1, 2, 'UDP')], ports: [{ port: 1, protocol: 'UDP' }] }), `${IF}.portRanges`],
    ],
  },
  'if.pr-masq': {
    gates: RANGES,
    accepts: [
      connected({ masquerade: {}, portRanges: [range(1, 2)] }, { pod: {} }),
      iface({ portRanges: [range(1, 2)] }),
      connected({ bridge: {}, portRanges: [range(1, 2)] }, multus()),
    ],
    refuses: [
      [connected({ bridge: {}, portRanges: [range(1, 2)] }, { pod: {} }), `${IF}.portRanges`],
      [connected({ passtBinding: {}, portRanges: [range(1, 2)] }, { pod: {} }), `${IF}.portRanges`],
    ],
  },
  'if.pr-max': {
    gates: RANGES,
    accepts: [iface({ portRanges: Array.from({ length: 10 }, (_, i) => range(i + 1, i + 1)) })],
    refuses: [
      [iface({ portRanges: Array.from({ length: 11 }, (_, i) => range(i + 1, i + 1)) }), `${IF}.portRanges`],
      [iface({ portRanges: Array.from({ length: 99 }, () => range(0, 0, 'x')) }), `${IF}.portRanges`],
    ],
  },
  'if.pr-range': {
    gates: RANGES,
    accepts: [
      iface({ portRanges: [range(1, 2, 'UDP')] }),
      iface({ portRanges: [range(1, 65535, 'UDP'), range(1, 1)] }),
    ],
    refuses: [
      [iface({ portRanges: [range(1, 2, 'SCTP')] }), `${IF}.portRanges[0].protocol`],
      [iface({ portRanges: [range(0, 2)] }), `${IF}.portRanges[0].start`],
      [iface({ portRanges: [range(1, 2), range(3, 65536)] }), `${IF}.portRanges[1].end`],
      [iface({ portRanges: [range(3, 2)] }), `${IF}.portRanges[0].start`],
      [
        iface({ portRanges: Array.from({ length: 10 }, (_, i) => range(i + 1, i < 9 ? i + 1 : 0)) }),
        `${IF}.portRanges[9].end`,
      ],
    ],
  },
  'if.pr-overlap': {
    gates: RANGES,
    accepts: [
      iface({ portRanges: [range(1, 2), range(3, 3)] }),
      iface({ portRanges: [range(1, 2), range(3, 4), range(1, 4, 'UDP')] }),
    ],
    refuses: [
      [iface({ portRanges: [range(1, 2), range(2, 3)] }), `${IF}.portRanges[1]`],
      // Not with its neighbour, but with the one before.
      [iface({ portRanges: [range(50, 60), range(1, 100), range(200, 300)] }), `${IF}.portRanges[0]`],
    ],
  },
  'if.dhcp-dup': {
    accepts: [
      dhcp({ privateOptions: [option(240), option(241)] }),
      dhcp({ privateOptions: [option(224), option(254)] }),
    ],
    refuses: [
      [dhcp({ privateOptions: [option(240), option(240)] }), `${IF}.dhcpOptions.privateOptions[1].option`],
      [dhcp({ privateOptions: [option(224), option(254), option(254)] }), `${IF}.dhcpOptions.privateOptions[2].option`],
    ],
  },
  'if.dhcp-range': {
    accepts: [dhcp({ privateOptions: [option(240)] }), dhcp({ privateOptions: [option(224), option(254)] })],
    refuses: [
      [dhcp({ privateOptions: [option(223)] }), `${IF}.dhcpOptions.privateOptions[0].option`],
      [dhcp({ privateOptions: [option(240), option(255)] }), `${IF}.dhcpOptions.privateOptions[1].option`],
    ],
  },
  'if.dhcp-ntp': {
    accepts: [dhcp({ ntpServers: ['192.0.2.10'] }), dhcp({ ntpServers: ['192.0.2.10', '010.000.000.001'] })],
    refuses: [
      [dhcp({ ntpServers: ['fd00::10'] }), `${IF}.dhcpOptions.ntpServers[0]`],
      [dhcp({ ntpServers: ['192.0.2.10', 'pool.ntp.org'] }), `${IF}.dhcpOptions.ntpServers[1]`],
    ],
  },
};
