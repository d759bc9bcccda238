/*
 * What the page and the plugin's server of it say to each other. The page is of the same build, so nothing here is kept
 * for older ones.
 */

/** Which VM: as in the URL of the page and in every call. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** `namespace/name`; neither has a slash. */
export const keyOf = ({ namespace, name }: Place): string => `${namespace}/${name}`;

/** A VM in the list. Texts of others are one visible line already. */
export interface VmRow extends Place {
  /** A VMI that belongs to no VM can be paused, and neither started nor stopped. */
  readonly kind: 'vm' | 'vmi';
  /** `status.printableStatus` of the VM, or the phase of the VMI. */
  readonly status: string;
  /** Why it does not run, in the controller's words; absent where nothing is wrong. */
  readonly reason?: string;
  /** Whether it has an instance that is on its way or runs. */
  readonly live: boolean;
  /** Whether the guest runs, or stands still. */
  readonly running: boolean;
  readonly paused: boolean;
  readonly restartRequired: boolean;
  readonly node?: string;
  readonly addresses: readonly string[];
  /** RFC 3339. */
  readonly created: string;
  readonly lastTermination?: string;
}

export interface ConditionRow {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly since: string;
}

export interface EventRow {
  readonly uid: string;
  readonly warning: boolean;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly last: string;
}

/** What the page of one VM shows besides its row. */
export interface VmDetail {
  readonly key: string;
  /** Label and text, such as `Memory`, `1Gi`. */
  readonly facts: readonly (readonly [label: string, text: string])[];
  readonly conditions: readonly ConditionRow[];
  readonly events: readonly EventRow[];
  /** Why events are not shown, where the user may not see them. */
  readonly eventsProblem?: string;
}

/** What a VM has used when; totals are since its start, in bytes. What is not known is absent. */
export interface UsageSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly cores?: number;
  readonly vcpus?: number;
  readonly resident?: number;
  readonly guest?: number;
  readonly guestUsed?: number;
  readonly diskRead?: number;
  readonly diskWritten?: number;
  readonly received?: number;
  readonly sent?: number;
}

export interface Scope {
  readonly server: string;
  /** Where new VMs go unless their manifest says otherwise. */
  readonly namespace: string;
  /** Undefined: all. */
  readonly namespaces?: readonly string[];
}

/** From the server, on the socket `live`. */
export type LiveMessage =
  | { readonly type: 'scope'; readonly scope: Scope }
  /** `whole`: these are all. */
  | {
      readonly type: 'rows';
      readonly rows: readonly VmRow[];
      readonly gone: readonly string[];
      readonly whole: boolean;
    }
  /** Why what is shown may be old, or not all; undefined: it is current. */
  | { readonly type: 'problem'; readonly text?: string }
  | { readonly type: 'detail'; readonly detail: VmDetail }
  | { readonly type: 'usage'; readonly key: string; readonly sample?: UsageSample; readonly problem?: string };

/** To the server: which VM's details are wanted from now on. */
export interface LiveRequest {
  readonly watch: Place | null;
}

export const ACTION_WORDS = ['start', 'stop', 'restart', 'pause', 'unpause'] as const;
export type ActionWord = (typeof ACTION_WORDS)[number];

export interface ActRequest extends Place {
  readonly action: ActionWord;
  /** Do not wait for the guest: it loses what it has not written. */
  readonly force?: boolean;
}

/** What lint says of the text of the editor. */
export interface LintFinding {
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  readonly rule: string;
  readonly message: string;
}

export interface LintAnswer {
  readonly findings: readonly LintFinding[];
}

export interface ApplyRequest {
  readonly text: string;
  /** Undefined: a new one; else the one that is changed, as it was when it was read. */
  readonly replaces?: Place;
}

export interface ManifestAnswer {
  readonly text: string;
}

/** Any call that did not work: what is wrong and what to do. */
export interface Refusal {
  readonly message: string;
  readonly remedy?: string;
}

/** Paths below the page's own. */
export const PATHS = {
  live: 'live',
  console: 'console',
  screen: 'screen',
  act: 'api/act',
  lint: 'api/lint',
  apply: 'api/apply',
  manifest: 'api/manifest',
} as const;
