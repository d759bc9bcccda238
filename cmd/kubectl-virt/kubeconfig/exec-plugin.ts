import { CliError, messageOf } from '../errors.js';
import type { Environment } from './load.js';
import type { Credentials, ExecConfig } from './types.js';

const API_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
/** Credentials are renewed this long before they expire, so that a request under way does not outlive them. */
const RENEW_BEFORE_MS = 10_000;
/** An ExecCredential is a few kilobytes; more is not one. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** The cluster as `provideClusterInfo` hands it to the plugin. */
export interface ExecClusterInfo {
  readonly server: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
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
  readonly cluster: ExecClusterInfo;
  readonly stdinIsTty: boolean;
  /** Takes what the plugin says on its stderr. */
  readonly say: (text: string) => void;
  readonly now: () => number;
}

const isInteractive = (exec: ExecConfig, context: ExecContext): boolean => {
  switch (exec.interactiveMode) {
    case 'Never':
      return false;
    case 'Always':
      if (context.stdinIsTty) return true;
      throw new CliError(
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
    spec: { interactive, ...(exec.provideClusterInfo === true ? { cluster: context.cluster } : {}) },
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
      const hint = exec.installHint ?? `Install "${command}" or change the user "${context.user}" in the kubeconfig.`;
      const message = error.code === 'ENOENT' ? 'it is not installed' : messageOf(error);
      reject(new CliError(`cannot run the credential plugin "${command}": ${message}`, { remedy: hint, cause: error }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else {
        reject(
          new CliError(`the credential plugin "${command}" failed (${signal ?? `exit code ${code ?? '?'}`})`, {
            remedy: `Run it by hand to see why: ${[command, ...(exec.args ?? [])].join(' ')}`,
          }),
        );
      }
    });
  });
};

const parseCredential = (output: string, exec: ExecConfig, command: string): ExecCredential => {
  const wrong = (what: string): CliError =>
    new CliError(`the credential plugin "${command}" ${what}`, {
      remedy: `It must print an ExecCredential of ${exec.apiVersion ?? ''} with status.token or a client certificate and key.`,
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

/**
 * Credentials from an exec plugin (client.authentication.k8s.io/v1 and v1beta1). Asked once and kept in memory until
 * they expire or the caller asks for a refresh.
 */
export const execCredentials = (
  exec: ExecConfig,
  context: ExecContext,
): ((refresh?: boolean) => Promise<Credentials>) => {
  let cached: { credentials: Credentials; expires: number } | undefined;
  return async (refresh = false) => {
    if (!refresh && cached !== undefined && context.now() < cached.expires) return cached.credentials;
    const { command } = exec;
    if (command === undefined || command === '') {
      throw new CliError(`users["${context.user}"].exec.command is empty`, {
        remedy: 'Name the credential plugin there.',
      });
    }
    if (exec.apiVersion === undefined || !API_VERSIONS.includes(exec.apiVersion)) {
      throw new CliError(`users["${context.user}"].exec.apiVersion "${exec.apiVersion ?? ''}" is not supported`, {
        remedy: `Use ${API_VERSIONS.join(' or ')}; update the credential plugin if it is older.`,
      });
    }
    const { status = {} } = parseCredential(await runPlugin(exec, command, context), exec, command);
    const expiry = status.expirationTimestamp === undefined ? NaN : Date.parse(status.expirationTimestamp);
    const credentials: Credentials = {
      ...(status.token === undefined ? {} : { authorization: `Bearer ${status.token}` }),
      ...(status.clientCertificateData === undefined
        ? {}
        : { cert: status.clientCertificateData, key: status.clientKeyData ?? '' }),
    };
    cached = { credentials, expires: Number.isNaN(expiry) ? Infinity : expiry - RENEW_BEFORE_MS };
    return credentials;
  };
};
