import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import { Checker } from '../../../../src/policies/cel/check/checker.js';
import { typeText } from '../../../../src/policies/cel/check/types.js';
import { Environment } from '../../../../src/policies/cel/environment.js';
import { Compiler } from '../../../../src/policies/cel/evaluate/compiler.js';
import { Spending } from '../../../../src/policies/cel/evaluate/spending.js';
import { parseExpression } from '../../../../src/policies/cel/parse/parser.js';
import { SyntaxProblem } from '../../../../src/policies/cel/parse/syntax-error.js';
import { areEqual } from '../../../../src/policies/cel/values/equality.js';
import { CelError, NO_OVERLOAD, noSuchKey } from '../../../../src/policies/cel/values/errors.js';
import type { Result } from '../../../../src/policies/cel/values/values.js';
import { NoValue, typeOf, valueOf, type SpecType, type SpecValue } from './conformance-values.js';
import { LATEST, shown } from './evaluate.js';

/*
 * One of cel-spec's conformance tests.
 */

export interface SpecTest {
  /** Suite, section and name. */
  readonly path: string;
  readonly expr: string;
  readonly value?: SpecValue;
  readonly evalError?: unknown;
  readonly typedResult?: { readonly result?: SpecValue; readonly deducedType?: SpecType };
  readonly bindings?: Readonly<Record<string, { readonly value?: SpecValue }>>;
  readonly typeEnv?: readonly {
    readonly name: string;
    readonly ident?: { readonly type: SpecType };
    readonly function?: unknown;
  }[];
  readonly container?: string;
  readonly disableCheck?: boolean;
  readonly checkOnly?: boolean;
}

interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Omit<SpecTest, 'path'> & { readonly name?: string } }[];
}

const flat = (suite: Suite, path: readonly string[]): SpecTest[] => [
  ...(suite.suites ?? []).flatMap((inner) => flat(inner, [...path, inner.name])),
  ...(suite.tests ?? []).map(({ original }) => ({
    ...original,
    path: [...path, original.name ?? original.expr].join('/'),
  })),
];

export const SPEC_TESTS: readonly SpecTest[] = flat(tests, []);

const environmentOf = ({ typeEnv = [] }: SpecTest): Environment => {
  for (const { name, function: declared } of typeEnv) if (declared !== undefined) throw new NoValue(name);
  return new Environment(
    LATEST,
    typeEnv.map(({ name, ident }) => ({ name, type: typeOf(ident!.type) })),
  );
};

type Evaluated =
  | { readonly compiles: false }
  | { readonly compiles: true; readonly type: string }
  | { readonly compiles: true; readonly result: Result };

const NOT_COMPILED: Evaluated = { compiles: false };

/** Items of a literal may differ in type here: that Kubernetes forbids it is held by the vectors. */
const evaluated = (test: SpecTest): Evaluated => {
  const environment = environmentOf(test);
  const node = parseExpression(test.expr);
  if (node instanceof SyntaxProblem) return NOT_COMPILED;
  if (test.disableCheck !== true) {
    const { type, problems } = new Checker(environment, false).whole(node);
    if (problems.length > 0) return NOT_COMPILED;
    if (test.checkOnly === true) return { compiles: true, type: typeText(type) };
  }
  const compiler = new Compiler(environment);
  const { run } = compiler.compile(node);
  const values = (test.typeEnv ?? []).map(({ name }) => {
    const bound = test.bindings?.[name]?.value;
    return bound === undefined ? noSuchKey(name) : valueOf(bound);
  });
  const inputs = { root: (index: number): unknown => values[index], composed: () => NO_OVERLOAD };
  return { compiles: true, result: run({ inputs, spending: new Spending(), slots: [] }) };
};

/** What is wrong; undefined where all is well. */
export const failureOf = (test: SpecTest): string | undefined => {
  const got = evaluated(test);
  if (!got.compiles) return test.evalError === undefined ? 'does not compile' : undefined;
  if ('type' in got) {
    const type = typeText(typeOf(test.typedResult!.deducedType!));
    return got.type === type ? undefined : `wants type ${type}, got ${got.type}`;
  }
  const wanted = test.value ?? test.typedResult?.result;
  const { result } = got;
  if (wanted === undefined && test.evalError !== undefined) {
    return result instanceof CelError ? undefined : `wants an error, got ${shown(result)}`;
  }
  const value = wanted === undefined ? true : valueOf(wanted);
  if (result instanceof CelError) return `wants ${shown(value)}, got ${shown(result)}`;
  const areNaN = Number.isNaN(value) && Number.isNaN(result);
  const same = areNaN || (typeof result === typeof value && areEqual(result, value, new Spending()) === true);
  return same ? undefined : `wants ${shown(value)}, got ${shown(result)}`;
};
