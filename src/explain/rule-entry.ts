import { KUBEVIRT_SPEC_NOT_ACTED_ON, VM_SPEC_NOT_ACTED_ON, VMI_SPEC_NOT_ACTED_ON } from '../api/settings/acted-on.js';
import { describeCause } from '../api/cause.js';
import { VirtualMachineInstanceSpec } from '../api/schema/virtualmachineinstance.js';
import { EARLIER_EXAMPLES, EXAMPLES, WITHOUT_EXAMPLE } from '../validators/examples.js';
import type { Examples } from '../validators/rule/examples.js';
import { notActedOnRule } from '../validators/not-acted-on.js';
import { RULES, type RuleDescription } from '../validators/rules.js';
import type { SchemaNode } from '../api/schema-check/schema-node.js';
import { countActedOn } from './acted-on-count.js';
import type { Entry, IndexEntry, RuleExample } from './entry.js';
import { fragmentOf, fragmentsOf } from './fragment.js';
import { admitExample, settingsText } from './run-example.js';

const FIELDS: Entry['fields'] = [
  {
    kind: 'VirtualMachineInstance',
    ...countActedOn(VirtualMachineInstanceSpec as SchemaNode, VMI_SPEC_NOT_ACTED_ON),
    list: VMI_SPEC_NOT_ACTED_ON,
  },
  { kind: 'VirtualMachine', list: VM_SPEC_NOT_ACTED_ON },
  { kind: 'KubeVirt', list: KUBEVIRT_SPEC_NOT_ACTED_ON },
];

const ruleExample = (id: string, examples: Examples): RuleExample | undefined => {
  const [[wrong] = [], right] = [examples.refuses[0], examples.accepts[0]];
  if (wrong === undefined || right === undefined) return undefined;
  const { kind, old } = examples;
  const ownRule = id === notActedOnRule.id;
  const notActedOn = [wrong, right].flatMap((change) =>
    ownRule ? [] : admitExample(change, examples, false).causes.filter(({ rule }) => rule === notActedOnRule.id),
  );
  const [refused = '', accepted = '', stored] =
    old === undefined ? [fragmentOf(wrong, kind), fragmentOf(right, kind)] : fragmentsOf([wrong, right, old], kind);
  return {
    ...settingsText(examples),
    ...(examples.user === undefined ? {} : { by: examples.user }),
    ...(stored === undefined ? {} : { stored }),
    refused,
    causes: admitExample(wrong, examples, !ownRule).causes.map(describeCause),
    accepted,
    notActedOn: [...new Set(notActedOn.map(({ field }) => field))],
  };
};

/** All there is to say of a rule. */
export const ruleEntry = (index: IndexEntry): Entry => {
  const { id } = index;
  const examples = EXAMPLES[id] ?? EARLIER_EXAMPLES[id];
  const example = examples && ruleExample(id, examples);
  const without = WITHOUT_EXAMPLE[id];
  const rule = RULES.find((one) => one.id === id);
  return {
    ...index,
    ...(examples?.why === undefined ? {} : { why: examples.why }),
    ...(rule === undefined ? SCHEMA_ENTRY : ruleData(rule)),
    ...(example === undefined ? {} : { example }),
    ...(without === undefined ? {} : { withoutExample: without }),
    ...(id === notActedOnRule.id ? { fields: FIELDS } : {}),
  };
};

const SCHEMA_ENTRY = {
  field: 'every field',
  kinds: ['VirtualMachineInstance', 'VirtualMachine', 'VirtualMachineInstanceReplicaSet', 'KubeVirt'],
  since: '0.1',
  source: 'docs/reference/admission.md §3.1, §3.2',
} as const;

const ruleData = ({ field, kinds, operations, since, source }: RuleDescription) => ({
  field,
  kinds,
  since,
  // "none": the reference has no such rule; what follows is why there is one here.
  source: source.replace(/^none: /, 'this project: '),
  ...(operations === undefined ? {} : { operations }),
});
