import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthority } from '../support/certificates.js';
import { ImageServer } from './image-server.js';
import { ImporterRun, MIB } from './importer-run.js';

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

describe('the importer', function () {
  this.timeout(300_000);
  const images = mkdtempSync(join(tmpdir(), 'images-'));
  const at = (name: string): string => join(images, name);
  /** A disk of 32 MiB with data at its beginning and behind a hole, none of which compresses. */
  const disk = Buffer.alloc(32 * MIB);
  let server: ImageServer;
  let url: string;
  let run: ImporterRun;

  before(async function () {
    if (process.getuid?.() !== 0) this.skip();
    randomBytes(6 * MIB).copy(disk, 0);
    randomBytes(6 * MIB).copy(disk, 24 * MIB);
    writeFileSync(at('disk.raw'), disk);
    const tool = (program: string, ...args: string[]): Buffer =>
      execFileSync(program, args, { cwd: images, maxBuffer: 64 * MIB, stdio: ['ignore', 'pipe', 'ignore'] });
    tool('qemu-img', 'convert', '-O', 'qcow2', 'disk.raw', 'disk.qcow2');
    tool('qemu-img', 'convert', '-O', 'vmdk', 'disk.raw', 'disk.vmdk');
    tool('qemu-img', 'create', '-f', 'qcow2', '-F', 'raw', '-b', at('disk.raw'), 'overlay.qcow2');
    tool('qemu-img', 'create', '-f', 'qcow2', '-o', `data_file=${at('other.raw')}`, 'outside.qcow2', '1M');
    tool('qemu-img', 'create', '-f', 'qcow2', '-o', 'cluster_size=2M', 'absurd.qcow2', '1P');
    for (const name of ['disk.raw', 'disk.qcow2']) {
      writeFileSync(at(`${name}.gz`), tool('gzip', '-c', '-1', name));
      writeFileSync(at(`${name}.xz`), tool('xz', '-c', '-0', name));
    }
    writeFileSync(
      at('bomb.gz'),
      execFileSync('sh', ['-c', 'head -c 2000M /dev/zero | gzip -1'], { maxBuffer: 64 * MIB }),
    );
    writeFileSync(at('page.html'), '<!DOCTYPE html><html></html>'.padEnd(2000));
    writeFileSync(at('empty'), '');
    writeFileSync(at('large'), '');
    truncateSync(at('large'), 100 * MIB);
    writeFileSync(at('broken.gz'), readFileSync(at('disk.raw.gz')).subarray(0, 3 * MIB));
    writeFileSync(at('half.qcow2'), readFileSync(at('disk.qcow2')).subarray(0, 5 * MIB));
    server = new ImageServer(at('disk.raw'));
    url = `http://${await server.start()}/image`;
  });
  after(async () => {
    await server.stop();
    rmSync(images, { recursive: true });
  });
  beforeEach(() => (run = new ImporterRun()));
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.error(run.log);
    await run.kill().catch(() => undefined);
    run.remove();
  });

  /** The whole disk, grown to its size, of the guest's uid, and nothing beside it. */
  const assertComplete = (): void => {
    const found = readFileSync(run.disk);
    assert.equal(found.length, 64 * MIB);
    assert.ok(found.subarray(0, disk.length).equals(disk), 'the content differs');
    assert.ok(found.subarray(disk.length).every((byte) => byte === 0));
    const { uid, gid, mode, blocks } = statSync(run.disk);
    assert.deepEqual([uid, gid, mode & 0o777], [107, 107, 0o660]);
    assert.ok(blocks * 512 < 20 * MIB, `${blocks * 512} bytes on disk: not sparse`);
    assert.deepEqual(run.files(), ['disk.img']);
  };
  const assertNothing = (): void => assert.ok(!run.files().includes('disk.img'), run.files().join());

  for (const name of ['disk.raw', 'disk.qcow2', 'disk.raw.gz', 'disk.raw.xz', 'disk.qcow2.gz', 'disk.qcow2.xz']) {
    it(`makes a disk of ${name}`, async () => {
      server.serve(at(name));
      assert.equal(
        await run.to({ IMPORT_URL: url, IMPORT_CHECKSUM: `sha256:${sha256(readFileSync(at(name)))}` }),
        0,
        run.message,
      );
      assertComplete();
    });
  }

  it('goes on where a connection broke, again and again, with the bytes that are missing only', async () => {
    server.serve(at('disk.raw'), { cut: { after: 5 * MIB, times: 4 } });
    assert.equal(await run.to({ IMPORT_URL: url }), 0, run.message);
    assertComplete();
    const sent = server.requests.reduce((sum, request) => sum + request.sent, 0);
    assert.ok(server.requests.length >= 6, JSON.stringify(server.requests));
    assert.ok(sent < 40 * MIB, `${sent} bytes were sent for ${disk.length}`);
  });

  it('goes on after it was killed, and begins again when the file is another one by then', async () => {
    // More never comes: whenever the kill does, the import is not complete.
    server.serve(at('disk.raw'), { pause: { after: 12 * MIB, until: new Promise(() => undefined) }, etag: '"one"' });
    const half = async (): Promise<void> => {
      const before = server.requests.length;
      await run.start({ IMPORT_URL: url });
      while (server.requests.slice(before).every(({ sent }) => sent < 8 * MIB)) await sleep(20);
      await run.kill();
      assertNothing();
    };
    await half();
    const first = server.requests.length;
    await half();
    const resumed = server.requests.slice(first).map(({ range }) => range);
    assert.match(resumed.at(-1) ?? '', /^bytes=[1-9]\d{5,}-$/, 'the second run asked for the rest');
    server.serve(at('disk.qcow2'), { etag: '"two"' });
    assert.equal(await run.to({ IMPORT_URL: url }), 0, run.message);
    assert.ok(
      server.requests.every(({ range }) => range === undefined || range === 'bytes=0-15'),
      'nothing of the old file',
    );
    assertComplete();
  });

  it('is complete after kills at any point, and never shows half a disk', async () => {
    server.serve(at('disk.qcow2.gz'), { slow: 40 * MIB });
    for (let round = 1; round <= 8; round += 1) {
      await run.start({ IMPORT_URL: url });
      await sleep(round * 90);
      await run.kill();
      if (run.files().includes('disk.img')) assert.equal(statSync(run.disk).size, 64 * MIB);
    }
    server.behaviour = {};
    assert.equal(await run.to({ IMPORT_URL: url }), 0, run.message);
    assertComplete();
  });

  it('takes a file whole from a server without ranges, from its beginning after each break', async () => {
    server.serve(at('disk.qcow2'), { noRanges: true, cut: { after: 4 * MIB, times: 1 } });
    assert.equal(await run.to({ IMPORT_URL: url }), 0, run.message);
    assertComplete();
  });

  it('gives up for now when a server announces more than it has, and leaves no disk', async () => {
    server.serve(at('disk.raw'), { lie: 1000 });
    assert.equal(await run.to({ IMPORT_URL: url }), 1);
    assert.match(run.message, /broken off at 33554432 of 33555432 bytes/);
    assertNothing();
  });

  it('finds what a server keeps back of a qcow2 file', async () => {
    server.serve(at('half.qcow2'));
    assert.equal(await run.to({ IMPORT_URL: url }), 3);
    assert.match(run.message, /damaged or cut off/);
    assertNothing();
  });

  it('follows redirects, a few of them', async () => {
    server.serve(at('disk.raw'), { loop: true });
    assert.equal(await run.to({ IMPORT_URL: url }), 3);
    assert.match(run.message, /over 5 redirects/);
    assertNothing();
  });

  it('never leaves HTTP, by URL or redirect', async () => {
    assert.equal(await run.to({ IMPORT_URL: `file://${at('disk.raw')}` }), 3);
    assert.match(run.message, /The URL cannot be used/);
    server.serve(at('disk.raw'), { location: `file://${at('disk.raw')}` });
    assert.equal(await run.to({ IMPORT_URL: url }), 3);
    assertNothing();
  });

  const refused: [string, string, RegExp, Record<string, string>?][] = [
    [
      'a wrong checksum',
      'disk.raw',
      /has the checksum sha256:[0-9a-f]{64}, not/,
      { IMPORT_CHECKSUM: `sha256:${'0'.repeat(64)}` },
    ],
    ['another format', 'disk.vmdk', /format vmdk: give it as raw or qcow2/],
    ['a backing file', 'overlay.qcow2', /backing file/],
    ['a data file', 'outside.qcow2', /data lie in another file|not accepted/],
    ['an absurd size', 'absurd.qcow2', /ask for more storage|does not tell|not accepted/],
    [
      'a disk larger than the claim',
      'disk.qcow2',
      /holds a disk of 33554432 bytes/,
      { IMPORT_MAX: String(16 * MIB), IMPORT_SIZE: String(16 * MIB) },
    ],
    [
      'a file larger than the claim',
      'large',
      /has 104857600 bytes/,
      { IMPORT_MAX: String(MIB), IMPORT_SIZE: String(MIB) },
    ],
    ['a bomb', 'bomb.gz', /could not be written, the disk may have/],
    ['half a gzip file', 'broken.gz', /could not be unpacked/],
    ['a web page', 'page.html', /web page/],
    ['nothing', 'empty', /empty file/],
  ];
  for (const [what, file, message, env = {}] of refused) {
    it(`refuses ${what}, for good`, async () => {
      server.serve(at(file));
      assert.equal(await run.to({ IMPORT_URL: url, ...env }), 3, run.message);
      assert.match(run.message, message);
      assert.ok(run.message.length < 1000);
      assertNothing();
    });
  }

  for (const [status, code, message] of [
    [404, 3, /answered 404/],
    [503, 1, /cannot be fetched/],
  ] as const) {
    it(`takes ${status} for ${code === 3 ? 'final' : 'a moment of weakness'}`, async () => {
      server.serve(at('disk.raw'), { status });
      assert.equal(await run.to({ IMPORT_URL: url }), code);
      assert.match(run.message, message);
    });
  }

  it('signs in with the Secret, without showing it', async () => {
    const password = 'p"a\\ss word#{}';
    server.serve(at('disk.qcow2'), { credentials: `user:${password}` });
    assert.equal(await run.to({ IMPORT_URL: url }), 3);
    assert.match(run.message, /answered 401.*secretRef/);
    const credentials = join(run.directory, 'credentials');
    mkdirSync(credentials);
    writeFileSync(join(credentials, 'accessKeyId'), 'user');
    writeFileSync(join(credentials, 'secretKey'), password);
    assert.equal(await run.to({ IMPORT_URL: url }), 0, run.message);
    assertComplete();
    assert.ok(!run.log.includes('ss word'));
  });

  it('trusts the CA of the ConfigMap, and no unknown one', async () => {
    const ca = await createAuthority('images');
    const { certificate, key } = await ca.issue('CN=127.0.0.1', ['127.0.0.1']);
    const secure = new ImageServer(at('disk.qcow2'), { cert: certificate, key });
    const address = `https://${await secure.start()}/image`;
    try {
      assert.equal(await run.to({ IMPORT_URL: address }), 3);
      assert.match(run.message, /certConfigMap/);
      mkdirSync(join(run.directory, 'certificates'));
      writeFileSync(join(run.directory, 'certificates', 'ca.pem'), ca.certificate);
      assert.equal(await run.to({ IMPORT_URL: address }), 0, run.message);
      assertComplete();
    } finally {
      await secure.stop();
    }
  });

  it('tells how far it is', async () => {
    // The last quarter comes when the rest has been seen: on a busy machine all of it would be there between two
    // questions.
    let goOn = (): void => undefined;
    const until = new Promise<void>((resolve) => (goOn = resolve));
    server.serve(at('disk.raw'), { pause: { after: 24 * MIB, until } });
    await run.start({ IMPORT_URL: url });
    const seen: number[] = [];
    while ((seen.at(-1) ?? 0) < 40) {
      await sleep(200);
      const percent = await run.progress();
      if (percent !== undefined) seen.push(percent);
    }
    goOn();
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
    assert.equal(await run.end(), 0);
  });

  it('clones a claim, raw or qcow2, and no link out of it', async () => {
    const source = join(run.directory, 'source');
    mkdirSync(source);
    const env = { IMPORT_SOURCE: 'clone', CLONE_SOURCE: source };
    assert.equal(await run.to(env), 3);
    assert.match(run.message, /no disk\.img/);
    symlinkSync(at('disk.raw'), join(source, 'disk.img'));
    assert.equal(await run.to(env), 3);
    rmSync(join(source, 'disk.img'));
    writeFileSync(join(source, 'disk.img'), readFileSync(at('disk.qcow2')));
    assert.equal(await run.to(env), 0, run.message);
    assertComplete();
  });

  it('takes the disk out of a container image by its process', async () => {
    // A process of the same uid that is told from others by its environment; here its root is the host's.
    const stay = new AbortController();
    const { spawn } = await import('node:child_process');
    const child = spawn('sleep', ['60'], {
      uid: 107,
      gid: 107,
      env: { VIRT_CONTAINER: `source-${run.port}` },
      signal: stay.signal,
    });
    child.on('error', () => undefined);
    const env = { IMPORT_SOURCE: 'registry', IMAGE_PROCESS: `source-${run.port}`, IMAGE_DONE: join(run.run, 'done') };
    try {
      assert.equal(await run.to(env), 3);
      assert.match(run.message, /no directory \/disk/);
    } finally {
      stay.abort();
    }
    assert.equal(await run.to({ ...env, PATIENCE: '1' }), 1);
    assert.match(run.message, /container does not run/);
  });

  it('makes a blank disk, with its space set aside on demand', async () => {
    assert.equal(await run.to({ IMPORT_SOURCE: 'blank' }), 0, run.message);
    assert.equal(statSync(run.disk).size, 64 * MIB);
    assert.ok(statSync(run.disk).blocks * 512 < MIB);
    assert.equal(await run.to({ IMPORT_SOURCE: 'blank', IMPORT_PREALLOCATE: 'true' }), 0, run.message);
    assert.ok(statSync(run.disk).blocks * 512 >= 64 * MIB);
  });

  it('fills a block device, with zeros where the image has none', async function () {
    const backing = at('device');
    writeFileSync(backing, randomBytes(48 * MIB));
    let device: string;
    try {
      device = execFileSync('losetup', ['--find', '--show', backing], { encoding: 'utf8', stdio: 'pipe' }).trim();
    } catch {
      return this.skip();
    }
    try {
      execFileSync('chown', ['107:107', device]);
      server.serve(at('disk.qcow2'));
      const env = { IMPORT_URL: url, IMPORT_TARGET: device };
      assert.equal(await run.to(env), 0, run.message);
      const found = readFileSync(device);
      assert.ok(found.subarray(0, disk.length).equals(disk));
      assert.ok(found.subarray(disk.length).every((byte) => byte === 0));
      assert.equal(await run.to({ ...env, IMPORT_SOURCE: 'blank' }), 0, run.message);
      assert.ok(readFileSync(device).every((byte) => byte === 0));
    } finally {
      execFileSync('chown', ['0:6', device]);
      execFileSync('losetup', ['--detach', device]);
    }
  });

  it('needs no more than 64 MiB, however large the image is', async () => {
    run.measuring = true;
    truncateSync(at('disk.raw'), 2048 * MIB);
    const size = String(2048 * MIB);
    for (const name of ['disk.raw', 'disk.qcow2', 'disk.raw.gz', 'disk.raw.xz']) {
      server.serve(at(name));
      assert.equal(await run.to({ IMPORT_URL: url, IMPORT_SIZE: size, IMPORT_MAX: size }), 0, run.message);
    }
    console.log(`      at most ${(run.peakBytes / MIB).toFixed(1)} MiB`);
    assert.ok(run.peakBytes > MIB && run.peakBytes <= 64 * MIB, String(run.peakBytes));
  });
});
