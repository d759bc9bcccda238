import { ownRulesOf } from '../../../src/admission/warnings/own-rules.js';
import { CAUSE_TYPES, type Cause } from '../../../src/api/cause.js';
import { effectiveSpec } from '../../../src/admission/effective.js';
import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import { CHECKED_KINDS } from '../../../src/api/schema-check/check-schema.js';
import type { ClusterConfig } from '../../../src/api/settings/cluster-config.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { enforcedFrom } from '../../../src/policies/action.js';
import type { CompiledPolicy } from '../../../src/policies/compile-policy.js';
import type { PolicyKind } from '../../../src/policies/environments.js';
import { isExemptNamespace } from '../../../src/policies/exempt.js';
import type { KnownException } from '../../../src/policies/exceptions.js';
import type { Labels } from '../../../src/policies/match.js';
import { matches } from '../../../src/policies/match.js';
import { needsOf } from '../../../src/policies/needs.js';
import { questionOf, type Question } from '../../../src/policies/question.js';
import { ruleOf, verdictOf, type Finding as Violation, type Verdict } from '../../../src/policies/verdict.js';
import type { Admitted } from '../offline/admission.js';
import type { Finding } from '../offline/findings.js';
import type { Manifest } from '../offline/manifests.js';
import { valueAt } from './finding.js';

/*
 * Objects of files, judged by policies: by the one function that judges them in the webhook.
 */

export interface Bench {
  readonly policies: readonly CompiledPolicy[];
  readonly exceptions: readonly KnownException[];
  /** By which objects get their defaults. */
  readonly config: ClusterConfig;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Of objects that name none. */
  readonly namespace: string;
  /** Undefined where nobody said. */
  readonly namespaceLabels: Labels | undefined;
  readonly user: Question['user'];
  /** The annotation of a pause for all policies, in a cluster. */
  readonly pausedUntil: string | undefined;
  /** What could not be read, and why. */
  readonly notes: readonly string[];
}

export interface Judged {
  readonly findings: readonly Finding[];
  /** What was let off, and why. */
  readonly notes: readonly string[];
  /** Rules and warnings of the product that policies have decided about. */
  readonly settled: ReadonlySet<string>;
  /** What could not be said, and what has to be given. */
  readonly unchecked: readonly string[];
}

export const isJudged = (kind: unknown): kind is PolicyKind =>
  kind !== 'KubeVirt' && CHECKED_KINDS.some((each) => each === kind);

export const namespaceOf = (object: unknown, otherwise: string): string => {
  const own = valueAt(object, 'metadata.namespace');
  return typeof own === 'string' && own !== '' ? own : otherwise;
};

/** What a refusal says in the cluster, at its place in the file. */
const findingOf = (violation: Violation, manifest: Manifest, now: number): Finding | undefined => {
  const { action, outcome, field, message, policy } = violation;
  if (outcome === 'excepted' || (action !== 'Enforce' && action !== 'Warn')) return undefined;
  const from = action === 'Warn' ? enforcedFrom(policy, now) : undefined;
  const object = manifest.object as { kind?: unknown };
  const name = valueAt(object, 'metadata.name');
  return {
    ...{ file: manifest.file, ...manifest.positionOf(field), severity: action === 'Enforce' ? 'error' : 'warning' },
    ...{
      rule: ruleOf(violation),
      message: from === undefined ? message : `${message}; it will be refused from ${from}`,
    },
    ...{ type: 'FieldValueForbidden', field, kind: String(object.kind), name: typeof name === 'string' ? name : '' },
  };
};

/** Told with every write, as in the cluster. */
const pauseFinding = ({ rule, message }: NonNullable<Verdict['pause']>, manifest: Manifest): Finding => {
  const object = manifest.object as { kind?: unknown };
  const name = valueAt(object, 'metadata.name');
  return {
    ...{ file: manifest.file, ...manifest.positionOf(''), severity: 'warning', rule, message, field: '' },
    ...{ kind: String(object.kind), name: typeof name === 'string' ? name : '' },
  };
};

/** What decides and was not given, by policy. */
const missingFor = (policy: CompiledPolicy, { namespaceLabels, user }: Bench): readonly string[] => {
  const needs = needsOf(policy);
  return [
    ...(needs.namespace && namespaceLabels === undefined ? ['--namespace-labels'] : []),
    ...(needs.user && user === undefined ? ['--as'] : []),
  ];
};

/** Whether what is known of an object keeps the policy away from it, whatever is not. */
const isElsewhere = (policy: CompiledPolicy, subject: ReturnType<typeof questionOf>['subject']): boolean => {
  if (!policy.kinds.includes(subject.kind)) return true;
  if (policy.namespace !== undefined && policy.namespace !== subject.namespace) return true;
  const unknown = { namespaceSelector: undefined, subjects: undefined, excludeSubjects: undefined };
  return matches({ ...policy.spec.match, ...unknown }, subject) === false;
};

/** What the product's rules refuse. */
export const causesOf = ({ findings }: Admitted): readonly Cause[] =>
  findings.flatMap(({ severity, rule, message, field = '', type }) =>
    severity === 'error'
      ? [{ type: CAUSE_TYPES.find((one) => one === type) ?? 'FieldValueInvalid', field, message, rule }]
      : [],
  );

/** An object that has the shape of its kind; of others nothing can be said. */
export const judge = (admitted: Admitted, bench: Bench): Judged => {
  const { manifest, kind, object } = admitted;
  if (!isJudged(kind)) return { findings: [], notes: [], unchecked: [], settled: new Set() };
  const { namespaceLabels, user, exceptions, now } = bench;
  const namespace = namespaceOf(object, bench.namespace);
  const question = questionOf({ kind, object, namespace, namespaceLabels, user });
  const effective = effectiveSpec(kind, { config: bench.config, namespace, instancetypes: admitted.instancetypes });
  const isExempt = isExemptNamespace(namespace, INSTALL_NAMESPACE);
  const near = isExempt ? [] : bench.policies.filter((policy) => !isElsewhere(policy, question.subject));
  const missing = near.map((policy) => [policy, missingFor(policy, bench)] as const);
  const policies = missing.flatMap(([policy, flags]) => (flags.length === 0 ? [policy] : []));
  const request = { kind, operation: 'CREATE', object, namespace } as const;
  const own = ownRulesOf(request, { config: bench.config, instancetypes: admitted.instancetypes }, causesOf(admitted));
  const { pausedUntil } = bench;
  const { findings, settled, pause } = verdictOf({
    ...{ ...question, effective, policies, exceptions, now, own, pausedUntil },
  });
  const place = `${manifest.file}:${manifest.positionOf('').line}`;
  return {
    settled,
    findings: [
      ...(pause === undefined ? [] : [pauseFinding(pause, manifest)]),
      ...findings.flatMap((violation) => findingOf(violation, manifest, now) ?? []),
    ],
    notes: findings.flatMap((violation) =>
      violation.exception === undefined
        ? []
        : [visibleLine(`${place}: ${ruleOf(violation)} is excepted by ${violation.exception}: ${violation.message}`)],
    ),
    unchecked: missing.flatMap(([policy, flags]) =>
      flags.length === 0
        ? []
        : [visibleLine(`${place}: not checked: policy ${policy.name} needs ${flags.join(' and ')}`)],
    ),
  };
};
