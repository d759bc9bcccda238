import { CliError } from '../errors.js';
import type { ApiClient } from './client.js';
import { ApiStatusError } from './status.js';

/**
 * After something was not found: whether its namespace is there at all. Undefined: it is, or the user may not know.
 */
export const missingNamespace = async (
  client: Pick<ApiClient, 'get' | 'namespace'>,
  cause?: unknown,
): Promise<CliError | undefined> => {
  const { namespace } = client;
  try {
    await client.get(`/api/v1/namespaces/${namespace}`);
  } catch (error) {
    if (!(error instanceof ApiStatusError) || error.code !== 404 || error.remedy !== undefined) return undefined;
    return new CliError(`namespace "${namespace}" does not exist`, {
      remedy: 'Name another with -n. See which there are: kubectl get namespaces',
      cause,
    });
  }
  return undefined;
};
