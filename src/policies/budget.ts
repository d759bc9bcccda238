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

/** Who pays for an evaluation. */
export type Payer = 'policy' | 'exception' | 'place';

export class RequestBudget {
  private readonly whole = purse(BUDGET.request, STEPS);
  private readonly namespaced = purse(BUDGET.namespacedPolicies, NAMESPACED_STEPS);
  private readonly places = purse(PLACES.units, PLACES.steps);
  /** Of the policy that is asked. */
  private readonly own = purse(BUDGET.policy, BUDGET.steps);
  private readonly keys: KnownKeys = new WeakMap();
  private readonly ofCluster: readonly Purse[] = [this.whole, this.own];
  private readonly ofNamespace: readonly Purse[] = [this.whole, this.namespaced, this.own];
  /** What somebody of the namespace has written about a policy: not the policy's money. */
  private readonly ofException: readonly Purse[] = [this.whole, this.namespaced];
  private readonly ofPlace: readonly Purse[] = [this.places];
  private current = this.ofCluster;

  /** A policy begins: no policy spends what is of all, nor those of a namespace what is of the cluster's. */
  begin(isNamespaced: boolean): void {
    this.own.units = BUDGET.policy;
    this.own.steps = BUDGET.steps;
    this.current = isNamespaced ? this.ofNamespace : this.ofCluster;
  }

  /** For one evaluation; {@link settle} takes what it has used. */
  spending(payer: Payer): Spending {
    let [units, steps]: [number, number] =
      payer === 'place' ? [PLACE.units, PLACE.steps] : [BUDGET.expression, BUDGET.steps];
    for (const one of this.pursesOf(payer)) {
      if (one.units < units) units = one.units;
      if (one.steps < steps) steps = one.steps;
    }
    return new Spending(units, steps, this.keys);
  }

  settle(payer: Payer, { units, steps }: Spending): void {
    for (const one of this.pursesOf(payer)) {
      one.units -= units;
      one.steps -= steps;
    }
  }

  /** Whether anything is left to look for the place of a failure. */
  get hasPlaces(): boolean {
    return this.places.steps > 0 && this.places.units > 0;
  }

  private pursesOf(payer: Payer): readonly Purse[] {
    switch (payer) {
      case 'policy':
        return this.current;
      case 'exception':
        return this.ofException;
      case 'place':
        return this.ofPlace;
    }
  }
}
