/**
 * The cluster's own certificate authorities, certificates and kubeconfigs, below the cluster directory. EC P-256
 * throughout.
 */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { API_CLUSTER_ADDRESS, API_PORT, NODE_ADDRESS, NODE_NAME, paths } from './settings.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const YEAR_MS = 365 * 24 * 3600 * 1000;

export const certificatePath = (name: string): string => path.join(paths.certificates, `${name}.crt`);
export const keyPath = (name: string): string => path.join(paths.certificates, `${name}.key`);

interface Issuer {
  readonly subject: string;
  readonly keys: CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

const newKeys = (): Promise<CryptoKeyPair> => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/**
 * "EC PRIVATE KEY" is what Kubernetes 1.20 wants for service account keys; PKCS #8 serves everywhere else and there
 * too.
 */
const keyPem = async (keys: CryptoKeyPair): Promise<string> =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');

const validity = () => ({ notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + YEAR_MS) });
const serial = (): string =>
  Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
    .toString('hex')
    .replace(/^./, '1');

const newAuthority = async (name: string): Promise<Issuer> => {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${name}`,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  await save(name, certificate, keys);
  return { subject: `CN=${name}`, keys, certificate };
};

const save = async (name: string, certificate: x509.X509Certificate, keys: CryptoKeyPair): Promise<void> => {
  writeFileSync(certificatePath(name), `${certificate.toString('pem')}\n`);
  writeFileSync(keyPath(name), `${await keyPem(keys)}\n`, { mode: 0o600 });
};

interface Leaf {
  readonly name: string;
  readonly commonName: string;
  readonly organisation?: string;
  /** Addresses and names of a server's certificate; none: a client's certificate. */
  readonly hosts?: readonly string[];
}

const issue = async (issuer: Issuer, leaf: Leaf): Promise<void> => {
  const keys = await newKeys();
  const organisation = leaf.organisation === undefined ? '' : `, O=${leaf.organisation}`;
  const names = (leaf.hosts ?? []).map((host) => ({
    type: /^[\d.]+$/.test(host) ? ('ip' as const) : ('dns' as const),
    value: host,
  }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    issuer: issuer.subject,
    subject: `CN=${leaf.commonName}${organisation}`,
    ...validity(),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth, x509.ExtendedKeyUsage.serverAuth]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  await save(leaf.name, certificate, keys);
};

const clusterLeaves: readonly Leaf[] = [
  {
    name: 'apiserver',
    commonName: 'kube-apiserver',
    hosts: [
      NODE_ADDRESS,
      API_CLUSTER_ADDRESS,
      '127.0.0.1',
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
    ],
  },
  {
    name: 'kubelet',
    commonName: `system:node:${NODE_NAME}`,
    organisation: 'system:nodes',
    hosts: [NODE_ADDRESS, NODE_NAME],
  },
  { name: 'apiserver-kubelet', commonName: 'kube-apiserver-kubelet-client', organisation: 'system:masters' },
  { name: 'controller-manager', commonName: 'system:kube-controller-manager' },
  { name: 'scheduler', commonName: 'system:kube-scheduler' },
  { name: 'admin', commonName: 'admin', organisation: 'system:masters' },
];

/** Makes all keys and certificates unless a complete set is there. */
export const ensureCertificates = async (): Promise<void> => {
  const complete = path.join(paths.certificates, 'complete');
  if (existsSync(complete)) return;
  mkdirSync(paths.certificates, { recursive: true, mode: 0o700 });
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0] & object);
  const cluster = await newAuthority('ca');
  for (const leaf of clusterLeaves) await issue(cluster, leaf);
  const frontProxy = await newAuthority('front-proxy-ca');
  await issue(frontProxy, { name: 'front-proxy-client', commonName: 'front-proxy-client' });
  const serviceAccount = await newKeys();
  writeFileSync(keyPath('service-account'), `${await keyPem(serviceAccount)}\n`, { mode: 0o600 });
  const publicKey = await webcrypto.subtle.exportKey('spki', serviceAccount.publicKey);
  writeFileSync(
    path.join(paths.certificates, 'service-account.pub'),
    `${x509.PemConverter.encode(publicKey, 'PUBLIC KEY')}\n`,
  );
  writeFileSync(`${complete}.tmp`, '');
  renameSync(`${complete}.tmp`, complete);
};

/** A kubeconfig that holds paths, or for `embed` the data itself, so that it works wherever it is copied. */
export const kubeconfig = (user: string, read?: (file: string) => Buffer): string => {
  const entry = (key: string, file: string) =>
    read === undefined ? { [key]: file } : { [`${key}-data`]: read(file).toString('base64') };
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'kubectl-virt',
          cluster: {
            server: `https://${NODE_ADDRESS}:${API_PORT}`,
            ...entry('certificate-authority', certificatePath('ca')),
          },
        },
      ],
      users: [
        {
          name: user,
          user: { ...entry('client-certificate', certificatePath(user)), ...entry('client-key', keyPath(user)) },
        },
      ],
      contexts: [{ name: 'kubectl-virt', context: { cluster: 'kubectl-virt', user } }],
      'current-context': 'kubectl-virt',
    },
    null,
    2,
  );
};
