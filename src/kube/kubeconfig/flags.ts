import type { ConnectionFlags, KubeconfigCluster, KubeconfigUser } from './types.js';

const definedOnly = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>;

/** Flags that name an identity replace the kubeconfig's identity of that sort; the most explicit credential wins. */
export const withUserFlags = (user: KubeconfigUser, flags: ConnectionFlags): KubeconfigUser => {
  let result = user;
  const identity = {
    as: user.as,
    'as-uid': user['as-uid'],
    'as-groups': user['as-groups'],
    'as-user-extra': user['as-user-extra'],
  };
  if (flags.token !== undefined) result = { ...definedOnly(identity), token: flags.token };
  else if (flags.username !== undefined) {
    result = { ...definedOnly({ ...identity, password: flags.password }), username: flags.username };
  } else if (flags['client-certificate'] !== undefined || flags['client-key'] !== undefined) {
    const { 'client-certificate': certificate, 'client-key': key } = flags;
    result = { ...user, ...definedOnly({ 'client-certificate': certificate, 'client-key': key }) };
    // A path on the command line must win over inline data of the file.
    delete result['client-certificate-data'];
    delete result['client-key-data'];
  }
  return { ...result, ...definedOnly({ as: flags.as, 'as-uid': flags['as-uid'], 'as-groups': flags['as-group'] }) };
};

export const withClusterFlags = (cluster: KubeconfigCluster, flags: ConnectionFlags): KubeconfigCluster => {
  const ca = flags['certificate-authority'];
  const { 'certificate-authority-data': data, ...rest } = cluster;
  return {
    ...rest,
    ...definedOnly({
      // A path on the command line must win over inline data of the file.
      'certificate-authority-data': ca === undefined ? data : undefined,
      'certificate-authority': ca,
      server: flags.server,
      'tls-server-name': flags['tls-server-name'],
      'insecure-skip-tls-verify': flags['insecure-skip-tls-verify'],
      'proxy-url': flags['proxy-url'],
    }),
  };
};
