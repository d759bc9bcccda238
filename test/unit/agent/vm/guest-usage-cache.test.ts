import assert from 'node:assert/strict';
import { GuestUsageCache } from '../../../../src/agent/vm/guest-usage-cache.js';
import { FakeClock } from '../../kube/fake-clock.js';

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('what is remembered of a guest’s own figures', () => {
  it('is asked for once a minute, never waited for, and forgotten with its agent', async () => {
    const clock = new FakeClock();
    const cache = new GuestUsageCache(clock);
    let asked = 0;
    const guest = {
      guestAgent: (command: string) => {
        if (command.includes('fsinfo')) asked += 1;
        const entry = { name: 'vda', mountpoint: '/', type: 'ext4', 'total-bytes': 9, 'used-bytes': asked };
        return Promise.resolve({ return: command.includes('fsinfo') ? [entry] : undefined });
      },
    };
    assert.equal(cache.get(guest), undefined);
    await settle();
    assert.equal(cache.get(guest)?.fileSystems[0]?.usedBytes, 1);
    await clock.advance(59_000);
    cache.get(guest);
    await settle();
    assert.equal(asked, 1);
    await clock.advance(1_000);
    cache.get(guest);
    await settle();
    assert.equal(cache.get(guest)?.fileSystems[0]?.usedBytes, 2);
    assert.equal(cache.get(undefined), undefined);
    assert.equal(cache.get(guest), undefined);
  });

  it('is old and not shown when the guest’s agent hangs, which is asked no second time meanwhile', async () => {
    const clock = new FakeClock();
    const cache = new GuestUsageCache(clock);
    let asked = 0;
    cache.get({ guestAgent: () => Promise.resolve({ return: [] }) });
    await settle();
    const hangs = {
      guestAgent: () => {
        asked += 1;
        return new Promise<never>(() => undefined);
      },
    };
    for (let minutes = 0; minutes < 6; minutes += 1) {
      await clock.advance(61_000);
      cache.get(hangs);
    }
    assert.equal(cache.get(hangs), undefined);
    assert.equal(asked, 1);
  });

  it('has a limited number of names in the long run: each is a series that is kept for weeks', async () => {
    const clock = new FakeClock();
    const cache = new GuestUsageCache(clock);
    let round = 0;
    const guest = {
      guestAgent: (command: string) => {
        const entries = Array.from({ length: 32 }, (_, index) => ({
          ...{ name: 'vda', mountpoint: `/${round}-${index}`, type: 'ext4', 'total-bytes': 9, 'used-bytes': 1 },
        }));
        return Promise.resolve({ return: command.includes('fsinfo') ? entries : undefined });
      },
    };
    const names = new Set<string>();
    const hours = 24;
    for (; round < hours * 60; round += 1) {
      cache.get(guest);
      await settle();
      for (const { mountPoint } of cache.get(guest)?.fileSystems ?? []) names.add(mountPoint);
      await clock.advance(60_000);
    }
    assert.ok(names.size >= 64 && names.size <= 64 + hours, String(names.size));
  });
});
