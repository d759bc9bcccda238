import { compile, isProgram, type Program } from '../../src/policies/cel/program.js';
import { Spending } from '../../src/policies/cel/evaluate/spending.js';
import { compilePolicy, type CompiledPolicy } from '../../src/policies/compile-policy.js';
import { PASSING } from '../unit/policies/passing.js';
import { VM } from '../unit/policies/cel/objects.js';
import { admissionEnvironment, inputsOf } from '../unit/policies/cel/evaluate.js';
import { RULES } from '../unit/policies/rules.js';
import { judge, policyWith } from '../unit/policies/support.js';
import type { Promised } from './report.js';

/*
 * The engine of policies, by itself: what compiling and evaluating cost, what they keep, and how long a bomb lasts. The
 * rules are those of the tests, in turn.
 */

const cpuMs = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** The least of some runs: whatever else the machine does can only make it more. */
const least = (work: () => void, runs = 7): number => Math.min(...Array.from({ length: runs }, () => cpuMs(work)));

const promise = (name: string, limit: number, figure: number, unit: string): Promised => ({
  name,
  limit: `${limit} ${unit}`,
  figure: `${figure < 10 ? figure.toFixed(2) : figure.toFixed(0)} ${unit}`,
  kept: figure <= limit,
});

const RULE_LIST = Object.entries(RULES);

const objectOf = (index: number): object => {
  const [name, expression] = RULE_LIST[index % RULE_LIST.length] ?? ['none', 'true'];
  return policyWith({ validations: [{ name: 'one', expression }] }, { name: `${name}-${index}` });
};

const policiesOf = (count: number): CompiledPolicy[] =>
  Array.from({ length: count }, (_, i) => {
    const { policy, causes } = compilePolicy(objectOf(i), { warn: false });
    if (policy === undefined) throw new Error(causes[0]?.message);
    return policy;
  });

const requests = (): Promised[] => {
  const rounds = 200;
  const perRequest = (policies: readonly CompiledPolicy[], object: object = PASSING): number =>
    least(() => {
      for (let i = 0; i < rounds; i += 1) judge(policies, object);
    }) / rounds;
  // As a webhook that has answered for a while: while V8 still compiles, its own threads' CPU counts too.
  const warm = policiesOf(RULE_LIST.length);
  for (let i = 0; i < 3000; i += 1) judge(warm, PASSING);
  const none = perRequest([]);
  const limits = [
    [10, 0.05],
    [100, 0.25],
    [500, 1],
  ] as const;
  const all = policiesOf(RULE_LIST.length);
  const failing = all.filter((policy) => judge([policy], VM).findings.length > 0);
  const elsewhere = policiesOf(500).map((policy) => ({
    ...policy,
    kinds: ['VirtualMachineInstanceReplicaSet'] as const,
  }));
  return [
    ...limits.map(([count, limit]) =>
      promise(
        `a request with ${count} policies, above one with none`,
        limit,
        perRequest(policiesOf(count)) - none,
        'CPU ms',
      ),
    ),
    promise('a violation, with its place and message', 50, (perRequest(failing, VM) * 1000) / failing.length, 'CPU µs'),
    promise('a policy that is not for the object', 0.2, ((perRequest(elsewhere) - none) * 1000) / 500, 'CPU µs'),
  ];
};

const compiling = (): Promised[] => {
  const environment = admissionEnvironment();
  const times = 20;
  const compileAll = (): void => {
    for (let i = 0; i < times; i += 1) for (const [, expression] of RULE_LIST) compile(expression, environment);
  };
  const expression = (least(compileAll) * 1000) / RULE_LIST.length / times;
  const policy = (least(() => policiesOf(times * RULE_LIST.length)) * 1000) / RULE_LIST.length / times;
  return [
    promise('compiling an expression', 100, expression, 'CPU µs'),
    promise('compiling a policy, with the types of three kinds', 100, policy, 'CPU µs'),
  ];
};

const memory = (): Promised[] => {
  const { gc } = globalThis;
  if (gc === undefined) return [];
  const count = 500;
  policiesOf(RULE_LIST.length);
  const heap = (): number => {
    gc();
    return process.memoryUsage().heapUsed;
  };
  const before = heap();
  const policies = policiesOf(count);
  const each = (heap() - before) / policies.length / 1024;
  return [promise('memory of a policy', 40, each, 'KiB')];
};

const COUNT = 10_000;
const LARGE = {
  list: Array.from({ length: COUNT }, (_, i) => i),
  words: Array.from({ length: COUNT }, (_, i) => `word${i}`),
  text: 'a'.repeat(64 * 1024),
  map: Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [`k${i}`, { a: [i, { b: i }] }])),
  same: Object.fromEntries(Array.from({ length: COUNT }, (_, i) => [`k${i}`, { a: [i, { b: i }] }])),
};
const BOMBS: readonly string[] = [
  'object.list.all(a, object.list.all(b, object.list.all(c, object.list.all(d, true)))) || true',
  'object.list.all(a, object.list.all(b, object.list.all(c, 1 / 0 == 1))) || true',
  'object.list.map(a, object.list.map(b, [a, b])).size() > 0',
  'object.list.map(a, [a, a]).map(b, b + b).all(c, c == c)',
  'object.list.all(a, object.map == object.same)',
  "object.words.all(w, object.text.replace('a', 'b') != w)",
  "object.words.all(w, url('http://x/' + w).getQuery().size() == 0)",
  "object.words.all(w, {'a': w, 'b': w}.size() > 0)",
  "object.text.matches('(a{1,30}){1,30}$')",
  "object.text.findAll('(.*)(.*)(.*)[^a]').size() >= 0",
  "'%s'.format([object.map]).size() > 0",
  'lists.range(10000).all(i, lists.range(1000).size() > 0)',
];

const bombs = (): Promised[] => {
  const environment = admissionEnvironment();
  const inputs = inputsOf(LARGE);
  const program = (text: string): Program => {
    const compiled = compile(text, environment);
    if (!isProgram(compiled)) throw new Error(`${text}: ${compiled.problems[0]?.message ?? ''}`);
    return compiled;
  };
  const times = BOMBS.map((text) => {
    const one = program(text);
    return least(() => one.evaluate(inputs, new Spending()));
  });
  return [promise('the slowest bomb, until it is stopped', 60, Math.max(...times), 'CPU ms')];
};

/** Each promise of the engine; `policies.ts` runs it as the programs are built. */
export const benchEngine = (): Promised[] => [...requests(), ...compiling(), ...memory(), ...bombs()];
