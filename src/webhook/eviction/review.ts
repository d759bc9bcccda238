import { openReview, ReviewError, text, type Json } from '../admission/review.js';
import { isRecord, recordOf } from '../../api/record.js';

/** What an Eviction (policy/v1, policy/v1beta1) says beside which pod it is about. */
export interface Eviction {
  readonly dryRun: boolean;
  /** Who signed it, by its annotation `requested-by`. */
  readonly requestedBy: string | undefined;
}

/** An AdmissionReview's request to evict a pod. */
export interface EvictionRequest {
  readonly uid: string;
  readonly namespace: string;
  /** The pod's. */
  readonly name: string;
  readonly dryRun: boolean;
  /** Undefined: what was sent cannot be read. */
  readonly eviction: Eviction | undefined;
}

const isOptionalRecord = (value: unknown): value is Json | null | undefined =>
  value === undefined || value === null || isRecord(value);

const evictionOf = (object: unknown): Eviction | undefined => {
  if (!isRecord(object)) return undefined;
  const { metadata, deleteOptions } = object;
  if (!isOptionalRecord(metadata) || !isOptionalRecord(deleteOptions)) return undefined;
  const annotations = metadata?.['annotations'];
  if (!isOptionalRecord(annotations)) return undefined;
  const dryRun = deleteOptions?.['dryRun'];
  return {
    dryRun: Array.isArray(dryRun) && dryRun[0] === 'All',
    requestedBy: text(annotations?.['requested-by']) || undefined,
  };
};

/**
 * Reads an AdmissionReview about `pods/eviction`.
 * @throws BodyError when it is none (there is no uid to answer to), ReviewError when it is about something else
 */
export const decodeEviction = (body: unknown): EvictionRequest => {
  const { uid, request } = openReview(body);
  const resource = text(recordOf(request['resource'])['resource']);
  const subResource = text(request['subResource']);
  if (resource !== 'pods' || subResource !== 'eviction') {
    const named = JSON.stringify(`${resource}/${subResource}`);
    throw new ReviewError(uid, `this path serves pods/eviction, not ${named}: correct the webhook configuration`);
  }
  const object = request['object'];
  return {
    uid,
    namespace: text(request['namespace']),
    name: text(request['name']) || text(recordOf(recordOf(object)['metadata'])['name']),
    dryRun: request['dryRun'] === true,
    eviction: evictionOf(object),
  };
};
