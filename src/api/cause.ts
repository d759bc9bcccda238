import { visibleLine } from './visible-text.js';

/**
 * Why an object is refused: Kubernetes' `metav1.StatusCause`, plus the id of our rule. Source:
 * docs/reference/admission.md §1.1, §2.2.
 */

export const CAUSE_TYPES = [
  'FieldValueInvalid',
  'FieldValueRequired',
  'FieldValueNotSupported',
  'FieldValueDuplicate',
  'FieldValueNotFound',
  'FieldValueForbidden',
] as const;
export type CauseType = (typeof CAUSE_TYPES)[number];

export interface Cause {
  type: CauseType;
  /** True JSON path of the field, such as `spec.domain.devices.disks[0].name`. */
  field: string;
  /** What is wrong, the value found, and what to write instead. */
  message: string;
  /** Id of the rule that found it, such as `schema.unknown`; the key for documentation and for silencing. */
  rule?: string;
  /**
   * Another field that asks for this one, such as `spec.domain.cpu.realtime` for a missing `dedicatedCpuPlacement`:
   * where that one has to be removed anyway, this cause is not said. Not sent to clients.
   */
  because?: string;
}

/** Longest message; what is longer would push the others off a terminal. */
export const MAX_MESSAGE = 300;

export const shortened = (message: string): string =>
  message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE - 1)}…`;

/**
 * A million wrong list items must not become a million causes: an answer of 35 MB to half a megabyte. Nobody reads as
 * many either. The last one says that there may be more.
 */
export const MAX_CAUSES = 1000;
export const TOO_MANY_CAUSES: Cause = {
  type: 'FieldValueInvalid',
  field: '',
  message: `the object has ${MAX_CAUSES} errors or more; correct these first`,
  rule: 'schema.too-many',
};

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `spec` + `domain` → `spec.domain`; keys that are no plain names are bracketed: `metadata.labels[a/b.c]`. */
export const childPath = (path: string, key: string): string => {
  if (!PLAIN_KEY.test(key)) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
};

/** `spec.volumes` + 2 → `spec.volumes[2]`. */
export const indexPath = (path: string, index: number): string => `${path}[${index}]`;

/** Whether `field` is the field `outer` itself, or something below it. */
export const isWithin = (field: string, outer: string): boolean =>
  field === outer || field.startsWith(`${outer}.`) || field.startsWith(`${outer}[`);

/** A cause on one line, with its path in front unless the message begins with it. */
export const describeCause = ({ field, message }: Pick<Cause, 'field' | 'message'>): string =>
  visibleLine(field === '' || message.startsWith(`${field} `) ? message : `${field}: ${message}`);
