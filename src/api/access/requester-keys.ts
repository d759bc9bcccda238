import { createPublicKey } from 'node:crypto';
import type { VerifyingKey } from './requester.js';

/** Where virt-webhook publishes, and virt-controller reads, with which keys records of requesters are signed. */
export const REQUESTER_KEYS = 'virt-requester-keys';

/** One entry of the ConfigMap, under the key's id, as JSON. */
export interface PublishedKey {
  /** SubjectPublicKeyInfo, DER, base64. */
  readonly publicKey: string;
  /** Milliseconds since 1970; see VerifyingKey. */
  readonly created: number;
  readonly retired?: number;
}

export const publishedText = ({ publicKey, created, retired }: PublishedKey): string =>
  JSON.stringify({ publicKey, created, ...(retired === undefined ? {} : { retired }) });

const verifyingKey = (text: string): VerifyingKey | undefined => {
  try {
    const { publicKey, created, retired } = JSON.parse(text) as PublishedKey;
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ec' || typeof created !== 'number') return undefined;
    return { publicKey: key, created, ...(retired === undefined ? {} : { retired }) };
  } catch {
    return undefined;
  }
};

/** The keys of a ConfigMap's `data`; what cannot be read is no key. */
export const verifyingKeys = (data: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, VerifyingKey> =>
  new Map(
    Object.entries(data ?? {}).flatMap(([id, text]) => {
      const key = verifyingKey(text);
      return key === undefined ? [] : [[id, key] as const];
    }),
  );
