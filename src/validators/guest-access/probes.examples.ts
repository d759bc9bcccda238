import { iface, type Change, type ExampleTable } from '../rule/examples.js';

const READINESS = 'spec.readinessProbe';
const LIVENESS = 'spec.livenessProbe';
/** A VM without a network: the default one must not come. */
const noNetwork = { 'spec.domain.devices.autoattachPodInterface': false };
/** A VM on a network of its own. */
const multusOnly = {
  'spec.domain.devices.interfaces': [{ name: 'blue', bridge: {} }],
  'spec.networks': [{ name: 'blue', multus: { networkName: 'blue' } }],
};
const readiness = (probe: object): Change => ({ [READINESS]: probe });
const liveness = (probe: object): Change => ({ [LIVENESS]: probe });
const ping = { guestAgentPing: {} };

export const probesExamples: ExampleTable = {
  'probe.many': {
    accepts: [readiness({ httpGet: { port: 80 } }), liveness(ping)],
    refuses: [
      [readiness({ httpGet: { port: 80 }, tcpSocket: { port: 80 } }), READINESS],
      [liveness({ exec: { command: ['true'] }, guestAgentPing: {} }), LIVENESS],
    ],
  },
  'probe.none': {
    accepts: [readiness({ exec: { command: ['true'] } })],
    refuses: [
      [readiness({}), READINESS],
      [liveness({ periodSeconds: 5 }), LIVENESS],
    ],
  },
  'probe.pod-network': {
    accepts: [
      { 'spec.domain.devices.autoattachPodInterface': false, 'spec.readinessProbe': { guestAgentPing: {} } },
      // The default network counts.
      readiness({ tcpSocket: { port: 22 } }),
      { ...liveness({ httpGet: { port: 80 } }), ...iface({}) },
      { ...noNetwork, ...readiness(ping) },
    ],
    refuses: [
      [{ ...noNetwork, ...readiness({ tcpSocket: { port: 22 } }) }, `${READINESS}.tcpSocket`],
      [{ ...noNetwork, ...liveness({ httpGet: { port: 80 } }) }, `${LIVENESS}.httpGet`],
      [{ ...multusOnly, ...readiness({ httpGet: { port: 80 } }) }, `${READINESS}.httpGet`],
    ],
  },
  'probe.port': {
    accepts: [readiness({ httpGet: { port: 65_535 } }), liveness({ tcpSocket: { port: 'my-port-15-long' } })],
    refuses: [
      [readiness({ httpGet: { port: 65_536 } }), `${READINESS}.httpGet.port`],
      [readiness({ tcpSocket: { port: 0 } }), `${READINESS}.tcpSocket.port`],
      [liveness({ tcpSocket: { port: '8080' } }), `${LIVENESS}.tcpSocket.port`],
    ],
  },
  'probe.command': {
    accepts: [readiness({ exec: { command: ['true'] } })],
    refuses: [
      [readiness({ exec: {} }), `${READINESS}.exec.command`],
      [liveness({ exec: { command: [] } }), `${LIVENESS}.exec.command`],
    ],
  },
  'probe.command-text': {
    accepts: [readiness({ exec: { command: ['sh', '-c', 'test -e "/run/a b" && true'] } })],
    refuses: [
      [readiness({ exec: { command: ['sh', '-c', 'a\nb'] } }), `${READINESS}.exec.command[2]`],
      [liveness({ exec: { command: ['\u0000'] } }), `${LIVENESS}.exec.command[0]`],
    ],
  },
  'probe.delay': {
    accepts: [readiness({ ...ping, initialDelaySeconds: 0 })],
    refuses: [
      [readiness({ ...ping, initialDelaySeconds: -1 }), `${READINESS}.initialDelaySeconds`],
      [liveness({ ...ping, initialDelaySeconds: -60 }), `${LIVENESS}.initialDelaySeconds`],
    ],
  },
  'probe.liveness-success': {
    accepts: [
      { 'spec.livenessProbe': { guestAgentPing: {}, successThreshold: 1 } },
      readiness({ ...ping, successThreshold: 3 }),
      liveness({ ...ping, successThreshold: 1 }),
    ],
    refuses: [
      [liveness({ ...ping, successThreshold: 2 }), `${LIVENESS}.successThreshold`],
      [liveness({ ...ping, successThreshold: 3 }), `${LIVENESS}.successThreshold`],
    ],
  },
};
