import type { PublicKey } from '@peculiar/x509';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AUTHORITY_LIFE_MS,
  BACKDATE_MS,
  LEAF_LIFE_MS,
  planCertificates,
  isNothingToDo,
  signerOf,
  timeLeft,
  type Certificate,
  type CertificateState,
  type IssuedLeaves,
  type LeafProfile,
  type LeafProfiles,
} from './certificate-plan.js';

/** Loaded at the first certificate only: reading the library costs more than the rest of the start. */
const loadX509 = async () => {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(crypto);
  return x509;
};
type X509 = Awaited<ReturnType<typeof loadX509>>;

const EC = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;
const AUTHORITY_NAME = 'kubectl-virt';

const newKeys = () => crypto.subtle.generateKey(EC, true, ['sign', 'verify']);

const toPem = (der: ArrayBuffer): string => {
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
};

const readKey = (pem: string): Promise<webcrypto.CryptoKey> => {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ''), 'base64');
  return crypto.subtle.importKey('pkcs8', der, EC, false, ['sign']);
};

/** 128 random bits, positive, as RFC 5280 wants it. */
const newSerialNumber = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
};

const withKey = async (cert: string, keys: webcrypto.CryptoKeyPair): Promise<Certificate> => ({
  cert: `${cert.trimEnd()}\n`,
  key: toPem(await crypto.subtle.exportKey('pkcs8', keys.privateKey)),
});

/** A self-signed CA, EC P-256, that may sign leaves only. */
export const issueAuthority = async (now: number): Promise<Certificate> => {
  const x509 = await loadX509();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    // The time in the name distinguishes the CAs where two overlap.
    name: `CN=${AUTHORITY_NAME}@${Math.trunc(now / 1000)}`,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + AUTHORITY_LIFE_MS),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return withKey(certificate.toString('pem'), keys);
};

const alternativeName = (value: string) => {
  if (value.startsWith('urn:')) return { type: 'url' as const, value };
  return { type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value };
};

const leafExtensions = async (x509: X509, profile: LeafProfile, key: PublicKey, authorityKey: PublicKey) => {
  const usage = profile.usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const names = profile.names.map(alternativeName);
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([usage]),
    await x509.SubjectKeyIdentifierExtension.create(key),
    await x509.AuthorityKeyIdentifierExtension.create(authorityKey),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
  ];
};

/** A certificate of `authority` for another party's key; it expires no later than that of `authority`. PEM. */
const signLeaf = async (
  x509: X509,
  profile: LeafProfile,
  key: PublicKey,
  authority: Certificate,
  now: number,
): Promise<string> => {
  const issuer = new x509.X509Certificate(authority.cert);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: `CN=${profile.commonName}`,
    issuer: issuer.subject,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now + Math.min(LEAF_LIFE_MS, timeLeft(authority, now) ?? 0)),
    signingAlgorithm: SIGNING,
    publicKey: key,
    signingKey: await readKey(authority.key),
    extensions: await leafExtensions(x509, profile, key, issuer.publicKey),
  });
  return certificate.toString('pem');
};

/** A certificate for one purpose with a key of its own, signed by `authority`. */
export const issueLeaf = async (profile: LeafProfile, authority: Certificate, now: number): Promise<Certificate> => {
  const x509 = await loadX509();
  const keys = await newKeys();
  const key = new x509.PublicKey(await crypto.subtle.exportKey('spki', keys.publicKey));
  return withKey(await signLeaf(x509, profile, key, authority, now), keys);
};

/** A request for a certificate (PKCS #10) that is not one, or is made with another kind of key than ours. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
}

/**
 * Signs the key of a request; whatever names the request has are not looked at. PEM.
 * @throws RequestRefused
 */
export const signRequest = async (
  request: string,
  profile: LeafProfile,
  authority: Certificate,
  now: number,
): Promise<string> => {
  const x509 = await loadX509();
  let key: PublicKey;
  try {
    const parsed = new x509.Pkcs10CertificateRequest(request);
    // Proof that the caller has the private key.
    if (!(await parsed.verify())) throw new RequestRefused('its signature is not by its key');
    key = parsed.publicKey;
  } catch (error) {
    if (error instanceof RequestRefused) throw error;
    throw new RequestRefused('it cannot be read as PKCS #10', { cause: error });
  }
  const algorithm = key.algorithm as { name?: string; namedCurve?: string };
  if (algorithm.name !== EC.name || algorithm.namedCurve !== EC.namedCurve)
    throw new RequestRefused('its key is not an EC key of the curve P-256');
  return `${(await signLeaf(x509, profile, key, authority, now)).trimEnd()}\n`;
};

/**
 * The state with everything renewed that {@link planCertificates} asks for; the same object where nothing is due.
 * @param now milliseconds since 1970
 */
export const renewCertificates = async (
  state: CertificateState,
  profiles: LeafProfiles,
  now: number,
): Promise<CertificateState> => {
  const plan = planCertificates(state, profiles, now);
  if (isNothingToDo(plan, state)) return state;
  const authorities = plan.newAuthority ? [await issueAuthority(now), ...plan.keep] : plan.keep;
  const signer = signerOf(authorities, now);
  if (signer === undefined) throw new Error('there is no CA to sign with, although one was to be made');
  const leaves: { -readonly [Name in keyof IssuedLeaves]: IssuedLeaves[Name] } = { ...state.leaves };
  for (const name of plan.leaves) {
    const profile = profiles[name];
    if (profile !== undefined) leaves[name] = await issueLeaf(profile, signer, now);
  }
  return { authorities, leaves };
};
