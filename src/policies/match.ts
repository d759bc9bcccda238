import type { LabelSelector } from '../api/schema/meta.js';
import type { PolicySpec } from '../api/schema/policies.js';
import type { PolicyKind } from './environments.js';

/*
 * Which objects a policy or an exception is for: pure data, no expression.
 */

export type Labels = Readonly<Record<string, string>>;

export interface Requester {
  readonly username: string;
  readonly groups: readonly string[];
}

export interface Subject {
  readonly kind: PolicyKind;
  readonly operation: 'CREATE' | 'UPDATE';
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Undefined where the namespace is not known (yet). */
  readonly namespaceLabels: Labels | undefined;
  /** Undefined where there is no request: an audit. */
  readonly user: Requester | undefined;
}

const label = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

/** As Kubernetes selects by labels. An operator that it does not have selects nothing. */
export const selects = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => label(labels, key) === value) &&
  matchExpressions.every(({ key, operator, values = [] }) => {
    const value = label(labels, key);
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });

/** A name by a pattern in which `*` is any text: without backtracking, for names are others' and patterns too. */
export const fits = (pattern: string, name: string): boolean => {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
};

const fitsAny = (patterns: readonly string[] | undefined, name: string): boolean =>
  patterns?.some((pattern) => fits(pattern, name)) ?? false;

type Match = NonNullable<PolicySpec['match']>;

const isSubject = (
  { kind, name, namespace = '' }: NonNullable<Match['subjects']>[number],
  user: Requester,
): boolean => {
  switch (kind) {
    case 'User':
      return user.username === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount':
      return user.username === `system:serviceaccount:${namespace}:${name}`;
  }
};

/** `unknown`: its namespace would decide, and is not known. */
export type Matched = boolean | 'unknown';

const bySubjects = ({ subjects, excludeSubjects }: Match, user: Requester | undefined): boolean => {
  if (user === undefined) return subjects === undefined;
  if (excludeSubjects?.some((subject) => isSubject(subject, user)) === true) return false;
  return subjects?.some((subject) => isSubject(subject, user)) ?? true;
};

/** Where an object is, and what is done with it. */
export type Surroundings = Pick<Subject, 'operation' | 'namespace' | 'namespaceLabels'>;

/** What of a match is the same for all objects of a namespace. */
export const matchesIn = (match: Match = {}, { operation, namespace, namespaceLabels }: Surroundings): Matched => {
  if (match.operations !== undefined && !match.operations.includes(operation)) return false;
  if (match.namespaces !== undefined && !fitsAny(match.namespaces, namespace)) return false;
  if (fitsAny(match.excludeNamespaces, namespace)) return false;
  if (match.namespaceSelector === undefined) return true;
  return namespaceLabels === undefined ? 'unknown' : selects(match.namespaceSelector, namespaceLabels);
};

/** `match` is absent: all VMs. `kinds` are looked at before. */
export const matches = (match: Match = {}, subject: Subject): Matched => {
  const { name, labels, user } = subject;
  if (fitsAny(match.excludeNames, name)) return false;
  if (match.names !== undefined && !fitsAny(match.names, name)) return false;
  if (match.objectSelector !== undefined && !selects(match.objectSelector, labels)) return false;
  return bySubjects(match, user) && matchesIn(match, subject);
};
