import assert from 'node:assert/strict';
import { silentLog } from '../../../../src/kube/program/log.js';
import { Recurring, type RecurringOptions } from '../../../../src/kube/work/recurring.js';
import { FakeClock } from '../fake-clock.js';

describe('what is done again and again', () => {
  const PERIOD = 60_000;
  const recurring = (turn: () => Promise<unknown>, more: Partial<RecurringOptions> = {}) => {
    const clock = new FakeClock();
    const warnings: object[] = [];
    const log = { ...silentLog, warn: (fields: object) => void warnings.push(fields) };
    const work = new Recurring({ turn, pause: () => PERIOD, failed: 'not done', clock, log, ...more });
    return { work, clock, warnings };
  };

  it('is done at once and after each pause, and no more once it is stopped', async () => {
    let turns = 0;
    const { work, clock } = recurring(() => Promise.resolve(void (turns += 1)));
    work.start();
    work.start();
    await clock.advance(0);
    assert.equal(turns, 1);
    await clock.advance(PERIOD - 1);
    assert.equal(turns, 1);
    await clock.advance(1);
    assert.equal(turns, 2);
    await work.stop();
    await clock.advance(10 * PERIOD);
    assert.equal(turns, 2);
  });

  it('is tried again when it failed, later each time, and as ever once it went well', async () => {
    const at: number[] = [];
    let fails = true;
    const { work, clock, warnings } = recurring(
      () => {
        at.push(clock.now());
        return fails ? Promise.reject(new Error('away')) : Promise.resolve();
      },
      { retry: { first: 1_000, most: 4_000 } },
    );
    work.start();
    for (let second = 0; second < 20; second += 1) await clock.advance(1_000);
    const gaps = at.slice(1).map((time, i) => time - at[i]!);
    assert.ok(gaps[0]! >= 1_000 && gaps[0]! <= 2_000, gaps.join());
    assert.ok(gaps.every((gap) => gap <= 4_000) && gaps.at(-1) === 4_000, gaps.join());
    assert.deepEqual(warnings[0], { error: 'away' });
    fails = false;
    await clock.advance(4_000);
    const before = at.length;
    await clock.advance(PERIOD - 4_000);
    assert.equal(at.length, before);
    await work.stop();
  });

  it('has a turn at once when it is woken, and another one when that happens in the middle of one', async () => {
    let turns = 0;
    let middle = (): void => undefined;
    const { work, clock } = recurring(() => {
      turns += 1;
      middle();
      return Promise.resolve();
    });
    work.start();
    await clock.advance(0);
    work.wake();
    await clock.advance(0);
    assert.equal(turns, 2);
    middle = () => {
      middle = () => undefined;
      work.wake();
    };
    await clock.advance(PERIOD);
    assert.equal(turns, 4);
    await work.stop();
  });

  it('ends with the turn that is under way, whose failure then is nobody’s', async () => {
    const { work, clock, warnings } = recurring(
      () => new Promise((_, reject) => work.signal.addEventListener('abort', () => reject(new Error('broken off')))),
    );
    work.start();
    await clock.advance(0);
    await work.stop();
    assert.deepEqual(warnings, []);
  });
});
