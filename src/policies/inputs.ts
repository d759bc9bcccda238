import type { Inputs } from './cel/evaluate/frame.js';
import type { Spending } from './cel/evaluate/spending.js';
import type { Program } from './cel/program.js';
import { CelError } from './cel/values/errors.js';
import { fromJson } from './cel/values/json.js';
import type { Result } from './cel/values/values.js';
import type { Effective } from './effective.js';
import { ROOTS, readyOf } from './environments.js';

/*
 * What expressions are evaluated over. The ready variables are evaluated once for an object, whatever policies ask; a
 * policy's own once for the policy.
 */

/** The values of all roots but params. */
export interface Roots {
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly request: unknown;
  readonly namespaceObject: unknown;
  readonly effective: Effective;
}

type Results = (Result | undefined)[];

/** An object, and what its ready variables are, by version. */
export class Subjects {
  private readonly known = new Map<number, Results>();

  constructor(readonly roots: Roots) {}

  ready(version: number): Results {
    const results = this.known.get(version) ?? [];
    this.known.set(version, results);
    return results;
  }
}

const UNKNOWN = new CelError('no such variable');

/** A policy's view of an object. */
export class PolicyInputs implements Inputs {
  /** Most policies have no variables of their own. */
  private own: Results | undefined;
  private readonly ready: Results;
  private readonly programs: readonly Program[];

  constructor(
    private readonly subjects: Subjects,
    version: number,
    private readonly variables: readonly Program[],
    private readonly params: unknown,
  ) {
    this.ready = subjects.ready(version);
    this.programs = readyOf(version).programs;
  }

  root(index: number, spending: Spending): unknown {
    const name = ROOTS[index];
    if (name === undefined || name === 'params') return this.params;
    const { roots } = this.subjects;
    return name === 'effective' ? roots.effective.read(spending) : fromJson(roots[name] ?? null);
  }

  composed(index: number, spending: Spending): Result {
    const { length } = this.programs;
    if (index < length) return this.once(this.ready, this.programs, index, spending);
    return this.once((this.own ??= []), this.variables, index - length, spending);
  }

  private once(results: Results, programs: readonly Program[], index: number, spending: Spending): Result {
    const earlier = results[index];
    if (earlier !== undefined) return earlier;
    const program = programs[index];
    const result = program === undefined ? UNKNOWN : program.evaluate(this, spending);
    // Who came when the budget was gone decides nothing for those after.
    if (!(result instanceof CelError && result.exhausted !== undefined)) results[index] = result;
    return result;
  }
}
