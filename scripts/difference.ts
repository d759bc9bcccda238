import type { CheckedKind } from '../src/api/schema-check/check-schema.js';

/** One place where our answer to an object differs from the reference's. */
export type Discrepancy = { readonly object: CheckedKind; /** Of the case. */ readonly name: string } & (
  | /** We give a cause on a field on which the reference gives none; `theirs`: the fields that it names. */ {
      readonly kind: 'more';
      readonly field: string;
      readonly rule: string;
      readonly theirs: readonly string[];
      /** The reference accepts the object. */
      readonly accepted: boolean;
    }
  | /** The reference gives a cause on a field on which we give none; `ours`: what we give. */ {
      readonly kind: 'less';
      readonly field: string;
      readonly ours: readonly { readonly field: string; readonly rule: string }[];
    }
  | /** After the defaults a field differs; undefined: it is absent. */ {
      readonly kind: 'default';
      readonly field: string;
      readonly ours: unknown;
      readonly theirs: unknown;
    }
);

export interface Difference {
  readonly id: string;
  /** What KubeVirt does, what we do, and why: the columns of the table. */
  readonly kubevirt: string;
  readonly here: string;
  readonly why: string;
  /** Whether it explains what a case shows. */
  readonly explains: (discrepancy: Discrepancy) => boolean;
  /** Where no case can show it (updates, other kinds): file and title of the test that does. */
  readonly test?: readonly [file: string, title: string];
}

/** No case shows it, a test of its own does. */
export const shownBy = (file: string, title: string): Pick<Difference, 'explains' | 'test'> => ({
  explains: () => false,
  test: [file, title],
});
