import assert from 'node:assert/strict';
import { LibvirtError } from 'node-libvirt';
import { Freezer } from '../../../../src/agent/vm/freezer.js';
import { FakeClock } from '../../kube/fake-clock.js';

const libvirtError = (code: number) =>
  new LibvirtError({ code, domain: 10, message: 'no', level: 2 }, 'qemuAgentCommand');
const UNRESPONSIVE = 86;

/** A guest, what its agent was told, and how often something changed. */
const guestWith = (answer: (command: string) => Error | undefined = () => undefined) => {
  const clock = new FakeClock();
  const told: string[] = [];
  const state = { connected: true, changes: 0, really: false, answer };
  const guest = {
    guestAgent: (command: string) => {
      const { execute } = JSON.parse(command) as { execute: string };
      told.push(execute.replace('guest-fsfreeze-', ''));
      const error = state.answer(execute);
      if (error !== undefined) return Promise.reject(error);
      if (execute === 'guest-fsfreeze-status') return Promise.resolve({ return: state.really ? 'frozen' : 'thawed' });
      state.really = execute === 'guest-fsfreeze-freeze';
      return Promise.resolve({ return: 1 });
    },
  };
  const freezer = new Freezer(
    () => (state.connected ? guest : undefined),
    clock,
    () => (state.changes += 1),
  );
  return { freezer, guest, clock, told, state };
};

describe('the file systems of a guest', () => {
  it('are frozen, and thawed when somebody says so', async () => {
    const { freezer, guest, clock, told, state } = guestWith();
    await freezer.freeze(guest, 300_000);
    assert.deepEqual([freezer.frozen, state.changes], [true, 1]);
    await freezer.thaw(guest);
    assert.deepEqual([freezer.frozen, freezer.thawedBecause, state.changes], [false, undefined, 2]);
    await clock.advance(1_000_000);
    assert.deepEqual(told, ['freeze', 'thaw']);
  });

  it('are thawed when the time is over, and told again as long as it takes', async () => {
    const { freezer, guest, clock, told, state } = guestWith();
    await freezer.freeze(guest, 300_000);
    await clock.advance(299_000);
    assert.equal(freezer.frozen, true);
    state.answer = () => libvirtError(UNRESPONSIVE);
    await clock.advance(1_000);
    state.connected = false;
    await clock.advance(10_000);
    state.connected = true;
    await clock.advance(10_000);
    state.answer = () => undefined;
    assert.equal(freezer.frozen, true);
    await clock.advance(10_000);
    assert.deepEqual(told, ['freeze', 'thaw', 'thaw', 'thaw']);
    assert.deepEqual([freezer.frozen, freezer.thawedBecause], [false, 'the time of its freeze is over']);
    assert.deepEqual(clock.waiting, []);
  });

  it('have another time when they are frozen again', async () => {
    const { freezer, guest, clock, told } = guestWith();
    await freezer.freeze(guest, 10_000);
    await freezer.freeze(guest, 60_000);
    await clock.advance(59_000);
    assert.deepEqual([freezer.frozen, told], [true, ['freeze', 'status']]);
    await clock.advance(1_000);
    assert.equal(freezer.frozen, false);
  });

  it('do not stay frozen by a freeze that the guest answered too late', async () => {
    const { freezer, guest, clock, told, state } = guestWith(() => libvirtError(UNRESPONSIVE));
    await assert.rejects(freezer.freeze(guest, 300_000));
    state.answer = () => undefined;
    await clock.advance(0);
    assert.deepEqual([told, clock.waiting], [['freeze', 'thaw'], []]);
  });

  it('are left alone where the guest’s agent may not freeze', async () => {
    const refuse = (command: string) => (command.endsWith('status') ? undefined : libvirtError(1));
    const { freezer, guest, clock, told } = guestWith(refuse);
    await assert.rejects(freezer.freeze(guest, 300_000));
    assert.deepEqual([freezer.frozen, freezer.mayBeFrozen], [false, false]);
    assert.deepEqual([told, clock.waiting], [['freeze', 'status'], []]);
  });

  it('are thawed by the next agent of the node, which does not know the time, and by no other', async () => {
    const { freezer, clock, told } = guestWith();
    freezer.resume(true);
    assert.equal(freezer.frozen, true);
    await clock.advance(0);
    assert.deepEqual([told, freezer.thawedBecause], [['thaw'], 'the agent of its node was restarted']);
    // Its status still says so for a moment.
    freezer.resume(true);
    assert.equal(freezer.frozen, false);
  });

  it('are nobody’s when the session ends', async () => {
    const { freezer, guest, clock, told } = guestWith();
    await freezer.freeze(guest, 1_000);
    freezer.close();
    await clock.advance(10_000);
    assert.deepEqual(told, ['freeze']);
  });
});
