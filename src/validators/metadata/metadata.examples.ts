import type { ExampleTable } from '../rule/examples.js';

const IGNITION = 'kubevirt.io/ignitiondata';
const SIDECAR = 'hooks.kubevirt.io/hookSidecars';

export const metadataExamples: ExampleTable = {
  'meta.owner': {
    why: 'The VirtualMachine would take the instance for its own guest: show it, stop it, and start no other.',
    accepts: [
      { 'metadata.ownerReferences': [{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'web', uid: 'a' }] },
      {
        'metadata.ownerReferences': [
          { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'a', controller: true },
        ],
      },
    ],
    refuses: [
      [
        {
          'metadata.ownerReferences': [
            { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', name: 'web', uid: 'a', controller: true },
          ],
        },
        'metadata.ownerReferences[0]',
      ],
      [
        {
          'metadata.ownerReferences': [
            {
              apiVersion: 'kubevirt.io/v1',
              kind: 'VirtualMachineInstanceReplicaSet',
              name: 'web',
              uid: 'a',
              controller: true,
            },
          ],
        },
        'metadata.ownerReferences[0]',
      ],
    ],
  },
  'meta.labels': {
    why: 'Our programs find what is theirs by these labels: who could write them could claim the VM of another.',
    accepts: [{ 'metadata.labels': { app: 'web' } }, { 'metadata.labels': { 'kubevirt.io/vm': 'a' } }],
    refuses: [
      [{ 'metadata.labels': { 'kubevirt.io/nodeName': 'node-1' } }, 'metadata.labels[kubevirt.io/nodeName]'],
      [{ 'metadata.labels': { 'kubevirt.io/created-by': '' } }, 'metadata.labels[kubevirt.io/created-by]'],
    ],
  },
  'meta.ignition': {
    accepts: [{ 'metadata.annotations': { note: 'web' } }, { 'metadata.annotations': { [IGNITION]: '' } }],
    refuses: [
      [{ 'metadata.annotations': { [IGNITION]: '{}' } }, `metadata.annotations[${IGNITION}]`],
      [{ 'metadata.annotations': { a: 'b', [IGNITION]: 'x' } }, `metadata.annotations[${IGNITION}]`],
    ],
  },
  'meta.sidecar': {
    why: 'A sidecar runs an image of the user beside the emulator and rewrites its domain.',
    accepts: [{ 'metadata.annotations': { note: 'web' } }, { 'metadata.annotations': { 'hooks.kubevirt.io/x': 'y' } }],
    refuses: [
      [{ 'metadata.annotations': { [SIDECAR]: '[]' } }, `metadata.annotations[${SIDECAR}]`],
      [{ 'metadata.annotations': { a: 'b', [SIDECAR]: 'x' } }, `metadata.annotations[${SIDECAR}]`],
    ],
  },
};
