import { invalid, show, type Finding, type InstanceUpdateSubject, type Rule } from './rule.js';

/*
 * What an agent may write. It runs on every node with one service account, so these rules keep who has broken into a node
 * away from the VMs of the others.
 */

const GATE = 'NodeRestriction';
const OWNER = 'status.nodeName';
const TARGET = 'status.migrationState.targetNode';

const nodeRule = (
  id: string,
  field: string,
  summary: string,
  check: (subject: InstanceUpdateSubject, node: string | undefined) => readonly Finding[],
): Rule<InstanceUpdateSubject> => ({
  id,
  kinds: ['VirtualMachineInstance'],
  operations: ['UPDATE'],
  field,
  source: 'spec/admission.md §8',
  since: '0.1',
  summary,
  check: (subject) =>
    subject.agent !== undefined && subject.config.hasFeatureGate(GATE) ? check(subject, subject.agent.node) : [],
});

export const nodeRestrictionRules: readonly Rule<InstanceUpdateSubject>[] = [
  nodeRule(
    'upd.node-name',
    OWNER,
    'a write by an agent whose token does not name its node',
    ({ nodeNamesInTokens }, node) =>
      node === undefined && nodeNamesInTokens
        ? [
            invalid(
              OWNER,
              'the token of this virt-agent does not say on which node it runs: give its pod a projected token (the default), not one from a Secret',
            ),
          ]
        : [],
  ),
  nodeRule('upd.node-owner', OWNER, "a write by an agent to another node's VM", ({ old }, node) => {
    const owner = old.status?.nodeName;
    if (node === undefined || owner === node || old.status?.migrationState?.targetNode === node) return [];
    return [
      invalid(
        OWNER,
        `this VM is ${owner ? `on node ${show(owner)}` : 'on no node yet'}, and the agent of node ${show(node)} may write the VMs of its own node only`,
      ),
    ];
  }),
  nodeRule(
    'upd.node-target',
    `${OWNER}, ${TARGET}`,
    'an agent that hands a VM to another node',
    ({ vmi, old }, node) => {
      const [now, before] = [vmi.status, old.status];
      const [target, targetBefore] = [now?.migrationState?.targetNode, before?.migrationState?.targetNode];
      const moved = now?.nodeName !== before?.nodeName && (node === undefined || now?.nodeName !== node);
      return [
        ...(moved ? [invalid(OWNER, 'an agent does not decide on which node a VM is: leave it as it was')] : []),
        ...(target && !targetBefore
          ? [invalid(TARGET, `an agent does not send a VM to node ${show(target)}: leave the target out`)]
          : []),
      ];
    },
  ),
];
