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

export class Annotations {
  readonly values: Record<string, string> = {};
  private left = MAX_ALL;

  /** The first of a key counts: no policy of a namespace writes over one of the cluster. */
  add(key: string, text: string): void {
    if (text.trim() === '' || key.length > MAX_KEY || Object.hasOwn(this.values, key)) return;
    const value = visibleLine(text.slice(0, MAX_VALUE)).slice(0, MAX_VALUE);
    if (value.length > this.left) return;
    this.left -= value.length;
    this.values[key] = value;
  }
}
