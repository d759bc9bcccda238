import { visibleLine } from '../api/visible-text.js';

/*
 * What policies write to the API server's audit log.
 */

/** Of one, as of Kubernetes' own policies. */
const MAX_VALUE = 10 * 1024;
/** Of a request: an event of the audit log has room for little more. */
const MAX_ALL = 64 * 1024;
/** Longest key, with the name of the policy in front: a name of Kubernetes. */
export const MAX_KEY = 63;

/** All that failed, by us alone: no policy may pose as it. */
export const FAILED_KEY = 'policies.failed';

/**
 * The key of an annotation: behind the name of its policy, so that nobody poses as another. Names of namespaces and
 * policies have no `_`.
 */
export const annotationKey = (
  { name, namespace }: { readonly name: string; readonly namespace: string | undefined },
  key: string,
): string => `${namespace === undefined ? '' : `${namespace}_`}${name}.${key}`;

export class Annotations {
  readonly values: Record<string, string> = {};
  private left = MAX_ALL;

  /** The first of a key counts. */
  add(key: string, text: string): void {
    if (text.trim() === '' || key.length > MAX_KEY || key === FAILED_KEY || Object.hasOwn(this.values, key)) return;
    const value = visibleLine(text.slice(0, MAX_VALUE)).slice(0, MAX_VALUE);
    if (value.length > this.left) return;
    this.left -= value.length;
    this.values[key] = value;
  }
}
