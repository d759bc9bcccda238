import { describeValue } from '../api/schema-check/describe-value.js';
import { SCHEMA_RULES } from '../api/schema-check/schema-rules.js';
import { suggest } from '../api/schema-check/suggest.js';
import type { PolicySpec, VirtualMachinePolicy } from '../api/schema/policies.js';
import { RULE_IDS } from '../validators/rule-ids.js';
import { SOFTENABLE, whyFixed } from '../validators/softenable.js';

/*
 * Rules and warnings of the product that a policy softens or hardens.
 */

type Entry = NonNullable<PolicySpec['builtin']>[number];

/**
 * Warnings that policies may decide about: those about VMs, but for what is said of a VMI before its defaults are
 * written (W-HOT-1) and where no cluster can be asked (W-SRC-1). A test compares them with the table.
 */
export const DECIDABLE_WARNINGS: readonly string[] = `
  W-DEP-1 W-DEP-2 W-DEP-3 W-ROM-1 W-GFX-1 W-EVC-3 W-CLD-1 W-CLD-2 W-CLD-3 W-CLD-4 W-MACH-1 W-MACH-2 W-DSK-1
  W-ANN-1 W-ANN-2 W-ANN-3 W-ANN-4 W-BOOT-1 W-IOT-1 W-NET-2 W-NET-3 W-INST-1 W-INF-1 W-PRB-1 W-CPU-0 W-CPU-1
  W-CPU-3 W-MEM-1 W-MEM-2 W-MEM-5 W-QOS-1 W-QOS-2
`
  .trim()
  .split(/\s+/);

const ALL_RULES: readonly string[] = [...Object.keys(SCHEMA_RULES), ...RULE_IDS];

/** What an entry is about; rules and warnings have no id in common. */
export const builtinId = ({ rule, warning }: Entry): string => rule ?? warning ?? '';

/** Whether an entry lets pass, or leaves untold, what the product would refuse or tell. */
export const isLoosening = ({ rule, action }: Entry): boolean =>
  rule === undefined ? action === 'Audit' || action === 'Off' : action !== 'Enforce';

interface Found {
  /** True JSON path. */
  readonly field: string;
  /** Goes on from the field. */
  readonly text: string;
}

const unknown = (id: string, known: readonly string[], what: string): string => {
  const near = suggest(id, known);
  return `is ${describeValue(id)}, which is no ${what}; ${near === undefined ? 'see its list in the documentation' : `did you mean ${near}?`}`;
};

const idProblem = ({ rule, warning }: Entry): Found | undefined => {
  if ((rule === undefined) === (warning === undefined))
    return { field: '', text: 'must name one thing; write rule: or warning:, not both' };
  if (warning !== undefined)
    return DECIDABLE_WARNINGS.includes(warning)
      ? undefined
      : { field: '.warning', text: unknown(warning, DECIDABLE_WARNINGS, 'warning that a policy may decide about') };
  if (rule === undefined) return undefined;
  if (!ALL_RULES.includes(rule)) return { field: '.rule', text: unknown(rule, ALL_RULES, 'rule of the product') };
  const why = whyFixed(rule);
  if (why === undefined) return undefined;
  return {
    field: '.rule',
    text: `is ${rule}, which is fixed: ${why}; a policy may name ${[...SOFTENABLE].join(', ')}`,
  };
};

/** What is wrong with them. */
export const builtinProblems = ({
  kind,
  metadata,
  spec: { builtin },
}: Pick<VirtualMachinePolicy, 'kind' | 'metadata' | 'spec'>): Found[] => {
  if (builtin === undefined) return [];
  if (kind === 'VirtualMachinePolicy' || metadata?.namespace !== undefined)
    return [{ field: 'spec.builtin', text: 'is for policies of the cluster alone; take it out' }];
  return builtin.flatMap((entry, i): Found[] => {
    const path = `spec.builtin[${i}]`;
    const wrong = idProblem(entry);
    if (wrong !== undefined) return [{ field: `${path}${wrong.field}`, text: wrong.text }];
    const id = builtinId(entry);
    const isFirst = builtin.findIndex((one) => builtinId(one) === id) === i;
    return isFirst ? [] : [{ field: path, text: `is about ${id}, as another is; keep one of both` }];
  });
};
