import type { Change, ExampleTable } from '../rule/examples.js';

const AGENT = 'system:serviceaccount:kubevirt:virt-agent';
const here: Change = { 'status.nodeName': 'node-1' };
const POD = '5d307ca9-b3ef-428c-8861-06e72d69f223';
const address = { name: 'default', ipAddress: '10.0.0.7', ipAddresses: ['10.0.0.7'] };
const ready = { type: 'Ready', status: 'True' };
/** A VM of node-1 that was handed to its agent. */
const agents = (status: object): Change => ({
  status: { nodeName: 'node-1', phase: 'Scheduled', ...status },
  'metadata.finalizers': ['kubevirt.io/foregroundDeleteVirtualMachine'],
});

export const nodeRestrictionExamples: ExampleTable = {
  'upd.agent-phase': {
    why: 'A VM is handed to the agent once and ends once.',
    old: { ...here, 'status.phase': 'Running' },
    user: AGENT,
    node: 'node-1',
    accepts: [
      { ...here, 'status.phase': 'Succeeded' },
      { ...here, 'status.phase': 'Failed' },
    ],
    refuses: [
      [{ ...here, 'status.phase': 'Scheduled' }, 'status.phase'],
      [here, 'status.phase'],
    ],
  },
  'upd.agent-fields': {
    why: 'A broken node must not be able to give a VM away, nor to act on what is not its own: by a finalizer, an owner, a pod.',
    old: agents({ activePods: { [POD]: 'node-1' }, interfaces: [address], conditions: [ready] }),
    user: AGENT,
    node: 'node-1',
    accepts: [
      agents({
        activePods: { [POD]: 'node-1' },
        phase: 'Running',
        machine: { type: 'q35' },
        interfaces: [{ ...address, mac: '02:00:00:00:00:01' }],
        conditions: [ready, { type: 'Paused', status: 'True' }],
      }),
    ],
    refuses: [
      [agents({ activePods: { other: 'node-1' }, interfaces: [address], conditions: [ready] }), 'status.activePods'],
      [
        agents({
          activePods: { [POD]: 'node-1' },
          interfaces: [{ ...address, ipAddress: '10.0.0.9' }],
          conditions: [ready],
        }),
        'status.interfaces',
      ],
      [agents({ activePods: { [POD]: 'node-1' }, interfaces: [address] }), 'status.conditions'],
      [
        agents({
          activePods: { [POD]: 'node-1' },
          interfaces: [address],
          conditions: [ready],
          evacuationNodeName: 'a',
        }),
        'status.evacuationNodeName',
      ],
      [
        {
          ...agents({ activePods: { [POD]: 'node-1' }, interfaces: [address], conditions: [ready] }),
          'metadata.finalizers': [],
        },
        'metadata.finalizers',
      ],
    ],
  },
};
