import type { ApiClient } from '../client/client.js';
import { missingNamespace } from '../client/namespace.js';
import { ApiStatusError } from '../client/status.js';
import { CliError } from '../errors.js';
import type { Io } from '../io.js';

interface Asked {
  readonly name: string;
  /** Completes "cannot …", before the VM's name. */
  readonly doing: string;
  /** Verb and subresource that it takes, and the built-in role that has them. */
  readonly right: string;
  readonly role: 'view' | 'edit' | 'admin';
}

/** Why something was not done with a guest, and what to do about it. */
export const explained = async (io: Io, client: ApiClient, error: unknown, asked: Asked): Promise<unknown> => {
  if (!(error instanceof ApiStatusError)) return error;
  const { name, doing, right, role } = asked;
  const missing = error.code === 404 ? await missingNamespace(client, error) : undefined;
  const remedies: Readonly<Record<number, string>> = {
    403: `You need ${right} in subresources.kubevirt.io, which the ClusterRole kubevirt.io:${role} has.`,
    404: `It may be stopped: ${io.program} start ${name} -n ${client.namespace}`,
  };
  return new CliError(`cannot ${doing} ${name}: ${(missing ?? error).message}`, {
    remedy: missing?.remedy ?? error.remedy ?? remedies[error.code],
    cause: error,
  });
};
