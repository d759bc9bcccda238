import type { Change, ExampleTable } from '../rule/examples.js';

const kind = 'VirtualMachine' as const;
const T = 'spec.template.spec';
/** The template leaves its size to the instance type. */
const sized = (name: string, more: Change = {}): Change => ({
  'spec.instancetype': { name },
  [`${T}.domain.resources`]: undefined,
  ...more,
});
const named = (matcher: object): Change => ({ 'spec.instancetype': matcher, [`${T}.domain.resources`]: undefined });
const wished = (matcher: object): Change => ({ 'spec.preference': matcher });

export const matcherExamples: ExampleTable = {
  'vm.matcher-name': {
    kind,
    accepts: [named({ name: 'u1.small' }), wished({ name: 'fedora' })],
    refuses: [
      [named({ kind: 'VirtualMachineClusterInstancetype' }), 'spec.instancetype'],
      [wished({ kind: 'VirtualMachineClusterPreference' }), 'spec.preference'],
    ],
  },
  'vm.matcher-kind': {
    kind,
    accepts: [
      named({ name: 'u1.small', kind: 'VirtualMachineClusterInstancetype' }),
      named({ name: 'u1.small', kind: 'virtualmachineclusterinstancetypes' }),
      named({ name: 'u1.small' }),
    ],
    refuses: [
      [named({ name: 'u1.small', kind: 'InstanceType' }), 'spec.instancetype.kind'],
      [wished({ name: 'fedora', kind: 'VirtualMachineClusterInstancetype' }), 'spec.preference.kind'],
    ],
  },
  'vm.matcher-infer': {
    kind,
    accepts: [named({ name: 'u1.small' })],
    refuses: [
      [named({ name: 'u1.small', inferFromVolume: 'root' }), 'spec.instancetype.name'],
      [wished({ kind: 'VirtualMachinePreference', inferFromVolume: 'root' }), 'spec.preference.kind'],
    ],
  },
  'vm.matcher-infer-policy': {
    kind,
    accepts: [named({ name: 'u1.small', inferFromVolumeFailurePolicy: 'Reject' })],
    refuses: [
      [
        named({ name: 'u1.small', inferFromVolumeFailurePolicy: 'Sometimes' }),
        'spec.instancetype.inferFromVolumeFailurePolicy',
      ],
      [
        wished({ name: 'fedora', inferFromVolumeFailurePolicy: 'ignore' }),
        'spec.preference.inferFromVolumeFailurePolicy',
      ],
    ],
  },
  'vm.matcher-revision': {
    kind,
    old: sized('u1.small', { 'spec.instancetype': { name: 'u1.small', revisionName: 'web-u1.small-1' } }),
    accepts: [sized('u1.medium')],
    refuses: [
      [named({ name: 'u1.medium', revisionName: 'web-u1.small-1' }), 'spec.instancetype.revisionName'],
      [named({ name: 'u1.large', revisionName: 'web-u1.small-1' }), 'spec.instancetype.revisionName'],
    ],
  },
  'vm.instancetype-conflict': {
    why: 'Neither is silently the stronger: who reads the VM would read one size, and the guest would have another.',
    kind,
    accepts: [sized('u1.small'), sized('u1.small', { [`${T}.domain.cpu`]: { model: 'host-model' } })],
    refuses: [
      [sized('u1.small', { [`${T}.domain.cpu`]: { cores: 2 } }), `${T}.domain.cpu.cores`],
      [sized('u1.small', { [`${T}.domain.memory`]: { guest: '1Gi' } }), `${T}.domain.memory.guest`],
      [
        sized('u1.small', { [`${T}.domain.resources`]: { requests: { memory: '1Gi' } } }),
        `${T}.domain.resources.requests.memory`,
      ],
    ],
  },
  'vm.instancetype-spread': {
    kind,
    accepts: [sized('u1.2xlarge', wished({ name: 'rhel.8.dpdk' }))],
    refuses: [
      [sized('u1.xlarge', wished({ name: 'rhel.8.dpdk' })), 'spec.instancetype'],
      [sized('u1.large', wished({ name: 'rhel.8.dpdk' })), 'spec.instancetype'],
    ],
  },
  'vm.preference-requirements': {
    why: 'A guest that its makers do not install on so little would not start, or not install.',
    kind,
    accepts: [sized('u1.large', wished({ name: 'windows.11' }))],
    refuses: [
      [sized('u1.medium', wished({ name: 'windows.11' })), 'spec.instancetype'],
      [{ ...wished({ name: 'windows.10' }), [`${T}.domain.memory`]: { guest: '1Gi' } }, `${T}.domain.memory.guest`],
    ],
  },
};
