import assert from 'node:assert/strict';
import { guestFileSystems, guestLoad, readGuestUsage } from '../../../../src/agent/hypervisor/guest-usage.js';

const entry = (mountpoint: string, changed: object = {}) => ({
  ...{ name: 'vda1', mountpoint, type: 'ext4', 'total-bytes': 1000, 'used-bytes': 600, disk: [] },
  ...changed,
});

describe('what a guest says of its file systems', () => {
  it('is its names and sizes', () => {
    assert.deepEqual(guestFileSystems([entry('/')]), [
      { disk: 'vda1', mountPoint: '/', type: 'ext4', capacityBytes: 1000, usedBytes: 600 },
    ]);
  });

  it('is bounded in number and length, each once, without what acts on a terminal', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => entry(`/${index}`));
    assert.equal(guestFileSystems(many).length, 32);
    assert.equal(guestFileSystems([entry('/'), entry('/', { 'used-bytes': 1 })]).length, 1);
    const [long] = guestFileSystems([entry(`/\u001b[31m${'x'.repeat(100_000)}`, { type: 'y'.repeat(9_000) })]);
    assert.ok(Buffer.byteLength(long?.mountPoint ?? '') <= 128);
    assert.ok(Buffer.byteLength(long?.type ?? '') <= 32);
    assert.ok(long?.mountPoint.includes('\u001b') === false);
  });

  it('is left out where it cannot be true', () => {
    for (const changed of [
      { 'total-bytes': -1 },
      { 'total-bytes': 1e300 },
      { 'total-bytes': 0.5 },
      { 'used-bytes': 1001 },
      { 'used-bytes': undefined },
      { 'used-bytes': '600' },
      { mountpoint: 7 },
      { name: null },
    ])
      assert.deepEqual(guestFileSystems([entry('/', changed)]), [], JSON.stringify(changed));
    for (const answer of [undefined, null, 7, 'x', {}, [null], [[]]]) assert.deepEqual(guestFileSystems(answer), []);
  });

  it('is asked of the guest agent, which may know neither command', async () => {
    const asked: string[] = [];
    const usage = await readGuestUsage({
      guestAgent: (command) => {
        asked.push((JSON.parse(command) as { execute: string }).execute);
        return Promise.reject(new Error('CommandNotFound'));
      },
    });
    assert.deepEqual(usage, { fileSystems: [] });
    assert.deepEqual(asked, ['guest-get-fsinfo', 'guest-get-load']);
  });

  it('has a load that numbers are', () => {
    assert.deepEqual(guestLoad({ load1m: 1, load5m: 0.5, load15m: 0 }), [1, 0.5, 0]);
    assert.equal(guestLoad({ load1m: -1, load5m: 0, load15m: 0 }), undefined);
    assert.equal(guestLoad({ load1m: 1e300, load5m: 0, load15m: 0 }), undefined);
    assert.equal(guestLoad({ load1m: 1 }), undefined);
  });
});
