import { IF, iface, type ExampleTable } from '../rule/examples.js';
import { bound } from './example-parts.js';

const multusNetwork = (more: object = {}) => ({ multus: { networkName: 'x', ...more } });

export const interfaceStateExamples: ExampleTable = {
  'if.state-value': {
    accepts: [iface({ state: 'down' }), iface({ state: '' })],
    refuses: [
      [iface({ state: 'off' }), `${IF}.state`],
      [iface({ state: 'Up' }), `${IF}.state`],
    ],
  },
  'if.state-sriov': {
    accepts: [bound({ sriov: {} }, multusNetwork()), iface({ state: 'up' })],
    refuses: [
      [bound({ sriov: {}, state: 'up' }, multusNetwork()), `${IF}.state`],
      [bound({ sriov: {}, state: 'down' }, multusNetwork()), `${IF}.state`],
    ],
  },
  'if.state-absent-bridge': {
    why: 'A guest without its other interfaces could still need this one: only bridges can be unplugged while it runs.',
    accepts: [
      bound({ masquerade: {}, state: 'down' }, { pod: {} }),
      bound({ bridge: {}, state: 'absent' }, multusNetwork()),
    ],
    refuses: [
      [bound({ masquerade: {}, state: 'absent' }, { pod: {} }), `${IF}.state`],
      [bound({ sriov: {}, state: 'absent' }, multusNetwork()), `${IF}.state`],
    ],
  },
  'if.state-absent-default': {
    accepts: [
      bound({ bridge: {}, state: 'down' }, { pod: {} }),
      bound({ bridge: {}, state: 'absent' }, multusNetwork()),
    ],
    refuses: [
      [bound({ bridge: {}, state: 'absent' }, { pod: {} }), `${IF}.state`],
      [bound({ bridge: {}, state: 'absent' }, multusNetwork({ default: true })), `${IF}.state`],
    ],
  },
};
