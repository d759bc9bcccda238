import assert from 'node:assert/strict';
import { Schedule } from '../../../cluster/stages/schedule.js';

/** A stage that writes and ends when the test says so. */
const manual = () => {
  let write: (text: string) => void = () => undefined;
  let end: () => void = () => undefined;
  let begun = false;
  const work = (writeTo: (text: string) => void): Promise<void> => {
    begun = true;
    write = writeTo;
    return new Promise((resolve) => (end = resolve));
  };
  return { work, begun: () => begun, write: (text: string) => write(text), end: () => end() };
};
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('stages side by side', () => {
  it('begin as cores become free, first come first served', async () => {
    const schedule = new Schedule(2, () => undefined);
    const [first, second, third, none] = [manual(), manual(), manual(), manual()];
    const runs = [schedule.run(1, first.work), schedule.run(1, second.work), schedule.run(1, third.work)];
    const waiting = schedule.run(0, none.work);
    await settled();
    assert.deepEqual([first.begun(), second.begun(), third.begun()], [true, true, false]);
    assert.equal(none.begun(), true, 'a stage that waits for nothing but time needs no core');
    second.end();
    await settled();
    assert.equal(third.begun(), true);
    for (const stage of [first, third, none]) stage.end();
    await Promise.all([...runs, waiting]);
  });

  it('give their cores back when they fail', async () => {
    const schedule = new Schedule(1, () => undefined);
    await assert.rejects(
      schedule.run(1, () => Promise.reject(new Error('broken'))),
      /broken/,
    );
    assert.equal(await schedule.run(1, () => Promise.resolve('next')), 'next');
  });

  it('are shown one after the other: the first at once, the others when it is their turn', async () => {
    let shown = '';
    const schedule = new Schedule(3, (text) => (shown += text));
    const [first, second, third] = [manual(), manual(), manual()];
    const runs = [first, second, third].map(({ work }) => schedule.run(1, work));
    await settled();
    second.write('2a ');
    first.write('1a ');
    assert.equal(shown, '1a ');
    second.end();
    third.write('3a ');
    await settled();
    first.write('1b ');
    first.end();
    await settled();
    assert.equal(shown, '1a 1b 2a 3a ');
    third.write('3b');
    assert.equal(shown, '1a 1b 2a 3a 3b');
    third.end();
    await Promise.all(runs);
  });
});
