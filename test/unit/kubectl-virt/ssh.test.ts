import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { proxyCommand } from '../../../cmd/kubectl-virt/ssh/proxy-command.js';
import { parseRemote } from '../../../cmd/kubectl-virt/ssh/remote.js';
import { fakeIo } from './fake-io.js';

describe('kubectl virt ssh and scp', () => {
  let home: string;
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'ssh-'));
    for (const name of ['ssh', 'scp']) {
      writeFileSync(
        join(home, name),
        `#!/bin/sh\nfor word; do printf '%s\\n' "$word"; done > ${home}/called\nexit 7\n`,
      );
      chmodSync(join(home, name), 0o755);
    }
  });
  after(() => rmSync(home, { recursive: true }));

  const SERVER = ['--server', 'http://127.0.0.1:6443', '-n', 'prod'];
  const run = async (word: string, ...args: string[]): Promise<string[]> => {
    const env = { HOME: home, USER: 'me', PATH: `${home}${delimiter}${process.env['PATH'] ?? ''}` };
    assert.equal(await main([word, ...SERVER, ...args], fakeIo({ env })), 7, 'its exit code');
    return readFileSync(join(home, 'called'), 'utf8').split('\n').slice(0, -1);
  };
  const rejects = ([word = '', ...args]: string[], message: RegExp) =>
    assert.rejects(main([word, ...SERVER, ...args], fakeIo()), message);

  it('calls ssh with a way of its own, and keys kept apart', async () => {
    const words = await run('ssh', 'root@vm/web', '--as-uid', 'a b', '--as-group=x', '--as-group=y%z', '--as=it');
    assert.match(
      words[1] ?? '',
      /^ProxyCommand=.* port-forward --stdio=true .*--server=http:\/\/127\.0\.0\.1:6443 .*vm\/web\/prod 22$/,
    );
    for (const word of ["'--as-uid=a b'", '--as=it', '--as-group=x', '--as-group=y%%z', '--namespace=prod'])
      assert.ok(words[1]?.includes(word), word);
    assert.ok(words.includes(`UserKnownHostsFile=${home}/.ssh/kubectl_virt_known_hosts`));
    assert.ok(words.includes('HostKeyAlias=web.prod.127.0.0.1_6443'));
    assert.deepEqual(words.slice(-2), ['--', 'root@vm.web.prod']);
  });

  it('takes what scripts give virtctl', async () => {
    const words = await run(
      ...['ssh', '--local-ssh=true', 'vmi/web/other', '-l', 'debian', '-i', 'key', '-p', '2222'],
      ...['-t', '-o StrictHostKeyChecking=no', '--local-ssh-opts=-A', '--known-hosts=/k', '-c', 'exit 3'],
    );
    assert.ok(words[1]?.endsWith(' vmi/web/other 2222'));
    assert.ok(words.indexOf('-o StrictHostKeyChecking=no') < words.indexOf('StrictHostKeyChecking=accept-new'));
    assert.ok(words.includes('-A') && words.includes('UserKnownHostsFile=/k'));
    assert.deepEqual(words.slice(-5), ['-i', 'key', '--', 'debian@vmi.web.other', 'exit 3']);
    assert.deepEqual((await run('ssh', 'web', '--', 'ls', '-l')).slice(-3), ['me@vmi.web.prod', 'ls', '-l']);
  });

  it('copies in either direction, and files whose names mean something', async () => {
    assert.deepEqual((await run('scp', '-r', '--preserve', 'dir', 'root@vm/web:/tmp')).slice(-5), [
      ...['-r', '-p', '--', 'dir', 'root@vm.web.prod:/tmp'],
    ]);
    assert.deepEqual((await run('scp', 'vmi/web:a:b', './-x')).slice(-2), ['me@vmi.web.prod:a:b', './-x']);
    await rejects(['scp', 'vm/a:x', 'vm/b:x'], /not supported/);
    await rejects(['scp', 'a', 'b'], /none of the two/);
  });

  it('shares no connection, unless it is told to: two clusters have VMs of one name', async () => {
    for (const words of [await run('ssh', 'web'), await run('scp', 'web:x', '.')])
      assert.equal(words[words.indexOf('ControlPath=none') - 1], '-o');
    const told = await run('ssh', 'web', '-t', '-oControlPath=/mine');
    assert.ok(told.indexOf('-oControlPath=/mine') < told.indexOf('ControlPath=none'), 'ssh takes the first');
  });

  it('names the file of host keys so that ssh reads it as one', async () => {
    const file = `${home}/my "keys" 100%d`;
    const option = (await run('ssh', 'web', '--known-hosts', file)).find((word) => word.startsWith('UserKnownHosts'));
    assert.equal(option, `UserKnownHostsFile="${home}/my \\"keys\\" 100%%d"`);
  });

  it('takes for a file of this machine what scp does', async () => {
    const here = ['./12:30.log', '/tmp/12:30.log', 'logs/12:30.log', 'a@b/12:30.log'];
    for (const file of here) assert.deepEqual((await run('scp', file, 'web:x')).slice(-2), [file, 'me@vmi.web.prod:x']);
    for (const target of ['vm/web:a/b:c', 'root@vmi/web:/x', 'web:/x'])
      assert.equal((await run('scp', target, './y:z')).at(-1), './y:z');
  });

  it('refuses what would mean something else to ssh', async () => {
    await rejects(['ssh', '@vm/web'], /expected username before '@'/);
    await rejects(['ssh', 'root@'], /expected target after '@'/);
    await rejects(['ssh', '-l', '-oProxyCommand=id', 'web'], /not a valid user name|needs a value|unknown/);
    await rejects(['ssh', 'a b@web'], /not a valid user name/);
    await rejects(['ssh', 'pod/web'], /unsupported resource type/);
    await rejects(['ssh', 'web', '-p', '0'], /invalid --port/);
    await rejects(['ssh', 'web', '-c', 'a', '--', 'b'], /Keep|beside/);
    assert.deepEqual(parseRemote('a@b@vm/web').user, 'a@b');
  });

  it('says what to install where there is none', async () => {
    await assert.rejects(
      main(['ssh', 'web', ...SERVER], fakeIo({ env: { HOME: home, PATH: '/nowhere' } })),
      /ssh cannot be started/,
    );
  });

  it('quotes for whoever runs the way: a shell, after ssh has replaced percent signs', () => {
    const hostile = `a'b"c$(id)\`id\` %h;|&\\`;
    const text = proxyCommand(['echo', hostile], [], { target: 'vmi/web/prod', port: '22' }, 'linux');
    // As ssh expands it.
    const said = execFileSync('sh', ['-c', text.replaceAll('%%', '%')], { encoding: 'utf8' });
    assert.ok(said.startsWith(`${hostile} port-forward --stdio=true vmi/web/prod 22`), said);
    const windows = proxyCommand(['C:\\Program Files\\node.exe'], [], { target: 'a', port: '22' }, 'win32');
    assert.ok(windows.startsWith('"C:\\Program Files\\node.exe" port-forward'));
  });
});
