import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { fakeApiServer, status, type Answer, type FakeApiServer, type SeenRequest } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

const PATH = '/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web';
let server: FakeApiServer;

const run = async (args: string[], answer: (request: SeenRequest) => Answer, options = {}) => {
  server = await fakeApiServer({ answer });
  const io = fakeIo(options);
  let code: number;
  try {
    const end = args.indexOf('--');
    const line = end < 0 ? [...args, ...server.flags] : [...args.slice(0, end), ...server.flags, ...args.slice(end)];
    code = await main(line, io);
  } catch (error) {
    io.stderr.write(renderError(error));
    code = 1;
  }
  return { code, out: io.out(), err: io.err(), seen: server.seen };
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('exec', () => {
  afterEach(() => server.close());
  const ended = (answer: object) => () => ({ code: 200, body: { id: 'x', exited: true, ...answer } });

  it('sends the words behind -- and ends as the command did', async () => {
    const answer = ended({ exitCode: 7, stdout: base64('out\n'), stderr: base64('err\n') });
    const { code, out, err, seen } = await run(['exec', 'web', '--', 'ls', '-l', '--all', '--', 'x'], answer);
    assert.deepEqual([code, out, err], [7, 'out\n', 'err\n']);
    assert.deepEqual(
      seen.map(({ method, path, body }) => [method, path, body]),
      [['POST', `${PATH}/guestexec`, { command: ['ls', '-l', '--all', '--', 'x'] }]],
    );
  });

  it('asks again until it has ended', async () => {
    let asked = 0;
    const { code, seen } = await run(['exec', 'web', '--', 'sleep', '9'], () => {
      asked += 1;
      return { code: 200, body: { id: 'x', exited: asked > 2, exitCode: 0 } };
    });
    assert.equal(code, 0);
    assert.deepEqual(
      seen.map(({ body }) => body),
      [{ command: ['sleep', '9'] }, { id: 'x' }, { id: 'x' }],
    );
  });

  it('asks again where an answer failed, as long as there is one to be had', async () => {
    const passing = [
      status(409, 'Conflict', 'the guest agent does not answer'),
      status(429, 'TooManyRequests', 'busy'),
      status(500, 'InternalError', 'no'),
      { code: 200, body: { id: 'x', exited: true, exitCode: 3, stdout: base64('whole') } },
    ];
    const started = { code: 200, body: { id: 'x', exited: false } };
    let asked = 0;
    const borne = await run(['exec', 'web', '--', 'backup'], () => [started, ...passing][asked++] ?? started);
    assert.deepEqual([borne.code, borne.out], [3, 'whole']);
    await server.close();
    // What failed first says why there is none.
    asked = 0;
    const lost = [started, status(409, 'Conflict', 'wrote too much'), status(404, 'NotFound', 'no command of this id')];
    const { code, err, seen } = await run(['exec', 'web', '--', 'backup'], () => lost[asked++] ?? started);
    assert.deepEqual([code, seen.filter(({ method }) => method === 'POST').length], [1, 3]);
    assert.match(err, /wrote too much/);
    await server.close();
    // A command is never started twice.
    const refused = await run(['exec', 'web', '--', 'backup'], () => status(409, 'Conflict', 'does not answer'));
    assert.deepEqual([refused.code, refused.seen.length], [1, 1]);
  });

  it('gives up waiting after the time, and says that the command goes on', async () => {
    const forever = () => ({ code: 200, body: { id: 'x', exited: false } });
    const { code, err } = await run(['exec', 'web', '--timeout', '1ms', '--', 'sleep', '9'], forever);
    assert.equal(code, 1);
    assert.match(err, /error: sleep has not ended in web within 1ms\nIt goes on in the guest/);
  });

  it('counts a signal as a shell does, and never ends well where the command did not', async () => {
    for (const [answer, code] of [
      [{ signal: 9 }, 137],
      [{ exitCode: 3221225477 }, 1],
      [{ exitCode: 256 }, 1],
      [{}, 1],
      [{ exitCode: 0 }, 0],
    ] as const) {
      assert.equal((await run(['exec', 'web', '--', 'a'], ended(answer))).code, code, JSON.stringify(answer));
      await server.close();
    }
  });

  it('hands over stdin where it is asked to, up to a bound', async () => {
    const { seen } = await run(['exec', '-i', 'web', '--', 'cat'], ended({ exitCode: 0 }), { stdin: 'hello' });
    assert.deepEqual(seen[0]?.body, { command: ['cat'], stdin: base64('hello') });
    await server.close();
    const much = await run(['exec', '-i', 'web', '--', 'cat'], ended({}), { stdin: 'x'.repeat(300_000) });
    assert.match(much.err, /stdin has more than 262144 bytes/);
    assert.deepEqual(much.seen, []);
  });

  it('says what right it needs, and that a command is missing', async () => {
    const denied = await run(['exec', 'web', '--', 'a'], () => status(403, 'Forbidden', 'no'));
    assert.match(denied.err, /cannot run a command in web: no\nYou need create of .*guestexec .*kubevirt.io:admin has/);
    await server.close();
    assert.match((await run(['exec', 'web'], ended({}))).err, /no command is given\nWrite it after --/);
  });
});

describe('screenshot', () => {
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'screenshot-'))));
  after(() => rmSync(directory, { recursive: true }));
  afterEach(() => server.close());
  const PNG = '\x89PNG\r\n\x1a\n hello';
  // As the fake server sends it: a text.
  const picture = () => ({ code: 200, body: PNG });

  it('writes the bytes that the server sends, under either name', async () => {
    const file = join(directory, 'web.png');
    const { code, out, seen } = await run(['vnc', 'screenshot', 'web', '-m', '-f', file], picture);
    // What is no Latin-1 for the fake server is no PNG for us.
    assert.deepEqual([code, out], [1, '']);
    assert.equal(seen[0]?.path, `${PATH}/screenshot?moveCursor=true`);
    await server.close();
    server = await fakeApiServer({ answer: () => ({ code: 200, body: Buffer.from(PNG, 'latin1') }) });
    assert.equal(await main(['screenshot', 'web', '--file', file, ...server.flags], fakeIo()), 0);
    assert.equal(readFileSync(file, 'latin1'), PNG);
    await server.close();
    server = await fakeApiServer({ answer: () => ({ code: 200, body: Buffer.from(PNG, 'latin1') }) });
    const io = fakeIo();
    assert.equal(await main(['screenshot', 'web', '-f', '-', ...server.flags], io), 0);
    assert.ok(io.out().endsWith(PNG.slice(1)));
  });

  it('says where a picture belongs, and that a terminal shows none', async () => {
    assert.match((await run(['screenshot', 'web'], picture)).err, /Write -f FILE, or -f - for stdout/);
    await server.close();
    assert.match(
      (await run(['screenshot', 'web', '-f', '-'], picture, { columns: 80 })).err,
      /a terminal does not show/,
    );
  });

  it('is refused in the server’s words', async () => {
    const none = () => status(400, 'BadRequest', 'No graphics devices are present');
    const { err, code } = await run(['screenshot', 'web', '-f', join(directory, 'x')], none);
    assert.deepEqual([code, err], [1, 'error: cannot take a picture of web: No graphics devices are present\n']);
  });
});

describe('what a guest says of itself', () => {
  afterEach(() => server.close());
  const items = [
    {
      diskName: 'vda1',
      mountPoint: '/',
      fileSystemType: 'ext4',
      usedBytes: 2 ** 29,
      totalBytes: 2 ** 30,
      disk: [{ busType: 'virtio' }],
    },
    { diskName: 'x', mountPoint: '/proc', fileSystemType: 'proc', usedBytes: 0, totalBytes: 0 },
  ];

  it('is JSON unless a table is asked for', async () => {
    const { out, seen } = await run(['fslist', 'web'], () => ({ code: 200, body: { items } }));
    assert.deepEqual(JSON.parse(out), { items });
    assert.match(out, /^\{\n {2}"items"/);
    assert.equal(seen[0]?.path, `${PATH}/filesystemlist`);
  });

  it('is a table to read', async () => {
    const { out } = await run(['fslist', 'web', '-o', 'table'], () => ({ code: 200, body: { items } }));
    assert.deepEqual(
      out.split('\n').map((line) => line.split(/ {3,}/)),
      [
        ['MOUNTED ON', 'TYPE', 'SIZE', 'USED', 'USE%', 'DEVICE', 'BUS'],
        ['/', 'ext4', '1.0Gi', '512.0Mi', '50%', 'vda1', 'virtio'],
        ['/proc', 'proc', '<none>', '<none>', '<none>', 'x', '<none>'],
        [''],
      ],
    );
    await server.close();
    const users = {
      items: [
        { userName: 'root', loginTime: 1700000000.5 },
        { userName: 'jo', domain: 'CORP' },
      ],
    };
    const list = await run(['userlist', 'web', '-o', 'table'], () => ({ code: 200, body: users }));
    assert.match(list.out, /root +<none> +2023-11-14T22:13:20Z\njo +CORP +<none>\n/);
    await server.close();
    const none = await run(['userlist', 'web', '-o', 'table'], () => ({ code: 200, body: { items: [] } }));
    assert.deepEqual([none.out, none.err], ['', 'The guest of web has none.\n']);
    await server.close();
    const info = {
      hostname: 'web',
      os: { prettyName: 'Debian 12' },
      supportedCommands: [{ name: 'guest-exec', enabled: false }],
    };
    const system = await run(['guestosinfo', 'web', '-o', 'table'], () => ({ code: 200, body: info }));
    assert.match(system.out, /Host name +web\nSystem +Debian 12\n/);
    assert.match(system.out, /Agent may not +guest-exec\n/);
  });

  it('is refused in the server’s words, with what to do', async () => {
    const { err, code } = await run(['userlist', 'web'], () => status(409, 'Conflict', 'no agent'));
    assert.deepEqual([code, err], [1, 'error: cannot list the users of web: no agent\n']);
  });
});
