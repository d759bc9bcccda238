import { shortened } from '../../api/cause.js';
import { Checker } from './check/checker.js';
import type { Problem } from './check/checking.js';
import { typeText, type CelType } from './check/types.js';
import { Bindings, isAssignable } from './check/unify.js';
import type { Environment } from './environment.js';
import { Compiler } from './evaluate/compiler.js';
import type { Inputs, Run } from './evaluate/frame.js';
import { Spending } from './evaluate/spending.js';
import type { Node } from './parse/node.js';
import { parseExpression } from './parse/parser.js';
import { SyntaxProblem } from './parse/syntax-error.js';
import type { Result } from './values/values.js';

/*
 * An expression, compiled once and evaluated often.
 */

export class Program {
  constructor(
    readonly text: string,
    readonly node: Node,
    readonly type: CelType,
    private readonly run: Run,
    private readonly slots: number,
    private readonly patterns: readonly string[],
  ) {}

  /** Never throws; what goes wrong is a CelError. */
  evaluate(inputs: Inputs, spending: Spending = new Spending()): Result {
    for (const pattern of this.patterns) spending.know(pattern);
    const result = this.run({ inputs, spending, slots: this.slots === 0 ? NONE : new Array<Result>(this.slots) });
    return spending.exhausted ?? result;
  }
}

const NONE: Result[] = [];

/** Texts of others stand in messages: they are cut as all messages are. */
const cut = (problems: readonly Problem[]): NotCompiled => ({
  problems: problems.map(({ message, span }) => ({
    message: shortened(message),
    span: { start: span.start, end: Math.max(span.start, span.end) },
  })),
});

export interface NotCompiled {
  readonly problems: readonly Problem[];
}

export interface CompileOptions {
  /** What the expression must give; whatever it does where there is none. */
  readonly wanted?: readonly CelType[];
}

export const isProgram = (compiled: Program | NotCompiled): compiled is Program => compiled instanceof Program;

const wrongResult = (type: CelType, wanted: readonly CelType[], node: Node): Problem[] => {
  if (wanted.length === 0 || wanted.some((one) => isAssignable(new Bindings(), type, one))) return [];
  const message = `the expression must give ${wanted.map(typeText).join(' or ')}, and gives ${typeText(type)}`;
  return [{ message, span: node }];
};

/** Checks a parsed expression against what Kubernetes knows, then against what the schemas know. */
const checked = (
  node: Node,
  environment: Environment,
  wanted: readonly CelType[],
): { type: CelType; problems: Problem[] } => {
  const { type, problems } = new Checker(environment, true).whole(node);
  if (problems.length > 0) return { type, problems: [...problems] };
  const wrong = wrongResult(type, wanted, node);
  if (wrong.length > 0) return { type, problems: wrong };
  const found = new Map<string, Problem>();
  for (const typed of environment.typed) {
    const { problems: more, type: own } = new Checker(
      { version: environment.version, variables: typed, heads: environment.heads },
      false,
    ).whole(node);
    for (const problem of [...more, ...(more.length > 0 ? [] : wrongResult(own, wanted, node))]) {
      found.set(`${problem.span.start}:${problem.message}`, problem);
    }
  }
  return { type, problems: [...found.values()] };
};

export const compile = (
  text: string,
  environment: Environment,
  { wanted = [] }: CompileOptions = {},
): Program | NotCompiled => {
  const node = parseExpression(text);
  if (node instanceof SyntaxProblem) return cut([{ message: node.message, span: node.span }]);
  const { type, problems } = checked(node, environment, wanted);
  if (problems.length > 0) return cut(problems);
  const compiler = new Compiler(environment);
  const { run } = compiler.compile(node);
  if (compiler.problems.length > 0) return cut(compiler.problems);
  return new Program(text, node, type, run, compiler.slotCount, compiler.patterns);
};
