import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { schemaOf } from '../../../src/api/schema-check/check-schema.js';
import { ApiError } from '../../../src/kube/client/api-error.js';
import { vmiPath } from '../../../src/kube/client/resources.js';
import { admitObject, type Json, RANDOM_UUID, readCorpus } from '../../corpus/corpus.js';
import { pruned } from '../../corpus/prune.js';
import { SPEC_CASES } from '../../corpus/spec-cases/index.js';
import { manifest } from '../../../src/validators/rule/example-manifest.js';
import { kubernetesBinary } from '../support/api-server.js';
import { ClusterWebhook } from './cluster-webhook.js';

/*
 * The corpus through a real API server and the real program: the same verdict, the same fields, the same object after
 * the defaults as the pure functions give, which test/unit/admission/corpus.test.ts holds against the reference. What
 * the API server does by itself is known beforehand: it prunes fields that the schema does not know, before anybody is
 * asked.
 */

interface Answer {
  readonly allowed: boolean;
  /** Fields of the causes, sorted. */
  readonly fields: readonly string[];
  readonly object?: unknown;
}

const CONCURRENCY = 8;

/** What differs from one request to the next, or belongs to the API server. */
const comparable = (object: unknown): unknown => {
  const copy = JSON.parse(JSON.stringify(object)) as Record<string, Record<string, unknown>>;
  for (const key of ['uid', 'creationTimestamp', 'managedFields', 'generation']) delete copy['metadata']?.[key];
  delete copy['status']?.['phaseTransitionTimestamps'];
  const firmware = (copy['spec']?.['domain'] as { firmware?: { uuid?: string } }).firmware;
  if (/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(firmware?.uuid ?? '')) {
    firmware!.uuid = RANDOM_UUID;
  }
  return copy;
};

/**
 * kube-apiserver 1.20, built with a Go of today as the test bed builds it, takes an empty text in a custom resource for
 * null and refuses it, after the defaults and before the rules (go-openapi compares with a zero value, which such a
 * text now equals).
 */
const EMPTY_TEXT = /in body must be of type string: "null"/;
const hasEmptyText = (value: unknown): boolean =>
  value === '' || (typeof value === 'object' && value !== null && Object.values(value).some(hasEmptyText));

const METADATA: Answer = { allowed: false, fields: ['metadata'] };

const expected = (object: Json, gates: readonly string[], configuration: Json, refusesEmptyTexts: boolean): Answer => {
  const left = pruned(schemaOf('VirtualMachineInstance'), object) as Json;
  const outcome = admitObject(left, gates, { configuration });
  if (outcome.causes.some(({ field, rule }) => field.startsWith('metadata.') && rule === 'schema.type'))
    return METADATA;
  const isDefaulted = outcome.patch.length > 0 && outcome.suspicions.length === 0;
  if (refusesEmptyTexts && isDefaulted && hasEmptyText((outcome.object as { spec: unknown }).spec)) {
    return { allowed: false, fields: ['an empty text'] };
  }
  const fields = [...new Set(outcome.causes.map(({ field }) => field))].sort();
  return fields.length > 0 ? { allowed: false, fields } : { allowed: true, fields, object: comparable(outcome.object) };
};

/** All of a list, a few at a time. */
const each = async <T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const rest = list.values();
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (const item of rest) await work(item);
    }),
  );
};

describe('the corpus through a real API server', function () {
  this.timeout(300_000);
  let cluster: ClusterWebhook;
  const cases = readCorpus();
  const base = cases[0]!.object;
  let refusesEmptyTexts = false;
  const expectedOf = (object: Json, gates: readonly string[], configuration: Json): Answer =>
    expected(object, gates, configuration, refusesEmptyTexts);

  before(async () => {
    cluster = await ClusterWebhook.start();
  });
  after(async () => {
    await cluster.stop();
  });

  const create = async (object: Json): Promise<Answer> => {
    try {
      const made = await cluster.client.create<object>(vmiPath('default'), object, { query: { dryRun: 'All' } });
      return { allowed: true, fields: [], object: comparable(made) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Metadata is the API server's own, and nobody is asked about it.
      if (/ cannot be handled as a VirtualMachineInstance: v1\.ObjectMeta/.test(error.message)) return METADATA;
      if (EMPTY_TEXT.test(error.message)) return { allowed: false, fields: ['an empty text'] };
      assert.match(
        error.message,
        /^admission webhook "virtualmachineinstances-\w+\.kubevirt\.io" denied the request: /,
      );
      const fields = (error.details?.causes ?? []).map(({ field = '' }) => field);
      return { allowed: false, fields: [...new Set(fields)].sort() };
    }
  };

  /** The gates alone change nothing that shows while the fields that need them are not acted on; this setting does. */
  const configurationOf = (gates: readonly string[]) => ({
    evictionStrategy: gates.length === 0 ? 'None' : 'External',
  });
  const configure = async (gates: readonly string[]): Promise<Json> => {
    const configuration = configurationOf(gates);
    await cluster.configure({ developerConfiguration: { featureGates: gates }, ...configuration }, async () => {
      const { object } = await create(base);
      return (
        (object as { spec?: { evictionStrategy?: string } } | undefined)?.spec?.evictionStrategy ===
        configuration.evictionStrategy
      );
    });
    refusesEmptyTexts = !(await create(manifest({ 'spec.hostname': '' }))).allowed;
    return configuration;
  };

  const groups = [...new Set(cases.map(({ gates }) => gates.join()))].sort();
  for (const group of groups) {
    const gates = group.split(',').filter(Boolean);
    it(`is judged and defaulted as by the functions alone, with ${group || 'no feature gate'}`, async () => {
      const configuration = await configure(gates);
      const answers: Record<string, Answer> = {};
      const members = cases.filter((one) => one.gates.join() === group);
      await each(members, async ({ name, object }) => {
        answers[name] = await create(object);
      });
      for (const { name, object } of members)
        assert.deepEqual(answers[name], expectedOf(object, gates, configuration), name);
    });
  }

  it('and so are the cases of the specification', async () => {
    const configuration = await configure([]);
    const members = SPEC_CASES.filter(
      ({ kind, config, gates, annotations }) => !kind && !config && !gates && !annotations,
    );
    const answers: Record<string, Answer> = {};
    await each(members, async ({ name, change }) => {
      answers[name] = await create(manifest(change));
    });
    for (const { name, change } of members) {
      assert.deepEqual(answers[name], expectedOf(manifest(change), [], configuration), name);
    }
  });

  describe('with kubectl create --dry-run=server', () => {
    const kubectl = (object: Json) =>
      new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
        const flags = [
          '--kubeconfig',
          cluster.server.kubeconfig,
          'create',
          '--dry-run=server',
          '-o',
          'json',
          '-f',
          '-',
        ];
        const child = spawn(kubernetesBinary('kubectl'), flags, { stdio: 'pipe' });
        const output = { stdout: '', stderr: '' };
        child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()));
        child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()));
        child.on('error', reject);
        child.on('close', (code) => resolve({ code, ...output }));
        child.stdin.end(JSON.stringify(object));
      });
    const named = (name: string): Json => cases.find((one) => one.name === name)!.object;

    before(async () => {
      await configure([]);
    });

    it('prints the object as it would be stored', async () => {
      const { code, stdout, stderr } = await kubectl(base);
      assert.equal(code, 0, stderr);
      assert.deepEqual(comparable(JSON.parse(stdout)), expectedOf(base, [], configurationOf([])).object);
    });

    for (const name of ['disk-name-upper', 'boot-dup', 'mem-none', 'sound-bad', 'boot-neg']) {
      it(`refuses ${name}, naming each field`, async () => {
        const { code, stderr } = await kubectl(named(name));
        assert.equal(code, 1);
        for (const field of expectedOf(named(name), [], configurationOf([])).fields)
          assert.ok(stderr.includes(field), stderr);
      });
    }

    for (const [name, field] of [
      ['unknown-spec', 'flavour'],
      ['unknown-disk', 'speed'],
      ['type-string-cores', 'cores'],
      ['no-devices', 'devices'],
    ] as const) {
      it(`refuses ${name} before it is sent, or says what the webhook says`, async () => {
        const { code, stderr } = await kubectl(named(name));
        assert.equal(code, 1);
        assert.ok(stderr.includes(field), stderr);
      });
    }
  });
});
