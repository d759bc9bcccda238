/** etcd, API server, controller manager and scheduler: their flags and files. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { certificatePath, keyPath, kubeconfig } from './certificates.js';
import { kubernetesMinor, noInsecurePort } from './kubernetes-version.js';
import type { Program } from './processes.js';
import {
  API_PORT,
  CLUSTER_DIR,
  ETCD_PEER_URL,
  ETCD_URL,
  KUBERNETES_BIN,
  NODE_ADDRESS,
  POD_SUBNET,
  SERVICE_SUBNET,
  paths,
} from './settings.js';

const flags = (values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);
const configFile = (name: string): string => path.join(paths.config, name);

/** Every write to our API and to pods is recorded: the tests count them. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    {
      level: 'Metadata',
      verbs: ['create', 'update', 'patch', 'delete'],
      resources: [{ group: 'kubevirt.io' }, { group: 'subresources.kubevirt.io' }, { group: '', resources: ['pods'] }],
    },
    { level: 'None' },
  ],
};

/** Writes the files that the programs below read. */
export const writeControlPlaneFiles = (): void => {
  mkdirSync(paths.config, { recursive: true, mode: 0o700 });
  mkdirSync(paths.logs, { recursive: true });
  mkdirSync(paths.etcd, { recursive: true, mode: 0o700 });
  writeFileSync(configFile('audit.json'), JSON.stringify(AUDIT_POLICY));
  for (const user of ['controller-manager', 'scheduler', 'kubelet']) {
    writeFileSync(configFile(`${user}.kubeconfig`), kubeconfig(user), { mode: 0o600 });
  }
  writeFileSync(
    paths.kubeconfig,
    kubeconfig('admin', (file) => readFileSync(file)),
    { mode: 0o600 },
  );
};

export const etcd: Program = {
  name: 'etcd',
  command: 'etcd',
  args: flags({
    'data-dir': paths.etcd,
    'listen-client-urls': ETCD_URL,
    'advertise-client-urls': ETCD_URL,
    'listen-peer-urls': ETCD_PEER_URL,
    'initial-advertise-peer-urls': ETCD_PEER_URL,
    'initial-cluster': `default=${ETCD_PEER_URL}`,
    logger: 'zap',
    'log-level': 'warn',
  }),
};

export const apiServer: Program = {
  name: 'kube-apiserver',
  command: path.join(KUBERNETES_BIN, 'kube-apiserver'),
  args: flags({
    'bind-address': NODE_ADDRESS,
    'advertise-address': NODE_ADDRESS,
    'secure-port': String(API_PORT),
    'etcd-servers': ETCD_URL,
    'service-cluster-ip-range': SERVICE_SUBNET,
    'cert-dir': CLUSTER_DIR,
    'client-ca-file': certificatePath('ca'),
    'tls-cert-file': certificatePath('apiserver'),
    'tls-private-key-file': keyPath('apiserver'),
    'kubelet-certificate-authority': certificatePath('ca'),
    'kubelet-client-certificate': certificatePath('apiserver-kubelet'),
    'kubelet-client-key': keyPath('apiserver-kubelet'),
    'kubelet-preferred-address-types': 'InternalIP',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-signing-key-file': keyPath('service-account'),
    'service-account-key-file': path.join(paths.certificates, 'service-account.pub'),
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'allow-privileged': 'true',
    // Aggregated APIs and webhooks: who the API server is to them, and endpoints instead of service addresses.
    'enable-aggregator-routing': 'true',
    'requestheader-client-ca-file': certificatePath('front-proxy-ca'),
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': certificatePath('front-proxy-client'),
    'proxy-client-key-file': keyPath('front-proxy-client'),
    'audit-policy-file': configFile('audit.json'),
    'audit-log-path': paths.audit,
    'audit-log-maxsize': '200',
    'audit-log-maxbackup': '1',
  }),
};

export const controllerManager: Program = {
  name: 'kube-controller-manager',
  command: path.join(KUBERNETES_BIN, 'kube-controller-manager'),
  get args() {
    return flags({
      kubeconfig: configFile('controller-manager.kubeconfig'),
      'authentication-kubeconfig': configFile('controller-manager.kubeconfig'),
      'authorization-kubeconfig': configFile('controller-manager.kubeconfig'),
      'bind-address': '127.0.0.1',
      'cert-dir': CLUSTER_DIR,
      ...noInsecurePort(kubernetesMinor()),
      'leader-elect': 'false',
      'cluster-cidr': POD_SUBNET,
      'service-cluster-ip-range': SERVICE_SUBNET,
      'root-ca-file': certificatePath('ca'),
      'client-ca-file': certificatePath('ca'),
      'requestheader-client-ca-file': certificatePath('front-proxy-ca'),
      'service-account-private-key-file': keyPath('service-account'),
      'use-service-account-credentials': 'true',
    });
  },
};

export const scheduler: Program = {
  name: 'kube-scheduler',
  command: path.join(KUBERNETES_BIN, 'kube-scheduler'),
  get args() {
    return flags({
      kubeconfig: configFile('scheduler.kubeconfig'),
      'authentication-kubeconfig': configFile('scheduler.kubeconfig'),
      'authorization-kubeconfig': configFile('scheduler.kubeconfig'),
      'bind-address': '127.0.0.1',
      'cert-dir': CLUSTER_DIR,
      ...noInsecurePort(kubernetesMinor()),
      'leader-elect': 'false',
    });
  },
};
