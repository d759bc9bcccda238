import { accepts, type Overload } from '../functions/declare.js';
import { CONVERSIONS } from '../functions/conversions.js';
import { PATTERN_FUNCTION_NAMES } from '../functions/patterns.js';
import { GLOBAL_FUNCTIONS, MEMBER_FUNCTIONS, NAMESPACES } from '../functions/table.js';
import { TIME_PARTS } from '../functions/times.js';
import { macroOf } from '../macros.js';
import type { CallNode, Node } from '../parse/node.js';
import { NO_OVERLOAD, isError } from '../values/errors.js';
import { BadPattern, patternOf } from '../values/patterns.js';
import { prepareZones } from '../values/time.js';
import { Optional, type Value } from '../values/values.js';
import { code, constant, emptyFrame, type Code, type Compilation } from './code.js';
import { compileComprehension, compileOptionalMap } from './comprehensions.js';
import type { Run } from './frame.js';
import { compilePresence } from './paths.js';

/*
 * Calls of functions and macros.
 */

type Table = ReadonlyMap<string, readonly Overload[]>;

const dispatch = (overloads: readonly Overload[], args: readonly Code[]): Run => {
  const runs = args.map(({ run }) => run);
  return (frame) => {
    const values: Value[] = [];
    for (const run of runs) {
      const value = run(frame);
      if (isError(value)) return value;
      values.push(value);
    }
    const overload = overloads.find((one) => accepts(one, values));
    if (overload === undefined) return NO_OVERLOAD;
    return frame.spending.spend(overload.cost(values)) ?? overload.run(values, frame.spending);
  };
};

const available = (compiler: Compilation, table: Table, name: string, count: number): readonly Overload[] =>
  (table.get(name) ?? []).filter(({ params, since }) => params.length === count && since <= compiler.names.version);

/** `sets.contains(…)`, where `sets` is no variable. */
const globalName = (compiler: Compilation, { name, target }: CallNode): string | undefined => {
  if (target === undefined) return name;
  const namespace = target.kind === 'ident' ? target.name : undefined;
  if (namespace === undefined || !NAMESPACES.has(namespace)) return undefined;
  if (compiler.slotOf(namespace) !== undefined || compiler.names.root(namespace) !== undefined) return undefined;
  const whole = `${namespace}.${name}`;
  return GLOBAL_FUNCTIONS.has(whole) ? whole : undefined;
};

/** A conversion of a constant is one, and its error is one of the text: which is why `int('8Gi')` does not compile. */
const fold = (compiler: Compilation, node: CallNode, name: string, args: readonly Code[], run: Run): Code => {
  const [argument, ...more] = args;
  if (!CONVERSIONS.has(name) || argument?.isConstant !== true || more.length > 0) return code(run);
  const value = run(emptyFrame());
  if (!isError(value)) return constant(value);
  const given = typeof argument.constant === 'string' ? `: ${JSON.stringify(argument.constant.slice(0, 64))}` : '';
  compiler.problems.push({ message: `${value.message}${given}`, span: { start: node.start, end: node.end } });
  return code(run);
};

/** A pattern that is written out is compiled with the expression; so is what times need of their zones. */
const prepare = (compiler: Compilation, { name, args: [node] }: CallNode, argument: Code | undefined): void => {
  if (node === undefined) return;
  if (TIME_PARTS.has(name)) prepareZones();
  if (PATTERN_FUNCTION_NAMES.has(name)) preparePattern(compiler, node, argument);
};

const preparePattern = (compiler: Compilation, node: Node | undefined, argument: Code | undefined): void => {
  if (node === undefined || typeof argument?.constant !== 'string') return;
  const pattern = patternOf(argument.constant);
  if (!(pattern instanceof BadPattern)) compiler.patterns.push(argument.constant);
  else
    compiler.problems.push({
      message: `not a regular expression of RE2: ${pattern.message}`,
      span: { start: node.start, end: node.end },
    });
};

/** `a.or(b)`, `a.orValue(b)`: the alternative is looked at only where it is needed. */
const alternative = (compiler: Compilation, { name, args }: CallNode, { run }: Code): Code => {
  const [node] = args;
  const other = node === undefined ? constant(null) : compiler.compile(node);
  const unwraps = name === 'orValue';
  return code((frame) => {
    const value = run(frame);
    if (isError(value)) return value;
    if (!(value instanceof Optional)) return NO_OVERLOAD;
    if (value.value !== undefined) return unwraps ? value.value : value;
    const instead = other.run(frame);
    return isError(instead) || unwraps || instead instanceof Optional ? instead : NO_OVERLOAD;
  });
};

const compileMacro = (compiler: Compilation, node: CallNode): Code | undefined => {
  const macro = macroOf(node);
  switch (macro?.macro) {
    case undefined:
      return undefined;
    case 'has':
      return compilePresence(compiler, macro);
    case 'comprehension':
      return code(compileComprehension(compiler, macro));
    case 'optMap':
    case 'optFlatMap':
      return code(compileOptionalMap(compiler, macro));
    case 'bad':
      return code(() => NO_OVERLOAD);
  }
};

export const compileCall = (compiler: Compilation, node: CallNode): Code => {
  const macro = compileMacro(compiler, node);
  if (macro !== undefined) return macro;
  const global = globalName(compiler, node);
  if (global !== undefined || node.target === undefined) {
    const name = global ?? node.name;
    const args = node.args.map((arg) => compiler.compile(arg));
    if (name === 'matches') preparePattern(compiler, node.args[1], args[1]);
    return fold(compiler, node, name, args, dispatch(available(compiler, GLOBAL_FUNCTIONS, name, args.length), args));
  }
  const target = compiler.compile(node.target);
  if ((node.name === 'or' || node.name === 'orValue') && node.args.length === 1) {
    return alternative(compiler, node, target);
  }
  const args = [target, ...node.args.map((arg) => compiler.compile(arg))];
  prepare(compiler, node, args[1]);
  return code(dispatch(available(compiler, MEMBER_FUNCTIONS, node.name, args.length), args));
};
