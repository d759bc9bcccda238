import { BUDGET } from '../limits.js';
import { CelError } from '../values/errors.js';
import { isPlain } from '../values/text.js';
import type { JsonObject } from '../values/values.js';

/*
 * What an evaluation has spent. Once a budget is gone it stays gone: every operator that looks past errors asks
 * `exhausted` first, so none can swallow it.
 */

const NO_UNITS = new CelError('operation cancelled: actual cost limit exceeded', 'units');
const NO_STEPS = new CelError('operation cancelled: the work of this expression exceeds its limit', 'steps');
const TOO_LARGE = new CelError('operation cancelled: the text, list or map that this makes is too large', 'size');

/** Measured: listing the keys of an object. */
const STEPS_PER_KEY = 6;

/** The keys of objects that were listed: once a request, however often expressions ask for them. */
export type KnownKeys = WeakMap<JsonObject, readonly string[]>;

export class Spending {
  /** Kubernetes' units. */
  units = 0;
  steps = 0;
  exhausted: CelError | undefined;
  private patterns: Set<string> | undefined;
  private written: ReadonlySet<string> | undefined;

  constructor(
    private readonly maxUnits: number = BUDGET.expression,
    private readonly maxSteps: number = BUDGET.steps,
    private readonly known: KnownKeys = new WeakMap(),
  ) {}

  /** Spends units, before the work they are for. */
  spend(units: number): CelError | undefined {
    this.units += units;
    if (this.units <= this.maxUnits && this.exhausted === undefined) return undefined;
    return (this.exhausted ??= NO_UNITS);
  }

  /** Spends steps, before the work they are for. */
  step(count: number): CelError | undefined {
    this.steps += count;
    if (this.steps <= this.maxSteps && this.exhausted === undefined) return undefined;
    return (this.exhausted ??= NO_STEPS);
  }

  /** Refuses a text, list or map that is too large, before it is made. */
  room(size: number, limit: number): CelError | undefined {
    return size <= limit ? this.exhausted : (this.exhausted ??= TOO_LARGE);
  }

  /** Spends for a walk through a text: some forty characters a step, or four where there are pairs to look for. */
  walk(text: string): CelError | undefined {
    return this.step(1 + (text.length >> (isPlain(text) ? 5 : 2)));
  }

  /** Spends for a pattern, once an evaluation. */
  pattern(pattern: string, steps: () => number): CelError | undefined {
    if (this.written?.has(pattern) === true || this.patterns?.has(pattern) === true) return undefined;
    (this.patterns ??= new Set()).add(pattern);
    return this.step(steps());
  }

  /** Patterns that are compiled with their expression cost nothing more. */
  know(patterns: ReadonlySet<string>): void {
    this.written = patterns;
  }

  /** The keys of an object of JSON. */
  keysOf(object: JsonObject): readonly string[] {
    const listed = this.known.get(object);
    if (listed !== undefined) return listed;
    const keys = Object.keys(object);
    this.known.set(object, keys);
    this.step(keys.length * STEPS_PER_KEY);
    return keys;
  }
}
