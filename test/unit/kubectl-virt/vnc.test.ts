import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCliError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { Listener } from '../../../cmd/kubectl-virt/vnc/listener.js';
import { findViewer } from '../../../cmd/kubectl-virt/vnc/viewer.js';
import { fakeApiServer, status, type FakeApiServer, type Handlers } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

/** A server of a screen speaks first, and gives back what it is told. */
const ECHO: Handlers = {
  upgrade: () => (socket) => {
    socket.send(Buffer.from('RFB 003.008\n'));
    socket.on('message', (data: Buffer) => socket.send(Buffer.from(`<${data.toString()}>`)));
  },
};

const reads = async (socket: Socket, wanted: string): Promise<void> => {
  let text = '';
  for (socket.on('data', (chunk) => (text += String(chunk))); !text.includes(wanted);) await once(socket, 'data');
};

describe('kubectl virt vnc', function () {
  this.timeout(60_000);
  let server: FakeApiServer;
  let directory: string;
  const serve = async (handlers: Handlers): Promise<FakeApiServer> => (server = await fakeApiServer(handlers));
  before(() => (directory = mkdtempSync(join(tmpdir(), 'vnc-'))));
  after(() => rmSync(directory, { recursive: true }));
  afterEach(() => server.close());

  const outcome = async (run: Promise<number>): Promise<{ code: number; message: string }> => {
    try {
      return { code: await run, message: '' };
    } catch (error) {
      assert.ok(isCliError(error), String(error));
      return { code: error.exitCode, message: `${error.message}\n${error.remedy ?? ''}` };
    }
  };
  const viewer = (name: string, body: string): string => {
    const path = join(directory, name);
    writeFileSync(path, `#!/usr/bin/env node\n${body}`);
    chmodSync(path, 0o755);
    return path;
  };

  it('serves one viewer after another, and goes on after one that the server refuses', async () => {
    let opened = 0;
    await serve({
      upgrade: (...request) => {
        opened += 1;
        return opened === 2 ? status(409, 'Conflict', 'another user has the screen') : ECHO.upgrade!(...request);
      },
    });
    const io = fakeIo();
    const running = main(['vnc', 'vm/web/prod', '--proxy-only', '--preserve-session', ...server.flags], io);
    while (io.out() === '') await new Promise((resolve) => setTimeout(resolve, 5));
    const { port } = JSON.parse(io.out()) as { port: number };
    for (const attempt of [1, 2, 3]) {
      const socket = createConnection(port, '127.0.0.1');
      if (attempt === 2) await once(socket, 'close');
      else {
        await reads(socket, 'RFB 003.008\n');
        socket.write('hello');
        await reads(socket, '<hello>');
        socket.destroy();
      }
    }
    assert.match(io.err(), /another user has the screen/);
    assert.equal(
      server.seen[0]?.path,
      '/apis/subresources.kubevirt.io/v1/namespaces/prod/virtualmachineinstances/web/vnc?preserveSession=true',
    );
    process.emit('SIGINT');
    assert.equal(await running, 0);
  });

  it('starts the viewer once the screen is open, and ends with it', async () => {
    await serve(ECHO);
    const path = viewer(
      'good',
      `const [host, , port] = process.argv[2].split(':');
       const socket = require('net').connect(port, host);
       socket.once('data', (data) => {
         if (!String(data).startsWith('RFB')) process.exit(3);
         socket.end('bye');
       });`,
    );
    const io = fakeIo();
    assert.equal(await main(['vnc', 'web', '--vnc-type', 'tiger', '--vnc-path', path, ...server.flags], io), 0);
    assert.match(io.err(), /The screen of web is at 127\.0\.0\.1:\d+/);
  });

  it('says why a viewer did not come up', async () => {
    await serve(ECHO);
    const path = viewer('bad', `console.error('no display'); process.exit(1);`);
    const flags = ['--vnc-type', 'remote-viewer', '--vnc-path', path, ...server.flags];
    const { code, message } = await outcome(main(['vnc', 'web', ...flags], fakeIo()));
    assert.equal(code, 1);
    assert.match(message, /bad ended with 1: no display\n.*--proxy-only/);
  });

  it('starts none where the screen is refused', async () => {
    await serve({ upgrade: () => status(400, 'BadRequest', 'No graphics devices are present') });
    const started = join(directory, 'started');
    const path = viewer('never', `require('fs').writeFileSync(${JSON.stringify(started)}, '')`);
    const flags = ['--vnc-type', 'tiger', '--vnc-path', path, ...server.flags];
    assert.match((await outcome(main(['vnc', 'web', ...flags], fakeIo()))).message, /No graphics devices are present/);
  });

  it('says that it only looks on', async () => {
    await serve({ upgrade: () => status(409, 'Conflict', 'as many as may look on do already') });
    const viewer = ['--vnc-type', 'tiger', '--vnc-path', '/bin/true'];
    const { message } = await outcome(main(['vnc', 'web', '--view-only', ...viewer, ...server.flags], fakeIo()));
    assert.match(message, /as many as may look on do already/);
    assert.match(server.seen[0]!.path, /\/vnc\?watch=true$/);
  });

  it('refuses what makes no sense, with what to write', async () => {
    await serve({});
    const wrong: readonly (readonly [string[], RegExp])[] = [
      [['--port', '70000'], /invalid --port "70000"\nWrite a number from 0/],
      [['--address', '0.0.0.0'], /--address needs --proxy-only/],
      [['--view-only', '--preserve-session'], /exclude each other\nWho looks on takes the screen from nobody/],
      [['--vnc-type', 'spice'], /unknown --vnc-type "spice"\nThere are remote-viewer, tiger/],
      [['--vnc-path', '/bin/true'], /--vnc-path needs --vnc-type/],
      [['--vnc-type', 'tiger', '--vnc-path', '/nowhere'], /--vnc-path \/nowhere does not exist/],
    ];
    for (const [flags, message] of wrong) {
      const { code, message: text } = await outcome(main(['vnc', 'web', ...flags, ...server.flags], fakeIo()));
      assert.equal(code, 1, text);
      assert.match(text, message);
    }
  });

  it('says so where its port is taken', async () => {
    await serve({});
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const flags = ['--proxy-only', '--port', String(port), ...server.flags];
    assert.match(
      (await outcome(main(['vnc', 'web', ...flags], fakeIo()))).message,
      /cannot listen at 127\.0\.0\.1 port \d+.*EADDRINUSE[^]*Choose another --port/,
    );
    other.close();
  });

  it('calls each viewer in its own way', () => {
    const args = (kind: string): readonly string[] => findViewer({ kind, path: '/bin/true' })(5901).args;
    assert.deepEqual(args('remote-viewer'), ['vnc://127.0.0.1:5901']);
    assert.deepEqual(args('tiger'), ['127.0.0.1::5901']);
    assert.deepEqual(args('real')[0], '127.0.0.1::5901');
  });

  it('waits for a viewer no longer than it says', async () => {
    await serve({});
    const listener = await Listener.open('127.0.0.1', 0);
    await assert.rejects(listener.next(20), /no viewer has connected within 0\.02 s/);
    listener.close();
  });
});
