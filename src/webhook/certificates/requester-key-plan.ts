import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { PublishedKey } from '../../api/access/requester-keys.js';
import type { SigningKey } from '../../api/access/requester.js';

/** A key and, while it signs, its other half. */
export interface RequesterKey extends PublishedKey {
  readonly id: string;
  /** PKCS #8, DER, base64. Gone from a retired key: nobody can sign with it any more. */
  readonly privateKey?: string;
}

/** Oldest first. */
export type RequesterKeyState = readonly RequesterKey[];

/**
 * A stolen key signs for so long. Public keys are kept for good: a record is needed until its DataVolume is made, which
 * may take years.
 */
const LIFE_MS = 30 * 24 * 3600_000;
/** From the making of a key to its first signature: ten looks of the other replicas, and time for the ConfigMap. */
export const SETTLE_MS = 10 * 60_000;

export const makeKey = (now: number): RequesterKey => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    id: randomUUID(),
    created: now,
    publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    privateKey: pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  };
};

const retire = ({ id, publicKey, created }: RequesterKey, retired: number): RequesterKey => ({
  id,
  publicKey,
  created,
  retired,
});

/** The keys as they should be now; the same array where nothing is due. Pure but for the key that `make` makes. */
export const renewKeys = (state: RequesterKeyState, now: number, make = makeKey): RequesterKeyState => {
  const newest = state.at(-1);
  if (newest?.privateKey === undefined) return [...state, make(now)];
  const due = now - newest.created >= LIFE_MS;
  const settled = now - newest.created >= SETTLE_MS;
  const keys = state.map((key) =>
    key === newest || key.privateKey === undefined || !settled ? key : retire(key, newest.created + SETTLE_MS),
  );
  if (due) return [...keys, make(now)];
  return keys.some((key, index) => key !== state[index]) ? keys : state;
};

/** What signs now: the newest that everybody knows by now, or the only one there is. */
export const signingKey = (state: RequesterKeyState, now: number): SigningKey | undefined => {
  const able = state.filter(({ privateKey }) => privateKey !== undefined);
  const { id, privateKey } = able.findLast(({ created }) => now - created >= SETTLE_MS) ?? able.at(0) ?? {};
  if (id === undefined || privateKey === undefined) return undefined;
  return { id, privateKey: createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' }) };
};
