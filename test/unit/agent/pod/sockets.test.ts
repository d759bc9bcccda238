import assert from 'node:assert/strict';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectSocketPath, openPodFile, openSocketPath, SocketPathError } from '../../../../src/agent/pod/sockets.js';

describe('sockets in a pod', () => {
  let directory: string;
  let outside: string;
  let server: Server;
  const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'virt-sockets-'));
    outside = join(directory, 'o');
    mkdirSync(outside);
    server = createServer((socket) => socket.end('reached'));
    await new Promise<void>((resolve) => server.listen(join(outside, 's'), resolve));
  });
  after(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('reaches a socket whose path is longer than 107 bytes', async () => {
    const steps = Array.from({ length: 6 }, (_, n) => `${n}`.repeat(30));
    mkdirSync(join(directory, ...steps), { recursive: true });
    // It is bound by its short name and moved.
    const long = createServer((socket) => socket.end('long'));
    const { renameSync } = await import('node:fs');
    await new Promise<void>((resolve) => long.listen(join(directory, 't'), resolve));
    renameSync(join(directory, 't'), join(directory, ...steps, 'sock'));
    const before = openDescriptors();
    const socket = await connectSocketPath(directory, [...steps, 'sock']);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    assert.equal(Buffer.concat(chunks).toString(), 'long');
    long.close();
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(openDescriptors() <= before, 'no descriptor is left open');
  });

  const pod = (arrange: (root: string) => void): string => {
    const root = mkdtempSync(join(directory, 'pod-'));
    arrange(root);
    return root;
  };
  it('opens a file of the pod for writing in place, and nothing that only looks like one', async () => {
    const secret = join(outside, 'secret');
    writeFileSync(secret, 'of the host');
    const root = pod((at) => {
      mkdirSync(join(at, 'd'));
      writeFileSync(join(at, 'd', 'disk'), 'before');
      symlinkSync(secret, join(at, 'link'));
      symlinkSync(outside, join(at, 'way'));
      linkSync(secret, join(at, 'twin'));
    });
    const before = openDescriptors();
    for (const steps of [['link'], ['way', 'secret'], ['twin'], ['d'], ['..', 'o', 'secret'], ['d', 'none']])
      await assert.rejects(openPodFile(root, steps), SocketPathError, steps.join('/'));
    assert.equal(readFileSync(secret, 'utf8'), 'of the host');
    assert.equal(openDescriptors(), before, 'no descriptor is left open');
    const file = await openPodFile(root, ['d', 'disk']);
    await file.write(Buffer.from('AFT'), 0, 3, 0);
    await file.close();
    assert.equal(readFileSync(join(root, 'd', 'disk'), 'utf8'), 'AFTore');
  });

  const hostile: [string, (root: string) => void, string[]][] = [
    [
      'the socket is a symlink to one of the host',
      (root) => symlinkSync(join(outside, 's'), join(root, 'sock')),
      ['sock'],
    ],
    ['a directory is a symlink to one of the host', (root) => symlinkSync(outside, join(root, 'run')), ['run', 's']],
    ['it is a file', (root) => writeFileSync(join(root, 'sock'), ''), ['sock']],
    ['it is a directory', (root) => mkdirSync(join(root, 'sock')), ['sock']],
    ['a step goes up', () => undefined, ['..', 'o', 's']],
    ['a step is a path', () => undefined, ['../o/s']],
  ];
  for (const [what, arrange, steps] of hostile)
    it(`refuses when ${what}`, async () => {
      const root = pod(arrange);
      const before = openDescriptors();
      assert.throws(
        () => openSocketPath(root, steps),
        (error) => error instanceof SocketPathError && !error.missing,
      );
      await assert.rejects(connectSocketPath(root, steps), SocketPathError);
      assert.equal(openDescriptors(), before);
    });

  it('says that a socket is missing, so that the caller may wait for it', () => {
    const root = pod(() => undefined);
    assert.throws(
      () => openSocketPath(root, ['run', 'sock']),
      (error) => error instanceof SocketPathError && error.missing,
    );
  });
});
