import { effectiveSpec } from '../../../src/admission/effective.js';
import { ownRulesOf } from '../../../src/admission/warnings/own-rules.js';
import { describeCause } from '../../../src/api/cause.js';
import { visibleLine } from '../../../src/api/visible-text.js';
import { INSTALL_NAMESPACE } from '../../../src/api/names.js';
import { actionOf } from '../../../src/policies/action.js';
import type { CompiledPolicy } from '../../../src/policies/compile-policy.js';
import { isExemptNamespace } from '../../../src/policies/exempt.js';
import { Effective } from '../../../src/policies/effective.js';
import { explainTree, type Part } from '../../../src/policies/explain/explain-tree.js';
import { PolicyInputs, Subjects } from '../../../src/policies/inputs.js';
import { matches } from '../../../src/policies/match.js';
import type { BuiltinDecision } from '../../../src/policies/own-rules.js';
import { questionOf } from '../../../src/policies/question.js';
import { isRefused, paramsOf, ruleOf, verdictOf } from '../../../src/policies/verdict.js';
import { suggest } from '../../../src/api/schema-check/suggest.js';
import { CliError, ExitCode, UsageError } from '../errors.js';
import { print, type Io } from '../io.js';
import type { Admitted } from '../offline/admission.js';
import { printAs } from '../output.js';
import { valueAt } from './finding.js';
import { benchOf, type GivenFlags } from './given.js';
import { explainBuiltin, type ExplainedBuiltin } from './explain-builtin.js';
import { causesOf, isJudged, namespaceOf, type Bench } from './judge.js';

export interface ExplainPolicyFlags extends Omit<GivenFlags, 'namespace'> {
  namespace?: string;
  name: string;
  filename?: string[];
  config?: string;
  validation?: string;
  output: string;
  'show-values'?: boolean;
}

interface Explained {
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly name: string;
  readonly action: string;
  readonly matches: boolean;
  readonly expressions: readonly { readonly field: string; readonly tree: Part }[];
  /** About the product's own rules and warnings. */
  readonly builtin: readonly ExplainedBuiltin[];
  /** What the policy says of the object. */
  readonly verdict: readonly string[];
  readonly refused: boolean;
}

const chosen = ({ policies }: Bench, name: string): CompiledPolicy => {
  const wordOf = (policy: CompiledPolicy): string =>
    policy.namespace === undefined ? policy.name : `${policy.namespace}:${policy.name}`;
  const found = policies.filter((policy) => wordOf(policy) === name || policy.name === name);
  const [one, ...more] = found;
  if (one !== undefined && more.length === 0) return one;
  const words = policies.map(wordOf);
  const near = suggest(name, words);
  const which = found.length > 1 ? `there are ${found.length} policies ${name}` : `there is no policy ${name}`;
  throw new CliError(which, {
    remedy: near === undefined || found.length > 1 ? `Name one of ${words.join(', ')}` : `Did you mean ${near}?`,
    exitCode: ExitCode.usage,
  });
};

const explainOne = (admitted: Admitted, policy: CompiledPolicy, bench: Bench, flags: ExplainPolicyFlags): Explained => {
  const { manifest, kind, object } = admitted;
  if (!isJudged(kind)) throw new CliError(`a ${kind} is judged by no policy`, { exitCode: ExitCode.usage });
  const { namespaceLabels, user, exceptions, now, pausedUntil, config } = bench;
  const namespace = namespaceOf(object, bench.namespace);
  const question = questionOf({ kind, object, namespace, namespaceLabels, user });
  const { subject } = question;
  const isExempt = isExemptNamespace(namespace, INSTALL_NAMESPACE);
  const isOwn = !isExempt && (policy.namespace === undefined || policy.namespace === namespace);
  const fits = isOwn && policy.kinds.includes(kind) && matches(policy.spec.match, subject) !== false;
  const make = effectiveSpec(kind, { config, namespace, instancetypes: admitted.instancetypes });
  const subjects = new Subjects({ ...question, effective: new Effective(object, make) });
  const inputs = new PolicyInputs(subjects, policy.version, policy.variables, paramsOf(policy, subject));
  const only = flags.validation;
  const programs = [
    ...policy.conditions.map(({ name, program }) => ({ field: `matchConditions ${name}`, program })),
    ...policy.validations
      .filter(({ name }) => only === undefined || name === only)
      .map(({ name, program }) => ({ field: `validation ${name}`, program })),
  ];
  const decisions: BuiltinDecision[] = [];
  const { findings, pause } = verdictOf({
    ...{ ...question, effective: make, exceptions, now, pausedUntil },
    policies: isExempt ? [] : [policy],
    own: ownRulesOf({ kind, operation: 'CREATE', object, namespace }, { config }, causesOf(admitted)),
    met: (decision) => void decisions.push(decision),
  });
  const action = actionOf(policy, { now, namespaceLabels, violations: undefined, pausedUntil });
  const name = valueAt(object, 'metadata.name');
  return {
    ...{ file: manifest.file, line: manifest.positionOf('').line, kind, name: typeof name === 'string' ? name : '' },
    ...{ action, matches: fits },
    builtin: fits && only === undefined ? explainBuiltin(policy, action, decisions) : [],
    expressions: fits
      ? programs.map(({ field, program }) => ({
          field,
          tree: explainTree(policy, program, inputs, { showAll: flags['show-values'] === true }),
        }))
      : [],
    verdict: [
      ...(pause === undefined ? [] : [pause.message]),
      ...findings.map(
        (finding) =>
          `${finding.action} ${finding.outcome}: ${describeCause(finding)} [${ruleOf(finding)}]` +
          (finding.exception === undefined ? '' : `, excepted by ${finding.exception}`),
      ),
    ],
    refused: findings.some(isRefused),
  };
};

const requireValidation = (policy: CompiledPolicy, name: string | undefined): void => {
  const names = policy.validations.map((validation) => validation.name);
  if (name === undefined || names.includes(name)) return;
  const near = suggest(name, names);
  throw new CliError(`${policy.name} has no validation ${name}`, {
    remedy: near === undefined ? `It has ${names.join(', ')}` : `Did you mean ${near}?`,
    exitCode: ExitCode.usage,
  });
};

const printPart = (io: Io, { text, value, cost, item, parts }: Part, indent: string): void => {
  const told = value === undefined ? 'not looked at' : `${value}  (cost ${cost})`;
  if (item !== undefined) print(io, visibleLine(`${indent}where ${item}:`));
  const inner = item === undefined ? indent : `${indent}  `;
  print(io, visibleLine(`${inner}${text} = ${told}`));
  for (const part of parts) printPart(io, part, `${inner}  `);
};

const printExplained = (io: Io, explained: Explained): void => {
  const { file, line, kind, name, action, expressions, verdict } = explained;
  print(io, visibleLine(`${file}:${line}: ${kind} ${name === '' ? '(no name)' : name}, action ${action}`));
  if (!explained.matches) print(io, '  The policy is not for it: match does not fit.');
  for (const { field, tree } of expressions) {
    print(io, visibleLine(`  ${field}:`));
    printPart(io, tree, '    ');
  }
  for (const { what, action: own, effect, says } of explained.builtin) {
    print(io, visibleLine(`  builtin ${what}, action ${own}: ${effect}`));
    for (const said of says) print(io, visibleLine(`    ${describeCause(said)}`));
  }
  for (const text of verdict) print(io, visibleLine(`  ${text}`));
  if (explained.matches && verdict.length === 0) print(io, '  Nothing is violated.');
};

/** `policy explain`: 0 nothing is refused, 1 something is, 2 it could not be judged. */
export const explainPolicy = async (io: Io, flags: ExplainPolicyFlags): Promise<number> => {
  const [{ readManifests }, { admitAll, clusterConfig, readConfig }, { checkFormat }] = await Promise.all([
    import('../offline/manifests.js'),
    import('../offline/admission.js'),
    import('../offline/report.js'),
  ]);
  checkFormat(flags.output);
  if ((flags.policy ?? []).length === 0)
    throw new UsageError('no policy given', { remedy: 'Name it with --policy FILE, DIRECTORY or cluster.' });
  const config = clusterConfig(await readConfig(io, flags.config));
  const { admitted } = admitAll(await readManifests(io, flags), config);
  const shaped = admitted.filter((each) => each.shaped && isJudged(each.kind));
  if (shaped.length === 0)
    throw new CliError('there is no virtual machine among these files that policies could judge', {
      remedy: `See what is wrong with them: ${io.program} lint -f FILE`,
      exitCode: ExitCode.usage,
    });
  const objects = shaped.map(({ object }) => object);
  const bench = await benchOf(io, flags, { objects, config });
  const policy = chosen(bench, flags.name);
  requireValidation(policy, flags.validation);
  const explained = shaped.map((each) => explainOne(each, policy, bench, flags));
  if (flags.output === 'text') for (const each of explained) printExplained(io, each);
  else await printAs(io, flags.output, { policy: policy.name, objects: explained });
  return explained.some(({ refused }) => refused) ? ExitCode.failure : ExitCode.ok;
};
