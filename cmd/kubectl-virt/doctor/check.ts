import reasons from './reasons.json' with { type: 'json' };

/** `unknown`: whoever asks may not see it, which is no fault of the cluster. */
export type CheckState = 'ok' | 'warning' | 'problem' | 'unknown';

/** One thing that was looked at. */
export interface Check {
  readonly about: string;
  readonly state: CheckState;
  readonly message: string;
  readonly remedy?: string;
}

/** One warning among the events of a VM. */
export interface ToldEvent {
  readonly time: string;
  readonly object: string;
  readonly reason: string;
  readonly message: string;
}

/** All that was found. */
export interface Report {
  readonly checks: readonly Check[];
  /** Of one VM: the last warnings among its events. */
  readonly events: readonly ToldEvent[];
}

export const ok = (about: string, message: string): Check => ({ about, state: 'ok', message });
export const warning = (about: string, message: string, remedy: string): Check => ({
  ...{ about, state: 'warning', message, remedy },
});
export const problem = (about: string, message: string, remedy?: string): Check => ({
  ...{ about, state: 'problem', message },
  ...(remedy === undefined ? {} : { remedy }),
});
/** @param right what one would need, such as "list nodes" */
export const hidden = (about: string, right: string): Check => ({
  ...{ about, state: 'unknown', message: `you may not see it: that takes the right to ${right}` },
});

interface Told {
  readonly meaning: string;
  readonly remedy: string;
}
type Table = Readonly<Record<string, Told>>;

const TABLES: Readonly<Record<keyof typeof reasons, Table>> = reasons;

/**
 * What docs/troubleshooting.md says of a status, phase, condition (`TYPE/REASON`) or end; undefined for a word of
 * others, such as a reason of the scheduler.
 */
export const told = (table: keyof typeof reasons, word: string): Told | undefined =>
  Object.hasOwn(TABLES[table], word) ? TABLES[table][word] : undefined;
