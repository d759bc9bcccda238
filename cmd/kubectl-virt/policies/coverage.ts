import type { CompiledPolicy } from '../../../src/policies/compile-policy.js';
import { ruleOf } from '../../../src/policies/verdict.js';

/*
 * Which validations the cases have seen hold, and which fail: a test that sees only one side proves half.
 */

export interface Covered {
  readonly rule: string;
  readonly passed: number;
  readonly failed: number;
}

export interface Rule {
  /** `policy/vm-size/vcpus`. */
  readonly id: string;
  readonly description: string;
  readonly help: string | undefined;
}

export class Coverage {
  private readonly known = new Map<string, Rule>();
  private readonly counts = new Map<string, { passed: number; failed: number }>();

  know(policies: readonly CompiledPolicy[]): void {
    for (const policy of policies)
      for (const { name, spec } of policy.validations) {
        const id = ruleOf({ policy, name });
        this.of(id);
        this.known.set(id, { id, description: spec.message ?? policy.spec.description ?? name, help: spec.remedy });
      }
  }

  passed(rule: string): void {
    this.of(rule).passed += 1;
  }

  failed(rule: string): void {
    this.of(rule).failed += 1;
  }

  get validations(): readonly Covered[] {
    return [...this.counts].map(([rule, counts]) => ({ rule, ...counts }));
  }

  get rules(): readonly Rule[] {
    return [...this.known.values()];
  }

  /** Of a hundred validations, those with a case on either side; whole numbers, never rounded up. */
  get percent(): number {
    const all = this.validations;
    const covered = all.filter(({ passed, failed }) => passed > 0 && failed > 0);
    return all.length === 0 ? 100 : Math.floor((100 * covered.length) / all.length);
  }

  private of(rule: string): { passed: number; failed: number } {
    const known = this.counts.get(rule) ?? { passed: 0, failed: 0 };
    this.counts.set(rule, known);
    return known;
  }
}
