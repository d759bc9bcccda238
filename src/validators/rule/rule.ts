import { MAX_CAUSES, MAX_MESSAGE, shortened, type Cause, type CauseType } from '../../api/cause.js';
import type { ClusterConfig } from '../../api/settings/cluster-config.js';
import type {
  KubeVirt,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '../../api/schema/kinds.js';
import type { ObjectMeta } from '../../api/schema/meta.js';
import type { VirtualMachineInstanceSpec } from '../../api/schema/virtualmachineinstance.js';
import { suggest } from '../../api/schema-check/suggest.js';
import { forgetIndexes } from './lookup.js';

export { MAX_MESSAGE };

export type RuleKind = 'VirtualMachine' | 'VirtualMachineInstance' | 'VirtualMachineInstanceReplicaSet' | 'KubeVirt';
export type Operation = 'CREATE' | 'UPDATE';

/** What every rule may know about the request. */
export interface Request {
  readonly operation: Operation;
  readonly config: ClusterConfig;
  /** The request comes from one of our own programs (their service accounts may do what users may not). */
  readonly byOurPrograms: boolean;
  /** Present: that program is the agent of a node; its name where the token tells. */
  readonly agent?: { readonly node?: string } | undefined;
}

/**
 * A VMI, or a template looked at as the VMI that it will become: defaulted, and with the paths of the object that the
 * user wrote. `path` is `spec` or `spec.template.spec`; `metadataPath` likewise.
 */
export interface InstanceSubject extends Request {
  readonly path: string;
  readonly metadataPath: string;
  readonly metadata: ObjectMeta;
  readonly spec: VirtualMachineInstanceSpec;
}

/** A stored object: an older version may have stored it, so anything may be missing. */
export type Stored<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Stored<T[K]> }
    : T;

export interface MachineSubject extends Request {
  readonly vm: VirtualMachine;
  readonly old?: Stored<VirtualMachine> | undefined;
  /** The template's spec as the VMI that it will become; absent where the template has none. */
  readonly defaulted?: VirtualMachineInstanceSpec | undefined;
  /** Namespace of the request; the object may leave its own out. */
  readonly namespace?: string | undefined;
  /** What the rules of a VMI find in a template with this spec: for what changes a template later. */
  readonly templateCauses: (spec: VirtualMachineInstanceSpec) => readonly Cause[];
}

export interface ReplicaSetSubject extends Request {
  readonly replicaSet: VirtualMachineInstanceReplicaSet;
}

/** Rules on who may write read `vmi` and `old` whatever they hold: an older version may have stored them. */
export interface InstanceUpdateSubject extends Request {
  readonly vmi: VirtualMachineInstance;
  readonly old: VirtualMachineInstance;
  /** Where the spec first says something else than the stored one; undefined: nowhere. */
  readonly changed: string | undefined;
}

export interface KubeVirtSubject extends Request {
  readonly kubevirt: KubeVirt;
  readonly namespace?: string | undefined;
  /** Where the one object must be for its settings to count; undefined where nobody knows. */
  readonly installNamespace: string | undefined;
  /** Name of the object in force, if there is one. */
  readonly settingsObject?: string | undefined;
}

/** What a rule found wrong. */
export interface Finding {
  readonly type: CauseType;
  /** True JSON path. */
  readonly field: string;
  /** What is wrong, the value found, what to write instead. At most {@link MAX_MESSAGE} characters. */
  readonly message: string;
  /** See `Cause`: the field that asks for what is missing or wrong at `field`, where that is not the same place. */
  readonly because?: string;
}

/** One rule: data for the documentation and a pure check. A check never throws on an object that fits the schema. */
export interface Rule<Subject> {
  /** Stable; named in documentation, in causes, in tests. */
  readonly id: string;
  readonly kinds: readonly RuleKind[];
  /** Absent: both. */
  readonly operations?: readonly Operation[];
  /** The field or fields it watches; `$` is the VMI's spec, wherever that is. */
  readonly field: string;
  /** What is refused, for the documentation: a noun phrase that goes on from "Refuses ". */
  readonly summary: string;
  /** First version that has it. */
  readonly since: string;
  /** Where the rule comes from. */
  readonly source: string;
  readonly check: (subject: Subject) => readonly Finding[];
}

const ALL_KINDS: readonly RuleKind[] = ['VirtualMachineInstance', 'VirtualMachine', 'VirtualMachineInstanceReplicaSet'];

/** A rule on the spec of a VMI; it holds for templates too. `source`: a section of spec/admission.md (`§6.2`), or words. */
export const instanceRule = (
  id: string,
  field: string,
  source: string,
  summary: string,
  check: (subject: InstanceSubject) => readonly Finding[],
): Rule<InstanceSubject> => ({
  id,
  kinds: ALL_KINDS,
  field,
  source: source.startsWith('§') ? `spec/admission.md ${source}` : source,
  since: '0.1',
  summary,
  check,
});

/** The same rule with the ids that its source has for what it covers, for the documentation. */
export const covering = <Subject>(rule: Rule<Subject>, ids: string): Rule<Subject> => ({
  ...rule,
  source: `${rule.source} (${ids})`,
});

const finding =
  (type: CauseType) =>
  (field: string, message: string): Finding => ({ type, field, message });

export const invalid = finding('FieldValueInvalid');
export const required = finding('FieldValueRequired');
export const notSupported = finding('FieldValueNotSupported');
export const duplicate = finding('FieldValueDuplicate');
export const notFound = finding('FieldValueNotFound');
export const forbidden = finding('FieldValueForbidden');

/** The findings of a demand that another field makes; they go where that field has to go. */
export const because = (reason: string, findings: readonly Finding[]): Finding[] =>
  findings.map((found) => ({ ...found, because: reason }));

/** Longest value that a message repeats. */
const MAX_SHOWN = 60;

/** The beginning of a value is all that is shown; half a megabyte need not be written out for it. */
const beginning = (value: unknown): unknown =>
  (typeof value === 'string' || Array.isArray(value)) && value.length > MAX_SHOWN ? value.slice(0, MAX_SHOWN) : value;

/** A value as a message shows it: JSON, cut where it is long; what is absent is `nothing`. */
export const show = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(beginning(value));
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
};

/** The words of which one must be written, and the one that was meant where that is plain. Goes on from `…: `. */
export const oneOf = (word: string | undefined, words: readonly string[]): string => {
  const near = word === undefined ? undefined : suggest(word, words);
  return `write one of ${words.join(', ')}${near === undefined ? '' : ` (did you mean ${show(near)}?)`}`;
};

/** Among more names than that none is plainly the one that was meant, and looking for it takes long. */
const MAX_CANDIDATES = 32;

/**
 * What to write for a name that is none of those in `list`: the one that was meant, if it is plain.
 * Goes on from `no volume is named "rot"`.
 */
export const remedyAmong = (name: string, names: readonly string[], list: string): string => {
  const near = names.length > MAX_CANDIDATES ? undefined : suggest(name, names);
  return near === undefined
    ? `: add one to ${list}, or write the name of one that is there`
    : `; did you mean ${show(near)}? Else add one to ${list}`;
};

/** What a rule gives that has nothing to say: made once, because most rules say it of most objects. */
export const NOTHING: readonly Finding[] = [];

/** A list of a million wrong items must not become a million findings. Above what 256 disks can have in one rule. */
const MAX_FINDINGS = 1000;

/** Both; without a new list where one is empty. */
export const both = (first: readonly Finding[], second: readonly Finding[]): readonly Finding[] => {
  if (first.length === 0) return second;
  return second.length === 0 ? first : [...first, ...second];
};

/**
 * What `check` finds in each item of a list, which may be absent; `path` is the list's. `check` is pure, so it is asked without a
 * path first: putting together the paths of items in which nothing is wrong took a third of the time of all rules. Why not
 * `(list ?? []).flatMap(…)`: that makes two lists for every rule and item, found or not, which took another half.
 */
export const inEach = <Item>(
  list: readonly Item[] | undefined,
  path: string,
  check: (item: Item, path: string, index: number) => readonly Finding[],
): readonly Finding[] => {
  if (list === undefined) return NOTHING;
  let found: Finding[] | undefined;
  let index = 0;
  for (const item of list) {
    if (check(item, '', index).length > 0) {
      found ??= [];
      found.push(...check(item, `${path}[${index}]`, index));
      if (found.length >= MAX_FINDINGS) break;
    }
    index += 1;
  }
  return found ?? NOTHING;
};

const causeOf = (id: string, { type, field, message, because: reason }: Finding): Cause => {
  const cause: Cause = { type, field, message: shortened(message), rule: id };
  if (reason !== undefined) cause.because = reason;
  return cause;
};

/** Runs the rules that hold for this operation, in the order of the table, and collects the causes: up to {@link MAX_CAUSES}, every one. */
export const runRules = <Subject extends Request>(rules: readonly Rule<Subject>[], subject: Subject): Cause[] => {
  const causes: Cause[] = [];
  for (const { operations, check, id } of rules) {
    if (operations !== undefined && !operations.includes(subject.operation)) continue;
    const findings = check(subject);
    // Nothing is made for a rule that finds nothing: there are hundreds of them.
    if (findings.length === 0) continue;
    for (const finding of findings) causes.push(causeOf(id, finding));
    // An answer must not be a hundred times as large as its request. `validate` says that there may be more.
    if (causes.length >= MAX_CAUSES) break;
  }
  forgetIndexes();
  return causes;
};
