import { CliError } from '../../errors.js';
import { parseNamespace, parseTarget } from '../../target.js';
import type { Place } from '../shared/protocol.js';

/** Which VM a request of the page names. @throws CliError for what could leave its place in a path */
export const placeOf = (said: unknown): Place => {
  const { namespace, name } = (typeof said === 'object' && said !== null ? said : {}) as Partial<Place>;
  if (typeof namespace !== 'string' || typeof name !== 'string' || /\//.test(namespace + name))
    throw new CliError('the request names no virtual machine');
  return { namespace: parseNamespace(namespace), name: parseTarget(name).name };
};
