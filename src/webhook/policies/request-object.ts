import type { Json } from '../admission/review.js';

/*
 * What expressions read as `request`: what Kubernetes declares of it, and no more. The objects have variables of their
 * own, and the uid of a review is the API server's.
 */

const FIELDS = [
  'kind',
  'resource',
  'subResource',
  'requestKind',
  'requestResource',
  'requestSubResource',
  'name',
  'namespace',
  'operation',
  'userInfo',
  'dryRun',
  'options',
] as const;

export const requestObject = (request: Json): Json => {
  const seen: Record<string, unknown> = {};
  for (const field of FIELDS) if (request[field] !== undefined) seen[field] = request[field];
  return seen;
};
