import { MAX_MESSAGE, shortened, type Cause, type CauseType } from '../api/cause.js';
import type { ClusterConfig } from '../api/cluster-config.js';
import type {
  KubeVirt,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceReplicaSet,
} from '../api/schema/kinds.js';
import type { ObjectMeta } from '../api/schema/meta.js';
import type { VirtualMachineInstanceSpec } from '../api/schema/virtualmachineinstance.js';
import { suggest } from '../api/suggest.js';

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
  /** This cluster's tokens name the node of the pod they belong to. */
  readonly nodeNamesInTokens: boolean;
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

/** A value as a message shows it: JSON, cut where it is long; what is absent is `nothing`. */
export const show = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
};

/** The words of which one must be written, and the one that was meant where that is plain. Goes on from `…: `. */
export const oneOf = (word: string | undefined, words: readonly string[]): string => {
  const near = word === undefined ? undefined : suggest(word, words);
  return `write one of ${words.join(', ')}${near === undefined ? '' : ` (did you mean ${show(near)}?)`}`;
};

/**
 * What to write for a name that is none of those in `list`: the one that was meant, if it is plain.
 * Goes on from `no volume is named "rot"`.
 */
export const remedyAmong = (name: string, names: readonly string[], list: string): string => {
  const near = suggest(name, names);
  return near === undefined
    ? `: add one to ${list}, or write the name of one that is there`
    : `; did you mean ${show(near)}? Else add one to ${list}`;
};

/** Runs the rules that hold for this operation, in the order of the table, and collects every cause. */
export const runRules = <Subject extends Request>(rules: readonly Rule<Subject>[], subject: Subject): Cause[] =>
  rules
    .filter(({ operations }) => operations === undefined || operations.includes(subject.operation))
    .flatMap((rule) =>
      rule.check(subject).map((found) => ({ ...found, message: shortened(found.message), rule: rule.id })),
    );
