import { childrenOf } from './cel/children.js';
import type { Node } from './cel/parse/node.js';
import type { CompiledPolicy } from './compile-policy.js';

/*
 * What a policy reads besides the object itself: whoever has no request, such as lint and audits, cannot say what it
 * would answer where that decides. Found by looking at the expressions, so that nothing is guessed.
 */

export interface Needs {
  /** The labels or the object of the namespace. */
  readonly namespace: boolean;
  /** Who asks. */
  readonly user: boolean;
}

type Need = keyof Needs;

const isIdent = (node: Node, name: string): boolean => node.kind === 'ident' && node.name === name;

/** `request.operation` and the like are known; `request` as a whole, or by a computed key, may be its user. */
const KNOWN_OF_REQUEST: ReadonlySet<string> = new Set([
  'dryRun',
  'kind',
  'name',
  'namespace',
  'operation',
  'options',
  'requestKind',
  'requestResource',
  'requestSubResource',
  'resource',
  'subResource',
]);

const collect = (node: Node, found: Set<Need>): void => {
  if (isIdent(node, 'namespaceObject')) found.add('namespace');
  if (isIdent(node, 'request')) found.add('user');
  const isKnown =
    (node.kind === 'select' && isIdent(node.operand, 'request') && KNOWN_OF_REQUEST.has(node.field)) ||
    (node.kind === 'call' && node.target === undefined && node.name === 'has' && isKnownField(node.args[0]));
  if (!isKnown) for (const child of childrenOf(node)) collect(child, found);
};

const isKnownField = (node: Node | undefined): boolean =>
  node?.kind === 'select' && isIdent(node.operand, 'request') && KNOWN_OF_REQUEST.has(node.field);

export const needsOf = ({ spec, conditions, variables, validations }: CompiledPolicy): Needs => {
  const found = new Set<Need>();
  const { match = {}, actionOverrides = [], params } = spec;
  if (match.namespaceSelector !== undefined || actionOverrides.length > 0 || (params?.overrides ?? []).length > 0)
    found.add('namespace');
  if (match.subjects !== undefined || match.excludeSubjects !== undefined) found.add('user');
  const programs = [
    ...conditions.map(({ program }) => program),
    ...variables,
    ...validations.flatMap(({ program, message }) => (message === undefined ? [program] : [program, message])),
  ];
  for (const { node } of programs) collect(node, found);
  return { namespace: found.has('namespace'), user: found.has('user') };
};
