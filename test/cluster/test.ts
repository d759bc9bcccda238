/**
 * `npm test`: every check there is, in stages, with times and one closing line.
 *
 *     npm test                                       all stages
 *     npm test -- --only unit,integration            these alone; "e2e" brings the cluster with it
 *     TEST_CLUSTER=existing KUBECONFIG=… npm test    end-to-end tests against a cluster that is there
 *
 * What is slow and needs no CPU of the tests' (building Kubernetes, images) begins in the background at once.
 */
import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { prepareSlowParts } from '../../images/recipes.js';
import { removeCluster } from './cleanup.js';
import { ensureKubernetes } from './kubernetes.js';
import { installProduct } from './product.js';
import { KUBERNETES_BIN, paths } from './settings.js';
import { bringUp } from './up.js';

const STAGES = ['lint', 'unit', 'properties', 'integration', 'e2e'] as const;
type Stage = (typeof STAGES)[number];

interface Outcome {
  readonly stage: string;
  readonly seconds: number;
  passed: number;
  failed: number;
  skipped: number;
}

const outcomes: Outcome[] = [];
let interrupted = false;
const children = new Set<ReturnType<typeof spawn>>();

/** Runs a command with its output shown (or kept for later), and gives that output too. */
const show = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  print: (text: string) => void = (text) => void process.stdout.write(text),
) =>
  new Promise<{ code: number; output: string }>((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    children.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        print(text);
      });
    }
    child.on('error', (error) => {
      output += error.message;
    });
    child.on('close', (code) => {
      children.delete(child);
      resolve({ code: code ?? 1, output });
    });
  });

/** Mocha's own sums at the end of its report, which it may colour (it does where CI is set). */
const sums = (output: string) => {
  const plain = stripVTControlCharacters(output);
  const count = (word: string): number =>
    [...plain.matchAll(new RegExp(`^ +(\\d+) ${word}`, 'gm'))].reduce((sum, match) => sum + Number(match[1]), 0);
  return { passed: count('passing'), failed: count('failing'), skipped: count('pending') };
};

/** Runs one stage under a heading; whatever it throws is its failure. Later stages run all the same. */
const stage = async (
  name: string,
  work: () => Promise<{ code: number; output: string } | undefined>,
): Promise<boolean> => {
  if (interrupted) return false;
  process.stdout.write(`\n=== ${name}\n`);
  const begin = Date.now();
  let result = { passed: 0, failed: 0, skipped: 0 };
  let code: number;
  try {
    const run = await work();
    code = run?.code ?? 0;
    if (run !== undefined) result = sums(run.output);
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
    code = 1;
  }
  // A stage that failed without a failing test (a type error, a crash, no cluster) counts as one failure.
  if (code !== 0 && result.failed === 0) result.failed = 1;
  const seconds = (Date.now() - begin) / 1000;
  outcomes.push({ stage: name, seconds, ...result });
  process.stdout.write(`--- ${name}: ${code === 0 ? 'ok' : 'FAILED'}, ${seconds.toFixed(1)} s\n`);
  return code === 0;
};

const report = (): number => {
  const total = { passed: 0, failed: 0, skipped: 0 };
  process.stdout.write(
    `\n${'stage'.padEnd(16)}${'seconds'.padStart(9)}${'passed'.padStart(9)}${'failed'.padStart(9)}${'skipped'.padStart(9)}\n`,
  );
  for (const { stage: name, seconds, passed, failed, skipped } of outcomes) {
    const cells = [seconds.toFixed(1), passed, failed, skipped].map((cell) => String(cell).padStart(9));
    process.stdout.write(`${name.padEnd(16)}${cells.join('')}\n`);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed > 0 || interrupted ? 1 : 0;
};

const wantedStages = (args: readonly string[]): readonly Stage[] => {
  const at = args.findIndex((each) => each === '--only' || each.startsWith('--only='));
  if (at < 0) return STAGES;
  const text = args[at]?.startsWith('--only=') === true ? args[at].slice('--only='.length) : (args[at + 1] ?? '');
  const names = text.split(',').filter(Boolean);
  const unknown = names.filter((name) => !(STAGES as readonly string[]).includes(name));
  if (unknown.length > 0 || names.length === 0) {
    throw new Error(`--only ${text}: stages are ${STAGES.join(', ')}, separated by commas`);
  }
  return STAGES.filter((name) => names.includes(name));
};

const log = (line: string): void => {
  process.stdout.write(`  · ${line}\n`);
};

/** Attacks (test/security) run with the layer whose means they need. */
const mocha = (layer: string, env?: Readonly<Record<string, string>>, more: readonly string[] = []) =>
  show(
    'npx',
    ['--no-install', 'mocha', ...more, `test/${layer}/**/*.test.ts`, `test/security/${layer}/**/*.test.ts`],
    env,
  );

/** What a failed test leaves running must not keep the machine (a CI's, too) until its hard limit. */
const EXIT = ['--exit'];

/** Admission on 100,000 generated objects: a minute of one core. `npm run fuzz` takes a million. */
const properties = () =>
  show('npx', ['--no-install', 'mocha', 'test/unit/admission/properties.test.ts'], { FUZZ_CASES: '100000' });

/** Lint and types need one core and nobody's attention: they run beside the unit tests, their words come at the end. */
const startChecks = () =>
  (['lint', 'typecheck'] as const).map((script) => {
    const text: string[] = [];
    const running = show('npm', ['run', '--silent', script], {}, (part) => text.push(part));
    return { script, result: () => running.finally(() => void process.stdout.write(text.join(''))) };
  });

/** Tests that keep to their own namespaces; the others change the cluster's settings or break its parts. */
const SIDE_BY_SIDE = ['bad-input', 'data-volumes', 'disks', 'main-job', 'volumes-claims'].map(
  (name) => `test/e2e/${name}.test.ts`,
);
/** As many as there are cores; most of their time they wait for guests to boot. */
const TWO = ['--parallel', '--jobs', '2'];

const runEndToEnd = async (env: Readonly<Record<string, string>>): Promise<void> => {
  await stage('e2e, side by side', () => show('npx', ['--no-install', 'mocha', ...TWO, ...EXIT, ...SIDE_BY_SIDE], env));
  await stage('e2e', () => mocha('e2e', env, [...EXIT, ...SIDE_BY_SIDE.map((file) => `--ignore=${file}`)]));
};

const endToEnd = async (prepared: Promise<unknown>): Promise<void> => {
  if (process.env.TEST_CLUSTER === 'existing') {
    if (process.env.KUBECONFIG === undefined) throw new Error('TEST_CLUSTER=existing needs KUBECONFIG.');
    await runEndToEnd({});
    return;
  }
  const isUp = await stage('cluster up', async () => {
    await prepared;
    await bringUp(log);
    await installProduct(log);
    return undefined;
  });
  const env = { KUBECONFIG: paths.kubeconfig, PATH: `${KUBERNETES_BIN}:${process.env.PATH ?? ''}` };
  if (isUp) await runEndToEnd(env);
};

const takeDown = async (): Promise<void> => {
  interrupted = false;
  await stage('cluster down', async () => (await removeCluster(), undefined));
};

const main = async (): Promise<number> => {
  const wanted = wantedStages(process.argv.slice(2));
  const ownCluster = wanted.includes('e2e') && process.env.TEST_CLUSTER !== 'existing';
  // The integration tests run an API server of their own from the same programs.
  const kubernetes = ownCluster || wanted.includes('integration') ? ensureKubernetes(log) : Promise.resolve();
  const prepared = ownCluster ? kubernetes.then(() => prepareSlowParts(log)) : kubernetes;
  // They are awaited, and their failure shown, where they are needed.
  for (const preparation of [kubernetes, prepared]) preparation.catch(() => undefined);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupted = true;
      process.stdout.write(`\n${signal}: ending the running stage and taking the cluster down\n`);
      for (const child of children) child.kill('SIGTERM');
    });
  }
  const checks = wanted.includes('lint') ? startChecks() : [];
  if (wanted.includes('unit')) await stage('unit', () => mocha('unit'));
  if (wanted.includes('properties')) await stage('properties', properties);
  for (const { script, result } of checks) await stage(script, result);
  if (wanted.includes('integration')) {
    await stage('integration', async () => {
      await kubernetes;
      return await mocha('integration', {}, [...TWO, ...EXIT]);
    });
  }
  if (wanted.includes('e2e') && !interrupted) {
    try {
      await endToEnd(prepared);
    } finally {
      const stopped = interrupted;
      if (ownCluster) await takeDown();
      interrupted = stopped;
    }
  }
  return report();
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
