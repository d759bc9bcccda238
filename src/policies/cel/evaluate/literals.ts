import type { ListNode, MapNode } from '../parse/node.js';
import { CelError, NO_OVERLOAD, isError } from '../values/errors.js';
import { mapKey } from '../values/json.js';
import { CelList, CelMap, Optional, type MapKey, type Value } from '../values/values.js';
import { code, constant, emptyFrame, type Code, type Compilation } from './code.js';
import type { Run } from './frame.js';

/*
 * Lists and maps that are written out. Those of constants are constants.
 */

/** Kubernetes' figures. */
const LIST_UNITS = 10;
const MAP_UNITS = 30;
/** Measured: what making one takes, beside its members. */
const LIST_STEPS = 20;
const MAP_STEPS = 20;
const ENTRY_STEPS = 20;

const UNSUPPORTED_KEY = new CelError('unsupported key type');

export const compileList = (compiler: Compilation, { items }: ListNode): Code => {
  const codes = items.map(({ value }) => compiler.compile(value));
  const isConstant = codes.every((item) => item.isConstant) && items.every(({ optional }) => !optional);
  if (isConstant) return constant(new CelList(codes.map((item) => item.constant as Value)));
  return code((frame) => {
    const over = frame.spending.spend(LIST_UNITS) ?? frame.spending.step(LIST_STEPS + codes.length);
    if (over !== undefined) return over;
    const values: Value[] = [];
    for (const [i, { run }] of codes.entries()) {
      const value = run(frame);
      if (isError(value)) return value;
      if (items[i]?.optional !== true) values.push(value);
      else if (!(value instanceof Optional)) return NO_OVERLOAD;
      else if (value.value !== undefined) values.push(value.value);
    }
    return new CelList(values);
  });
};

export const compileMap = (compiler: Compilation, { entries }: MapNode): Code => {
  const codes = entries.map(({ key, value, optional }) => ({
    key: compiler.compile(key),
    value: compiler.compile(value),
    optional,
  }));
  const run: Run = (frame) => {
    const over = frame.spending.spend(MAP_UNITS) ?? frame.spending.step(MAP_STEPS + ENTRY_STEPS * codes.length);
    if (over !== undefined) return over;
    const made = new Map<MapKey, { key: Value; value: Value }>();
    for (const entry of codes) {
      const key = entry.key.run(frame);
      if (isError(key)) return key;
      const value = entry.value.run(frame);
      if (isError(value)) return value;
      const own = mapKey(key);
      if (own === undefined || typeof key === 'number') return UNSUPPORTED_KEY;
      // The last of equal keys wins, as in Kubernetes.
      if (!entry.optional) made.set(own, { key, value });
      else if (!(value instanceof Optional)) return NO_OVERLOAD;
      else if (value.value !== undefined) made.set(own, { key, value: value.value });
    }
    return new CelMap(made);
  };
  const isConstant = codes.every(({ key, value, optional }) => key.isConstant && value.isConstant && !optional);
  const value = isConstant ? run(emptyFrame()) : NO_OVERLOAD;
  return isError(value) ? code(run) : constant(value);
};
