import type { CheckedKind } from '../../../src/api/schema-check/check-schema.js';
import type { Change } from '../../../src/validators/rule/examples.js';
import type { Json } from '../corpus.js';

/**
 * What the specification of the reference's admission says about one change of the valid manifest (`base` of the
 * corpus): accepted unless `refuses` is there.
 */
export interface SpecCase {
  readonly name: string;
  /** Absent: a VirtualMachineInstance. */
  readonly kind?: Exclude<CheckedKind, 'KubeVirt'>;
  /** Dotted paths set on the valid manifest. */
  readonly change: Change;
  readonly gates?: readonly string[];
  /** More of the KubeVirt object's `spec.configuration`. */
  readonly config?: Json;
  /** Annotations of the KubeVirt object. */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Fields of the causes, as true paths; an empty text: a refusal that names none (the schema, or a text that cannot be
   * decoded).
   */
  readonly refuses?: readonly string[];
  /** Our own causes' fields, exactly, where the reference names none or we name more. */
  readonly here?: readonly string[];
  /** Values after the defaults; undefined: absent. */
  readonly becomes?: Readonly<Record<string, unknown>>;
}

/** The reference refuses by schema or in decoding, without a field; we name these. */
export const schema = (name: string, change: Change, ...here: readonly string[]): SpecCase => ({
  name,
  change,
  refuses: [''],
  here,
});

export const accepted = (name: string, change: Change, becomes?: SpecCase['becomes']): SpecCase => ({
  name,
  change,
  ...(becomes === undefined ? {} : { becomes }),
});

export const refused = (name: string, change: Change, ...refuses: readonly string[]): SpecCase => ({
  name,
  change,
  refuses,
});

export const withGates = (one: SpecCase, ...gates: readonly string[]): SpecCase => ({ ...one, gates });
export const withConfig = (one: SpecCase, config: Json): SpecCase => ({ ...one, config });
export const ofKind = (one: SpecCase, kind: NonNullable<SpecCase['kind']>): SpecCase => ({ ...one, kind });

export const group = (title: string, cases: readonly SpecCase[]): SpecCase[] =>
  cases.map((one) => ({ ...one, name: `${title}: ${one.name}` }));
