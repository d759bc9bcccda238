import { forbiddenToAgents } from '../updates/agent-writes.js';
import { AGENT_PHASES } from '../../agent-api/instance-status.js';
import { forbidden, invalid, show, type Finding, type InstanceUpdateSubject, type Rule } from '../rule/rule.js';

/*
 * What an agent may write. It runs on every node with one service account, so these rules keep who has broken into a node
 * away from the VMs of the others, and from all but the report on its own.
 */

const GATE = 'NodeRestriction';
const OWNER = 'status.nodeName';

const agentRule = (
  id: string,
  field: string,
  source: string,
  summary: string,
  check: (subject: InstanceUpdateSubject, node: string | undefined) => readonly Finding[],
): Rule<InstanceUpdateSubject> => ({
  id,
  kinds: ['VirtualMachineInstance'],
  operations: ['UPDATE'],
  field,
  source,
  since: '0.1',
  summary,
  check: (subject) =>
    subject.agent !== undefined && subject.config.hasFeatureGate(GATE) ? check(subject, subject.agent.node) : [],
});

export const nodeRestrictionRules: readonly Rule<InstanceUpdateSubject>[] = [
  agentRule(
    'upd.node-name',
    OWNER,
    'spec/admission.md §8',
    'a write by an agent whose token does not name its node',
    (_, node) =>
      node === undefined
        ? [
            invalid(
              OWNER,
              'the token of this virt-agent is not bound to a pod that is known here, so its node is not known: give it a projected token as manifests/virt-agent.yaml has it, not one from a Secret; right after the start of a pod, try again',
            ),
          ]
        : [],
  ),
  agentRule(
    'upd.node-owner',
    OWNER,
    'spec/admission.md §8',
    "a write by an agent to another node's VM",
    ({ old }, node) => {
      const owner = old.status?.nodeName;
      if (node === undefined || owner === node) return [];
      return [
        invalid(
          OWNER,
          `this VM is ${owner ? `on node ${show(owner)}` : 'on no node yet'}, and the agent of node ${show(node)} may write the VMs of its own node only`,
        ),
      ];
    },
  ),
  agentRule(
    'upd.agent-phase',
    'status.phase',
    'own rule: a VM is an agent’s from the hand-over to its end (docs/agent.md)',
    'a phase to which an agent cannot take a VM',
    ({ vmi, old }) => {
      const [phase, before] = [vmi.status?.phase, old.status?.phase ?? ''];
      const next = Object.hasOwn(AGENT_PHASES, before) ? AGENT_PHASES[before] : undefined;
      if (next === undefined)
        return [invalid('status.phase', `is ${show(before)} now: an agent writes a VM that is Scheduled or Running`)];
      return phase === before || (typeof phase === 'string' && next.includes(phase))
        ? []
        : [
            invalid(
              'status.phase',
              `cannot go from ${before} to ${show(phase)}: an agent goes on to ${next.join(', ')}`,
            ),
          ];
    },
  ),
  agentRule(
    'upd.agent-fields',
    'metadata, status',
    'own rule: the list of what an agent reports (src/agent-api/instance-status.ts)',
    'a change by an agent to anything but what it reports of its VM',
    ({ vmi, old }) =>
      forbiddenToAgents(vmi, old).map((field) =>
        forbidden(field, 'is not among what an agent reports of its VM: leave it as it was'),
      ),
  ),
];
