import { visibleLine } from '../../../src/api/visible-text.js';
import { branchesOf, type Branch } from '../../../src/policies/branches.js';
import type { CompiledPolicy } from '../../../src/policies/compile-policy.js';
import type { Manifest } from '../offline/manifests.js';

/*
 * How often each side of `&&` and `||`, and each condition of `?:`, was true and false while cases were judged. A side
 * that is always the same could be left out, and no case would fail.
 */

export interface CoveredBranch extends Pick<Branch, 'field' | 'operator' | 'text'> {
  readonly file: string;
  /** Where the side stands in the file. */
  readonly line: number;
  readonly column: number;
  readonly whenTrue: number;
  readonly whenFalse: number;
}

type Counted = Omit<CoveredBranch, 'whenTrue' | 'whenFalse'> & { whenTrue: number; whenFalse: number };

const MOST_TEXT = 60;

const shortText = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= MOST_TEXT ? line : `${line.slice(0, MOST_TEXT - 1)}…`;
};

export class BranchCoverage {
  private readonly byNode = new Map<object, Counted>();
  /** Several tests may be of one policy: its sides are counted together. */
  private readonly byPlace = new Map<string, Counted>();

  know(policy: CompiledPolicy, { file, positionWithin }: Pick<Manifest, 'file' | 'positionWithin'>): void {
    for (const { field, operator, node, text } of branchesOf(policy)) {
      const key = `${file} ${policy.namespace ?? ''}/${policy.name} ${field} ${node.start} ${node.end}`;
      const known = this.byPlace.get(key) ?? {
        ...{ file, ...positionWithin(field, node.start), field, operator, text: shortText(text) },
        ...{ whenTrue: 0, whenFalse: 0 },
      };
      this.byPlace.set(key, known);
      this.byNode.set(node, known);
    }
  }

  /** What an evaluation gave; what failed went no way. */
  readonly observe = (node: object, value: unknown): void => {
    const known = this.byNode.get(node);
    if (known === undefined) return;
    if (value === true) known.whenTrue += 1;
    if (value === false) known.whenFalse += 1;
  };

  get branches(): readonly CoveredBranch[] {
    return [...this.byPlace.values()];
  }
}

export const isCovered = ({ whenTrue, whenFalse }: CoveredBranch): boolean => whenTrue > 0 && whenFalse > 0;

/** `vm-size.yaml:10:29: && never false: has(a.b)`. */
export const describeBranch = (branch: CoveredBranch): string => {
  const { file, line, column, operator, text, whenTrue, whenFalse } = branch;
  const missing =
    whenTrue + whenFalse === 0
      ? 'never looked at'
      : whenTrue === 0
        ? 'never true'
        : whenFalse === 0
          ? 'never false'
          : '';
  return visibleLine(`${file}:${line}:${column}: ${operator} ${missing}: ${text}`);
};
