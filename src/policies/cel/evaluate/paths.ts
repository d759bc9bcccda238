import { dottedName, headOf, type IdentNode, type IndexNode, type Node, type SelectNode } from '../parse/node.js';
import type { Presence } from '../macros.js';
import { isError, noSuchKey } from '../values/errors.js';
import { Optional, type Result } from '../values/values.js';
import * as access from './access.js';
import { code, constant, type Code, type Compilation } from './code.js';
import { TYPE_VALUES } from './frame.js';

/*
 * Paths: `a`, `a.b[c].?d`. The variable and each step are a unit.
 */

const root = (index: number): Code =>
  code((frame) => frame.spending.spend(1) ?? (frame.inputs.root(index, frame.spending) as Result), 1);

export const compileIdent = (compiler: Compilation, { name, absolute }: IdentNode): Code => {
  const slot = absolute ? undefined : compiler.slotOf(name);
  if (slot !== undefined) return code((frame) => frame.spending.spend(1) ?? (frame.slots[slot] as Result), 1);
  const index = compiler.names.root(name);
  if (index !== undefined) return root(index);
  const type = TYPE_VALUES.get(name);
  return type === undefined ? code(() => noSuchKey(name)) : constant(type);
};

/** A variable or a type whose name has dots. */
const named = (compiler: Compilation, node: SelectNode): Code | undefined => {
  const head = headOf(node);
  if (head === undefined || !compiler.names.heads.has(head) || compiler.slotOf(head) !== undefined) return undefined;
  const name = dottedName(node) ?? head;
  const index = compiler.names.root(name);
  if (index !== undefined) return root(index);
  const type = TYPE_VALUES.get(name);
  return type && constant(type);
};

/** `variables.x`, which is evaluated when it is first read. */
const composed = (compiler: Compilation, { operand, field, optional }: SelectNode): Code | undefined => {
  if (operand.kind !== 'ident' || operand.name !== 'variables' || compiler.slotOf('variables') !== undefined) {
    return undefined;
  }
  const index = compiler.names.composed(field);
  if (index === undefined) return undefined;
  return code((frame) => {
    const over = frame.spending.spend(2);
    if (over !== undefined) return over;
    const value = frame.inputs.composed(index, frame.spending);
    return isError(value) || !optional ? value : new Optional(value);
  }, 1);
};

/** What a path begins with; where that is no variable, a unit for it. */
const base = (compiler: Compilation, node: Node): Code => {
  const compiled = compiler.compile(node);
  if (node.kind === 'select' || node.kind === 'index' || node.kind === 'ident') return compiled;
  const { run } = compiled;
  return code((frame) => frame.spending.spend(1) ?? run(frame), 1);
};

export const compileSelect = (compiler: Compilation, node: SelectNode): Code => {
  const whole = named(compiler, node) ?? composed(compiler, node);
  if (whole !== undefined) return whole;
  const { field, optional } = node;
  const { run, discount } = base(compiler, node.operand);
  const read = optional ? access.selectOptional : access.select;
  return code((frame) => {
    const value = run(frame);
    if (isError(value)) return value;
    return frame.spending.spend(1) ?? read(value, field);
  }, discount);
};

export const compileIndex = (compiler: Compilation, node: IndexNode): Code => {
  const { run, discount } = base(compiler, node.operand);
  const at = compiler.compile(node.index);
  const read = node.optional ? access.indexOptional : access.index;
  return code((frame) => {
    const value = run(frame);
    if (isError(value)) return value;
    const over = frame.spending.spend(1 - at.discount);
    if (over !== undefined) return over;
    const key = at.run(frame);
    return isError(key) ? key : read(value, key);
  }, discount);
};

export const compilePresence = (compiler: Compilation, { field }: Presence): Code => {
  const { run } = base(compiler, field.operand);
  return code((frame) => {
    const value = run(frame);
    return isError(value) ? value : access.has(value, field.field);
  });
};
