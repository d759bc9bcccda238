import { DYN, type CelType } from './types.js';

/*
 * Whether a value of one type may stand where another is wanted, and what the type parameters of a function are then.
 */

/** What type parameters stand for. */
export class Bindings {
  private readonly bound = new Map<string, CelType>();
  /** What was bound, in order. */
  private readonly trail: string[] = [];

  /** Binds what `attempt` binds, or nothing where it fails. */
  trying(attempt: () => boolean): boolean {
    const mark = this.trail.length;
    if (attempt()) return true;
    for (const name of this.trail.splice(mark)) this.bound.delete(name);
    return false;
  }

  find(type: CelType): CelType {
    let found = type;
    while (found.kind === 'param') {
      const next = this.bound.get(found.name);
      if (next === undefined) return found;
      found = next;
    }
    return found;
  }

  bind(name: string, type: CelType): boolean {
    if (type.kind === 'param' && type.name === name) return true;
    if (this.contains(type, name)) return false;
    this.bound.set(name, type);
    this.trail.push(name);
    return true;
  }

  private contains(type: CelType, name: string): boolean {
    const found = this.find(type);
    if (found.kind === 'param') return found.name === name;
    return partsOf(found).some((part) => this.contains(part, name));
  }

  /** A type with its parameters replaced; what is still open is dyn where `close` says so. */
  resolve(type: CelType, close = false): CelType {
    const found = this.find(type);
    switch (found.kind) {
      case 'param':
        return close ? DYN : found;
      case 'list':
        return { kind: 'list', item: this.resolve(found.item, close) };
      case 'map':
        return { kind: 'map', key: this.resolve(found.key, close), value: this.resolve(found.value, close) };
      case 'optional':
      case 'type':
      case 'nullable':
        return { kind: found.kind, of: this.resolve(found.of, close) };
      default:
        return found;
    }
  }
}

/** The types that a type is made of. */
export const partsOf = (type: CelType): readonly CelType[] => {
  switch (type.kind) {
    case 'list':
      return [type.item];
    case 'map':
      return [type.key, type.value];
    case 'optional':
    case 'type':
    case 'nullable':
      return [type.of];
    default:
      return [];
  }
};

const MAY_BE_NULL: ReadonlySet<CelType['kind']> = new Set([
  'nullable',
  'optional',
  'object',
  'timestamp',
  'duration',
  'quantity',
  'ip',
  'cidr',
  'url',
  'semver',
  'format',
]);

/** Whether `from` may stand where `to` is wanted. Binds parameters of either. */
export const isAssignable = (bindings: Bindings, from: CelType, to: CelType): boolean => {
  const [one, other] = [bindings.find(from), bindings.find(to)];
  if (one === other) return true;
  if (other.kind === 'param') return bindings.bind(other.name, one);
  if (one.kind === 'param') return bindings.bind(one.name, other);
  if (one.kind === 'dyn' || other.kind === 'dyn') return true;
  if (one.kind === 'null') return other.kind === 'null' || MAY_BE_NULL.has(other.kind);
  if (other.kind === 'null') return MAY_BE_NULL.has(one.kind);
  if (one.kind === 'nullable') return isAssignable(bindings, one.of, other.kind === 'nullable' ? other.of : other);
  if (other.kind === 'nullable') return isAssignable(bindings, one, other.of);
  if (one.kind === 'object' || other.kind === 'object') return sameShape(bindings, one, other);
  if (one.kind !== other.kind) return false;
  // Types are values, all of one type: type(1) == string compiles.
  if (one.kind === 'type') return true;
  const parts = partsOf(other);
  return partsOf(one).every((part, i) => isAssignable(bindings, part, parts[i] ?? DYN));
};

/** An object of a schema is a map to those who want one. */
const sameShape = (bindings: Bindings, one: CelType, other: CelType): boolean => {
  if (one.kind === 'object' && other.kind === 'object') return true;
  const map = one.kind === 'map' ? one : other;
  return map.kind === 'map' && isAssignable(bindings, map.key, { kind: 'string' });
};

/** Kinds that stand for nothing but themselves. */
const STRICT: ReadonlySet<CelType['kind']> = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'list',
  'type',
]);

const cannot = (one: CelType, other: CelType): boolean =>
  one.kind !== other.kind &&
  STRICT.has(one.kind) &&
  other.kind !== 'dyn' &&
  other.kind !== 'param' &&
  other.kind !== 'nullable';

/** Whether all of a list may stand where those of another are wanted; binds nothing where one does not. */
export const areAssignable = (bindings: Bindings, from: readonly CelType[], to: readonly CelType[]): boolean => {
  if (from.length !== to.length) return false;
  // Most overloads are told apart by the kinds alone.
  for (let i = 0; i < from.length; i += 1) if (cannot(bindings.find(from[i] ?? DYN), to[i] ?? DYN)) return false;
  return bindings.trying(() => from.every((type, i) => isAssignable(bindings, type, to[i] ?? DYN)));
};

/** Whether one of two types is the more general. */
export const isMoreGeneral = (one: CelType, other: CelType): boolean => {
  if (one.kind === 'dyn' || one.kind === 'param' || other.kind === 'null') return true;
  if (one.kind === 'nullable' && other.kind !== 'nullable') return true;
  if (one.kind !== other.kind) return false;
  const parts = partsOf(other);
  const own = partsOf(one);
  return own.length > 0 && own.every((part, i) => isMoreGeneral(part, parts[i] ?? DYN));
};
