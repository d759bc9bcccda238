import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DISK_BYTES, newDisk, writeDisk } from '../../../../src/agent/volumes/vhostmd-disk.js';
import { readDisk } from '../downward-metrics/read-disk.js';

/** A file in memory that tells what it holds after every byte that reaches it. */
const memoryFile = (disk: Buffer, seen: (disk: Buffer) => void = () => undefined) => ({
  write: (data: Buffer, offset: number, length: number, position: number) => {
    for (let n = 0; n < length; n += 1) {
      disk[position + n] = data[offset + n]!;
      seen(disk);
    }
    return Promise.resolve({ bytesWritten: length });
  },
});
const bodies = fc.string({ unit: 'binary', maxLength: 300 });

describe('the disk of downward metrics', () => {
  it('begins as the specification’s empty one', () => {
    const disk = newDisk();
    assert.equal(disk.length, 262_144);
    assert.equal(disk.subarray(0, 16).toString('hex'), '6d766264' + '00000000' + '0000071b' + '00000014');
    assert.equal(disk.readInt32BE(8), 1819);
    assert.equal(readDisk(disk), '<metrics></metrics>\n');
  });

  it('reads back as what was written, whatever was there before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bodies, { minLength: 1, maxLength: 4 }), async (texts) => {
        const disk = newDisk();
        for (const text of texts) {
          await writeDisk(memoryFile(disk), text);
          assert.equal(readDisk(disk), Buffer.from(text).toString());
          assert.equal(disk.length, DISK_BYTES);
        }
      }),
    );
  });

  it('never shows a torn write as valid: at every byte it is the old text, the new one, or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, bodies, async (old, text) => {
        const disk = newDisk();
        await writeDisk(memoryFile(disk), old);
        const allowed = new Set([undefined, Buffer.from(old).toString(), Buffer.from(text).toString()]);
        await writeDisk(
          memoryFile(disk, (now) => assert.ok(allowed.has(readDisk(now)))),
          text,
        );
      }),
      { numRuns: 50 },
    );
  });

  it('stays marked as being written when there is no room for all of it', async () => {
    const disk = newDisk();
    const whole = memoryFile(disk);
    let writes = 0;
    const full = {
      write: async (data: Buffer, offset: number, length: number, position: number) => {
        writes += 1;
        return whole.write(data, offset, writes === 2 ? 5 : length, position);
      },
    };
    await assert.rejects(writeDisk(full, 'a long text'), /only 5 of 11 bytes/);
    assert.equal(readDisk(disk), undefined);
    await writeDisk(whole, 'again');
    assert.equal(readDisk(disk), 'again');
  });

  it('holds 262,120 bytes, and nothing is written of more', async () => {
    const disk = newDisk();
    await writeDisk(memoryFile(disk), 'x'.repeat(262_120));
    assert.equal(readDisk(disk)?.length, 262_120);
    await assert.rejects(writeDisk(memoryFile(disk), 'y'.repeat(262_121)), /262121 bytes of metrics are more than/);
    assert.equal(readDisk(disk)?.[0], 'x');
  });
});
