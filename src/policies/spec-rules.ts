import { annotationKey, FAILED_KEY, MAX_KEY } from './annotations.js';
import { childPath, shortened, type Cause } from '../api/cause.js';
import { describeValue } from '../api/schema-check/describe-value.js';
import type { LabelSelector } from '../api/schema/meta.js';
import type { PolicySpec, VirtualMachinePolicy } from '../api/schema/policies.js';
import { selectorFindings } from '../validators/rule/label-selector.js';
import { builtinProblems } from './builtin.js';
import { exceptionRuleProblems } from './exception-rules.js';
import { fieldProblem } from './field-path.js';
import { differingParam } from './params.js';

/*
 * What is wrong with a policy beside its expressions: what its schema cannot say.
 */

interface Found {
  /** True JSON path. */
  readonly field: string;
  /** Goes on from the field. */
  readonly text: string;
}

/** Names stand in the ids of rules, on terminals, in reports. */
const NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const NAME_REMEDY = 'write letters, digits, "-", "_" and ".", beginning and ending with a letter or digit';

const nameProblems = (field: string, names: readonly string[]): Found[] =>
  names.flatMap((name, i) =>
    NAME.test(name) ? [] : [{ field: `${field}[${i}].name`, text: `is ${describeValue(name)}; ${NAME_REMEDY}` }],
  );

const selectorProblems = (selector: LabelSelector | undefined, path: string): Found[] =>
  selectorFindings(selector, path).map(({ field, message }) => ({ field, text: message }));

/** Why an operation cannot be matched. */
const OTHER_OPERATIONS: Readonly<Record<string, string>> = {
  DELETE: 'deletions do not come to the webhook, so that VMs can be deleted while it is away',
  CONNECT: 'consoles and other subresources do not come to the webhook',
};

const operationProblems = (operations: readonly string[] | undefined): Found[] => {
  const field = 'spec.match.operations';
  if (operations?.length === 0)
    return [{ field, text: 'is empty, so the policy matches nothing; leave it out for all' }];
  return (operations ?? []).flatMap((operation, i) => {
    if (operation === 'CREATE' || operation === 'UPDATE') return [];
    const why = Object.hasOwn(OTHER_OPERATIONS, operation) ? `${OTHER_OPERATIONS[operation] ?? ''}; ` : '';
    return [{ field: `${field}[${i}]`, text: `is ${describeValue(operation)}; ${why}write CREATE or UPDATE` }];
  });
};

const subjectProblems = (subjects: NonNullable<PolicySpec['match']>['subjects'], path: string): Found[] =>
  (subjects ?? []).flatMap(({ kind, namespace }, i) => {
    const field = `${path}[${i}].namespace`;
    if (kind === 'ServiceAccount')
      return namespace === undefined || namespace === ''
        ? [{ field, text: 'is missing; a ServiceAccount is known by its namespace and its name' }]
        : [];
    return namespace === undefined
      ? []
      : [{ field, text: `is ${describeValue(namespace)}; a ${kind} has no namespace: take it out` }];
  });

const matchProblems = ({ match = {} }: PolicySpec): Found[] => [
  ...operationProblems(match.operations),
  ...(['names', 'namespaces', 'subjects'] as const).flatMap((name) =>
    match[name]?.length === 0
      ? [{ field: `spec.match.${name}`, text: 'is empty, so the policy matches nothing; leave it out for all' }]
      : [],
  ),
  ...selectorProblems(match.namespaceSelector, 'spec.match.namespaceSelector'),
  ...selectorProblems(match.objectSelector, 'spec.match.objectSelector'),
  ...subjectProblems(match.subjects, 'spec.match.subjects'),
  ...subjectProblems(match.excludeSubjects, 'spec.match.excludeSubjects'),
];

const rolloutProblems = ({ rollout = [] }: PolicySpec): Found[] => {
  let earlier = -Infinity;
  return rollout.flatMap(({ from }, i) => {
    const field = `spec.rollout[${i}].from`;
    const at = Date.parse(from);
    if (Number.isNaN(at)) return [{ field, text: `is ${describeValue(from)}, which is no time of any calendar` }];
    const isLate = at > earlier;
    earlier = Math.max(earlier, at);
    return isLate ? [] : [{ field, text: `is ${from}, not after the step before; write the steps in their order` }];
  });
};

const paramProblems = ({ params }: PolicySpec): Found[] =>
  (params?.overrides ?? []).flatMap(({ namespaceSelector, values }, i) => {
    const path = `spec.params.overrides[${i}]`;
    const selector = selectorProblems(namespaceSelector, `${path}.namespaceSelector`);
    return [
      ...selector,
      ...Object.entries(values).flatMap(([key, value]): Found[] => {
        const field = childPath(`${path}.values`, key);
        const known = params?.values ?? {};
        if (!Object.hasOwn(known, key))
          return [{ field, text: `has no value for everybody; write spec.params.values.${key} too, or take it out` }];
        const other = differingParam(known[key], value);
        return other === undefined ? [] : [{ field, text: other }];
      }),
    ];
  });

type PolicyName = Parameters<typeof annotationKey>[0];

const auditProblems = ({ auditAnnotations = [] }: PolicySpec, policy: PolicyName): Found[] =>
  auditAnnotations.flatMap(({ key }, i) => {
    const field = `spec.auditAnnotations[${i}].key`;
    const whole = annotationKey(policy, key);
    if (whole === FAILED_KEY)
      return [
        { field, text: `makes ${whole} of it, under which all violations stand in the audit log; choose another` },
      ];
    if (whole.length > MAX_KEY) {
      const text = `stands in the audit log behind the policy's name, in ${whole.length} characters together; ${MAX_KEY} are allowed: shorten one of both`;
      return [{ field, text }];
    }
    if (!NAME.test(key)) return [{ field, text: `is ${describeValue(key)}; ${NAME_REMEDY}` }];
    const isFirst = auditAnnotations.findIndex((one) => one.key === key) === i;
    return isFirst ? [] : [{ field, text: `is ${describeValue(key)}, as another is; give each a key of its own` }];
  });

const ofSpec = (spec: PolicySpec, policy: PolicyName): Found[] => [
  ...matchProblems(spec),
  ...nameProblems(
    'spec.matchConditions',
    (spec.matchConditions ?? []).map(({ name }) => name),
  ),
  ...nameProblems(
    'spec.validations',
    spec.validations.map(({ name }) => name),
  ),
  ...(spec.actionOverrides ?? []).flatMap(({ namespaceSelector }, i) =>
    selectorProblems(namespaceSelector, `spec.actionOverrides[${i}].namespaceSelector`),
  ),
  ...rolloutProblems(spec),
  ...paramProblems(spec),
  ...auditProblems(spec, policy),
  ...exceptionRuleProblems(spec),
  ...spec.validations.flatMap(({ field }, i) => {
    const text = field === undefined ? undefined : fieldProblem(field, spec);
    return text === undefined ? [] : [{ field: `spec.validations[${i}].field`, text }];
  }),
  ...(spec.validations.length === 0 && (spec.builtin ?? []).length === 0
    ? [{ field: 'spec.validations', text: 'is empty, so the policy says nothing; write a validation' }]
    : []),
];

/** Causes of what no expression holds. */
export const specCauses = (policy: Pick<VirtualMachinePolicy, 'kind' | 'metadata' | 'spec'>): readonly Cause[] =>
  [
    ...ofSpec(policy.spec, { name: policy.metadata?.name ?? '', namespace: policy.metadata?.namespace }),
    ...builtinProblems(policy),
  ].map(({ field, text }) => ({
    type: 'FieldValueInvalid',
    field,
    message: shortened(`${field} ${text}`),
    rule: 'policy.field',
  }));
