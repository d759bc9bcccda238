import { IF, iface, type ExampleTable } from '../rule/examples.js';
import { bound } from './example-parts.js';

const RANGES = ['PortRangesSpec'];
const range = (start: number, end: number, protocol = 'TCP') => ({ start, end, protocol });
const multusNetwork = (more: object = {}) => ({ multus: { networkName: 'x', ...more } });

export const interfacePortsExamples: ExampleTable = {
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
      bound({ masquerade: {}, portRanges: [range(1, 2)] }, { pod: {} }),
      iface({ portRanges: [range(1, 2)] }),
      bound({ bridge: {}, portRanges: [range(1, 2)] }, multusNetwork()),
    ],
    refuses: [
      [bound({ bridge: {}, portRanges: [range(1, 2)] }, { pod: {} }), `${IF}.portRanges`],
      [bound({ passtBinding: {}, portRanges: [range(1, 2)] }, { pod: {} }), `${IF}.portRanges`],
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
  'if.ports': {
    accepts: [
      iface({ ports: [{ port: 8080 }] }),
      iface({ ports: [{ port: 1 }, { port: 65535, protocol: 'UDP', name: '8-a'.repeat(5) }] }),
    ],
    refuses: [
      [iface({ ports: [{ port: 80800 }] }), `${IF}.ports[0].port`],
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
};
