import assert from 'node:assert/strict';
import { LibvirtError } from 'node-libvirt';
import { Freezer } from '../../../src/agent/vm/freezer.js';
import { FakeClock, settle } from '../../unit/kube/fake-clock.js';

/* A guest that stays frozen is dead: whatever its agent answers, and when, and whoever asks for what meanwhile. */

const UNRESPONSIVE = 86;
const DAY_MS = 24 * 60 * 60_000;
const error = (code: number, message = 'no') =>
  new LibvirtError({ code, domain: 10, message, level: 2 }, 'qemuAgentCommand');
const IN_FROZEN_STATE =
  "unable to execute QEMU agent command 'guest-fsfreeze-freeze': Command guest-fsfreeze-freeze has been disabled: the agent is in frozen state";

/**
 * How a command ends: `done`; `gate`: done when the gate opens; `late`: done, but libvirt gave up waiting; `lost`:
 * done, but libvirtd's connection broke; `silent`: not done, nor answered.
 */
type Mode = 'done' | 'gate' | 'late' | 'lost' | 'silent';

/** A guest as qemu-ga is: one command after the other, and frozen it does nothing but thaw and say so. */
const bed = () => {
  const clock = new FakeClock();
  const state = { really: false, mode: 'done' as Mode, changes: 0 };
  const gates: (() => void)[] = [];
  const told: string[] = [];
  let chain: Promise<unknown> = Promise.resolve();
  const guest = {
    guestAgent: (command: string) => {
      const what = (JSON.parse(command) as { execute: string }).execute.replace('guest-fsfreeze-', '');
      const { mode } = state;
      told.push(what);
      const carryOut = async (): Promise<unknown> => {
        if (mode === 'gate') await new Promise<void>((open) => gates.push(open));
        if (mode === 'silent') throw error(UNRESPONSIVE);
        if (what === 'status' && mode !== 'lost') return { return: state.really ? 'frozen' : 'thawed' };
        if (what === 'freeze' && state.really) throw error(1, IN_FROZEN_STATE);
        if (what !== 'status') state.really = what === 'freeze';
        if (mode === 'late') throw error(UNRESPONSIVE);
        if (mode === 'lost') throw new Error('the connection to libvirtd was closed');
        return { return: 1 };
      };
      const answer = chain.then(carryOut, carryOut);
      chain = answer.catch(() => undefined);
      return answer;
    },
  };
  const freezer = new Freezer(
    () => guest,
    clock,
    () => (state.changes += 1),
  );
  const open = async () => {
    await settle();
    for (const gate of gates.splice(0)) gate();
  };
  return { clock, state, guest, freezer, told, open };
};

describe('a guest that was frozen', () => {
  it('thaws after a freeze that came late and was asked for again', async () => {
    const { clock, state, guest, freezer } = bed();
    state.mode = 'late';
    await assert.rejects(freezer.freeze(guest, 300_000));
    state.mode = 'silent';
    await clock.advance(0);
    state.mode = 'done';
    await freezer.freeze(guest, 300_000);
    assert.deepEqual([freezer.frozen, state.really], [true, true]);
    await clock.advance(299_000);
    assert.equal(state.really, true);
    await clock.advance(1_000);
    assert.deepEqual([freezer.frozen, state.really], [false, false]);
  });

  it('thaws after a freeze in which the connection to libvirtd broke', async () => {
    const { clock, state, guest, freezer } = bed();
    state.mode = 'lost';
    await assert.rejects(freezer.freeze(guest, 60_000));
    assert.deepEqual([state.really, freezer.mayBeFrozen], [true, true]);
    state.mode = 'done';
    await clock.advance(10_000);
    assert.deepEqual([state.really, freezer.mayBeFrozen, clock.waiting], [false, false, []]);
  });

  it('has its deadline where it is thawed and frozen at the same time', async () => {
    const { clock, state, guest, freezer, open } = bed();
    state.mode = 'gate';
    const thaw = freezer.thaw(guest);
    state.mode = 'done';
    const freeze = freezer.freeze(guest, 60_000);
    await open();
    await Promise.all([thaw, freeze]);
    assert.deepEqual([state.really, clock.waiting], [true, [60_000]]);
    await clock.advance(DAY_MS);
    assert.equal(state.really, false);
  });

  it('is not said to be frozen for longer where it has thawed itself', async () => {
    const { clock, state, guest, freezer } = bed();
    await freezer.freeze(guest, 3_600_000);
    state.really = false;
    await assert.rejects(freezer.freeze(guest, 3_600_000), { name: 'ThawedMeanwhile' });
    assert.deepEqual([freezer.frozen, freezer.thawedBecause?.includes('itself'), clock.waiting], [false, true, []]);
    await freezer.freeze(guest, 3_600_000);
    assert.equal(state.really, true);
  });

  it('is not said to be frozen for longer while the thaw that was due is under way', async () => {
    const { clock, state, guest, freezer, open } = bed();
    await freezer.freeze(guest, 1_000);
    state.mode = 'gate';
    await clock.advance(1_000);
    state.mode = 'done';
    const again = freezer.freeze(guest, 3_600_000);
    await open();
    await assert.rejects(again, { name: 'ThawedMeanwhile', message: 'the time of its freeze is over' });
    assert.deepEqual([freezer.frozen, state.really], [false, false]);
  });

  it('is not thawed by a time that was prolonged while that thaw waited for its turn', async () => {
    const { clock, state, guest, freezer, open } = bed();
    await freezer.freeze(guest, 1_000);
    state.mode = 'gate';
    const prolonged = freezer.freeze(guest, 60_000);
    state.mode = 'done';
    await clock.advance(1_000);
    await open();
    await prolonged;
    await settle();
    assert.deepEqual([freezer.frozen, state.really, clock.waiting], [true, true, [60_000]]);
  });

  it('is not frozen for somebody who has waited too long to hear of it', async () => {
    const { clock, state, guest, freezer, open, told } = bed();
    state.mode = 'gate';
    const thaw = freezer.thaw(guest);
    const freeze = freezer.freeze(guest, 60_000);
    const refused = assert.rejects(freeze, { name: 'FreezerBusy' });
    await clock.advance(3_000);
    await open();
    await Promise.all([thaw, refused]);
    assert.deepEqual([told, state.really], [['thaw'], false]);
  });

  it('is taken for running when it was reset, and told to thaw all the same', async () => {
    const { clock, state, guest, freezer, told } = bed();
    await freezer.freeze(guest, 60_000);
    freezer.rebooted();
    state.really = false;
    assert.deepEqual([freezer.frozen, freezer.thawedBecause, state.changes], [false, 'the guest was restarted', 2]);
    // As its status says for a moment.
    freezer.resume(true);
    await settle();
    assert.deepEqual([freezer.mayBeFrozen, clock.waiting, told], [false, [], ['freeze', 'status']]);
  });

  it('is found by an agent that came after the one that froze it had ended unwritten', async () => {
    const { clock, state, freezer } = bed();
    state.really = true;
    freezer.resume(false);
    await clock.advance(0);
    assert.deepEqual([state.really, freezer.thawedBecause], [false, 'the agent of its node was restarted']);
  });

  it('costs no more than a question a minute where its agent does not say', async () => {
    const { clock, state, freezer, told } = bed();
    state.mode = 'silent';
    for (let second = 0; second < 120; second += 1) {
      freezer.resume(false);
      await clock.advance(1_000);
    }
    assert.deepEqual(told, ['status', 'status']);
  });

  it('is left by a session that has ended, whatever was under way', async () => {
    const { clock, state, guest, freezer, open } = bed();
    state.mode = 'gate';
    const freeze = assert.rejects(freezer.freeze(guest, 60_000));
    await settle();
    state.mode = 'silent';
    freezer.close();
    state.really = true;
    await open();
    await freeze;
    assert.deepEqual(clock.waiting, []);
  });
});
