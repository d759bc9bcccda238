import assert from 'node:assert/strict';
import type { DialWish } from '../../../src/agent/network/dial-wish.js';
import { DialError, type EnterNetwork } from '../../../src/agent/network/dialler.js';
import { Diallers } from '../../../src/agent/network/diallers.js';

/** In place of the program in a pod: port 22 answers at once, others never do, and the kernel gives up. */
const SILENCE_MS = 700;
const PROGRAM = `
process.on('message', ({ id, port }) => port === 22
  ? process.send({ id, code: 'ECONNREFUSED', message: 'answered' })
  : setTimeout(() => process.send({ id, code: 'ETIMEDOUT', message: 'no answer' }), ${SILENCE_MS}));
process.on('disconnect', () => process.exit(0));
process.send({ ready: true });
`;

describe('attack: guests whose ports are silent hold up the connections to others', function () {
  this.timeout(30_000);
  const enter: EnterNetwork = (use) => use([process.execPath, '-e', PROGRAM]);
  const wish = (port: number): DialWish => ({ protocol: 'tcp', port, address: '10.0.2.2', device: 'tap0' });
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it('has places for other namespaces, whatever one asks for', async () => {
    const diallers = new Diallers();
    const keys = Array.from({ length: 10 }, (_, number) => `evil-${number}`);
    let over = false;
    const again = async (key: string): Promise<void> => {
      while (!over) await diallers.dial({ key, namespace: 'evil' }, enter, wish(9)).catch(() => undefined);
    };
    const attacks = keys.map(again);
    await sleep(SILENCE_MS);
    const since = performance.now();
    const victim = { key: 'victim', namespace: 'other' };
    await assert.rejects(
      diallers.dial(victim, enter, wish(22)),
      (error) => error instanceof DialError && error.code === 'ECONNREFUSED',
    );
    const took = performance.now() - since;
    over = true;
    for (const key of keys) diallers.end(key);
    await Promise.all(attacks);
    diallers.end('victim');
    assert.ok(took < 4 * SILENCE_MS, `it took ${took} ms`);
  });

  it('takes turns by namespace, and forgets who has gone', async () => {
    const diallers = new Diallers();
    const ended: string[] = [];
    const given = new AbortController();
    const dial = (key: string, port: number, signal?: AbortSignal): Promise<void> =>
      diallers.dial({ key, namespace: key.slice(0, 1) }, enter, wish(port), signal).then(
        () => undefined,
        () => void ended.push(key),
      );
    const all = ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2', 'b3', 'b4', 'b5'].map((key) => dial(key, 9));
    const gone = dial('b6', 9, given.signal);
    given.abort();
    await gone;
    assert.deepEqual(ended, ['b6'], 'one that has gone does not wait');
    const last = dial('c1', 22);
    await last;
    const before = ended.filter((key) => key !== 'b6' && key !== 'c1');
    assert.ok(before.length <= 4, `${before.join(' ')} came before it`);
    await Promise.all(all);
    for (const key of ['a1', 'a2', 'a3', 'a4', 'a5', 'b1', 'b2', 'b3', 'b4', 'b5', 'c1']) diallers.end(key);
  });
});
