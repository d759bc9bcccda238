import { shortened } from '../../api/cause.js';
import { Checker } from './check/checker.js';
import type { Problem } from './check/checking.js';
import { askedFor, unguarded } from './check/guards.js';
import { typeText, type CelType } from './check/types.js';
import { Bindings, isAssignable } from './check/unify.js';
import type { Environment } from './environment.js';
import { Compiler, type Observe } from './evaluate/compiler.js';
import type { Inputs, Run } from './evaluate/frame.js';
import { Spending } from './evaluate/spending.js';
import type { Node } from './parse/node.js';
import { parseExpression } from './parse/parser.js';
import { SyntaxProblem } from './parse/syntax-error.js';
import type { Result } from './values/values.js';

/*
 * An expression, compiled once and evaluated often.
 */

interface Parts {
  readonly text: string;
  readonly node: Node;
  readonly type: CelType;
  readonly run: Run;
  readonly slots: number;
  readonly patterns: ReadonlySet<string>;
  readonly warnings: readonly Problem[];
}

export class Program {
  constructor(private readonly parts: Parts) {}

  get text(): string {
    return this.parts.text;
  }

  get node(): Node {
    return this.parts.node;
  }

  get type(): CelType {
    return this.parts.type;
  }

  /** What is not wrong for all kinds that are matched. */
  get warnings(): readonly Problem[] {
    return this.parts.warnings;
  }

  /** Never throws; what goes wrong is a CelError. */
  evaluate(inputs: Inputs, spending: Spending = new Spending()): Result {
    const { patterns, run, slots } = this.parts;
    if (patterns.size > 0) spending.know(patterns);
    const result = run({ inputs, spending, slots: slots === 0 ? NONE : new Array<Result>(slots) });
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
  /** Whether what may be absent is looked for, which is for who writes the expression. */
  readonly warn?: boolean;
  /** Told of every evaluation what its parts gave. */
  readonly observe?: Observe | undefined;
}

export const isProgram = (compiled: Program | NotCompiled): compiled is Program => compiled instanceof Program;

const wrongResult = (type: CelType, wanted: readonly CelType[], node: Node): Problem[] => {
  if (wanted.length === 0 || wanted.some((one) => isAssignable(new Bindings(), type, one))) return [];
  const message = `the expression must give ${wanted.map(typeText).join(' or ')}, and gives ${typeText(type)}`;
  return [{ message, span: node }];
};

const MENTIONS_OBJECT = /\b(?:object|oldObject)\b/;

interface Checked {
  readonly type: CelType;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/**
 * What our schemas know, kind for kind. What is wrong for every kind is wrong; a field that only some kinds have is
 * right where it is asked for, and told where it is not.
 */
const checkTyped = (
  text: string,
  node: Node,
  environment: Environment,
  { wanted = [], warn = true }: CompileOptions,
): Omit<Checked, 'type'> => {
  // What reads variables only is the same for all kinds.
  const kinds = MENTIONS_OBJECT.test(text) ? environment.typed : environment.typed.slice(0, 1);
  const ofKinds = kinds.map((variables) => {
    const names = { version: environment.version, variables, heads: environment.heads };
    const { problems, type } = new Checker(names, false).whole(node);
    return problems.length > 0 ? problems : wrongResult(type, wanted, node);
  });
  const [first = []] = ofKinds;
  if (first.length > 0 && ofKinds.every((problems) => problems.length > 0)) return { problems: first, warnings: [] };
  if (!warn) return { problems: [], warnings: [] };
  const asked = askedFor(node);
  const isAsked = ({ span }: Problem): boolean => {
    const before = text.slice(0, span.end);
    return [...asked].some((name) => before.endsWith(name));
  };
  const warnings = [
    ...ofKinds.flat().filter((problem) => problem.guarded !== true && !isAsked(problem)),
    ...kinds.flatMap((variables) => unguarded(node, variables)),
  ];
  return { problems: [], warnings: [...new Map(warnings.map((one) => [`${one.span.start}`, one])).values()] };
};

/** Checks a parsed expression against what Kubernetes knows, then against what the schemas know. */
const checked = (text: string, node: Node, environment: Environment, options: CompileOptions): Checked => {
  const { type, problems } = new Checker(environment, true).whole(node);
  if (problems.length > 0) return { type, problems, warnings: [] };
  const wrong = wrongResult(type, options.wanted ?? [], node);
  if (wrong.length > 0) return { type, problems: wrong, warnings: [] };
  return { type, ...checkTyped(text, node, environment, options) };
};

export const compile = (
  text: string,
  environment: Environment,
  options: CompileOptions = {},
): Program | NotCompiled => {
  const node = parseExpression(text);
  if (node instanceof SyntaxProblem) return cut([{ message: node.message, span: node.span }]);
  const { type, problems, warnings } = checked(text, node, environment, options);
  if (problems.length > 0) return cut(problems);
  const compiler = new Compiler(environment, options.observe);
  const { run } = compiler.compile(node);
  if (compiler.problems.length > 0) return cut(compiler.problems);
  return new Program({
    text,
    node,
    type,
    run,
    slots: compiler.slotCount,
    patterns: new Set(compiler.patterns),
    warnings,
  });
};
