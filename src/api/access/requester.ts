import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import type { UserInfo } from './access.js';
import { sourceKey, type ForeignSource } from './foreign-source.js';

/*
 * Who answers for what a VM copies from other namespaces: an annotation on the VM that only the webhook can write,
 * because it is signed. It gives no right: virt-controller asks the API server for the user that it names
 * (docs/adr/0012-acting-for-a-user.md).
 */

/** What a user writes in the annotation's place to answer for a VM from now on. */
export const TAKE_OVER = 'renew';

/**
 * Which VM a record is about. A VM that is being created has no uid yet: then the name, and that it was created at this
 * time.
 */
export type RecordedVm =
  | { readonly uid: string }
  | { readonly name: string; readonly generateName?: undefined }
  | { readonly name?: undefined; readonly generateName: string };

export interface RequesterRecord {
  /** Id of the key. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly namespace: string;
  readonly vm: RecordedVm;
  /** A digest of each source. */
  readonly sources: readonly string[];
  readonly user: UserInfo;
}

export interface SigningKey {
  readonly id: string;
  /** EC P-256. */
  readonly privateKey: KeyObject;
}

export interface VerifyingKey {
  readonly publicKey: KeyObject;
  /** It signed from then on (milliseconds since 1970) … */
  readonly created: number;
  /** … until then; absent: still. */
  readonly retired?: number;
}

/** A VM as far as a record is checked against it. */
export interface RecordSubject {
  readonly namespace: string;
  readonly uid: string;
  readonly name: string;
  readonly generateName: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** Longest record. An object has 256 KiB for all its annotations; a user in two thousand groups of 20 letters fits. */
export const MAX_RECORD = 64 * 1024;
/**
 * Between the webhook's answer and the creation lies less than the API server's minute for a request; a minute more for
 * clocks that differ.
 */
const CREATION_MS = 120_000;

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64url');
const ECDSA = 'ieee-p1363';

/** 16 bytes: nobody finds another source with the same. */
export const sourceDigest = (source: Omit<ForeignSource, 'field'>): string =>
  createHash('sha256').update(sourceKey(source)).digest().subarray(0, 16).toString('base64url');

/** `payload.signature`, both in base64url. */
export const signRecord = (record: Omit<RequesterRecord, 'key'>, { id, privateKey }: SigningKey): string => {
  const payload = base64(JSON.stringify({ ...record, key: id }));
  const signature = sign('sha256', Buffer.from(payload), { key: privateKey, dsaEncoding: ECDSA });
  return `${payload}.${base64(signature)}`;
};

const parse = (payload: string): RequesterRecord | undefined => {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as RequesterRecord;
  } catch {
    return undefined;
  }
};

/** The id of the key that a record says it is signed with: to look for it before anything in the record is believed. */
const keyIdOf = (text: string): string | undefined => {
  if (text.length > MAX_RECORD) return undefined;
  const key: unknown = parse(text.split('.')[0] ?? '')?.key;
  return typeof key === 'string' ? key : undefined;
};

const isAbout = ({ vm, at }: RequesterRecord, { uid, name, generateName, created }: RecordSubject): boolean => {
  if ('uid' in vm) return vm.uid === uid;
  if (!(Math.abs(created - at) <= CREATION_MS)) return false;
  if (vm.name !== undefined) return vm.name === name;
  return vm.generateName !== '' && vm.generateName === generateName && name.startsWith(generateName.slice(0, 58));
};

/**
 * The user who answers for these sources of this VM; undefined where the record is not the webhook's, is about another
 * VM, or does not name one of the sources. Nothing of the text is believed, or even looked at beyond its key's id,
 * before the signature is.
 */
export const verifyRecord = (
  text: string,
  keys: ReadonlyMap<string, VerifyingKey>,
  subject: RecordSubject,
  sources: readonly ForeignSource[],
): UserInfo | undefined => {
  const [payload = '', signature = '', ...rest] = text.split('.');
  const id = keyIdOf(text);
  const key = id === undefined ? undefined : keys.get(id);
  if (key === undefined || rest.length > 0) return undefined;
  const verifier = { key: key.publicKey, dsaEncoding: ECDSA } as const;
  if (!verify('sha256', Buffer.from(payload), verifier, Buffer.from(signature, 'base64url'))) return undefined;
  const record = parse(payload);
  if (record === undefined) return undefined;
  // A key that was stolen after its time signs nothing that is newer.
  if (record.at < key.created - CREATION_MS || record.at > (key.retired ?? Infinity) + CREATION_MS) return undefined;
  if (record.namespace !== subject.namespace || !isAbout(record, subject)) return undefined;
  const known = new Set(record.sources);
  return sources.every((source) => known.has(sourceDigest(source))) ? record.user : undefined;
};
