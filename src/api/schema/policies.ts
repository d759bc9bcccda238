import { Type } from 'typebox';
import { conditionFields, resource } from './object.js';
import { LabelSelector } from './meta.js';
import { anyObject, enumOf, int64, time, unsigned } from './scalars.js';

/*
 * The kinds of group policies.kubectl-virt.io: rules that platform teams write for VMs. Expressions are CEL and plain
 * texts to the schema.
 */

export const POLICY_ACTIONS = ['Enforce', 'Warn', 'Audit', 'Off'] as const;
export const POLICY_KINDS = ['VirtualMachine', 'VirtualMachineInstance', 'VirtualMachineInstanceReplicaSet'] as const;

const limited = (maxLength: number) => Type.String({ maxLength });
const name = () => Type.String({ minLength: 1, maxLength: 63 });
const expression = () => Type.String({ minLength: 1, maxLength: 10_240 });
const action = () => enumOf(POLICY_ACTIONS);
const patterns = () => Type.Array(limited(253), { maxItems: 100 });

export const PolicySubject = Type.Object({
  kind: enumOf(['User', 'Group', 'ServiceAccount']),
  name: limited(253),
  namespace: Type.Optional(limited(63)),
});

export const PolicyMatch = Type.Object({
  excludeNames: Type.Optional(patterns()),
  excludeNamespaces: Type.Optional(patterns()),
  excludeSubjects: Type.Optional(Type.Array(PolicySubject, { maxItems: 100 })),
  kinds: Type.Optional(Type.Array(enumOf(POLICY_KINDS), { maxItems: 3, 'x-kubernetes-list-type': 'set' })),
  names: Type.Optional(patterns()),
  namespaces: Type.Optional(patterns()),
  namespaceSelector: Type.Optional(LabelSelector),
  objectSelector: Type.Optional(LabelSelector),
  // Which, is for the rules: they say why DELETE is none.
  operations: Type.Optional(Type.Array(limited(16), { maxItems: 2, 'x-kubernetes-list-type': 'set' })),
  subjects: Type.Optional(Type.Array(PolicySubject, { maxItems: 100 })),
});

export const PolicyCondition = Type.Object({ name: name(), expression: expression() });

export const PolicyVariable = Type.Object({ name: name(), expression: expression() });

export const PolicyParamsOverride = Type.Object({ namespaceSelector: LabelSelector, values: anyObject() });

export const PolicyParams = Type.Object({
  overrides: Type.Optional(Type.Array(PolicyParamsOverride, { maxItems: 16 })),
  values: anyObject(),
});

export const PolicyValidation = Type.Object({
  action: Type.Optional(action()),
  expression: expression(),
  field: Type.Optional(limited(1024)),
  message: Type.Optional(limited(300)),
  messageExpression: Type.Optional(expression()),
  name: name(),
  remedy: Type.Optional(limited(300)),
});

export const PolicyRolloutStep = Type.Object({
  action: action(),
  from: time(),
  maxViolations: Type.Optional(unsigned()),
});

export const PolicyActionOverride = Type.Object({ action: action(), namespaceSelector: LabelSelector });

export const PolicyExceptionRules = Type.Object({
  allowed: Type.Optional(Type.Boolean()),
  maxDuration: Type.Optional(limited(32)),
  ticketPattern: Type.Optional(limited(1024)),
});

export const PolicyAuditAnnotation = Type.Object({ key: name(), valueExpression: Type.String({ maxLength: 5120 }) });

/** Of a rule or a warning of the product: one of both. */
export const PolicyBuiltin = Type.Object({
  action: action(),
  reason: Type.Optional(limited(300)),
  rule: Type.Optional(limited(63)),
  warning: Type.Optional(limited(63)),
});

/** Of both kinds of policies. */
export const PolicySpec = Type.Object({
  action: action(),
  actionOverrides: Type.Optional(Type.Array(PolicyActionOverride, { maxItems: 16 })),
  auditAnnotations: Type.Optional(Type.Array(PolicyAuditAnnotation, { maxItems: 20 })),
  builtin: Type.Optional(Type.Array(PolicyBuiltin, { maxItems: 64 })),
  category: Type.Optional(limited(63)),
  compatibility: Type.Optional(limited(8)),
  description: Type.Optional(limited(1024)),
  exceptions: Type.Optional(PolicyExceptionRules),
  existing: Type.Optional(enumOf(['Ratchet', 'Enforce'])),
  failurePolicy: Type.Optional(enumOf(['Fail', 'Ignore'])),
  match: Type.Optional(PolicyMatch),
  matchConditions: Type.Optional(Type.Array(PolicyCondition, { maxItems: 16 })),
  params: Type.Optional(PolicyParams),
  rollout: Type.Optional(Type.Array(PolicyRolloutStep, { maxItems: 16 })),
  severity: Type.Optional(enumOf(['info', 'low', 'medium', 'high', 'critical'])),
  validations: Type.Array(PolicyValidation, { maxItems: 64 }),
  variables: Type.Optional(Type.Array(PolicyVariable, { maxItems: 32 })),
});
export type PolicySpec = Type.Static<typeof PolicySpec>;

export const PolicyStatusCondition = Type.Object(conditionFields());

export const PolicyExpressionError = Type.Object({
  column: Type.Optional(unsigned()),
  excerpt: Type.Optional(Type.String()),
  field: Type.String(),
  line: Type.Optional(unsigned()),
  message: Type.String(),
});

export const PolicyStatus = Type.Object({
  action: Type.Optional(action()),
  conditions: Type.Optional(Type.Array(PolicyStatusCondition)),
  expressionErrors: Type.Optional(Type.Array(PolicyExpressionError)),
  observedGeneration: Type.Optional(int64()),
});
export type PolicyStatus = Type.Static<typeof PolicyStatus>;

export const VirtualMachineClusterPolicy = resource(PolicySpec, PolicyStatus);
export type VirtualMachineClusterPolicy = Type.Static<typeof VirtualMachineClusterPolicy>;

export const VirtualMachinePolicy = resource(PolicySpec, PolicyStatus);
export type VirtualMachinePolicy = Type.Static<typeof VirtualMachinePolicy>;

export const PolicyReference = Type.Object({
  kind: Type.Optional(enumOf(['VirtualMachineClusterPolicy', 'VirtualMachinePolicy'])),
  name: name(),
  validations: Type.Optional(Type.Array(name(), { maxItems: 64 })),
});

export const PolicyExceptionMatch = Type.Object({
  kinds: Type.Optional(Type.Array(enumOf(POLICY_KINDS), { maxItems: 3 })),
  names: Type.Optional(patterns()),
  objectSelector: Type.Optional(LabelSelector),
});

/** Shorter than a policy's: each is compiled for each policy. */
export const PolicyExceptionCondition = Type.Object({
  expression: Type.String({ minLength: 1, maxLength: 2_048 }),
  name: name(),
});

export const PolicyExceptionSpec = Type.Object({
  conditions: Type.Optional(Type.Array(PolicyExceptionCondition, { maxItems: 8 })),
  expiresAt: time(),
  match: PolicyExceptionMatch,
  owner: limited(253),
  policies: Type.Array(PolicyReference, { maxItems: 16 }),
  reason: Type.String({ maxLength: 500 }),
  ticket: Type.Optional(limited(253)),
});
export type PolicyExceptionSpec = Type.Static<typeof PolicyExceptionSpec>;

export const EXCEPTION_STATES = ['Active', 'Expired', 'Invalid'] as const;

export const PolicyExceptionStatus = Type.Object({
  createdBy: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
  observedGeneration: Type.Optional(int64()),
  state: Type.Optional(enumOf(EXCEPTION_STATES)),
});
export type PolicyExceptionStatus = Type.Static<typeof PolicyExceptionStatus>;

export const VirtualMachinePolicyException = resource(PolicyExceptionSpec, PolicyExceptionStatus);
export type VirtualMachinePolicyException = Type.Static<typeof VirtualMachinePolicyException>;
