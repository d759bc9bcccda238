import { KubeconfigError } from './error.js';
import type { KubeconfigEntry } from './types.js';

/** Gives the present token of a kubeconfig's `auth-provider`, renewed where that is due. */
export type TokenRenewal = (entry: KubeconfigEntry) => Promise<() => Promise<string | undefined>>;

const REMEDY = 'Use an exec credential plugin for this user, for example kubelogin.';

/** The end of a JSON Web Token in milliseconds; undefined when it names none. @throws Error when it is none */
const expiryOf = (token: string): number | undefined => {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown };
  return typeof exp === 'number' ? exp * 1000 : undefined;
};

/** The OIDC id-token that the kubeconfig holds, while it is valid. @throws KubeconfigError that says what else to do */
const keptToken = ({ userName, user }: KubeconfigEntry, now: number): string => {
  const provider = user['auth-provider'];
  const setting = `users["${userName}"].auth-provider`;
  if (provider?.name !== 'oidc') {
    throw new KubeconfigError(`${setting} "${provider?.name ?? ''}" is not supported`, { remedy: REMEDY });
  }
  const token = provider.config?.['id-token'] ?? '';
  let expiry: number | undefined;
  try {
    expiry = expiryOf(token);
  } catch {
    throw new KubeconfigError(`${setting} has no readable id-token`, { remedy: REMEDY });
  }
  if (expiry !== undefined && expiry < now) {
    throw new KubeconfigError(`the OIDC id-token of user "${userName}" expired at ${new Date(expiry).toISOString()}`, {
      remedy: `Any kubectl command renews it: kubectl version. ${REMEDY}`,
    });
  }
  return token;
};

/**
 * Tokens of users with an old `auth-provider`. A valid id-token is used as it is. A program that runs for hours passes
 * a `renewal`; the plugin gives none: a provider may hand out a new refresh token with each renewal and take back the
 * one in the kubeconfig, which only kubectl writes.
 */
export const authProviderToken = (entry: KubeconfigEntry, renewal?: TokenRenewal) => {
  let renewed: (() => Promise<string | undefined>) | undefined;
  return async (now: number): Promise<string | undefined> => {
    if (renewed) return renewed();
    try {
      return keptToken(entry, now);
    } catch (error) {
      if (!renewal) throw error;
      renewed = await renewal(entry);
      return renewed();
    }
  };
};
