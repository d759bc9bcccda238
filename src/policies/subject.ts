import type { Labels, Requester, Subject } from './match.js';
import type { PolicyKind } from './environments.js';
import { recordOf } from '../api/record.js';

/*
 * What policies match of an object: made here for the webhook and for lint alike.
 */

export interface SubjectOptions {
  readonly kind: PolicyKind;
  readonly operation: Subject['operation'];
  readonly object: unknown;
  /** Of the request; an object may omit its own. */
  readonly namespace: string;
  /** Of the request, where the object has none yet. */
  readonly name?: string;
  readonly namespaceLabels: Labels | undefined;
  readonly user: Requester | undefined;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const NONE: Labels = {};

/** Labels as the API server takes them: what is no text is none. */
const labelsOf = (labels: unknown): Labels => {
  if (labels === undefined) return NONE;
  const own = recordOf(labels);
  return Object.values(own).every((value) => typeof value === 'string')
    ? (own as Labels)
    : Object.fromEntries(
        Object.entries(own).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      );
};

export const subjectOf = (options: SubjectOptions): Subject => {
  const { kind, operation, object, namespace, namespaceLabels, user } = options;
  const metadata = recordOf(recordOf(object)['metadata']);
  return {
    kind,
    operation,
    // An object that is to get its name is known by the beginning of it.
    name: text(metadata['name']) ?? options.name ?? text(metadata['generateName']) ?? '',
    namespace,
    labels: labelsOf(metadata['labels']),
    namespaceLabels,
    user,
  };
};
