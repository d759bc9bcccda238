import type { admit } from '../../../src/admission/admit.js';
import { asWritten } from '../../../src/api/schema-check/describe-value.js';
import { resolvePlain } from '../../../src/api/yaml/resolve-scalar.js';
import type { Position } from '../../../src/api/yaml/lines.js';
import { lookAlikeIn } from '../../../src/api/yaml/look-alikes.js';
import type { YamlProblemKind } from '../../../src/api/yaml/read-yaml.js';
import { templateIn, variableIn } from '../../../src/api/yaml/template-text.js';
import type { FileProblem, Manifest } from './manifests.js';

export interface Finding extends Position {
  readonly file: string;
  readonly severity: 'error' | 'warning';
  readonly rule: string;
  readonly message: string;
  /** Cause type, field and the object it is in; absent for a file that is not YAML. */
  readonly type?: string;
  readonly field?: string;
  readonly kind?: string;
  readonly name?: string;
  /** Of an expression: its line, with a caret under the place. */
  readonly excerpt?: string;
}

export const nameOf = (object: Record<string, unknown>): string => {
  const { name } = (object.metadata ?? {}) as { name?: unknown };
  return typeof name === 'string' ? name : '';
};

const RULES: Readonly<Record<YamlProblemKind, readonly [rule: string, severity: Finding['severity']]>> = {
  syntax: ['yaml.syntax', 'error'],
  'unread-document': ['yaml.syntax', 'error'],
  template: ['yaml.template', 'error'],
  'invisible-character': ['yaml.invisible-character', 'error'],
  'duplicate-key': ['yaml.duplicate-key', 'error'],
  'merge-order': ['yaml.merge-order', 'warning'],
};

/** What is wrong with a file itself. */
export const findingOf = ({ file, line, column, kind, message }: FileProblem): Finding => {
  const [rule, severity] = RULES[kind];
  return { file, line, column, severity, rule, message };
};

type Outcome = Pick<ReturnType<typeof admit>, 'causes' | 'warnings'>;

/**
 * A number or true in the digits of who wrote it: who is told to put 1.1 in quotes where 1.10 stands has another text.
 */
const inOwnDigits = (message: string, source: string | undefined): string => {
  if (source === undefined) return message;
  const resolved = resolvePlain(source);
  const meant = resolved.type === 'boolean' || resolved.type === 'integer' || resolved.type === 'float';
  return meant ? asWritten(message, resolved.value, source) : message;
};

/** A field or value that is one only because a space is missing. */
const withoutSpace = (rule: string | undefined, field: string, source: string | undefined): string | undefined => {
  const dash = rule === 'schema.unknown' ? /\[-([\w.]+)\]$/.exec(field)?.[1] : undefined;
  if (dash !== undefined)
    return `${field} is not a known field; a space is missing behind the dash: write "- ${dash}: …"`;
  const [, key, value] = (rule === 'schema.type' && /^([A-Za-z]\w{0,60}):([^\s:/]\S{0,60})$/.exec(source ?? '')) || [];
  if (key === undefined || value === undefined) return undefined;
  return `${field} is "${key}:${value}"; a space is missing behind the colon: write "${key}: ${value}"`;
};

/** A key or value that is refused because of a character that looks like the right one. */
const withoutLookAlike = (rule: string | undefined, field: string, source: string | undefined): string | undefined => {
  const key = rule === 'schema.unknown' ? /(?:\[([^\]]+)\]|\.([^.[\]]+)|^([^.[\]]+))$/.exec(field) : null;
  const text = key === null ? source : (key[1] ?? key[2] ?? key[3]);
  const meant = text === undefined ? undefined : lookAlikeIn(text);
  if (meant === undefined) return undefined;
  const plain = meant.plain.replaceAll(/^["'\s]+|["'\s]+$/g, '').replace(/^- */, '- ');
  return `${field} is written with ${meant.what}: write ${plain}`;
};

/**
 * Where in the file a place of the text is that is the field's value: in the lines below `userData: |`, and else at the
 * field.
 */
const placeWithin = ({ positionOf, sourceOf }: Manifest, field: string, within: Position | undefined): Position => {
  const begin = positionOf(field);
  const [, lines] =
    within === undefined ? [] : (/^\|[-+]?[ \t]*\r?\n(?=[ \n])([^]*)$/.exec(sourceOf(field) ?? '') ?? []);
  if (within === undefined || lines === undefined) return begin;
  const indentation = /^ */.exec(lines.split('\n').find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0;
  return { line: begin.line + within.line, column: indentation + within.column };
};

/** What admission says about an object, at its places in the file. */
export const findingsOf = (manifest: Manifest, kind: string, outcome: Outcome): Finding[] => {
  const { file, positionOf, sourceOf, isOpen, object } = manifest;
  const about = { file, kind, name: nameOf(object) };
  return [
    ...outcome.causes
      .filter(({ field }) => !isOpen(field))
      .map(({ field, message, rule, type }) => ({
        ...{ ...about, ...positionOf(field), severity: 'error' as const, rule: rule ?? 'admission' },
        ...{
          message:
            withoutLookAlike(rule, field, sourceOf(field)) ??
            withoutSpace(rule, field, sourceOf(field)) ??
            inOwnDigits(message, sourceOf(field)),
          type,
          field,
        },
      })),
    ...outcome.warnings
      .filter(({ field }) => !isOpen(field))
      .map(({ id, field, message, within }) => ({
        ...{ ...about, ...placeWithin(manifest, field, within), severity: 'warning' as const },
        ...{ rule: id, message, field },
      })),
  ];
};

/**
 * Errors about values that something else is to replace first, such as `"{{ .Values.memory }}"` and `${MEMORY}`, are
 * one for each file, at the first of its places. Texts in which braces may stand, such as a guest's own templates, have
 * no errors.
 */
export const withoutTemplates = (
  findings: readonly Finding[],
  { file, sourceOf }: Manifest,
  seen: Set<string>,
): readonly Finding[] => {
  const rest: Finding[] = [];
  let first: Finding | undefined;
  for (const finding of findings) {
    const source = finding.severity === 'error' ? sourceOf(finding.field ?? '') : undefined;
    const message = source === undefined ? undefined : (templateIn(source) ?? variableIn(source));
    if (message === undefined) {
      rest.push(finding);
      continue;
    }
    const { line, column } = finding;
    if (first !== undefined && (first.line - line || first.column - column) <= 0) continue;
    first = { file, line, column, severity: 'error', rule: 'yaml.template', message };
  }
  if (first === undefined || seen.has(file)) return rest;
  seen.add(file);
  return [first, ...rest];
};
