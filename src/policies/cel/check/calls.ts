import type { Overload } from '../functions/declare.js';
import { GLOBAL_FUNCTIONS, MEMBER_FUNCTIONS, NAMESPACES } from '../functions/table.js';
import { TEXT_LIMITS } from '../limits.js';
import { macroOf, type Macro, type OptionalMap } from '../macros.js';
import type { CallNode } from '../parse/node.js';
import type { Checking } from './checking.js';
import { formatProblem } from './formats.js';
import { newerText, overloadRemedy, unknownFunction } from './hints.js';
import { signatureText } from './overloads.js';
import { comprehensionScope } from './ranges.js';
import * as types from './types.js';
import { BOOL, DYN, FAILED, typeText, type CelType } from './types.js';
import { isAssignable } from './unify.js';

/*
 * The types of calls, and of macros.
 */

export const checkCall = (checker: Checking, node: CallNode): CelType => {
  const macro = macroOf(node);
  if (macro !== undefined) return checkMacro(checker, macro, node);
  const { name, target } = node;
  const unknown = unknownName(checker, node);
  if (unknown !== undefined) return checker.fail(unknownFunction(node, unknown), node.at);
  if (target === undefined)
    return resolved(
      checker,
      GLOBAL_FUNCTIONS,
      name,
      node,
      node.args.map((arg) => checker.check(arg)),
    );
  const whole = target.kind === 'ident' && isNamespace(checker, target.name) ? `${target.name}.${name}` : undefined;
  if (whole !== undefined) {
    return resolved(
      checker,
      GLOBAL_FUNCTIONS,
      whole,
      node,
      node.args.map((arg) => checker.check(arg)),
    );
  }
  const of = checker.check(target);
  const isFormat = name === 'format';
  if (isFormat) checker.formats += 1;
  const args = [of, ...node.args.map((arg) => checker.check(arg))];
  if (isFormat) checker.formats -= 1;
  const type = resolved(checker, MEMBER_FUNCTIONS, name, node, args);
  if (isFormat && checker.strict) format(checker, node);
  return type;
};

/** The name of a function that nobody has, whatever its arguments: those of `cel.bind` are no values. */
const unknownName = (checker: Checking, { name, target }: CallNode): string | undefined => {
  const isPlain = target === undefined || (target.kind === 'ident' && isNamespace(checker, target.name));
  if (!isPlain) return undefined;
  const whole = target?.kind === 'ident' ? `${target.name}.${name}` : name;
  return GLOBAL_FUNCTIONS.has(whole) ? undefined : whole;
};

const isNamespace = (checker: Checking, name: string): boolean => {
  if (checker.scopeOf(name) !== undefined || checker.names.variables.has(name)) return false;
  return NAMESPACES.has(name) || name === 'math' || name === 'cel' || name === 'base64';
};

/** A format that is written out, with its arguments: cel-go looks whether they fit. */
const format = (checker: Checking, node: CallNode): void => {
  const problem = formatProblem(node, (value) => checker.typeOf(value));
  if (problem !== undefined) checker.problems.push(problem);
};

const resolved = (
  checker: Checking,
  table: ReadonlyMap<string, readonly Overload[]>,
  name: string,
  node: CallNode,
  args: readonly CelType[],
): CelType => {
  if (args.includes(FAILED)) return FAILED;
  const overloads = table.get(name);
  if (overloads === undefined) return checker.fail(unknownFunction(node, name), node.at);
  const type = checker.resolver.resolve(overloads, args);
  if (type !== undefined) return type;
  const newer = overloads.filter(({ since, params }) => since > checker.names.version && params.length === args.length);
  const [first] = newer;
  if (first !== undefined && newer.length === overloads.filter(({ params }) => params.length === args.length).length) {
    return checker.fail(newerText(name, first.since, checker.names.version), node.at);
  }
  const given = args.map((one) => typeText(checker.bindings.resolve(one, true))).join(', ');
  const remedy = overloadRemedy(name);
  const has = [...new Set(overloads.map(signatureText))].slice(0, 4).join(', ');
  const message = `found no matching overload for '${name}' applied to (${given}); there is ${has}`;
  return checker.fail(remedy === undefined ? message : `${message}; ${remedy}`, node.at);
};

const checkMacro = (checker: Checking, macro: Macro, node: CallNode): CelType => {
  if (macro.macro === 'bad') return checker.fail(macro.message, macro.at);
  if (macro.since > checker.names.version)
    return checker.fail(newerText(node.name, macro.since, checker.names.version), node.at);
  if (macro.macro === 'has') {
    const { operand, field, at } = macro.field;
    const of = checker.bindings.resolve(checker.check(operand));
    checker.fieldOf(of.kind === 'optional' ? of.of : of, field, at, macro.field, true);
    return BOOL;
  }
  if (macro.macro !== 'comprehension') return optionalMap(checker, macro);
  const range = checker.bindings.resolve(checker.check(macro.range));
  const scope = comprehensionScope(macro, range, checker.bindings);
  if (scope === undefined) {
    const given = typeText(checker.bindings.resolve(range, true));
    return checker.fail(`${node.name}() goes over a list or map, and this is ${given}`, macro.range);
  }
  checker.loops += 1;
  if (checker.loops > TEXT_LIMITS.comprehensions) {
    checker.fail(`comprehensions may be nested ${TEXT_LIMITS.comprehensions} deep; use variables`, node.at);
  }
  for (const [i, name] of macro.names.entries()) checker.scopes.push([name, scope.variables[i] ?? DYN]);
  if (macro.filter !== undefined) checker.wantBool(macro.filter, checker.check(macro.filter));
  const body = checker.check(macro.body);
  if (scope.wantsBool) checker.wantBool(macro.body, body);
  checker.scopes.length -= macro.names.length;
  checker.loops -= 1;
  return scope.result(checker.bindings.resolve(body));
};

const optionalMap = (checker: Checking, macro: OptionalMap): CelType => {
  const of = checker.resolver.newParam();
  const target = checker.check(macro.target);
  if (!isAssignable(checker.bindings, target, types.optionalOf(of))) {
    return checker.fail(
      `this must be an optional value, and is ${typeText(checker.bindings.resolve(target, true))}`,
      macro.target,
    );
  }
  checker.scopes.push([macro.name, checker.bindings.resolve(of)]);
  const body = checker.check(macro.body);
  checker.scopes.length -= 1;
  if (macro.macro === 'optMap') return types.optionalOf(body);
  const result = types.optionalOf(checker.resolver.newParam());
  if (isAssignable(checker.bindings, body, result)) return checker.bindings.resolve(result);
  return checker.fail('optFlatMap() takes an expression that gives an optional value', macro.body);
};
