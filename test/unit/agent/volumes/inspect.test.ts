import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isBlockDevice, isRegularFile, parseInspection } from '../../../../src/agent/volumes/inspect.js';

describe('what the inspection of a path prints', () => {
  it('tells a file', () => {
    const found = parseInspection(
      'space 100 4096 65536\ndirectory 0 107 2775\nsearchable\ncreatable\nfile 107 107 660 1048576 8 512 regular file\nreadable\nwritable\ndirect\n',
    );
    assert.ok(isRegularFile(found) && found.readable && found.writable && found.directIo);
    assert.deepEqual([found.bytes, found.allocatedBytes], [1_048_576n, 4096n]);
    assert.deepEqual(found.blockSize, { logical: 65536, physical: 65536, discardGranularity: 65536 });
    assert.deepEqual(found.directory, {
      ...{ uid: 0, gid: 107, mode: '2775', searchable: true, writable: true },
      availableBytes: 409_600n,
    });
  });

  it('tells a device, its size from the kernel', () => {
    const found = parseInspection(
      'space 1 1 4096\ndirectory 0 0 755\nfile 107 107 660 0 0 512 block special file\nreadable\nblocks 512 4096 1073741824\ngranularity 65536\nscsi no\n',
    );
    assert.ok(isBlockDevice(found) && !found.writable && !found.directIo);
    assert.equal(found.bytes, 1n << 30n);
    assert.equal(found.scsi, false);
    assert.deepEqual(found.blockSize, { logical: 512, physical: 4096, discardGranularity: 65536 });
  });

  it('tells nothing where nothing is', () => {
    const found = parseInspection('space 100 4096 4096\ndirectory 0 0 700\n');
    assert.equal(found.kind, undefined);
    assert.equal(found.directory.searchable, false);
  });

  it('tells sizes of any file without losing a byte', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }), (bytes) => {
        const found = parseInspection(`space 1 1 1\nfile 0 0 600 ${bytes} 0 512 regular file\n`);
        assert.equal(found.bytes, bytes);
      }),
    );
  });
});
