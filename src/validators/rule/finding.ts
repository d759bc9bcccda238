import type { CauseType } from '../../api/cause.js';

/** What a rule found wrong. */
export interface Finding {
  readonly type: CauseType;
  /** True JSON path. */
  readonly field: string;
  /** What is wrong, the value found, what to write instead. At most `MAX_MESSAGE` characters (src/api/cause.ts). */
  readonly message: string;
  /** See `Cause`: the field that asks for what is missing or wrong at `field`, where that is not the same place. */
  readonly because?: string;
}

const finding =
  (type: CauseType) =>
  (field: string, message: string): Finding => ({ type, field, message });

export const invalid = finding('FieldValueInvalid');
export const required = finding('FieldValueRequired');
export const notSupported = finding('FieldValueNotSupported');
export const duplicate = finding('FieldValueDuplicate');
export const notFound = finding('FieldValueNotFound');
export const forbidden = finding('FieldValueForbidden');

/** The findings of a demand that another field makes; they are superfluous where that field has to be removed. */
export const because = (reason: string, findings: readonly Finding[]): Finding[] =>
  findings.map((found) => ({ ...found, because: reason }));

/** What a rule gives that has nothing to say: made once, because most rules say it of most objects. */
export const NOTHING: readonly Finding[] = [];

/** Both; without a new list where one is empty. */
export const both = (first: readonly Finding[], second: readonly Finding[]): readonly Finding[] => {
  if (first.length === 0) return second;
  return second.length === 0 ? first : [...first, ...second];
};
