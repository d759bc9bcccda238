import { childPath, isWithin, MAX_CAUSES, shortened, TOO_MANY_CAUSES, type Cause, type CauseType } from '../cause.js';
import { visibleLine } from '../visible-text.js';
import type { OtherSpec } from './other-kinds.js';
import { pathOf, type Steps } from './place.js';
import type { SchemaRuleId } from './schema-rules.js';
import type { Shifted } from './shifted-left.js';
import { isRecord } from '../record.js';

/** A field that an object should not have, and where it was meant to be; without `to` nobody knows. */
export interface Correction {
  readonly from: Steps;
  readonly to?: Steps;
}

/** What a check against a schema found. */
export interface SchemaFindings {
  readonly causes: readonly Cause[];
  /** Fields that are missing because they were written under another name or elsewhere, which is said already. */
  readonly silent: readonly Cause[];
  /** For each field that the API does not have. */
  readonly corrections: readonly Correction[];
  /** Whether a member is null where that stands for being absent. */
  readonly nulls: boolean;
}

/** Collects what is wrong while an object is walked. */
export class Findings {
  readonly causes: Cause[] = [];
  readonly corrections: Correction[] = [];
  readonly steps: (string | number)[] = [];
  nulls = false;

  /** @param root the object that is walked */
  constructor(readonly root: unknown) {}

  get full(): boolean {
    return this.causes.length >= MAX_CAUSES;
  }

  add(type: CauseType, rule: SchemaRuleId, message: string, key?: string): void {
    if (this.full) return;
    const path = pathOf(this.steps);
    const field = key === undefined ? path : childPath(path, key);
    // A path may be as long as a user's key: the message is cut, the field is not.
    this.causes.push({ type, field, message: shortened(`${field === '' ? 'the object' : field} ${message}`), rule });
    if (this.causes.length === MAX_CAUSES) this.causes.push(TOO_MANY_CAUSES);
  }

  unknown(key: string, text: string, instead: Steps | undefined): void {
    if (this.full) return;
    this.add('FieldValueForbidden', 'schema.unknown', `is not a known field; ${text}`, key);
    this.corrections.push({ from: [...this.steps, key], ...(instead === undefined ? {} : { to: instead }) });
  }

  /** Fields that stand beside the empty object that they were meant for: one mistake, at the empty one. */
  shifted({ holder, fields }: Shifted): void {
    if (this.full) return;
    const [names, one] = [fields.map(({ from }) => visibleLine(from)).join(', '), fields.length === 1];
    const text = one
      ? `${names} below it stands at its level: indent it`
      : `${names} below it stand at its level: indent them`;
    this.add('FieldValueForbidden', 'schema.unknown', `is empty, and ${text}`, holder);
    for (const { from, to } of fields)
      this.corrections.push({ from: [...this.steps, from], to: [...this.steps, ...to] });
  }

  /** The spec of another kind; its template's is read in its place. */
  otherSpec({ text, fields }: OtherSpec, template: unknown): void {
    if (this.full) return;
    this.add('FieldValueForbidden', 'schema.unknown', text);
    const inner: unknown = isRecord(template) ? template['spec'] : undefined;
    const moved = isRecord(inner) ? Object.keys(inner) : [];
    for (const name of moved)
      this.corrections.push({ from: [...this.steps, 'template', 'spec', name], to: [...this.steps, name] });
    for (const field of fields) this.corrections.push({ from: [...this.steps, field] });
  }

  result(): SchemaFindings {
    const { causes, corrections, nulls } = this;
    const meant = corrections.flatMap(({ to }) => (to === undefined ? [] : [pathOf(to)]));
    const isSaid = ({ rule, field }: Cause): boolean =>
      rule === 'schema.required' && meant.some((path) => isWithin(path, field));
    const silent = meant.length === 0 ? [] : causes.filter(isSaid);
    if (silent.length === 0) return { causes, silent, corrections, nulls };
    return { causes: causes.filter((cause) => !silent.includes(cause)), silent, corrections, nulls };
  }
}
