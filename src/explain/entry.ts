import type { ActedOnCount } from './acted-on-count.js';
import type { AppliedChange } from '../admission/trace.js';
import type { NotActedOn } from '../api/settings/acted-on.js';
import type { Operation } from '../validators/rule/subject.js';

/*
 * What can be said of each rule and default: one source for docs/rules.md, docs/defaults.md and `kubectl virt explain`.
 * Examples are run when they are asked for, so that what they show is what this version says.
 */

/** One line of the list of everything that has an id. */
export interface IndexEntry {
  readonly id: string;
  readonly type: 'rule' | 'default' | 'warning';
  /** The group in which it is listed. */
  readonly concern: string;
  /** One sentence. */
  readonly summary: string;
}

/** A rule at work: YAML of manifests, or of the parts that matter. */
export interface RuleExample {
  /** `spec.configuration` of the KubeVirt object, where the defaults will not do. */
  readonly settings?: string;
  /** Who asks, where it is not an ordinary user. */
  readonly by?: string;
  /** The object before the update, where the rule is about updates. */
  readonly stored?: string;
  readonly refused: string;
  /** What admission says to it, one line each. */
  readonly causes: readonly string[];
  readonly accepted: string;
  /** Fields that this version does not act on yet: while they are there, that is what it says instead. */
  readonly notActedOn: readonly string[];
}

/** A default at work. */
export interface DefaultRun {
  readonly settings?: string;
  readonly submitted: string;
  readonly changes: readonly AppliedChange[];
}

/** A warning: a manifest that gets it, what kubectl prints, and one that does not get it. */
export interface WarningExample {
  readonly warned: string;
  readonly warnings: readonly string[];
  readonly silent: string;
}

export interface Entry extends IndexEntry {
  /** Why it exists, where the summary does not say it: whole sentences. */
  readonly why?: string;
  readonly field?: string;
  readonly kinds?: readonly string[];
  /** Absent: every operation. */
  readonly operations?: readonly Operation[];
  readonly since?: string;
  readonly source?: string;
  readonly example?: RuleExample;
  /** Why there is no example. */
  readonly withoutExample?: string;
  readonly run?: DefaultRun;
  readonly warning?: WarningExample;
  /** Its place among the defaults, from 1. */
  readonly order?: number;
  /** Of `field.not-acted-on`: the fields, below `spec` of each kind. */
  readonly fields?: readonly ({
    readonly kind: string;
    readonly list: readonly NotActedOn[];
  } & Partial<ActedOnCount>)[];
}
