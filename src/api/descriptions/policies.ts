import type { Descriptions } from './descriptions.js';

const SPEC_OF_POLICY =
  'The rules: action and validations (name, expression, message, remedy), for what match and matchConditions say. ' +
  'Besides: description, severity, category; variables and params for expressions; rollout and actionOverrides, by ' +
  'which the action changes with time and namespace; existing and failurePolicy; exceptions; auditAnnotations; ' +
  'builtin, for rules of the product; compatibility. docs/policies.md explains each.';

const policy = (kind: string) => ({
  apiVersion: 'policies.kubectl-virt.io/v1alpha1.',
  kind: `${kind}.`,
  spec: SPEC_OF_POLICY,
  status: 'What the product says of it. Written by virt-controller.',
});

const ACTION = 'Enforce refuses, Warn warns who writes, Audit only records, Off does nothing.';
const PATTERN = '`*` stands for any text';
const EXPRESSION = 'CEL, as in a ValidatingAdmissionPolicy';

/** Policies and exceptions from them. */
export const POLICIES: Descriptions = {
  VirtualMachineClusterPolicy: policy('VirtualMachineClusterPolicy'),
  VirtualMachinePolicy: policy('VirtualMachinePolicy'),
  VirtualMachinePolicyException: {
    apiVersion: 'policies.kubectl-virt.io/v1alpha1.',
    kind: 'VirtualMachinePolicyException.',
    spec:
      'Which policies, which VMs (match, conditions), why (reason, owner, ticket) and until when (expiresAt). ' +
      'docs/policies.md explains each.',
    status: 'What the product says of it. Written by virt-controller.',
  },
  PolicySpec: {
    action: `What is done about a violation. ${ACTION}`,
    actionOverrides: 'Another action for some namespaces, whatever the rollout; the first whose selector fits counts.',
    auditAnnotations: "Annotations of the API server's audit log, made for each object that the policy matches.",
    builtin:
      'Rules of the product that the policy softens, and warnings that it hardens or switches off, where it matches. Of cluster policies alone.',
    category: 'A word of yours to sort policies by, such as Capacity.',
    compatibility:
      'The Kubernetes minor version whose expressions may be used, 1.26 to 1.36. Default: 1.30. An update of the product never changes what an expression means.',
    description: 'What it is for, for people.',
    exceptions: 'Whether, and how, VirtualMachinePolicyExceptions may let VMs off.',
    existing:
      'Ratchet, the default: an object that violated before the policy may still be changed, with a warning. Enforce: it may not.',
    failurePolicy:
      'What an expression that cannot be evaluated counts as. Fail, the default: a violation. Ignore: nothing.',
    match: 'For which objects and requests it is; all VMs, VMIs and replica sets where it is absent.',
    matchConditions: 'Expressions that must all be true for the policy to be for an object.',
    params: 'Values that expressions read as params.NAME, with others for some namespaces.',
    rollout: 'Other actions from dates on, in their order; the last whose time has come goes before action.',
    severity: 'How bad a violation is: info, low, medium, high or critical.',
    validations: 'What must be true of an object; each that is false is told, all at once.',
    variables: 'Expressions with names, read as variables.NAME by those after them; evaluated once at most.',
  },
  PolicySubject: {
    kind: 'User, Group or ServiceAccount.',
    name: 'Name of the user, group or service account.',
    namespace: 'Namespace of a ServiceAccount.',
  },
  PolicyMatch: {
    excludeNames: `Names of objects that it is not for; ${PATTERN}.`,
    excludeNamespaces: `Namespaces that it is not for; ${PATTERN}.`,
    excludeSubjects: 'Whose requests it is not for.',
    kinds: 'VirtualMachine, VirtualMachineInstance and VirtualMachineInstanceReplicaSet, all by default.',
    names: `Names of the objects that it is for; ${PATTERN}.`,
    namespaces: `Namespaces that it is for; ${PATTERN}.`,
    namespaceSelector: 'Labels of the namespaces that it is for.',
    objectSelector: 'Labels of the objects that it is for.',
    operations: 'CREATE and UPDATE, both by default. Deletions do not come to the webhook.',
    subjects: 'Whose requests it is for. A VMI of a VM is created by virt-controller.',
  },
  PolicyCondition: {
    name: 'Name of it in messages.',
    expression: `${EXPRESSION}; must give true or false.`,
  },
  PolicyExceptionCondition: {
    name: 'Name of it in messages.',
    expression: `${EXPRESSION}; must give true or false. May use what the policies have, variables among it.`,
  },
  PolicyVariable: {
    name: 'Name of it: letters, digits and _. Not one that every policy has already, such as vcpus.',
    expression: `${EXPRESSION}; may give anything.`,
  },
  PolicyParams: {
    overrides: 'Other values for some namespaces, key by key; the first whose selector fits counts.',
    values: 'The values. Their types are those of params in expressions.',
  },
  PolicyParamsOverride: {
    namespaceSelector: 'Labels of the namespaces that the values are for.',
    values: 'Values that replace those of the same keys.',
  },
  PolicyValidation: {
    action: "Its own action, milder than the policy's; never above it.",
    expression: `${EXPRESSION}; true: the object may pass. object, oldObject, request, namespaceObject, params and variables are known, and effective, which Kubernetes does not have: a policy with it cannot be exported as a ValidatingAdmissionPolicy.`,
    field: 'The place of a violation: a path, where $ is the spec of the VMI. Absent: found by evaluation.',
    message: 'What a user reads of a violation. Absent: made from the values.',
    messageExpression: `${EXPRESSION}; gives the message. Where it fails, message counts.`,
    name: 'Name of it: stands in messages, and in exceptions.',
    remedy: 'What to do about it; ends the message.',
  },
  PolicyAuditAnnotation: {
    key: 'Last part of the key: WEBHOOK/POLICY.KEY in the audit log, WEBHOOK/NAMESPACE_POLICY.KEY of a namespace.',
    valueExpression: `${EXPRESSION}; gives a text, or null for none.`,
  },
  PolicyBuiltin: {
    action: ACTION,
    reason: 'Why, for people.',
    rule: 'Id of a rule of the product that can be softened, such as net.no-iface (docs/rules.md). All others are fixed.',
    warning: 'Id of a warning of the product, such as W-CPU-1.',
  },
  PolicyRolloutStep: {
    action: ACTION,
    from: 'When it begins, such as 2027-02-01T00:00:00Z.',
    maxViolations: 'Waits until an audit has counted no more violations than these.',
  },
  PolicyActionOverride: {
    action: ACTION,
    namespaceSelector: 'Labels of the namespaces that it is for.',
  },
  PolicyExceptionRules: {
    allowed: 'Whether there may be exceptions. Default: true.',
    maxDuration: 'How far ahead an exception may end, such as 24h, whenever it is written. Default: 720h.',
    ticketPattern: 'A regular expression (RE2). Where there is one, an exception needs a ticket in which it is found.',
  },
  PolicyStatus: {
    action: 'The action at this moment, without the overrides of namespaces.',
    conditions: 'Ready and Compiled; Stalled where the policy does not compile, RolloutHeld where a step waits.',
    expressionErrors: 'Why it does not compile any more, by this version of the product.',
    observedGeneration: 'The generation that this status is about.',
  },
  PolicyStatusCondition: {
    lastProbeTime: 'Not used.',
    lastTransitionTime: 'When the status of the condition changed.',
    message: 'The reason in words.',
    reason: 'The reason in one word.',
    status: 'True, False or Unknown.',
    type: 'Ready, Compiled, Stalled or RolloutHeld.',
  },
  PolicyExpressionError: {
    column: 'Column in the expression, from 1.',
    excerpt: 'The line of the expression, with a caret under the place.',
    field: 'Path of the field in the policy.',
    line: 'Line in the expression, from 1.',
    message: 'What is wrong.',
  },
  PolicyReference: {
    kind: 'VirtualMachineClusterPolicy, the default, or VirtualMachinePolicy, of this namespace.',
    name: 'Name of the policy.',
    validations: 'Names of its validations. Absent: all of them.',
  },
  PolicyExceptionMatch: {
    kinds: 'VirtualMachine, VirtualMachineInstance and VirtualMachineInstanceReplicaSet, all by default.',
    names: `Names of the objects of this namespace; ${PATTERN}. This or objectSelector is required.`,
    objectSelector: 'Labels of the objects of this namespace.',
  },
  PolicyExceptionSpec: {
    conditions: 'Expressions that must all be true for it to count: an exception has a limit too.',
    expiresAt: 'When it ends, such as 2027-01-31T00:00:00Z; no later than the policies allow.',
    match: 'Which objects of this namespace are let off.',
    owner: 'Who answers for it.',
    policies: 'From which policies.',
    reason: 'Why, in 10 to 500 characters.',
    ticket: 'The ticket that it belongs to; required where a policy says so.',
  },
  PolicyExceptionStatus: {
    createdBy: 'Who created it.',
    message: 'Why it is Invalid, or when it ends.',
    observedGeneration: 'The generation that this status is about.',
    state: 'Active, Expired (not applied any more) or Invalid (not applied: the message says why).',
  },
};
