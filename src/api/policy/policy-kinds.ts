import { POLICY_GROUP } from '../names.js';

/*
 * The kinds of group policies.kubectl-virt.io: what everybody calls them.
 */

export const POLICY_RESOURCES = {
  VirtualMachineClusterPolicy: { plural: 'virtualmachineclusterpolicies', isNamespaced: false, shortName: 'vmcpol' },
  VirtualMachinePolicy: { plural: 'virtualmachinepolicies', isNamespaced: true, shortName: 'vmpol' },
  VirtualMachinePolicyException: {
    plural: 'virtualmachinepolicyexceptions',
    isNamespaced: true,
    shortName: 'vmpolex',
  },
} as const;

export type PolicyResourceKind = keyof typeof POLICY_RESOURCES;
export const POLICY_RESOURCE_KINDS = Object.keys(POLICY_RESOURCES) as PolicyResourceKind[];

/** `virtualmachineclusterpolicies.policies.kubectl-virt.io` */
export const policyCrdName = (kind: PolicyResourceKind): string => `${POLICY_RESOURCES[kind].plural}.${POLICY_GROUP}`;
