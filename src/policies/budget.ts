import { Spending, type KnownKeys } from './cel/evaluate/spending.js';
import { BUDGET } from './cel/limits.js';

/*
 * What a request has for all policies together, and who may spend how much of it.
 */

/** What is left: Kubernetes' units, and steps of ours. */
interface Purse {
  units: number;
  steps: number;
}

const purse = (units: number, steps: number): Purse => ({ units, steps });

/** Steps of a request, some 25 ns each. */
const STEPS = 2 * BUDGET.steps;
/** Whoever writes in a namespace has a share as of the units. */
const NAMESPACED_STEPS = (STEPS * BUDGET.namespacedPolicies) / BUDGET.request;
/** Looking for the places of failures: of all of them some 15 ms, of one a third. */
const PLACES = { units: 150_000, steps: 600_000 };
const PLACE = { units: 50_000, steps: 200_000 };

/** An evaluation that was paid for; what it did not use goes back. */
export interface Payment {
  readonly spending: Spending;
  readonly purses: readonly Purse[];
}

export class RequestBudget {
  private readonly whole = purse(BUDGET.request, STEPS);
  private readonly namespaced = purse(BUDGET.namespacedPolicies, NAMESPACED_STEPS);
  private readonly places = purse(PLACES.units, PLACES.steps);
  private readonly keys: KnownKeys = new WeakMap();
  private current: readonly Purse[] = [this.whole];
  private readonly ofExceptions: readonly Purse[] = [this.whole, this.namespaced];
  private readonly ofPlaces: readonly Purse[] = [this.places];

  /** A policy begins: no policy spends what is of all, nor those of a namespace what is of the cluster's. */
  begin(isNamespaced: boolean): void {
    const own = purse(BUDGET.policy, BUDGET.steps);
    this.current = isNamespaced ? [this.whole, this.namespaced, own] : [this.whole, own];
  }

  /** For an expression of the policy. */
  policy(): Payment {
    return this.pay(this.current, BUDGET.expression, BUDGET.steps);
  }

  /** For a condition of an exception, which somebody of the namespace has written: not the policy's money. */
  exception(): Payment {
    return this.pay(this.ofExceptions, BUDGET.expression, BUDGET.steps);
  }

  /** For the place of a failure; undefined where nothing is left for that. */
  place(): Payment | undefined {
    return this.places.steps <= 0 || this.places.units <= 0
      ? undefined
      : this.pay(this.ofPlaces, PLACE.units, PLACE.steps);
  }

  settle({ spending, purses }: Payment): void {
    for (const one of purses) {
      one.units -= spending.units;
      one.steps -= spending.steps;
    }
  }

  private pay(purses: readonly Purse[], units: number, steps: number): Payment {
    let [most, furthest] = [units, steps];
    for (const one of purses) {
      if (one.units < most) most = one.units;
      if (one.steps < furthest) furthest = one.steps;
    }
    return { spending: new Spending(most, furthest, this.keys), purses };
  }
}
