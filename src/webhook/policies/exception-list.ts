import { conditionText, MAX_CONDITION_TEXT } from '../../policies/exception-text.js';
import type { KnownException } from '../../policies/exceptions.js';
import type { KubernetesObject } from '../../kube/types.js';
import { Allowance } from './allowance.js';

/** As its admission takes them; what is beyond was written while that was away, and is not in force. */
const MAX_OF_NAMESPACE = 500;
/** Of all namespaces. */
const MAX_CONDITIONS_OF_ALL = 16 * MAX_CONDITION_TEXT;

/** The exceptions that count, by namespace; a namespace's list is the same until one of them changes. */
export class ExceptionList {
  private readonly exceptions = new Map<string, Map<string, KnownException>>();
  private readonly lists = new Map<string, readonly KnownException[]>();
  private readonly conditions = new Allowance(MAX_CONDITION_TEXT, MAX_CONDITIONS_OF_ALL);

  /** @returns why it does not count; undefined: it does */
  set(exception: KnownException): string | undefined {
    const { namespace, name, spec } = exception;
    const own = this.exceptions.get(namespace) ?? new Map<string, KnownException>();
    this.delete({ metadata: { namespace, name } });
    if (own.size >= MAX_OF_NAMESPACE) return `the namespace has ${MAX_OF_NAMESPACE} exceptions already`;
    if (!this.conditions.take(namespace, name, conditionText(spec)))
      return 'the conditions of its exceptions are too long together';
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
