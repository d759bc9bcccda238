import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import { NOTHING, type Finding } from './finding.js';
import { inEach } from './in-each.js';
import type { InstanceSubject, Operation, Request, RuleKind } from './subject.js';

/** One rule: data for the documentation and a pure check. A check never throws on an object that fits the schema. */
export interface Rule<Subject> {
  /** Stable; named in documentation, in causes, in tests. */
  readonly id: string;
  readonly kinds: readonly RuleKind[];
  /** Absent: both. */
  readonly operations?: readonly Operation[];
  /** The field or fields it watches; `$` is the VMI's spec, wherever that is. */
  readonly field: string;
  /** What is refused, for the documentation: a noun phrase that continues "Refuses ". */
  readonly summary: string;
  /** First version that has it. */
  readonly since: string;
  /** Where the rule comes from. */
  readonly source: string;
  readonly check: (subject: Subject) => readonly Finding[];
}

/** What a rule says of itself; the rest is its family's. */
export interface RuleEntry<Check> {
  readonly id: string;
  /** Continues the family's field. Absent: that field itself. */
  readonly field?: string;
  /** See {@link Rule}. */
  readonly summary: string;
  /** A section of docs/reference/admission.md (`§6.2`), or words. Absent: the family's. */
  readonly source?: string;
  readonly operations?: readonly Operation[];
  readonly check: Check;
}

/** Rules that look at one kind of thing, such as each disk of a VMI: what they have in common is said once. */
interface Family<Subject, Check> {
  readonly kinds: readonly RuleKind[];
  readonly operations?: readonly Operation[];
  /** What the field of each rule begins with. */
  readonly field?: string;
  readonly source?: string;
  /** Runs the check of a rule on what the family looks at. */
  readonly run: (subject: Subject, check: Check) => readonly Finding[];
}

/** Makes the rules of a family. */
export const ruleFamily =
  <Subject extends Request, Check>(family: Family<Subject, Check>) =>
  ({ id, field = '', summary, source = family.source ?? '', operations, check }: RuleEntry<Check>): Rule<Subject> => {
    const { kinds, run } = family;
    const limitedTo = operations ?? family.operations;
    return {
      id,
      kinds,
      ...(limitedTo === undefined ? {} : { operations: limitedTo }),
      field: `${family.field ?? ''}${field}`,
      source: source.startsWith('§') ? `docs/reference/admission.md ${source}` : source,
      since: '0.1',
      summary,
      check: (subject) => run(subject, check),
    };
  };

/** Rules on the spec or metadata of a VMI; they hold for templates too. */
export const instanceRules = <Check>(
  family: Omit<Family<InstanceSubject, Check>, 'kinds'>,
): ((entry: RuleEntry<Check>) => Rule<InstanceSubject>) =>
  ruleFamily({
    kinds: ['VirtualMachineInstance', 'VirtualMachine', 'VirtualMachineInstanceReplicaSet'],
    ...family,
  });

/** A rule on the spec or metadata of a VMI, by itself. */
export const instanceRule = instanceRules<(subject: InstanceSubject) => readonly Finding[]>({
  run: (subject, check) => check(subject),
});

/** A list in the spec of a VMI. */
interface ListOf<Item> {
  /** Its path below the spec. */
  readonly list: string;
  /** What is at that path. */
  readonly of: (spec: VirtualMachineInstanceSpec) => readonly Item[] | undefined;
  readonly source?: string;
}

type ItemCheck<Item> = (item: Item, path: string, subject: InstanceSubject, index: number) => readonly Finding[];

/** Rules on each item of a list; `path` is the item's. */
export const rulesOn = <Item>({ list, of, source = '' }: ListOf<Item>) =>
  instanceRules<ItemCheck<Item>>({
    field: `$.${list}[]`,
    source,
    run: (subject, check) =>
      inEach(of(subject.spec), `${subject.path}.${list}`, (item, path, index) => check(item, path, subject, index)),
  });

/**
 * Rules on one member of the items of a list that have it; `path` is the member's. Where no item has it they cost next
 * to nothing.
 */
export const rulesOnMember = <Item, Name extends keyof Item & string>({
  list,
  of,
  member,
  source = '',
}: ListOf<Item> & { readonly member: Name }) =>
  instanceRules<
    (value: NonNullable<Item[Name]>, path: string, subject: InstanceSubject, item: Item) => readonly Finding[]
  >({
    field: `$.${list}[].${member}`,
    source,
    run: (subject, check) => {
      const items = of(subject.spec);
      if (!items?.some((item) => item[member] !== undefined)) return NOTHING;
      return inEach(items, `${subject.path}.${list}`, (item, path) => {
        const value = item[member];
        return value === undefined || value === null ? NOTHING : check(value, `${path}.${member}`, subject, item);
      });
    },
  });
