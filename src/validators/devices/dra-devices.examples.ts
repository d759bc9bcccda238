import { DEV, type ExampleTable } from '../rule/examples.js';
import { claims, N, network, R } from './example-parts.js';

const GATES = ['HostDevices', 'NetworkDevicesWithDRA'];
const G = `${DEV}.gpus`;
const H = `${DEV}.hostDevices`;
const request = (claimName: string, requestName: string) => ({ claimName, requestName });
const claimed = (claimName: string, requestName: string) => ({ name: requestName, ...request(claimName, requestName) });
const plugin = { name: 'p', deviceName: 'vendor/gpu' };

export const draDevicesExamples: ExampleTable = {
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
