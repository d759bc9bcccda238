import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import type { Condition } from '../../../src/api/vmi/condition.js';
import { isAlreadyExists } from '../../../src/kube/client/api-error.js';
import type { KubeClient } from '../../../src/kube/client/client.js';
import { clientFor } from '../../../src/kube/client/connect.js';
import { crdPath, namespacePath } from '../../../src/kube/client/resources.js';
import type { KubernetesObject } from '../../../src/kube/types.js';
import { KUBERNETES_BIN } from '../../cluster/settings.js';
import { freePort } from '../../support/free-ports.js';
import { type Authority, createAuthority } from './certificates.js';
import { Etcd, etcdFlags } from './etcd.js';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');
/** Ends what hangs; two cores are shared with builds, guests and other tests. */
const START_TIMEOUT_MS = 240_000;

export interface ApiServerOptions {
  /** What stands in the audit log, as the API server's own policy says; none: there is no log. */
  auditPolicy?: object;
}

/** An event of the API server's audit log, as far as tests read it. */
export interface AuditEvent {
  readonly verb: string;
  readonly objectRef?: { readonly resource?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A real etcd and kube-apiserver on loopback. */
export interface TestApiServer {
  readonly url: string;
  readonly port: number;
  /** Working directory: certificates, logs (`kube-apiserver.log`, `etcd.log`). */
  readonly directory: string;
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly ca: Authority;
  client(options?: { server?: string }): Promise<KubeClient>;
  /** What stands in the audit log so far, the oldest first; empty without `auditPolicy`. */
  auditEvents(): AuditEvent[];
  /** `kill -9` of the API server; etcd goes on. */
  kill(): Promise<void>;
  /** Starts it again on the same port, after {@link kill}. */
  restart(): Promise<void>;
  isRunning(): boolean;
  /** Of the API server and of etcd. */
  pids(): number[];
  readonly etcd: Etcd;
  stop(): Promise<void>;
  /** Neither of both takes any CPU until {@link resume}. */
  pause(): void;
  resume(): void;
  /** The process may end while they run. */
  unref(): void;
  /** As {@link stop}, at the end of the process, when nothing is waited for any more. */
  endNow(): void;
}

/** A program of Kubernetes, built once by the test bed. @throws with the command that builds it. */
export const kubernetesBinary = (name: string): string => {
  const file = join(KUBERNETES_BIN, name);
  if (isExecutable(file)) return file;
  throw new Error(`${file} is missing: build it with "npm run cluster -- up --bare" (6 to 10 minutes, once).`);
};

const etcdBinary = (): string => {
  for (const directory of [...(process.env.PATH ?? '').split(delimiter), '/usr/bin']) {
    if (isExecutable(join(directory, 'etcd'))) return join(directory, 'etcd');
  }
  throw new Error(
    'etcd is missing: install it with "apt-get install etcd-server" or run "npm run cluster -- up --bare".',
  );
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Tests share one (`shared-api-server.ts`), but for those that say why they cannot. */
export const startApiServer = async (options: ApiServerOptions = {}): Promise<TestApiServer> => {
  const binaries = { etcd: etcdBinary(), apiserver: kubernetesBinary('kube-apiserver') };
  const directory = mkdtempSync(join(tmpdir(), 'kubectl-virt-api-'));
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const ca = await writeCertificates(directory, port);
  if (options.auditPolicy !== undefined) writeAuditPolicy(directory, options.auditPolicy);
  const etcd = run('etcd', binaries.etcd, etcdFlags(directory, etcdUrl, `http://127.0.0.1:${peerPort}`), directory);
  const start = (): ChildProcess =>
    run('kube-apiserver', binaries.apiserver, apiServerFlags(directory, etcdUrl, port, options), directory);
  let server = start();
  let mayEnd = false;
  const kubeconfig = join(directory, 'kubeconfig');
  const client = (more: { server?: string } = {}): Promise<KubeClient> => clientFor({ kubeconfig, ...more });
  const stop = async (): Promise<void> => {
    await Promise.all([end(server), end(etcd)]);
    forget();
  };
  const signal = (name: NodeJS.Signals): void => [server, etcd].forEach((child) => child.kill(name));
  const forget = (): void => {
    if (!process.env.TEST_KEEP) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  const ready = async (): Promise<void> => {
    const probe = await client();
    await until('the API server is ready', directory, () =>
      probe.requestText('GET', '/readyz', undefined, { timeoutMs: 30_000 }),
    );
    // The API server makes it by itself, a moment after it says that it is ready.
    await until('namespace default exists', directory, () => probe.get(namespacePath('default')));
    probe.close();
  };
  try {
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    directory,
    kubeconfig,
    ca,
    client,
    stop,
    kill: () => end(server),
    restart: async () => {
      server = start();
      if (mayEnd) server.unref();
      await ready();
    },
    auditEvents: () => auditEvents(directory),
    isRunning: () => !hasEnded(server) && !hasEnded(etcd),
    pids: () => [server, etcd].map(({ pid = 0 }) => pid),
    etcd: new Etcd(etcdUrl),
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    unref: () => {
      mayEnd = true;
      for (const child of [server, etcd]) child.unref();
    },
    endNow: () => {
      signal('SIGKILL');
      forget();
    },
  };
};

/** Applies `manifests/crds` and waits until they serve. */
export const installCrds = async (client: KubeClient): Promise<void> => {
  const directory = join(REPOSITORY, 'manifests', 'crds');
  let files: string[] = [];
  try {
    files = readdirSync(directory).filter((file) => file.endsWith('.yaml'));
  } catch {
    // Said below.
  }
  const crds = files
    .flatMap((file) => parseAllDocuments(readFileSync(join(directory, file), 'utf8')))
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((crd): crd is KubernetesObject => crd?.kind === 'CustomResourceDefinition');
  if (crds.length === 0) throw new Error(`${directory} holds no CRDs: make them with "npm run generate".`);
  for (const crd of crds) {
    await client.create(crdPath(), crd).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  }
  for (const crd of crds) {
    await until(`CRD ${crd.metadata?.name ?? ''} is established`, undefined, async () => {
      const now = await client.get<{ status?: { conditions?: Condition[] } }>(crdPath(crd.metadata?.name));
      const conditions = now.status?.conditions ?? [];
      if (!conditions.some(({ type, status }) => type === 'Established' && status === 'True')) {
        throw new Error(JSON.stringify(conditions));
      }
    });
  }
};

const apiServerFlags = (directory: string, etcdUrl: string, port: number, options: ApiServerOptions): string[] => [
  `--etcd-servers=${etcdUrl}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  `--secure-port=${port}`,
  '--service-cluster-ip-range=10.96.0.0/16',
  '--authorization-mode=RBAC',
  '--allow-privileged=true',
  `--tls-cert-file=${join(directory, 'server.crt')}`,
  `--tls-private-key-file=${join(directory, 'server.key')}`,
  `--client-ca-file=${join(directory, 'ca.crt')}`,
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${join(directory, 'service-account.pub')}`,
  `--service-account-signing-key-file=${join(directory, 'service-account.key')}`,
  `--requestheader-client-ca-file=${join(directory, 'ca.crt')}`,
  '--requestheader-username-headers=X-Remote-User',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  '--requestheader-allowed-names=front-proxy',
  `--proxy-client-cert-file=${join(directory, 'front-proxy.crt')}`,
  `--proxy-client-key-file=${join(directory, 'front-proxy.key')}`,
  // Services of type ExternalName are resolved without the routing of the aggregator only.
  '--enable-aggregator-routing=false',
  // It would want a controller manager.
  '--disable-admission-plugins=ServiceAccount',
  ...(options.auditPolicy === undefined ? [] : auditFlags(directory)),
];

const AUDIT_POLICY = 'audit-policy.json';
const AUDIT_LOG = 'audit.log';

const writeAuditPolicy = (directory: string, policy: object): void =>
  writeFileSync(
    join(directory, AUDIT_POLICY),
    JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', ...policy }),
  );

const auditFlags = (directory: string): string[] => [
  `--audit-policy-file=${join(directory, AUDIT_POLICY)}`,
  `--audit-log-path=${join(directory, AUDIT_LOG)}`,
];

/** Whole lines: the last may be half written. */
const auditEvents = (directory: string): AuditEvent[] => {
  const file = join(directory, AUDIT_LOG);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  return lines.map((line) => JSON.parse(line) as AuditEvent);
};

const writeCertificates = async (directory: string, port: number): Promise<Authority> => {
  mkdirSync(directory, { recursive: true });
  const ca = await createAuthority('test-ca');
  const write = (name: string, content: string): void => writeFileSync(join(directory, name), content, { mode: 0o600 });
  const save = async (file: string, subject: string, names: string[] = []): Promise<void> => {
    const { certificate, key } = await ca.issue(subject, names);
    write(`${file}.crt`, certificate);
    write(`${file}.key`, key);
  };
  write('ca.crt', ca.certificate);
  await save('server', 'CN=kube-apiserver', ['127.0.0.1', 'localhost', 'kubernetes.default.svc']);
  await save('admin', 'CN=admin, O=system:masters');
  await save('front-proxy', 'CN=front-proxy');
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  write('service-account.key', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
  write('service-account.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString());
  write('kubeconfig', kubeconfigText(directory, `https://127.0.0.1:${port}`));
  return ca;
};

const kubeconfigText = (directory: string, server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': join(directory, 'ca.crt') } }],
    users: [
      {
        name: 'admin',
        user: { 'client-certificate': join(directory, 'admin.crt'), 'client-key': join(directory, 'admin.key') },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin', namespace: 'default' } }],
    'current-context': 'test',
  });

/** Dies with us: a test that is killed must not leave an API server behind. */
const run = (name: string, binary: string, flags: string[], directory: string): ChildProcess => {
  const log = openSync(join(directory, `${name}.log`), 'a');
  return spawn('setpriv', ['--pdeathsig', 'KILL', binary, ...flags], { stdio: ['ignore', log, log], cwd: directory });
};

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const end = async (child: ChildProcess): Promise<void> => {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
};

/** Repeats until it does not throw; on timeout the last error and the end of the logs are told. */
export const until = async <T>(
  what: string,
  directory: string | undefined,
  attempt: () => Promise<T> | T,
  timeoutMs = START_TIMEOUT_MS,
): Promise<T> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() < deadline) {
        await wait(100);
        continue;
      }
      const logs = directory
        ? `\n${tail(join(directory, 'etcd.log'))}\n${tail(join(directory, 'kube-apiserver.log'))}`
        : '';
      throw new Error(`waited ${timeoutMs / 1000} s until ${what}: ${(error as Error).message}${logs}`, {
        cause: error,
      });
    }
  }
};

const tail = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');
  } catch {
    return '';
  }
};
