import assert from 'node:assert/strict';
import { freezeGuest, unfreezeGuest } from '../../../../src/agent/api/guest-freeze.js';
import type { RunningGuest } from '../../../../src/agent/api/running-guest.js';
import { FreezerBusy, ThawedMeanwhile } from '../../../../src/agent/vm/freezer.js';
import type { Options } from '../../../../src/agent-api/options.js';

const guestWith = (error?: Error, guestAgentConnected = true) => {
  const done: string[] = [];
  const act = (what: string) => {
    done.push(what);
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  };
  const guest = {
    vmi: { metadata: { name: 'web' } },
    view: { xml: { guestAgentConnected } },
    session: {
      freezer: { freeze: (_guest: unknown, ms: number) => act(`freeze ${ms}`), thaw: () => act('thaw') },
    },
  } as unknown as RunningGuest;
  const freeze = (options: Options) => freezeGuest(guest, { options, user: 'jane' });
  return { guest, freeze, done };
};

describe('freeze', () => {
  it('freezes for a time, which must be said', async () => {
    const { freeze, done } = guestWith();
    for (const unfreezeTimeout of ['5m0s', '1h', '1.5s', '24h']) await freeze({ unfreezeTimeout });
    assert.deepEqual(done, ['freeze 300000', 'freeze 3600000', 'freeze 1500', 'freeze 86400000']);
    await assert.rejects(freeze({}), { code: 400, message: /^Unfreeze timeout in freeze request is not set: send/ });
    for (const unfreezeTimeout of ['0s', '25h', '0', '5', '-5m', 'soon', 300, '9999999999h'])
      await assert.rejects(freeze({ unfreezeTimeout }), { code: 400 }, String(unfreezeTimeout));
    assert.equal(done.length, 4);
  });

  it('is refused without an agent, and where the agent does not do it, as unfreeze is', async () => {
    const away = guestWith(undefined, false);
    await assert.rejects(away.freeze({ unfreezeTimeout: '5m' }), { code: 409, message: /guest agent connected/ });
    await assert.rejects(unfreezeGuest(away.guest), { code: 409 });
    assert.deepEqual(away.done, []);
    const unwilling = guestWith(new Error('Command guest-fsfreeze-freeze has been disabled'));
    await assert.rejects(unwilling.freeze({ unfreezeTimeout: '5m' }), { code: 409, message: /block-rpcs/ });
    await assert.rejects(unfreezeGuest(unwilling.guest), { code: 409 });
  });

  it('says that a copy is not consistent where the guest has thawed meanwhile, and to try again where others freeze', async () => {
    const thawed = guestWith(new ThawedMeanwhile('the guest was restarted'));
    await assert.rejects(thawed.freeze({ unfreezeTimeout: '5m' }), {
      code: 409,
      message: /not frozen any more: the guest was restarted\. What was copied since is not consistent/,
    });
    const busy = guestWith(new FreezerBusy('it is being frozen or thawed'));
    await assert.rejects(busy.freeze({ unfreezeTimeout: '5m' }), { code: 429, message: /try again$/ });
  });
});
