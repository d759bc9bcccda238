import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { PRINTABLE_STATUSES } from '../../../src/controller/vm/printable-status.js';

/*
 * docs/troubleshooting.md has every reason, condition and status that the controller and the agent write. They are
 * found in the source: whoever writes a new one is told here to say what it means.
 */

const PAGE = readFileSync('docs/troubleshooting.md', 'utf8');
/** Status bodies of HTTP answers have reasons, too; those are not written into objects. */
const ANSWERS = /^src\/agent\/api\/(?!vm-access)/;
/** Functions whose arguments, but the object, are reasons: of events and of the small makers of conditions. */
const MAKERS = /^(?:event|notReady|notRunning|ready|problem|fail|failed)$/;
/** Names of constants that hold reasons. */
const CONSTANTS = /REASON|EVENT|UNAUTHORIZED|NOT_SUPPORTED|SYNC_FAILED|PAUSED/;
/** A reason is one word; two are sentences, for clients that look for KubeVirt's. */
const WORD = /^[A-Z][A-Za-z]+$/;
const SENTENCES = ['Synchronizing with the Domain failed.', 'Pod is running'];
/**
 * Words in the same places that are not reasons: types of events, values and kinds, and Status bodies of our own
 * errors.
 */
const OTHERS = new Set([
  'Secret',
  'Normal',
  'Warning',
  'True',
  'False',
  'Unknown',
  'Failed',
  'Succeeded',
  'Conflict',
  'InternalError',
]);

const FILES = ['src/controller', 'src/agent', 'src/api/vmi', 'src/domain']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  )
  .filter((file) => !ANSWERS.test(file));

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);

const nodesOf = (root: ts.Node): ts.Node[] => {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(root);
  return nodes;
};

const textsIn = (node: ts.Node): string[] =>
  nodesOf(node)
    .filter((inner) => ts.isStringLiteral(inner) || ts.isNoSubstitutionTemplateLiteral(inner))
    .map((inner) => (inner as ts.StringLiteral).text);

const nameOf = (node: ts.Node): string => {
  const name = (node as ts.NamedDeclaration).name;
  return name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? name.text : '';
};

const calledName = ({ expression }: ts.CallExpression): string =>
  ts.isPropertyAccessExpression(expression) ? expression.name.text : ts.isIdentifier(expression) ? expression.text : '';

/** Where a node of the source writes a reason: the texts in it. */
const reasonsIn = (node: ts.Node): string[] => {
  if ((ts.isPropertyAssignment(node) || ts.isPropertySignature(node)) && nameOf(node) === 'reason')
    return textsIn(node);
  if (ts.isVariableDeclaration(node) && CONSTANTS.test(nameOf(node))) return textsIn(node);
  if (ts.isCallExpression(node) && MAKERS.test(calledName(node)))
    return node.arguments.filter((argument) => !ts.isObjectLiteralExpression(argument)).flatMap(textsIn);
  return [];
};

/** An object with `type` and `status` is a condition. */
const conditionTypesIn = (node: ts.Node): string[] => {
  if (ts.isCallExpression(node) && calledName(node) === 'set') return node.arguments.slice(0, 1).flatMap(textsIn);
  if (!ts.isObjectLiteralExpression(node)) return [];
  const property = (name: string): ts.Node | undefined => node.properties.find((one) => nameOf(one) === name);
  const type = property('type');
  return type !== undefined && property('status') !== undefined ? textsIn(type) : [];
};

const isReason = (text: string): boolean => (WORD.test(text) && !OTHERS.has(text)) || SENTENCES.includes(text);
const collect = (of: (node: ts.Node) => string[]): string[] =>
  [...new Set(FILES.flatMap((file) => nodesOf(parse(file)).flatMap(of)))].filter(isReason).sort();
const missingOf = (words: readonly string[]): string[] => words.filter((word) => !PAGE.includes(`\`${word}\``));

describe('docs/troubleshooting.md', function () {
  this.timeout(60_000);

  it('has every reason that the controller and the agent write', () => {
    const reasons = collect(reasonsIn);
    // The search still finds what it is for: one of each place where reasons stand.
    for (const known of [
      'FailedPvcNotFound',
      'PodNotRecognized',
      'FailedMount',
      'SyncFailed',
      'PausedIOError',
      'Preempted',
    ])
      assert.ok(reasons.includes(known), `${known} is not found in the source any more`);
    assert.deepEqual(missingOf(reasons), [], 'say on docs/troubleshooting.md what it means and what to do');
  });

  it('has every condition that they write', () => {
    const types = collect(conditionTypesIn);
    for (const known of ['Synchronized', 'Ready', 'AgentConnected', 'RestartRequired'])
      assert.ok(types.includes(known), `${known} is not found in the source any more`);
    assert.deepEqual(missingOf(types), []);
  });

  it('has every printable status of a VM and every phase of an instance', () => {
    const status = PRINTABLE_STATUSES.map(({ word }) => word);
    const phases = ['Pending', 'Scheduling', 'Scheduled', 'Running', 'Succeeded', 'Failed'];
    assert.deepEqual(missingOf([...new Set([...status, ...phases])]), []);
  });
});
