import type { Comprehension } from '../macros.js';
import { BOOL, DYN, INT, STRING, listOf, mapOf, type CelType } from './types.js';
import type { Bindings } from './unify.js';

/*
 * The types of a comprehension's variables, and of what it gives.
 */

export interface Scope {
  readonly variables: readonly CelType[];
  readonly wantsBool: boolean;
  readonly result: (body: CelType) => CelType;
}

interface Range {
  /** Of a list, its index; of a map, its key. */
  readonly key: CelType;
  readonly value: CelType;
  readonly isMap: boolean;
}

const rangeOf = (type: CelType, bindings: Bindings): Range | undefined => {
  switch (type.kind) {
    case 'dyn':
      return { key: DYN, value: DYN, isMap: false };
    case 'param':
      bindings.bind(type.name, DYN);
      return { key: DYN, value: DYN, isMap: false };
    case 'nullable':
      return rangeOf(type.of, bindings);
    case 'list':
      return { key: INT, value: type.item, isMap: false };
    case 'map':
      return { key: type.key, value: type.value, isMap: true };
    case 'object':
      return { key: STRING, value: DYN, isMap: true };
    default:
      return undefined;
  }
};

export const comprehensionScope = (
  { kind, names }: Comprehension,
  type: CelType,
  bindings: Bindings,
): Scope | undefined => {
  const range = rangeOf(type, bindings);
  if (range === undefined) return undefined;
  const single = range.isMap ? range.key : range.value;
  const variables = names.length === 1 ? [single] : [range.key, range.value];
  const scope = (wantsBool: boolean, result: (body: CelType) => CelType): Scope => ({ variables, wantsBool, result });
  switch (kind) {
    case 'all':
    case 'exists':
    case 'existsOne':
      return scope(true, () => BOOL);
    case 'filter':
      return scope(true, () => listOf(single));
    case 'map':
    case 'transformList':
      return scope(false, listOf);
    case 'transformMap':
      return scope(false, (body) => mapOf(range.key, body));
    case 'transformMapEntry':
      return scope(false, (body) => (body.kind === 'map' ? body : mapOf(DYN, DYN)));
    case 'sortBy':
      return scope(false, () => listOf(single));
  }
};
