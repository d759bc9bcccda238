import type { CompiledPolicy } from './compile-policy.js';
import type { KnownException } from './exceptions.js';

/*
 * Which exceptions are from which policy: found once for a list of exceptions, however many objects are judged by it.
 */

type Index = ReadonlyMap<string, readonly KnownException[]>;

const indexes = new WeakMap<readonly KnownException[], Index>();

const indexOf = (exceptions: readonly KnownException[]): Index => {
  const index = new Map<string, KnownException[]>();
  for (const exception of exceptions) {
    const names = exception.spec.policies.map(({ kind = 'VirtualMachineClusterPolicy', name }) => `${kind}/${name}`);
    for (const name of new Set(names)) {
      const known = index.get(name);
      if (known === undefined) index.set(name, [exception]);
      else known.push(exception);
    }
  }
  return index;
};

const NONE: readonly KnownException[] = [];

export const exceptionsFrom = (
  policy: Pick<CompiledPolicy, 'name' | 'namespace'>,
  exceptions: readonly KnownException[],
): readonly KnownException[] => {
  if (exceptions.length === 0) return NONE;
  const index = indexes.get(exceptions) ?? indexOf(exceptions);
  indexes.set(exceptions, index);
  const kind = policy.namespace === undefined ? 'VirtualMachineClusterPolicy' : 'VirtualMachinePolicy';
  return index.get(`${kind}/${policy.name}`) ?? NONE;
};
