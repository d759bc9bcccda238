import type { KnownException } from '../../policies/exceptions.js';
import type { KubernetesObject } from '../../kube/types.js';
import { Allowance } from './allowance.js';

/** More than anybody has a reason for; what is beyond is not in force. */
const MAX_OF_NAMESPACE = 1000;
/** Characters of the conditions of a namespace's exceptions; compiled, they take memory as policies do. */
const MAX_CONDITIONS = 64 * 1024;
const MAX_CONDITIONS_OF_ALL = 1024 * 1024;

/** The exceptions that count, by namespace; a namespace's list is the same until one of them changes. */
export class ExceptionList {
  private readonly exceptions = new Map<string, Map<string, KnownException>>();
  private readonly lists = new Map<string, readonly KnownException[]>();
  private readonly conditions = new Allowance(MAX_CONDITIONS, MAX_CONDITIONS_OF_ALL);

  /** @returns why it does not count; undefined: it does */
  set(exception: KnownException): string | undefined {
    const { namespace, name, spec } = exception;
    const own = this.exceptions.get(namespace) ?? new Map<string, KnownException>();
    // They are compiled for each policy.
    const once = (spec.conditions ?? []).reduce((sum, { expression }) => sum + expression.length, 0);
    const length = once * spec.policies.length;
    this.delete({ metadata: { namespace, name } });
    if (own.size >= MAX_OF_NAMESPACE) return `the namespace has ${MAX_OF_NAMESPACE} exceptions already`;
    if (!this.conditions.take(namespace, name, length)) return 'the conditions of its exceptions are too long together';
    own.set(name, exception);
    this.exceptions.set(namespace, own);
    this.lists.delete(namespace);
    return undefined;
  }

  delete({ metadata }: KubernetesObject): void {
    const { namespace = '', name = '' } = metadata ?? {};
    const own = this.exceptions.get(namespace);
    if (own?.delete(name) !== true) return;
    this.conditions.free(namespace, name);
    if (own.size === 0) this.exceptions.delete(namespace);
    this.lists.delete(namespace);
  }

  withConditions(): KnownException[] {
    return [...this.exceptions.values()].flatMap((own) =>
      [...own.values()].filter(({ spec }) => (spec.conditions?.length ?? 0) > 0),
    );
  }

  /** By namespace, as they are now. */
  byNamespace(): ReadonlyMap<string, readonly KnownException[]> {
    for (const [namespace, own] of this.exceptions) {
      if (!this.lists.has(namespace)) this.lists.set(namespace, [...own.values()]);
    }
    return new Map(this.lists);
  }
}
