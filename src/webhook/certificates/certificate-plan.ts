import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Who needs a certificate of our CA. */
export const LEAVES = ['serving', 'agentClient'] as const;
export type LeafName = (typeof LEAVES)[number];

/** Those that have been issued so far: none at the first start. */
export type IssuedLeaves = { readonly [Name in LeafName]?: Certificate };

/** Everything that the replicas share. */
export interface CertificateState {
  /** Newest first. All that have not ended are trusted, so that certificates of an old one work on. */
  readonly authorities: readonly Certificate[];
  readonly leaves: IssuedLeaves;
}

/** What a leaf must say. */
export interface LeafProfile {
  readonly commonName: string;
  /** Host names, IP addresses and URNs. */
  readonly names: readonly string[];
  readonly usage: 'server' | 'client';
}
/** Those that a program needs: outside a cluster there is no agent to call. */
export type LeafProfiles = { readonly [Name in LeafName]?: LeafProfile };

export interface CertificatePlan {
  /** A new CA is put in front of the others. */
  readonly newAuthority: boolean;
  readonly leaves: readonly LeafName[];
  /** Authorities that have ended, or are not ours to use, are dropped. */
  readonly keep: readonly Certificate[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** As KubeVirt does it (docs/reference/measurements.md §4): with short lifetimes a stolen key is of little use. */
export const AUTHORITY_LIFE_MS = 7 * 24 * HOUR_MS;
export const LEAF_LIFE_MS = 24 * HOUR_MS;
/** Certificates begin in the past, because the nodes' clocks differ. */
export const BACKDATE_MS = 5 * MINUTE_MS;
/** Renewed when less than this part of the life is left. */
const RENEW_AT = 0.2;
/** The renewal has this long (14 minutes of a day) before a replica calls itself not ready. */
const DYING_AT = 0.19;
/**
 * A new CA signs only when all clients had the time to load it: the API server's caches take seconds, kubelet's Secret
 * mounts up to two minutes.
 */
const SETTLE_MS = 10 * MINUTE_MS;

const parse = ({ cert }: Certificate): X509Certificate | undefined => {
  try {
    return new X509Certificate(cert);
  } catch {
    return undefined;
  }
};

const endOf = (certificate: X509Certificate): number => Date.parse(certificate.validTo);
const beginningOf = (certificate: X509Certificate): number => Date.parse(certificate.validFrom);

/**
 * The part of its life that a certificate has left: 1 at its beginning, 0 or less after its end or where it is
 * unreadable.
 */
export const lifeLeft = (certificate: Certificate | undefined, now: number): number => {
  const parsed = certificate && parse(certificate);
  if (!parsed) return 0;
  return (endOf(parsed) - now) / (endOf(parsed) - beginningOf(parsed));
};

/** Milliseconds until the end; undefined where there is no certificate. */
export const timeLeft = (certificate: Certificate | undefined, now: number): number | undefined => {
  const parsed = certificate && parse(certificate);
  return parsed && endOf(parsed) - now;
};

export const isDying = (certificate: Certificate | undefined, now: number): boolean =>
  lifeLeft(certificate, now) < DYING_AT;

const isAlive = (certificate: Certificate, now: number): boolean => (timeLeft(certificate, now) ?? 0) > 0;

const isSignedByOneOf = (leaf: X509Certificate, authorities: readonly Certificate[]): boolean =>
  authorities.some((authority) => {
    const parsed = parse(authority);
    return parsed !== undefined && leaf.checkIssued(parsed) && leaf.verify(parsed.publicKey);
  });

const fitsProfile = (leaf: X509Certificate, { commonName, names }: LeafProfile): boolean =>
  leaf.subject.split('\n').includes(`CN=${commonName}`) &&
  names.every((name) => (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) !== undefined);

const leafIsGood = (
  leaf: Certificate | undefined,
  profile: LeafProfile,
  authorities: readonly Certificate[],
  now: number,
): boolean => {
  const parsed = leaf && parse(leaf);
  if (!parsed || lifeLeft(leaf, now) < RENEW_AT) return false;
  return fitsProfile(parsed, profile) && isSignedByOneOf(parsed, authorities);
};

/**
 * What must be renewed at this moment. Pure. A CA that nears its expiry gets a successor at once, so that it is trusted
 * everywhere long before it signs; a leaf is renewed near its own expiry, or when it is missing, unreadable, for
 * another name or of a CA that no longer exists.
 */
export const planCertificates = (state: CertificateState, profiles: LeafProfiles, now: number): CertificatePlan => {
  const keep = state.authorities.filter((authority) => isAlive(authority, now));
  const [newest] = keep;
  const newAuthority = newest === undefined || lifeLeft(newest, now) < RENEW_AT;
  const leaves = LEAVES.filter((name) => {
    const profile = profiles[name];
    return profile !== undefined && !leafIsGood(state.leaves[name], profile, keep, now);
  });
  return { newAuthority, leaves, keep };
};

export const isNothingToDo = (plan: CertificatePlan, state: CertificateState): boolean =>
  !plan.newAuthority && plan.leaves.length === 0 && plan.keep.length === state.authorities.length;

/** The CA that signs now: the newest that has settled, else the newest (there is no other yet). */
export const signerOf = (authorities: readonly Certificate[], now: number): Certificate | undefined => {
  const settled = authorities.find((authority) => {
    const parsed = parse(authority);
    return parsed !== undefined && beginningOf(parsed) + BACKDATE_MS + SETTLE_MS <= now;
  });
  return settled ?? authorities[0];
};

/** Every CA to trust, as one PEM text. */
export const bundleOf = ({ authorities }: CertificateState): string =>
  authorities.map(({ cert }) => (cert.endsWith('\n') ? cert : `${cert}\n`)).join('');
