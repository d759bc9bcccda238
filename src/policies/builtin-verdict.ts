import { isMilder, milder, type PolicyAction } from './action.js';
import { builtinId } from './builtin.js';
import type { CompiledPolicy } from './compile-policy.js';
import type { Finding } from './finding.js';
import type { BuiltinDecision, OwnRules, Remark } from './own-rules.js';

/*
 * What policies make of the product's own rules and warnings, for one object.
 */

interface Decision {
  readonly policy: CompiledPolicy;
  readonly id: string;
  readonly isRule: boolean;
  readonly action: PolicyAction;
}

export interface Decided {
  readonly findings: readonly Finding[];
  /** Ids of rules whose causes no longer count, and of warnings that the product itself no longer gives. */
  readonly settled: ReadonlySet<string>;
}

/** More than anybody reads of one warning. */
const MAX_REMARKS = 30;

const withoutField = ({ field, message }: Remark): string =>
  message.startsWith(`${field} `) ? message.slice(field.length + 1) : message;

/** Warnings are about objects without mistakes: what is refused is refused. */
const isRefusedBut = (settled: ReadonlySet<string>, { causes }: OwnRules): boolean =>
  causes.some(({ rule = '' }) => !settled.has(rule));

/** The decisions of the policies that match; of two about one id the stricter. */
export class Decisions {
  private readonly byId = new Map<string, Decision>();

  /** A policy that only records, or is paused, changes nothing; one that only warns refuses nothing. */
  add(policy: CompiledPolicy, action: PolicyAction): void {
    if (policy.namespace !== undefined || (action !== 'Enforce' && action !== 'Warn')) return;
    for (const entry of policy.spec.builtin ?? []) {
      const id = builtinId(entry);
      const isRule = entry.rule !== undefined;
      const own = isRule ? entry.action : milder(action, entry.action);
      const other = this.byId.get(id);
      if (other === undefined || isMilder(other.action, own)) this.byId.set(id, { policy, id, isRule, action: own });
    }
  }

  /** What each of them meets with. */
  met(own: OwnRules): readonly BuiltinDecision[] {
    const decisions = [...this.byId.values()];
    const settled = new Set(
      decisions.flatMap(({ id, isRule, action }) => (isRule && action !== 'Enforce' ? [id] : [])),
    );
    const isRefused = isRefusedBut(settled, own);
    return decisions.map((decision) => ({
      ...decision,
      remarks: decision.isRule
        ? own.causes.filter(({ rule }) => rule === decision.id)
        : isRefused
          ? undefined
          : own.remarks(decision.id),
    }));
  }

  decided(own: OwnRules, isUpdate: boolean): Decided {
    const settled = new Set<string>();
    const findings: Finding[] = [];
    const decisions = [...this.byId.values()];
    for (const { policy, id, isRule, action } of decisions) {
      if (!isRule || action === 'Enforce') continue;
      settled.add(id);
      if (action === 'Off') continue;
      for (const { rule, field, message } of own.causes)
        if (rule === id)
          findings.push({
            policy,
            name: id,
            action,
            outcome: 'fail',
            field,
            message: withoutField({ field, message }),
          });
    }
    const isRefused = isRefusedBut(settled, own);
    for (const { policy, id, isRule, action } of decisions) {
      if (isRule) continue;
      settled.add(id);
      if (isRefused || action === 'Off') continue;
      const remarks = own.remarks(id).slice(0, MAX_REMARKS);
      if (remarks.length === 0) continue;
      // What was so before, may be updated; the warning as a whole is compared, as a validation is.
      const isStored = isUpdate && policy.spec.existing !== 'Enforce' && own.storedRemarks(id).length > 0;
      for (const remark of remarks) {
        const outcome = isStored ? 'ratcheted' : 'fail';
        findings.push({ policy, name: id, action, outcome, field: remark.field, message: withoutField(remark) });
      }
    }
    return { findings, settled };
  }
}
