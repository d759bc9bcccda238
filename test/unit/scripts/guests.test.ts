import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpioArchive, FileMode } from '../../../scripts/guests/cpio.js';
import { findModules, moduleDependencies, moduleOrder } from '../../../scripts/guests/modules.js';

describe('guests: the initial file system', () => {
  it('is an archive whose headers and data are aligned as newc wants it', () => {
    const archive = cpioArchive([
      { path: 'bin', mode: FileMode.directory },
      { path: 'bin/a', mode: FileMode.executable, data: 'hello' },
    ]);
    assert.equal(archive.length % 4, 0);
    const text = archive.toString('latin1');
    assert.equal(text.slice(0, 14), '07070100000001');
    // mode, uid, gid, links, mtime, size of the second entry
    const second = text.indexOf('070701', 6);
    assert.equal(text.slice(second + 14, second + 22), '000081ed');
    assert.equal(text.slice(second + 54, second + 62), '00000005');
    assert.ok(text.includes('bin/a\0'));
    assert.ok(text.trimEnd().includes('TRAILER!!!\0'));
  });

  it('is readable by cpio', function () {
    try {
      execFileSync('busybox', ['cpio', '--help'], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    const input = cpioArchive([
      { path: 'd', mode: FileMode.directory },
      { path: 'd/link', mode: FileMode.symlink, data: 'odd' },
      { path: 'd/odd', mode: FileMode.file, data: 'abc' },
    ]);
    const listed = execFileSync('busybox', ['cpio', '-t'], {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    assert.equal(listed, 'd\nd/link\nd/odd\n');
  });
});

describe('guests: kernel modules', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'modules-'));
    mkdirSync(join(directory, 'drivers'));
    const module = (name: string, depends: string): void =>
      writeFileSync(join(directory, 'drivers', `${name}.ko`), `\x7fELF\0license=GPL\0depends=${depends}\0name=x\0`);
    module('virtio-rng', 'virtio');
    module('virtio', '');
    module('virtio_net', 'virtio,net-failover');
    module('net_failover', 'virtio');
    module('broken', 'nowhere');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('come after what they need, each once', async () => {
    const modules = await findModules(directory);
    assert.deepEqual(moduleOrder(['virtio_net', 'virtio_rng'], modules), [
      'virtio',
      'net_failover',
      'virtio_net',
      'virtio_rng',
    ]);
  });

  it('may be built in, but not miss what they need', async () => {
    const modules = await findModules(directory);
    assert.deepEqual(moduleOrder(['ext4'], modules), []);
    assert.throws(() => moduleOrder(['broken'], modules), /nowhere, needed by broken/);
  });

  it('without a depends entry need nothing', () => assert.deepEqual(moduleDependencies(Buffer.from('\x7fELF')), []));
});
