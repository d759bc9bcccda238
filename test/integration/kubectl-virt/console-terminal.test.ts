import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fakeApiServer, type FakeApiServer } from '../../unit/kubectl-virt/fake-api-server.js';
import { cleanEnvironment, plugin } from './plugin.js';
import { buildPrograms } from '../../support/built-program.js';

/*
 * A real terminal: script(1) of util-linux gives the shell a pty, which prints the terminal's settings before and after
 * the console. Whatever ends the console, they must be the same.
 */
describe('kubectl virt console on a terminal', function () {
  this.timeout(300_000);
  let server: FakeApiServer;
  let close: (code: number, reason?: string) => void = () => undefined;
  const received: string[] = [];

  before(async function () {
    if (!existsSync('/usr/bin/script')) this.skip();
    buildPrograms('kubectl-virt');
    server = await fakeApiServer({
      upgrade: () => (socket) => {
        close = (code, reason) => socket.close(code, reason);
        socket.on('message', (data: Buffer) => received.push(data.toString()));
        socket.send(Buffer.from('guest-says-hello\r\n'));
      },
    });
  });
  after(() => server.close());
  beforeEach(() => (received.length = 0));

  interface Session {
    readonly shell: ChildProcess;
    readonly text: () => string;
    readonly until: (pattern: RegExp) => Promise<void>;
    readonly ended: Promise<void>;
  }

  const open = (more = ''): Session => {
    const console = `${plugin} console web --server ${server.url} ${more}`;
    const inPty = `stty -a >&2; echo pid=$$; ${console}; echo exit=$?; echo AFTER; stty -a`;
    const shell = spawn('script', ['-q', '-e', '-c', inPty, '/dev/null'], { env: cleanEnvironment(), stdio: 'pipe' });
    let text = '';
    const listeners = new Set<() => void>();
    shell.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (const listener of listeners) listener();
    });
    const ended = new Promise<void>((resolve) => shell.on('close', () => resolve()));
    const until = (pattern: RegExp): Promise<void> =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!pattern.test(text)) return;
          listeners.delete(check);
          resolve();
        };
        listeners.add(check);
        void ended.then(() => reject(new Error(`ended without ${pattern}: ${text}`)));
        check();
      });
    return { shell, text: () => text, until, ended };
  };

  /** The settings that stty printed before and after. */
  const settings = (text: string): { before: string; after: string; exit: string | undefined } => {
    const modes = (part: string): string => (/(?:-?brkint[\s\S]*)/.exec(part)?.[0] ?? '').replace(/\s+/g, ' ').trim();
    const [before = '', after = ''] = text.split('AFTER');
    return { before: modes(before.split('pid=')[0] ?? ''), after: modes(after), exit: /exit=(\d+)/.exec(text)?.[1] };
  };

  const childPid = async (name: string): Promise<number> => {
    const { execFileSync } = await import('node:child_process');
    return Number(execFileSync('pgrep', ['-n', '-f', name], { encoding: 'utf8' }).trim());
  };

  const endings: [string, string, (session: Session) => void | Promise<void>][] = [
    ['^] typed by the user', '0', ({ shell }) => void shell.stdin!.write('ls\r\x1d')],
    ['a take-over', '1', () => close(4001)],
    ['the guest powering off', '0', () => close(4002)],
    ['a lost connection', '1', () => close(1011, 'agent gone')],
    ['SIGTERM', '143', async () => void process.kill(await childPid(`console web --server ${server.url}`), 'SIGTERM')],
    ['SIGHUP', '129', async () => void process.kill(await childPid(`console web --server ${server.url}`), 'SIGHUP')],
    ['SIGINT', '130', async () => void process.kill(await childPid(`console web --server ${server.url}`), 'SIGINT')],
  ];
  for (const [what, exit, end] of endings) {
    it(`is as before after ${what}`, async () => {
      const session = open();
      await session.until(/guest-says-hello/);
      await end(session);
      await session.ended;
      const { before, after, exit: code } = settings(session.text());
      assert.match(before, /icanon/);
      assert.equal(after, before);
      assert.equal(code, exit, session.text());
    });
  }

  it('is raw in between: ^C goes to the guest, and ^] does not', async () => {
    const session = open();
    await session.until(/guest-says-hello/);
    session.shell.stdin!.write('\x03\x1d');
    await session.ended;
    assert.deepEqual(received, ['\x03']);
  });

  it('is left with the key that the user chose', async () => {
    const session = open("--escape '^A'");
    await session.until(/Ctrl\+A leaves/);
    await session.until(/guest-says-hello/);
    session.shell.stdin!.write('\x1d\x01');
    await session.ended;
    assert.deepEqual(received, ['\x1d']);
  });
});
