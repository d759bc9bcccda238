import type { Inputs } from './cel/evaluate/frame.js';
import { Spending, type KnownKeys } from './cel/evaluate/spending.js';
import { BUDGET } from './cel/limits.js';
import type { Program } from './cel/program.js';
import { CelError } from './cel/values/errors.js';
import { fromJson } from './cel/values/json.js';
import type { Result } from './cel/values/values.js';
import { ROOTS, readyOf } from './environments.js';

/*
 * What expressions are evaluated over. The ready variables are evaluated once for an object, whatever policies ask; a
 * policy's own once for the policy.
 */

/** What a request has left for all policies together. */
export class RequestBudget {
  private units: number = BUDGET.request;
  private steps: number = 2 * BUDGET.steps;
  private readonly keys: KnownKeys = new WeakMap();

  spending(): Spending {
    return new Spending(Math.min(BUDGET.expression, this.units), Math.min(BUDGET.steps, this.steps), this.keys);
  }

  settle({ units, steps }: Spending): void {
    this.units -= units;
    this.steps -= steps;
  }
}

/** The values of all roots but params. */
export interface Roots {
  readonly object: unknown;
  readonly oldObject: unknown;
  readonly request: unknown;
  readonly namespaceObject: unknown;
}

/** An object, and what its ready variables are. */
export class Subjects {
  private readonly known = new Map<string, Result>();

  constructor(readonly roots: Roots) {}

  ready(version: number, index: number, inputs: Inputs, spending: Spending): Result {
    const key = `${version}/${index}`;
    const earlier = this.known.get(key);
    if (earlier !== undefined) return earlier;
    const result = readyOf(version).programs[index]?.evaluate(inputs, spending) ?? UNKNOWN;
    // Who came when the budget was gone decides nothing for those after.
    if (!(result instanceof CelError && result.exhausted !== undefined)) this.known.set(key, result);
    return result;
  }
}

const UNKNOWN = new CelError('no such variable');

/** A policy's view of an object. */
export class PolicyInputs implements Inputs {
  private readonly own = new Map<number, Result>();

  constructor(
    private readonly subjects: Subjects,
    private readonly version: number,
    private readonly variables: readonly Program[],
    private readonly params: unknown,
  ) {}

  root(index: number): unknown {
    const name = ROOTS[index];
    return name === undefined || name === 'params' ? this.params : fromJson(this.subjects.roots[name] ?? null);
  }

  composed(index: number, spending: Spending): Result {
    const ready = readyOf(this.version).variables.length;
    if (index < ready) return this.subjects.ready(this.version, index, this, spending);
    const earlier = this.own.get(index);
    if (earlier !== undefined) return earlier;
    const result = this.variables[index - ready]?.evaluate(this, spending) ?? UNKNOWN;
    if (!(result instanceof CelError && result.exhausted !== undefined)) this.own.set(index, result);
    return result;
  }
}
