import type { CelType } from './check/types.js';
import { DYN, objectOf, shapeOf, TYPE_HEADS } from './check/types.js';
import type { Names } from './evaluate/code.js';
import type { CheckerNames } from './check/checking.js';

/*
 * What names an expression may use, and their types.
 */

export interface Variable {
  readonly name: string;
  readonly type: CelType;
}

export class Environment implements Names, CheckerNames {
  readonly variables: ReadonlyMap<string, CelType>;
  /** What names with dots begin with. */
  readonly heads: ReadonlySet<string>;
  private readonly roots: ReadonlyMap<string, number>;
  private readonly indexes: ReadonlyMap<string, number>;

  constructor(
    /** The minor version of Kubernetes whose functions there are: 29 for what 1.30 accepts in new expressions. */
    readonly version: number,
    declared: readonly Variable[],
    /** The policy's own variables, `variables.x`, in order; none where an expression may use none. */
    composed: readonly Variable[] = [],
    /** The variables once more for each kind that is matched, with the types of its schema. */
    readonly typed: readonly ReadonlyMap<string, CelType>[] = [],
  ) {
    const all = composed.length === 0 ? declared : [...declared, { name: 'variables', type: composedType(composed) }];
    this.variables = new Map(all.map(({ name, type }) => [name, type]));
    const dotted = all.filter(({ name }) => name.includes('.'));
    this.heads = new Set([...TYPE_HEADS, ...dotted.map(({ name }) => name.slice(0, name.indexOf('.')))]);
    this.roots = new Map(declared.map(({ name }, i) => [name, i]));
    this.indexes = new Map(composed.map(({ name }, i) => [name, i]));
  }

  root(name: string): number | undefined {
    return this.roots.get(name);
  }

  composed(name: string): number | undefined {
    return this.indexes.get(name);
  }
}

export const composedType = (variables: readonly Variable[]): CelType =>
  objectOf(
    shapeOf(
      'variables',
      Object.fromEntries(variables.map(({ name, type }) => [name, type])),
      variables.map(({ name }) => name),
    ),
  );

/** A variable of whose type nothing is known. */
export const dynamic = (name: string): Variable => ({ name, type: DYN });
