import type { ObjectMeta } from '../api/schema/meta.js';

/*
 * The CertificateSigningRequest (certificates.k8s.io/v1) by which an agent gets its certificate, as far as both sides
 * read it.
 */

export interface CertificateRequest {
  readonly metadata?: ObjectMeta;
  readonly spec: {
    /** PEM in base64. */
    readonly request: string;
    readonly signerName: string;
    readonly usages: readonly string[];
    /** These the API server writes, whatever the creator says: who has created it. */
    readonly username?: string;
    readonly extra?: Readonly<Record<string, readonly string[]>>;
  };
  readonly status?: {
    readonly conditions?: readonly CertificateRequestCondition[];
    /** PEM in base64. */
    readonly certificate?: string;
  };
}

export interface CertificateRequestCondition {
  readonly type: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
}

/**
 * How long an agent waits for the answer to a request; then it makes a new one, with a new key. Older ones are answered
 * to nobody, so that after a long absence of the webhook one is signed for each node and not all that were made
 * meanwhile.
 */
export const REQUEST_LIFE_MS = 10 * 60_000;
