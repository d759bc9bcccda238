import { DEV, IF, type Change, type ExampleTable } from '../rule/examples.js';

const GATES = ['HostDevices', 'NetworkDevicesWithDRA'];
const R = 'spec.resourceClaims';
const G = `${DEV}.gpus`;
const H = `${DEV}.hostDevices`;
const N = 'spec.networks';

const claims = (...names: string[]): Change => ({ [R]: names.map((name) => ({ name, resourceClaimName: 'stored' })) });
const request = (claimName: string, requestName: string) => ({ claimName, requestName });
const claimed = (claimName: string, requestName: string) => ({ name: requestName, ...request(claimName, requestName) });
const plugin = { name: 'p', deviceName: 'vendor/gpu' };
/** One interface on a network that is a device of a claim. */
const network = (resourceClaim: object, binding: object = { sriov: {} }): Change => ({
  [`${DEV}.interfaces`]: [{ name: 'a', ...binding }],
  [N]: [{ name: 'a', resourceClaim }],
});

const onClaim = { name: 'a', resourceClaim: request('c', 'r') };
const onMultus = { name: 'b', multus: { networkName: 'x' } };
const sriov = { name: 'a', sriov: {} };
const bridge = { name: 'b', bridge: {} };

const claimExamples: ExampleTable = {
  'dra.claim-name-req': {
    accepts: [claims('c')],
    refuses: [
      [claims(''), `${R}[0].name`],
      [claims('c', ''), `${R}[1].name`],
    ],
  },
  'dra.claim-name-label': {
    accepts: [claims('a'.repeat(63))],
    refuses: [
      [claims('a'.repeat(64)), `${R}[0].name`],
      [claims('c', 'a.b'), `${R}[1].name`],
    ],
  },
  'dra.claim-both': {
    accepts: [claims('c')],
    refuses: [
      [{ [R]: [{ name: 'c', resourceClaimName: 'a', resourceClaimTemplateName: 'b' }] }, `${R}[0]`],
      [{ [R]: [{ name: 'c', resourceClaimName: 'a', resourceClaimTemplateName: 'a' }] }, `${R}[0]`],
    ],
  },
  'dra.claim-none': {
    accepts: [{ [R]: [{ name: 'c', resourceClaimTemplateName: 'b' }] }],
    refuses: [
      [{ [R]: [{ name: 'c' }] }, `${R}[0]`],
      [{ [R]: [{ name: 'c', resourceClaimName: 'a' }, { name: 'd' }] }, `${R}[1]`],
    ],
  },
  'dra.claim-ref': {
    accepts: [{ [R]: [{ name: 'c', resourceClaimName: 'a.b' }] }],
    refuses: [
      [{ [R]: [{ name: 'c', resourceClaimName: 'A' }] }, `${R}[0].resourceClaimName`],
      [{ [R]: [{ name: 'c', resourceClaimTemplateName: '' }] }, `${R}[0].resourceClaimTemplateName`],
    ],
  },
};

const networkExamples: ExampleTable = {
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

export const draExamples: ExampleTable = {
  ...claimExamples,
  ...networkExamples,
  'dra.gpu-mixed': {
    accepts: [{ ...claims('c'), [G]: [claimed('c', 'r'), claimed('c', 's')] }, { [G]: [plugin, plugin] }],
    refuses: [
      [{ ...claims('c'), [G]: [plugin, claimed('c', 'r')] }, G],
      [{ ...claims('c'), [G]: [claimed('c', 'r'), plugin] }, G],
    ],
  },
  'dra.dev-empty': {
    gates: GATES,
    accepts: [{ [G]: [{ name: 'g', deviceName: 'vendor/gpu' }] }, { [G]: [plugin], [H]: [plugin] }],
    refuses: [
      [{ [G]: [{ name: 'g' }] }, `${G}[0].deviceName`],
      [{ [H]: [plugin, { name: 'h', deviceName: '' }] }, `${H}[1].deviceName`],
    ],
  },
  'dra.dev-both': {
    gates: GATES,
    accepts: [{ [G]: [plugin] }],
    refuses: [
      [{ [G]: [{ ...plugin, ...request('c', 'r') }] }, `${G}[0]`],
      [{ [H]: [{ ...plugin, claimName: 'c' }] }, `${H}[0]`],
    ],
  },
  'dra.gate': {
    config: {
      developerConfiguration: {
        featureGates: ['HostDevices'],
        disabledFeatureGates: ['GPUsWithDRA', 'HostDevicesWithDRA'],
      },
    },
    accepts: [{ [G]: [{ name: 'r', deviceName: 'vendor/gpu' }] }, { [G]: [plugin], [H]: [plugin] }],
    refuses: [
      [{ ...claims('c'), [G]: [claimed('c', 'r')] }, `${G}[0]`],
      [{ ...claims('c'), [H]: [plugin, claimed('c', 'r')] }, `${H}[1]`],
    ],
  },
  'dra.dev-claim': {
    gates: GATES,
    accepts: [{ ...claims('c'), [G]: [claimed('c', 'r')] }],
    refuses: [
      [{ [G]: [{ name: 'g', requestName: 'r' }] }, `${G}[0].claimName`],
      [{ [H]: [claimed('', 'r')] }, `${H}[0].claimName`],
    ],
  },
  'dra.dev-request': {
    gates: GATES,
    accepts: [
      { ...claims('c'), [G]: [claimed('c', 'r')] },
      { ...claims('c'), [H]: [claimed('c', 'r')] },
    ],
    refuses: [
      [{ ...claims('c'), [G]: [{ name: 'g', claimName: 'c' }] }, `${G}[0].requestName`],
      [{ ...claims('c'), [H]: [claimed('c', '')] }, `${H}[0].requestName`],
    ],
  },
  'dra.request-unique': {
    gates: GATES,
    accepts: [
      { ...claims('c'), [G]: [claimed('c', 'r'), claimed('c', 's')] },
      { ...claims('c', 'd'), [G]: [claimed('c', 'r'), claimed('c', 's')], [H]: [claimed('d', 'r')] },
    ],
    refuses: [
      [{ ...claims('c'), [G]: [claimed('c', 'r'), claimed('c', 'r')] }, `${G}[1]`],
      [{ ...claims('c'), [G]: [claimed('c', 'r')], [H]: [claimed('c', 'r')] }, `${H}[0]`],
      [{ ...claims('c'), [H]: [claimed('c', 'r')], ...network(request('c', 'r')) }, `${N}[0].resourceClaim`],
    ],
  },
  'dra.claims-listed': {
    gates: GATES,
    accepts: [
      { ...claims('c'), [G]: [claimed('c', 'r'), claimed('c', 's')] },
      { ...claims('c', 'd'), [G]: [claimed('c', 'r')], [H]: [claimed('d', 'r')] },
    ],
    refuses: [
      [{ [G]: [claimed('c', 'r'), claimed('c', 's')] }, R],
      [{ ...claims('c'), [G]: [claimed('c', 'r')], [H]: [claimed('d', 'r')] }, R],
    ],
  },
};
