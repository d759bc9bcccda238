import { readFileSync } from 'node:fs';
import { CliError, messageOf } from '../errors.js';
import { execCredentials } from './exec-plugin.js';
import type { ExecContext } from './exec-plugin.js';
import type { Credentials, KubeconfigUser } from './types.js';

/** Reads a file that a setting names. @throws CliError that names both */
export const readNamed = (setting: string, file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CliError(`cannot read ${setting} ${file}: ${messageOf(error)}`, {
      remedy: `Correct the path, or make the file readable for you.`,
      cause: error,
    });
  }
};

/** Inline base64 data wins over a path, as in kubectl. */
export const dataOrFile = (setting: string, data: string | undefined, file: string | undefined): Buffer | undefined => {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64');
  return file === undefined || file === '' ? undefined : readNamed(setting, file);
};

/** An OIDC id-token kept in the kubeconfig. Renewing it needs the identity provider; that is left to an exec plugin. */
const oidcToken = (name: string, user: KubeconfigUser, now: number): string => {
  const provider = user['auth-provider'];
  const remedy = 'Use an exec credential plugin for this user, for example kubelogin.';
  if (provider?.name !== 'oidc') {
    throw new CliError(`users["${name}"].auth-provider "${provider?.name ?? ''}" is not supported`, { remedy });
  }
  const token = provider.config?.['id-token'] ?? '';
  const payload = token.split('.')[1] ?? '';
  let expiry: unknown;
  try {
    expiry = (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp?: unknown }).exp;
  } catch {
    throw new CliError(`users["${name}"].auth-provider has no readable id-token`, { remedy });
  }
  if (typeof expiry === 'number' && expiry * 1000 < now) {
    throw new CliError(`the OIDC id-token of user "${name}" expired at ${new Date(expiry * 1000).toISOString()}`, {
      remedy: `Any kubectl command renews it: kubectl version. ${remedy}`,
    });
  }
  return token;
};

const authorizationOf = (name: string, user: KubeconfigUser, now: number): string | undefined => {
  // Re-read at every request: a token file is rotated while a console is open.
  if (user.tokenFile !== undefined && user.tokenFile !== '') {
    return `Bearer ${readNamed(`users["${name}"].tokenFile`, user.tokenFile).toString('utf8').trim()}`;
  }
  if (user.token !== undefined && user.token !== '') return `Bearer ${user.token}`;
  if (user.username !== undefined && user.username !== '') {
    return `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
  }
  return user['auth-provider'] ? `Bearer ${oidcToken(name, user, now)}` : undefined;
};

/** How a user of the kubeconfig proves who they are. @throws CliError (when called) for unreadable or half-given credentials */
export const credentialsOf = (
  name: string,
  user: KubeconfigUser,
  context: Omit<ExecContext, 'user'>,
): ((refresh?: boolean) => Promise<Credentials>) => {
  const exec = user.exec ? execCredentials(user.exec, { ...context, user: name }) : undefined;
  return async (refresh) => {
    const cert = dataOrFile(
      `users["${name}"].client-certificate`,
      user['client-certificate-data'],
      user['client-certificate'],
    );
    const key = dataOrFile(`users["${name}"].client-key`, user['client-key-data'], user['client-key']);
    if ((cert === undefined) !== (key === undefined)) {
      throw new CliError(
        `user "${name}" has a client ${cert === undefined ? 'key without a certificate' : 'certificate without a key'}`,
        {
          remedy: 'Give both client-certificate and client-key.',
        },
      );
    }
    const authorization = authorizationOf(name, user, context.now());
    const own: Credentials = {
      ...(authorization === undefined ? {} : { authorization }),
      ...(cert === undefined ? {} : { cert, key }),
    };
    // As kubectl: a plugin is asked only when the entry holds nothing that already identifies the user.
    if (exec === undefined || Object.keys(own).length > 0) return own;
    return exec(refresh);
  };
};
