import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jsonPatch, { type Operation } from 'fast-json-patch';
import type { AdmissionReview } from '../../src/webhook/admission/answers.js';
import { CASES, reviewOf, type Case } from './admission/cases.js';
import { Client } from './admission/load.js';
import { cpuMs, rssMib, startServer, stopServer, type MeasuredServer } from './admission/servers.js';
import { leastCpuMs } from './child-cpu.js';
import type { Promised } from './report.js';

/*
 * What a call of the webhook costs: CPU time of the server process, next to a bare node:https server that only parses
 * and echoes the JSON (admission/yardstick.mjs), in one run, in turns of a few hundred calls, so that whatever else the
 * machine does hits both alike. Figures are medians of the turns; QUICK=1 makes fewer.
 */

const QUICK = process.env['QUICK'] !== undefined;
const TURNS = QUICK ? 5 : 15;
/** Until V8 has optimised what is hot, in both servers. */
const WARM_UP = QUICK ? 3000 : 10_000;
const LANES = 4;
const ENDURANCE = QUICK ? 10_000 : 100_000;
const RATE = 200;
const RATE_SECONDS = 5;
const RATE_ROUNDS = QUICK ? 4 : 10;
const STARTS = 9;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;

interface Target {
  readonly server: MeasuredServer;
  readonly client: Client;
}

/** As users start it: its first line has the limits of the heap. */
const WEBHOOK = ['bin/virt-webhook', '--standalone', '--listen', '127.0.0.1:0', '--log-level', 'info'] as const;

const selfSigned = (directory: string): [cert: string, key: string] => {
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  const curve = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=localhost',
  ];
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return [cert, key];
};

const startWebhook = (directory: string, pinned: readonly string[] = []): Promise<MeasuredServer> => {
  const [program, ...rest] = [...pinned, ...WEBHOOK, '--cert-dir', directory];
  return startServer([program, ...rest]);
};
const startYardstick = (directory: string, pinned: readonly string[] = []): Promise<MeasuredServer> => {
  const yardstick = [process.execPath, 'test/bench/admission/yardstick.mjs', ...selfSigned(directory)];
  const [program = '', ...rest] = [...pinned, ...yardstick];
  return startServer([program, ...rest]);
};

const targetOf = (server: MeasuredServer, connections = LANES): Target => ({
  server,
  client: new Client(server.port, connections),
});

/** µs of server CPU per call of one turn. */
const cpuPerCall = async ({ server, client }: Target, path: string, body: Buffer, count: number): Promise<number> => {
  const before = cpuMs(server.pid);
  await client.postMany(path, body, count, LANES);
  return ((cpuMs(server.pid) - before) * 1000) / count;
};

/** The object as the API server has it after the mutating call, which is what it sends to the validating one. */
const defaulted = async ({ client }: Target, { kind, object }: Case): Promise<unknown> => {
  const answer = JSON.parse((await client.post('/mutate', reviewOf(kind, object))).toString()) as AdmissionReview;
  const { allowed, patch = '', status } = answer.response;
  if (!allowed) throw new Error(`the bench's object is refused: ${status?.message ?? ''}`);
  if (patch === '') return object;
  const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[];
  return jsonPatch.applyPatch(structuredClone(object), operations).newDocument;
};

interface Cost {
  readonly webhook: number;
  readonly yardstick: number;
  readonly ratio: number;
}

const compare = async (webhook: Target, bare: Target, path: string, body: Buffer): Promise<Cost> => {
  // Large bodies cost a hundred times as much: fewer calls have the same length.
  const scale = Math.max(1, body.length / 10_000);
  const [calls, warmUp] = [Math.ceil(400 / scale), Math.ceil(WARM_UP / scale)];
  for (const target of [webhook, bare]) await cpuPerCall(target, path, body, warmUp);
  const turns: { webhook: number; yardstick: number }[] = [];
  for (let i = 0; i < TURNS; i += 1) {
    turns.push({
      yardstick: await cpuPerCall(bare, path, body, calls),
      webhook: await cpuPerCall(webhook, path, body, calls),
    });
  }
  return {
    webhook: median(turns.map((turn) => turn.webhook)),
    yardstick: median(turns.map((turn) => turn.yardstick)),
    ratio: median(turns.map((turn) => turn.webhook / turn.yardstick)),
  };
};

/** The promise of the first case; the others are for information. */
const LIMITS = { validate: 2.5, mutate: 3.5 } as const;

const costs = async (webhook: Target, bare: Target): Promise<Promised[]> => {
  const promises: Promised[] = [];
  for (const [index, one] of CASES.entries()) {
    const bodies = {
      mutate: reviewOf(one.kind, one.object),
      validate: reviewOf(one.kind, await defaulted(webhook, one)),
    };
    const { response } = JSON.parse(
      (await webhook.client.post('/validate', bodies.validate)).toString(),
    ) as AdmissionReview;
    if (!response.allowed) throw new Error(`the bench's object is refused: ${response.status?.message ?? ''}`);
    for (const phase of ['validate', 'mutate'] as const) {
      const cost = await compare(webhook, bare, `/${phase}`, bodies[phase]);
      const limit = index === 0 ? LIMITS[phase] : Number.POSITIVE_INFINITY;
      promises.push({
        name: `${phase}, ${one.name} (${(bodies[phase].length / 1000).toFixed(1)} KB)`,
        limit: index === 0 ? `${limit} × the yardstick` : 'none',
        figure: `${cost.ratio.toFixed(2)} × (${cost.webhook.toFixed(0)} µs CPU, yardstick ${cost.yardstick.toFixed(0)} µs)`,
        kept: cost.ratio <= limit,
      });
    }
  }
  return promises;
};

const smallBody = (): Buffer => {
  const [small] = CASES;
  if (small === undefined) throw new Error('there is no case');
  return reviewOf(small.kind, small.object);
};

const ONE_CORE = ['taskset', '-c', '0'];

/** p99 of each round at the rate, in ms. */
const rounds = async ({ client }: Target, path: string): Promise<number> =>
  percentile(await client.postAtRate(path, smallBody(), RATE, RATE_SECONDS), 0.99);

/**
 * 200 calls a second with the server on one core; the least of some rounds, because what else runs can only make it
 * more. The yardstick, in turns on the same core, shows how much more.
 */
const latency = async (directory: string): Promise<Promised> => {
  const webhook = targetOf(await startWebhook(directory, ONE_CORE), 16);
  const bare = targetOf(await startYardstick(directory, ONE_CORE), 16);
  try {
    for (const { client } of [webhook, bare]) await client.postMany('/mutate', smallBody(), 2000, LANES);
    const found: { webhook: number; bare: number }[] = [];
    for (let i = 0; i < RATE_ROUNDS; i += 1) {
      const path = i % 2 === 0 ? '/mutate' : '/validate';
      found.push({ webhook: await rounds(webhook, path), bare: await rounds(bare, path) });
    }
    const p99 = Math.min(...found.map((round) => round.webhook));
    const ms = (values: readonly number[]) => `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}`;
    return {
      name: `p99 of an answer at ${RATE} calls a second, the server on one core`,
      limit: '10 ms',
      figure: `${p99.toFixed(1)} ms (rounds ${ms(found.map((round) => round.webhook))}, yardstick ${ms(found.map((round) => round.bare))})`,
      kept: p99 <= 10,
    };
  } finally {
    for (const { client, server } of [webhook, bare]) {
      client.close();
      await stopServer(server);
    }
  }
};

const memory = async (directory: string): Promise<Promised> => {
  const server = await startWebhook(directory);
  const client = new Client(server.port, LANES);
  try {
    const idle = rssMib(server.pid);
    for (const path of ['/mutate', '/validate']) await client.postMany(path, smallBody(), ENDURANCE / 2, LANES);
    const rss = rssMib(server.pid);
    return {
      name: `RSS after ${ENDURANCE.toLocaleString('en')} calls`,
      limit: '120 MiB',
      figure: `${rss.toFixed(0)} MiB (${idle.toFixed(0)} when ready)`,
      kept: rss <= 120,
    };
  } finally {
    client.close();
    await stopServer(server);
  }
};

const start = async (directory: string): Promise<Promised> => {
  const bare = await leastCpuMs({ command: [process.execPath, '-e', '0'] }, STARTS);
  const times: { wall: number; cpu: number }[] = [];
  for (let i = 0; i < STARTS; i += 1) {
    const server = await startWebhook(directory);
    times.push({ wall: server.startMs, cpu: server.startCpuMs });
    await stopServer(server);
  }
  const [wall, cpu] = [Math.min(...times.map((time) => time.wall)), Math.min(...times.map((time) => time.cpu))];
  return {
    name: `start to ready, the least of ${STARTS}`,
    limit: '500 ms',
    figure: `${wall.toFixed(0)} ms, ${cpu.toFixed(0)} CPU ms, ${(cpu / bare).toFixed(1)} × \`node -e 0\` (${bare.toFixed(0)})`,
    // One thread works all the time: with nothing else to do on the machine, the wall clock shows its CPU time.
    kept: Math.min(wall, cpu) <= 500,
  };
};

export const benchAdmission = async (): Promise<Promised[]> => {
  execFileSync(process.execPath, ['scripts/build.mjs', 'virt-webhook'], { stdio: 'ignore' });
  const directory = mkdtempSync(join(tmpdir(), 'bench-admission-'));
  const servers: MeasuredServer[] = [];
  try {
    servers.push(await startYardstick(directory), await startWebhook(directory));
    const [bare, webhook] = servers.map((server) => targetOf(server));
    if (bare === undefined || webhook === undefined) throw new Error('two servers were started');
    const promises = await costs(webhook, bare);
    for (const { client } of [bare, webhook]) client.close();
    return [...promises, await latency(directory), await memory(directory), await start(directory)];
  } finally {
    for (const server of servers) await stopServer(server);
    rmSync(directory, { recursive: true });
  }
};
