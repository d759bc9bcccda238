/**
 * `npm test`: every check there is, in stages, with times and one closing line.
 *
 *     npm test                                       all stages
 *     npm test -- --only unit,integration            these alone; "e2e" brings the cluster with it
 *     npm test -- --only e2e --grep evictions        the tests alone whose full title matches
 *     TEST_CLUSTER=existing KUBECONFIG=… npm test    end-to-end tests against a cluster that is there
 *
 * Stages run side by side as far as the cores go and are shown one after the other. What is slow and needs no CPU of
 * the tests' (building Kubernetes, images) begins in the background at once.
 */
import { availableParallelism } from 'node:os';
import { prepareSlowParts } from '../../images/recipes.js';
import { removeCluster } from './cleanup.js';
import { ensureKubernetes } from './kubernetes.js';
import { installProduct } from './product.js';
import { KUBERNETES_BIN, paths } from './settings.js';
import { parseArguments, type StageName } from './stages/arguments.js';
import { endToEndFiles, inOrder, testFiles } from './stages/files.js';
import { Runner } from './stages/runner.js';
import { summary } from './stages/summary.js';
import { bringUp } from './up.js';

const log = (line: string): void => {
  process.stdout.write(`  · ${line}\n`);
};

const { stages, grep } = parseArguments(process.argv.slice(2));
const wants = (name: StageName): boolean => stages.includes(name);
const existing = process.env.TEST_CLUSTER === 'existing';
const ownCluster = wants('e2e') && !existing;
const runner = new Runner({ cores: availableParallelism(), grep });

/**
 * For what makes many objects that soon are garbage: V8 goes through the young ones less often. A sixth less CPU for
 * the properties, nothing for lint; not where memory is measured.
 */
const YOUNG = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --max-semi-space-size=64` };

/** Lint, types, unit tests and properties: each keeps one core busy and waits for nothing. */
const startChecks = (): Promise<unknown>[] => [
  ...(wants('unit') ? [runner.mocha('unit', testFiles('unit'))] : []),
  ...(wants('lint') ? (['typecheck', 'lint'] as const).map((script) => runner.npm(script)) : []),
  // Admission on 100,000 generated objects. `npm run fuzz` takes a million.
  ...(wants('properties')
    ? [
        runner.mocha('properties', ['test/unit/admission/properties.test.ts'], {
          env: { ...YOUNG, FUZZ_CASES: '100000' },
        }),
      ]
    : []),
];

const startCluster = (prepared: Promise<unknown>): Promise<boolean> =>
  runner.stage('cluster up', 1, async (write) => {
    const say = (line: string): void => write(`  · ${line}\n`);
    await prepared;
    await bringUp(say);
    await installProduct(say);
    return [];
  });

/** Tests that share the cluster, then one by one those that change its settings or break its parts. */
const runEndToEnd = async (env: Readonly<Record<string, string>>): Promise<void> => {
  const { shared, alone } = endToEndFiles();
  await runner.mocha('e2e, side by side', inOrder(shared), { env, jobs: 2, exit: true });
  await runner.mocha('e2e, alone', alone, { env, exit: true });
};

const main = async (): Promise<number> => {
  if (wants('e2e') && existing && process.env.KUBECONFIG === undefined)
    throw new Error('TEST_CLUSTER=existing needs KUBECONFIG.');
  // The integration tests run an API server of their own from the same programs.
  const kubernetes = ownCluster || wants('integration') ? ensureKubernetes(log) : Promise.resolve();
  const prepared = ownCluster ? kubernetes.then(() => prepareSlowParts(log)) : kubernetes;
  // They are awaited, and their failure shown, where they are needed.
  for (const preparation of [kubernetes, prepared]) preparation.catch(() => undefined);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => runner.interrupt(signal));

  const checks = startChecks();
  const cluster = ownCluster ? startCluster(prepared) : Promise.resolve(wants('e2e'));
  const integration = wants('integration')
    ? runner.mocha('integration', inOrder(testFiles('integration')), { jobs: 2, exit: true, after: kubernetes })
    : Promise.resolve();
  try {
    await Promise.all(checks);
    const env: Record<string, string> = existing
      ? {}
      : { KUBECONFIG: paths.kubeconfig, PATH: `${KUBERNETES_BIN}:${process.env.PATH ?? ''}` };
    const isUp = await cluster;
    // Guests are emulated: beside the integration tests on two cores they would boot for minutes.
    await integration;
    if (isUp) await runEndToEnd(env);
  } finally {
    if (ownCluster)
      await runner.stage('cluster down', 0, async () => (await removeCluster(), []), { evenIfInterrupted: true });
  }
  const { text, failed } = summary(runner.outcomes, runner.seconds());
  process.stdout.write(text);
  return failed > 0 || runner.interrupted ? 1 : 0;
};

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
