import { errorMessage } from '../client/api-error.js';
import type { Clock } from '../clock.js';
import { KubeconfigError } from './error.js';
import { dataOrFile } from './read-file.js';
import type { Environment, ExecConfig, KubeconfigEntry } from './types.js';

const GROUP = 'client.authentication.k8s.io';
const API_VERSIONS = [`${GROUP}/v1`, `${GROUP}/v1beta1`];
/** Credentials are renewed this long before they expire, so that a request under way does not outlive them. */
const RENEW_BEFORE_MS = 10_000;
/** An ExecCredential is a few kilobytes; more is not one. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** The cluster as `provideClusterInfo` hands it to the plugin: `spec.cluster` of an ExecCredential. */
interface ClusterInfo {
  readonly server: string;
  readonly 'certificate-authority-data'?: string | undefined;
  readonly 'insecure-skip-tls-verify'?: boolean | undefined;
  readonly 'tls-server-name'?: string | undefined;
  readonly 'proxy-url'?: string | undefined;
  /** The cluster's extension of the plugins' API group, whatever it is. */
  readonly config?: unknown;
}

interface ExecCredential {
  apiVersion?: string;
  kind?: string;
  status?: {
    token?: string;
    clientCertificateData?: string;
    clientKeyData?: string;
    expirationTimestamp?: string;
  };
}

export interface ExecContext {
  readonly user: string;
  readonly env: Environment;
  readonly cluster: () => ClusterInfo;
  readonly stdinIsTty: boolean;
  /** Takes what the plugin says on its stderr. */
  readonly say: (text: string) => void;
  readonly clock: Clock;
}

export interface ExecCredentials {
  /** @throws KubeconfigError when the plugin cannot run or answers otherwise than its API says */
  get(): Promise<{ authorization?: string; cert?: string; key?: string }>;
  hasExpired(): boolean;
  invalidate(): void;
}

export const clusterInfo = ({ server, cluster }: KubeconfigEntry): ClusterInfo => ({
  server,
  'certificate-authority-data': dataOrFile(
    'certificate-authority',
    cluster['certificate-authority-data'],
    cluster['certificate-authority'],
  )?.toString('base64'),
  'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
  'tls-server-name': cluster['tls-server-name'],
  'proxy-url': cluster['proxy-url'],
  config: cluster.extensions?.find(({ name }) => name === `${GROUP}/exec`)?.extension,
});

const isInteractive = (exec: ExecConfig, context: ExecContext): boolean => {
  switch (exec.interactiveMode) {
    case 'Never':
      return false;
    case 'Always':
      if (context.stdinIsTty) return true;
      throw new KubeconfigError(
        `the credential plugin "${exec.command ?? ''}" of user "${context.user}" must ask questions, and stdin is not a terminal`,
        { remedy: 'Run the command in a terminal, or use credentials that need no questions.' },
      );
    default:
      return context.stdinIsTty;
  }
};

const runPlugin = async (exec: ExecConfig, command: string, context: ExecContext): Promise<string> => {
  const { spawn } = await import('node:child_process');
  const interactive = isInteractive(exec, context);
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive, ...(exec.provideClusterInfo === true ? { cluster: context.cluster() } : {}) },
  };
  const added = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  return new Promise((resolve, reject) => {
    const child = spawn(command, exec.args ?? [], {
      // One that asks questions has the terminal itself, as with kubectl; what another says is shown as text.
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', interactive ? 'inherit' : 'pipe'],
      env: { ...context.env, ...added, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    });
    let output = '';
    child.stderr?.setEncoding('utf8').on('data', context.say);
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.length > MAX_OUTPUT_BYTES) child.kill();
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      const remedy = exec.installHint ?? `Install "${command}" or change the user "${context.user}" in the kubeconfig.`;
      const message = error.code === 'ENOENT' ? 'it is not installed' : errorMessage(error);
      reject(
        new KubeconfigError(`cannot run the credential plugin "${command}": ${message}`, { remedy, cause: error }),
      );
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else {
        reject(
          new KubeconfigError(`the credential plugin "${command}" failed (${signal ?? `exit code ${code ?? '?'}`})`, {
            remedy: `Run it by hand to see why: ${[command, ...(exec.args ?? [])].join(' ')}`,
          }),
        );
      }
    });
  });
};

const parseCredential = (output: string, exec: ExecConfig, command: string): ExecCredential => {
  const wrong = (what: string): KubeconfigError =>
    new KubeconfigError(`the credential plugin "${command}" ${what}`, {
      remedy:
        `It must print an ExecCredential of ${exec.apiVersion ?? ''} ` +
        'with status.token or a client certificate and key.',
    });
  let credential: ExecCredential;
  try {
    credential = JSON.parse(output) as ExecCredential;
  } catch {
    throw wrong('did not print JSON');
  }
  if (credential.apiVersion !== exec.apiVersion) {
    throw wrong(
      `answered with apiVersion "${String(credential.apiVersion)}" and was asked for "${exec.apiVersion ?? ''}"`,
    );
  }
  const { token, clientCertificateData: cert, clientKeyData: key } = credential.status ?? {};
  if (token === undefined && cert === undefined) throw wrong('gave neither a token nor a certificate');
  if ((cert === undefined) !== (key === undefined))
    throw wrong('gave a certificate without a key, or a key without one');
  return credential;
};

/** The command of a complete exec section. @throws KubeconfigError for one that cannot be served */
const commandOf = (exec: ExecConfig, user: string): string => {
  if (!exec.command) {
    throw new KubeconfigError(`users["${user}"].exec.command is empty`, {
      remedy: 'Name the credential plugin there.',
    });
  }
  if (exec.apiVersion === undefined || !API_VERSIONS.includes(exec.apiVersion)) {
    throw new KubeconfigError(`users["${user}"].exec.apiVersion "${exec.apiVersion ?? ''}" is not supported`, {
      remedy: `Use ${API_VERSIONS.join(' or ')}; update the credential plugin if it is older.`,
    });
  }
  return exec.command;
};

/**
 * Credentials from an exec plugin (client.authentication.k8s.io/v1 and v1beta1). It is asked once, also when several
 * requests want them at a time, and the answer is kept in memory until it expires or is invalidated.
 */
export const execCredentials = (exec: ExecConfig, context: ExecContext): ExecCredentials => {
  type Answer = Awaited<ReturnType<ExecCredentials['get']>>;
  let asked: Promise<Answer> | undefined;
  let expires = Infinity;
  const hasExpired = (): boolean => context.clock.now() >= expires;

  const ask = async (): Promise<Answer> => {
    const command = commandOf(exec, context.user);
    const { status = {} } = parseCredential(await runPlugin(exec, command, context), exec, command);
    const expiry = status.expirationTimestamp === undefined ? NaN : Date.parse(status.expirationTimestamp);
    expires = Number.isNaN(expiry) ? Infinity : expiry - RENEW_BEFORE_MS;
    return {
      ...(status.token === undefined ? {} : { authorization: `Bearer ${status.token}` }),
      ...(status.clientCertificateData === undefined
        ? {}
        : { cert: status.clientCertificateData, key: status.clientKeyData ?? '' }),
    };
  };

  const invalidate = (): void => {
    asked = undefined;
    expires = Infinity;
  };
  return {
    get: () => {
      if (hasExpired()) invalidate();
      asked ??= ask().catch((error: unknown) => {
        invalidate();
        throw error;
      });
      return asked;
    },
    hasExpired,
    invalidate,
  };
};
