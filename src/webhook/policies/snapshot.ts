import type { CompiledPolicy } from '../../policies/compile-policy.js';
import type { PolicyKind } from '../../policies/environments.js';
import type { KnownException } from '../../policies/exceptions.js';
import { matchesIn, type Labels, type Subject } from '../../policies/match.js';

export type Engine = typeof import('./engine.js');

/** What a policy is in the cluster. */
export interface Identity {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
}

export interface SnapshotContents {
  readonly engine: Engine;
  readonly identities: ReadonlyMap<CompiledPolicy, Identity>;
  /** Namespaces that have policies which nobody has compiled yet. */
  readonly pending: ReadonlySet<string>;
  /** By namespace, '' for the cluster's. */
  readonly policies: ReadonlyMap<string, readonly CompiledPolicy[]>;
  /** By namespace. */
  readonly exceptions: ReadonlyMap<string, readonly KnownException[]>;
}

/** Where a request is. */
export interface Where {
  readonly kind: PolicyKind;
  readonly operation: Subject['operation'];
  readonly namespace: string;
  /** Undefined: the namespace is not known. */
  readonly namespaceLabels: Labels | undefined;
}

interface KnownNamespace {
  readonly labels: Labels;
  /** By kind and operation. */
  readonly policies: Map<string, readonly CompiledPolicy[]>;
}

const NONE: readonly never[] = [];

/** By bytes, as etcd and every other program sort. */
const byName = (one: CompiledPolicy, other: CompiledPolicy): number => Buffer.compare(bytesOf(one), bytesOf(other));
const bytesOf = ({ name }: CompiledPolicy): Buffer => Buffer.from(name);

/**
 * All policies and exceptions at a moment. A request has one from its beginning to its end, so it sees no change, nor
 * half of one. What a kind, an operation and a namespace say of a match is asked once, not for each object.
 */
export class PolicySnapshot {
  readonly engine: Engine;
  private readonly pending: ReadonlySet<string>;
  private readonly exceptions: SnapshotContents['exceptions'];
  private readonly cluster: readonly CompiledPolicy[];
  private readonly namespaced: ReadonlyMap<string, readonly CompiledPolicy[]>;
  private readonly identities: SnapshotContents['identities'];
  private readonly known = new Map<string, KnownNamespace>();

  constructor({ engine, identities, pending, policies, exceptions }: SnapshotContents) {
    this.engine = engine;
    this.pending = pending;
    this.identities = identities;
    this.exceptions = exceptions;
    this.cluster = [...(policies.get('') ?? [])].sort(byName);
    this.namespaced = new Map(
      Array.from(policies, ([namespace, own]): [string, CompiledPolicy[]] => [namespace, [...own].sort(byName)]),
    );
  }

  get policies(): readonly CompiledPolicy[] {
    return [...this.namespaced.values()].flat();
  }

  /** Whether the policies of a namespace are not all known yet: the program has just begun. */
  isPending(namespace: string): boolean {
    return this.pending.has(namespace);
  }

  identityOf(policy: CompiledPolicy): Identity | undefined {
    return this.identities.get(policy);
  }

  exceptionsIn(namespace: string): readonly KnownException[] {
    return this.exceptions.get(namespace) ?? NONE;
  }

  /** Those that may be for an object there: of the cluster first, by name. */
  policiesFor(where: Where): readonly CompiledPolicy[] {
    const { kind, operation, namespace, namespaceLabels } = where;
    if (namespaceLabels === undefined) return this.find(where);
    let known = this.known.get(namespace);
    if (known?.labels !== namespaceLabels) {
      known = { labels: namespaceLabels, policies: new Map() };
      this.known.set(namespace, known);
    }
    const key = `${kind}/${operation}`;
    const found = known.policies.get(key) ?? this.find(where);
    known.policies.set(key, found);
    return found;
  }

  private find(where: Where): readonly CompiledPolicy[] {
    const isFor = (policy: CompiledPolicy): boolean =>
      policy.kinds.includes(where.kind) && matchesIn(policy.spec.match, where) !== false;
    const own = where.namespace === '' ? NONE : (this.namespaced.get(where.namespace) ?? NONE);
    return [...this.cluster.filter(isFor), ...own.filter(isFor)];
  }
}
