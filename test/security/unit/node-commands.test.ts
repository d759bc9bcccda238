import assert from 'node:assert/strict';
import type { GuestExecAnswer } from '../../../src/agent-api/guest-exec.js';
import { NodeCommands } from '../../../src/agent/vm/node-commands.js';
import { FakeClock, settle } from '../../unit/kube/fake-clock.js';

/** Commands that are in their place until they are let out. */
const bed = () => {
  const clock = new FakeClock();
  const commands = new NodeCommands(clock);
  const inside: { namespace: string; leave: () => void }[] = [];
  const refused: string[] = [];
  const enter = (namespace: string) =>
    void commands
      .run(namespace, () => new Promise<void>((leave) => inside.push({ namespace, leave })))
      .catch((error: unknown) => refused.push(`${namespace} ${(error as Error).name}`));
  const leave = async () => {
    inside.shift()?.leave();
    await settle();
  };
  return { clock, commands, inside, refused, enter, leave };
};
const large = (id: string): GuestExecAnswer => ({ id, exited: true, stdout: 'A'.repeat(1024 * 1024) });

describe('the commands in all of a node’s guests', () => {
  it('have eight places together, and four of a namespace, whatever its guests do', () => {
    const { inside, enter } = bed();
    for (let count = 0; count < 100; count += 1) enter('hostile');
    assert.equal(inside.length, 4);
    for (let count = 0; count < 100; count += 1) enter(`tenant-${count}`);
    assert.equal(inside.length, 8);
  });

  it('take turns by namespace, however many of one wait', async () => {
    const { inside, enter, leave } = bed();
    for (const namespace of ['a', 'b']) for (let count = 0; count < 20; count += 1) enter(namespace);
    enter('victim');
    for (let count = 0; count < 3; count += 1) await leave();
    assert.ok(inside.some(({ namespace }) => namespace === 'victim'));
    assert.equal(inside.length, 8);
  });

  it('are refused when they have waited two seconds, or too many wait, and leave no place taken', async () => {
    const { clock, commands, inside, refused, enter, leave } = bed();
    for (const namespace of ['a', 'b']) for (let count = 0; count < 40; count += 1) enter(namespace);
    await settle();
    assert.deepEqual([refused.length, commands.isContended], [8, true]);
    await clock.advance(2_000);
    assert.deepEqual([refused.length, commands.isContended, inside.length], [72, false, 8]);
    assert.ok(refused.every((one) => one.endsWith('NoPlace')));
    while (inside.length > 0) await leave();
    enter('a');
    assert.equal(inside.length, 1);
  });

  it('have their answers kept for a minute, within a bound, and the one who fills it loses his own', async () => {
    const { clock, commands } = bed();
    commands.keep('victim', 'mine', large('mine'));
    for (let count = 0; count < 1_000; count += 1) commands.keep('hostile', `${count}`, large(`${count}`));
    assert.equal(commands.again('mine')?.id, 'mine');
    assert.equal(commands.again('0'), undefined);
    assert.equal(commands.again('999')?.id, '999');
    const kept = Array.from({ length: 1_000 }, (_, count) => commands.again(`${count}`)).filter(Boolean).length;
    assert.ok(kept <= 15, `${kept}`);
    await clock.advance(60_000);
    assert.deepEqual([commands.again('mine'), commands.again('999')], [undefined, undefined]);
    assert.deepEqual(clock.waiting, []);
  });
});
