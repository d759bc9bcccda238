import type { CompiledPolicy } from '../../../src/policies/compile-policy.js';
import { builtinId } from '../../../src/policies/builtin.js';
import type { BuiltinDecision } from '../../../src/policies/own-rules.js';
import { ruleOf } from '../../../src/policies/verdict.js';
import type { Manifest } from '../offline/manifests.js';
import { BranchCoverage, type CoveredBranch } from './branch-coverage.js';

/*
 * Which validations the cases have seen hold, and which fail: a test that sees only one side proves half. Of the
 * product's own rules and warnings, which entries have had something to decide.
 */

export interface Covered {
  readonly rule: string;
  readonly passed: number;
  readonly failed: number;
}

export interface CoveredBuiltin {
  /** `policy/own-rules/net.no-iface`. */
  readonly rule: string;
  readonly action: string;
  /** How often the product said something that the entry decided about. */
  readonly decided: number;
}

export interface Rule {
  /** `policy/vm-size/vcpus`. */
  readonly id: string;
  readonly description: string;
  readonly help: string | undefined;
}

export class Coverage {
  readonly sides = new BranchCoverage();
  private readonly known = new Map<string, Rule>();
  private readonly counts = new Map<string, { passed: number; failed: number }>();
  private readonly builtin = new Map<string, { readonly action: string; decided: number }>();

  know(policies: readonly CompiledPolicy[], sources: ReadonlyMap<CompiledPolicy, Manifest>): void {
    for (const policy of policies) {
      const { description } = policy.spec;
      for (const { name, spec } of policy.validations) {
        const id = ruleOf({ policy, name });
        if (!this.counts.has(id)) this.counts.set(id, { passed: 0, failed: 0 });
        this.known.set(id, { id, description: spec.message ?? description ?? name, help: spec.remedy });
      }
      for (const entry of policy.spec.builtin ?? []) {
        const id = ruleOf({ policy, name: builtinId(entry) });
        if (!this.builtin.has(id)) this.builtin.set(id, { action: entry.action, decided: 0 });
        this.known.set(id, { id, description: entry.reason ?? description ?? id, help: undefined });
      }
      const manifest = sources.get(policy);
      if (manifest !== undefined) this.sides.know(policy, manifest);
    }
  }

  passed(rule: string): void {
    const counts = this.counts.get(rule);
    if (counts !== undefined) counts.passed += 1;
  }

  failed(rule: string): void {
    const counts = this.counts.get(rule);
    if (counts !== undefined) counts.failed += 1;
  }

  readonly met = ({ policy, id, remarks = [] }: BuiltinDecision): void => {
    const entry = this.builtin.get(ruleOf({ policy, name: id }));
    if (entry !== undefined && remarks.length > 0) entry.decided += 1;
  };

  get validations(): readonly Covered[] {
    return [...this.counts].map(([rule, counts]) => ({ rule, ...counts }));
  }

  get entries(): readonly CoveredBuiltin[] {
    return [...this.builtin].map(([rule, entry]) => ({ rule, ...entry }));
  }

  get branches(): readonly CoveredBranch[] {
    return this.sides.branches;
  }

  get rules(): readonly Rule[] {
    return [...this.known.values()];
  }

  /**
   * Of a hundred validations those with a case on either side, of entries about the product's own rules those that had
   * something to decide; whole numbers, never rounded up.
   */
  get percent(): number {
    const covered = [
      ...this.validations.map(({ passed, failed }) => passed > 0 && failed > 0),
      ...this.entries.map(({ decided }) => decided > 0),
    ];
    return covered.length === 0 ? 100 : Math.floor((100 * covered.filter(Boolean).length) / covered.length);
  }
}
