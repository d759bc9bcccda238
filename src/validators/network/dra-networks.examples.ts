import { DEV, IF, type ExampleTable } from '../rule/examples.js';
import { claims, N, network } from '../devices/example-parts.js';

const GATES = ['HostDevices', 'NetworkDevicesWithDRA'];
const request = (claimName: string, requestName: string) => ({ claimName, requestName });
const onClaim = { name: 'a', resourceClaim: request('c', 'r') };
const onMultus = { name: 'b', multus: { networkName: 'x' } };
const sriov = { name: 'a', sriov: {} };
const bridge = { name: 'b', bridge: {} };

export const draNetworksExamples: ExampleTable = {
  'net.dra-gate': {
    accepts: [{ [`${DEV}.interfaces`]: [{ name: 'a', masquerade: {} }], [N]: [{ name: 'a', pod: {} }] }, claims('c')],
    refuses: [
      [{ ...claims('c'), ...network(request('c', 'r')) }, `${N}[0].resourceClaim`],
      [network({}), `${N}[0].resourceClaim`],
    ],
  },
  'net.dra-multus': {
    gates: GATES,
    accepts: [
      {
        ...claims('c'),
        [N]: [onClaim, { name: 'b', pod: {} }],
        [`${DEV}.interfaces`]: [sriov, { name: 'b', masquerade: {} }],
      },
    ],
    refuses: [
      [{ ...claims('c'), [N]: [onClaim, onMultus], [`${DEV}.interfaces`]: [sriov, bridge] }, `${N}[0].resourceClaim`],
      [{ ...claims('c'), [N]: [onMultus, onClaim], [`${DEV}.interfaces`]: [sriov, bridge] }, `${N}[1].resourceClaim`],
    ],
  },
  'net.dra-binding': {
    gates: GATES,
    accepts: [
      { ...claims('c'), ...network(request('c', 'r'), { sriov: {} }) },
      { ...claims('c'), ...network(request('c', 'r'), { binding: { name: 'p' } }) },
    ],
    refuses: [
      [{ ...claims('c'), ...network(request('c', 'r'), { bridge: {} }) }, `${IF}.bridge`],
      [{ ...claims('c'), ...network(request('c', 'r'), { masquerade: {} }) }, `${IF}.masquerade`],
    ],
  },
  'net.dra-claim': {
    gates: GATES,
    accepts: [{ ...claims('c'), ...network(request('c', 'r')) }],
    refuses: [
      [network({ requestName: 'r' }), `${N}[0].resourceClaim.claimName`],
      [network(request('', 'r')), `${N}[0].resourceClaim.claimName`],
    ],
  },
  'net.dra-request': {
    gates: GATES,
    accepts: [{ ...claims('c'), ...network(request('c', 'r')) }],
    refuses: [
      [{ ...claims('c'), ...network({ claimName: 'c' }) }, `${N}[0].resourceClaim.requestName`],
      [{ ...claims('c'), ...network(request('c', '')) }, `${N}[0].resourceClaim.requestName`],
    ],
  },
  'net.dra-unknown': {
    gates: GATES,
    accepts: [
      { ...claims('c'), ...network(request('c', 'r')) },
      { ...claims('d', 'c'), ...network(request('c', 'r')) },
    ],
    refuses: [
      [network(request('c', 'r')), `${N}[0].resourceClaim.claimName`],
      [{ ...claims('d'), ...network(request('c', 'r')) }, `${N}[0].resourceClaim.claimName`],
    ],
  },
};
