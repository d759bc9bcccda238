import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { buildPrograms } from '../../../../support/built-program.js';
import { serveLiveness } from '../../../../../src/kube/program/liveness/liveness.js';

const PROGRAM = new URL('../../../../support/beating.ts', import.meta.url).pathname;
/** Of test/support/beating.ts: so long without a beat, seen by a witness that is not held up itself, is a hung loop. */
const PATIENCE_MS = 50 * 20;

describe('liveness', function () {
  this.timeout(60_000);
  let child: ChildProcess;
  let said: Interface;
  let base: string;
  const line = async (): Promise<string> => String((await once(said, 'line'))[0]);
  const probe = async (path = '/healthz', method = 'GET'): Promise<[number, string]> => {
    const answer = await fetch(base + path, { method, signal: AbortSignal.timeout(10_000) });
    return [answer.status, (await answer.text()).trim()];
  };
  const untilAnswered = async (status: number): Promise<void> => {
    while ((await probe())[0] !== status) await wait(50);
  };
  const hold = async (ms: number): Promise<void> => {
    child.stdin?.write(`${ms}\n`);
    assert.equal(await line(), 'held');
  };

  before(async () => {
    buildPrograms('virt-agent');
    child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    assert.ok(child.stdout !== null);
    said = createInterface(child.stdout);
    base = `http://127.0.0.1:${await line()}`;
  });
  after(() => child.kill('SIGKILL'));

  it('is answered while the loop is held by work', async () => {
    await hold(PATIENCE_MS / 2);
    assert.deepEqual(await probe(), [200, 'ok']);
    assert.equal(await line(), 'free');
  });

  it('does not hold it against the loop that the whole process was stopped, as on a node without free CPU', async () => {
    child.kill('SIGSTOP');
    await wait(3 * PATIENCE_MS);
    child.kill('SIGCONT');
    const until = Date.now() + PATIENCE_MS;
    while (Date.now() < until) assert.deepEqual(await probe(), [200, 'ok']);
  });

  it('fails when the loop hangs, and not any more when it goes on', async () => {
    await hold(3 * PATIENCE_MS);
    await untilAnswered(503);
    assert.deepEqual(await probe(), [503, 'the event loop hangs']);
    assert.equal(await line(), 'free');
    await untilAnswered(200);
  });

  it('has no other page and no other method', async () => {
    assert.equal((await probe('/metrics'))[0], 404);
    assert.equal((await probe('/healthz', 'POST'))[0], 405);
  });

  it('serves nothing where no address is given, and says where one cannot be had', async () => {
    assert.equal(await serveLiveness({ listen: undefined, log: console }), undefined);
    const taken = new URL(base).port;
    await assert.rejects(serveLiveness({ listen: `127.0.0.1:${taken}`, log: console }), /EADDRINUSE/);
    await assert.rejects(serveLiveness({ listen: 'nonsense', log: console }), /write HOST:PORT/);
  });
});
