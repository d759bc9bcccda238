import { GROUP, STORED_VERSION } from '../api/names.js';
import type { CompiledPolicy } from './compile-policy.js';
import type { PolicyKind } from './environments.js';
import type { Labels } from './match.js';
import type { VerdictInput } from './finding.js';
import { subjectOf } from './subject.js';

/*
 * What policies are asked, made of what lint and tests know: the same form that a request has in the cluster.
 */

export interface Question {
  readonly kind: PolicyKind;
  readonly object: unknown;
  /** There is one: it is an update. */
  readonly oldObject?: unknown;
  readonly operation?: 'CREATE' | 'UPDATE';
  readonly namespace: string;
  /** Undefined where the namespace is not known. */
  readonly namespaceLabels: Labels | undefined;
  readonly namespaceAnnotations?: Labels;
  /** Undefined where nobody is said to ask. */
  readonly user: { readonly name: string; readonly groups?: readonly string[] } | undefined;
}

const RESOURCES: Readonly<Record<PolicyKind, string>> = {
  VirtualMachine: 'virtualmachines',
  VirtualMachineInstance: 'virtualmachineinstances',
  VirtualMachineInstanceReplicaSet: 'virtualmachineinstancereplicasets',
};

/** Since Kubernetes 1.21 each namespace has its name as a label. */
const withName = (namespace: string, labels: Labels): Labels => ({
  'kubernetes.io/metadata.name': namespace,
  ...labels,
});

type Asked = Pick<VerdictInput, 'subject' | 'object' | 'oldObject' | 'request' | 'namespaceObject'>;

export const questionOf = (question: Question): Asked => {
  const { kind, object, oldObject = null, namespace, user } = question;
  const operation = question.operation ?? (oldObject === null ? 'CREATE' : 'UPDATE');
  const namespaceLabels = question.namespaceLabels && withName(namespace, question.namespaceLabels);
  const [group, version] = [GROUP, STORED_VERSION];
  const requester = user && { username: user.name, groups: user.groups ?? [] };
  const subject = subjectOf({ kind, operation, object, namespace, namespaceLabels, user: requester });
  const type = { kind: { group, version, kind }, resource: { group, version, resource: RESOURCES[kind] } };
  return {
    subject,
    object,
    oldObject,
    request: {
      ...{ ...type, requestKind: type.kind, requestResource: type.resource, name: subject.name, namespace, operation },
      userInfo: { username: user?.name ?? '', groups: user?.groups ?? [] },
      dryRun: false,
    },
    namespaceObject: {
      metadata: { name: namespace, labels: namespaceLabels ?? {}, annotations: question.namespaceAnnotations ?? {} },
      spec: {},
      status: { phase: 'Active' },
    },
  };
};

/** By bytes, as everywhere. */
const byName = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** The order in which policies speak: of the cluster, then of namespaces, each by name. */
export const inOrder = (policies: readonly CompiledPolicy[]): CompiledPolicy[] =>
  policies.toSorted(
    (one, other) =>
      Number(one.namespace !== undefined) - Number(other.namespace !== undefined) ||
      byName(one.namespace ?? '', other.namespace ?? '') ||
      byName(one.name, other.name),
  );
