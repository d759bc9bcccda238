import { forbiddenToAgents } from './agent-writes.js';
import { AGENT_PHASES } from '../../agent-api/instance-status.js';
import { forbidden, invalid, NOTHING, type Finding } from '../rule/finding.js';
import { ruleFamily, type Rule } from '../rule/rule.js';
import type { InstanceUpdateSubject } from '../rule/subject.js';
import { show } from '../rule/wording.js';

/*
 * What an agent may write. It runs on every node with one service account, so these rules keep who has broken into a
 * node away from the VMs of the others, and from all but the report on its own.
 */

const GATE = 'NodeRestriction';
const OWNER = 'status.nodeName';

const agentRule = ruleFamily<
  InstanceUpdateSubject,
  (subject: InstanceUpdateSubject, node: string | undefined) => readonly Finding[]
>({
  kinds: ['VirtualMachineInstance'],
  operations: ['UPDATE'],
  source: 'docs/reference/admission.md §8',
  run: (subject, check) =>
    subject.agent !== undefined && subject.config.hasFeatureGate(GATE) ? check(subject, subject.agent.node) : NOTHING,
});

export const nodeRestrictionRules: readonly Rule<InstanceUpdateSubject>[] = [
  agentRule({
    id: 'upd.node-name',
    field: OWNER,
    summary: 'a write by an agent whose token does not name its node',
    check: (_, node) =>
      node === undefined
        ? [
            invalid(
              OWNER,
              'the token of this virt-agent is not bound to a pod that is known here, so its node is not known: give it a projected token as manifests/virt-agent.yaml has it, not one from a Secret; right after the start of a pod, try again',
            ),
          ]
        : [],
  }),
  agentRule({
    id: 'upd.node-owner',
    field: OWNER,
    summary: "a write by an agent to another node's VM",
    check: ({ old }, node) => {
      const owner = old.status?.nodeName;
      if (node === undefined || owner === node) return [];
      return [
        invalid(
          OWNER,
          `this VM is ${owner ? `on node ${show(owner)}` : 'on no node yet'}, and the agent of node ${show(node)} may write the VMs of its own node only`,
        ),
      ];
    },
  }),
  agentRule({
    id: 'upd.agent-phase',
    field: 'status.phase',
    source: 'own rule: a VM is an agent’s from the hand-over to its end (docs/agent.md)',
    summary: 'a phase to which an agent cannot take a VM',
    check: ({ vmi, old }) => {
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
  }),
  agentRule({
    id: 'upd.agent-fields',
    field: 'metadata, status',
    source: 'own rule: the list of what an agent reports (src/agent-api/instance-status.ts)',
    summary: 'a change by an agent to anything but what it reports of its VM',
    check: ({ vmi, old }) =>
      forbiddenToAgents(vmi, old).map((field) =>
        forbidden(field, 'is not among what an agent reports of its VM: leave it as it was'),
      ),
  }),
];
