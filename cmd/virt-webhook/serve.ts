import type { Server } from 'node:https';
import { arch } from 'node:process';
import type { Architecture } from '../../src/api/settings/cluster-config.js';
import { listen as listenOn, parseListen } from '../../src/kube/http-server/listen.js';

/** This build's architecture in Kubernetes' words. */
export const buildArchitecture = (): Architecture => {
  if (arch === 'arm64' || arch === 's390x') return arch;
  return arch === 'ppc64' ? 'ppc64le' : 'amd64';
};

/** Listens, and gives the address that clients may use. @throws Error when the address cannot be listened on */
export const listen = async (server: Server, address: string): Promise<string> => {
  const wanted = parseListen(address);
  return `${wanted.host ?? '0.0.0.0'}:${await listenOn(server, wanted)}`;
};

/** Resolves at the first SIGTERM or SIGINT. */
export const termination = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
