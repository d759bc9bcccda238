import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { COMMANDS } from '../../../cmd/kubectl-virt/commands/index.js';
import { parseDuration } from '../../../cmd/kubectl-virt/duration.js';
import { isCliError, renderError } from '../../../cmd/kubectl-virt/errors.js';
import { noteError, programName, warn } from '../../../cmd/kubectl-virt/io.js';
import { parseDryRun } from '../../../cmd/kubectl-virt/lifecycle/body.js';
import { VIRTCTL_ONLY } from '../../../cmd/kubectl-virt/virtctl-commands.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { ownExamples } from '../../support/page-examples.js';
import { fakeApiServer, status, type Answer, type FakeApiServer, type SeenRequest } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

let server: FakeApiServer;
let answer: (request: SeenRequest) => Answer;
before(async () => (server = await fakeApiServer({ answer: (request) => answer(request) })));
beforeEach(() => {
  answer = () => ({ code: 202 });
  server.seen.length = 0;
});
after(() => server.close());

interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** Runs a command line as the process would: errors are printed, the exit code is theirs. */
const run = async (...args: string[]): Promise<Outcome> => {
  const io = fakeIo();
  try {
    const code = await main([...args, ...server.flags], io);
    return { code, out: io.out(), err: io.err() };
  } catch (error) {
    assert.ok(isCliError(error), error instanceof Error ? error.stack : String(error));
    return { code: error.exitCode, out: io.out(), err: io.err() + renderError(error) };
  }
};

const subresource = (path: string): string => `/apis/subresources.kubevirt.io/v1/namespaces/${path}`;

describe('kubectl virt: lifecycle commands', () => {
  it('start', async () => {
    assert.deepEqual(await run('start', 'web'), { code: 0, out: 'VM web was scheduled to start\n', err: '' });
    const [request] = server.seen;
    assert.equal(`${request!.method} ${request!.path}`, `PUT ${subresource('default/virtualmachines/web/start')}`);
    assert.deepEqual(request!.body, {});
  });

  const bodies: [string[], string, object][] = [
    [['start', 'vm/web/prod', '--paused'], 'prod/virtualmachines/web/start', { paused: true }],
    [['stop', 'web', '-nns/prod', '--dry-run'], 'prod/virtualmachines/web/stop', { dryRun: ['All'] }],
    [['-n=prod', 'stop', 'web', '--dry-run'], 'prod/virtualmachines/web/stop', { dryRun: ['All'] }],
    [['stop', 'web', '-n', 'ns/prod', '--dry-run'], 'prod/virtualmachines/web/stop', { dryRun: ['All'] }],
    [['stop', 'web', '--force', '--grace-period=0'], 'default/virtualmachines/web/stop', { gracePeriod: 0 }],
    [
      ['restart', 'web', '--force', '--grace-period', '0'],
      'default/virtualmachines/web/restart',
      { gracePeriodSeconds: 0 },
    ],
    [['pause', 'web'], 'default/virtualmachineinstances/web/pause', {}],
    [['pause', 'vm', 'web'], 'default/virtualmachineinstances/web/pause', {}],
    [['unpause', 'vmi/web', '--dry-run=true'], 'default/virtualmachineinstances/web/unpause', { dryRun: ['All'] }],
    [['soft-reboot', 'web'], 'default/virtualmachineinstances/web/softreboot', {}],
    [['reset', 'web'], 'default/virtualmachineinstances/web/reset', {}],
  ];
  for (const [args, path, body] of bodies) {
    it(args.join(' '), async () => {
      const { code, err } = await run(...args);
      assert.deepEqual([code, err], [0, '']);
      assert.deepEqual([server.seen[0]!.path, server.seen[0]!.body], [subresource(path), body]);
    });
  }

  it('sends nothing in a client-side dry run, nor what the server cannot rehearse', async () => {
    assert.equal(
      (await run('stop', 'web', '--dry-run=client')).out,
      'Dry Run execution\nVM web was scheduled to stop\n',
    );
    assert.equal((await run('soft-reboot', 'web', '--dry-run')).code, 0);
    assert.deepEqual(server.seen, []);
  });

  it('prints the object afterwards with -o', async () => {
    answer = ({ method }) => (method === 'PUT' ? { code: 202 } : { code: 200, body: { kind: 'VirtualMachine' } });
    assert.deepEqual(JSON.parse((await run('start', 'web', '-o', 'json')).out), { kind: 'VirtualMachine' });
    assert.equal((await run('start', 'web', '-o', 'yaml')).out, 'kind: VirtualMachine\n');
    assert.equal((await run('start', 'web', '-o', 'name')).out, 'virtualmachine.kubevirt.io/web\n');
    assert.match((await run('start', 'web', '-o', 'xml')).err, /unsupported output format "xml"/);
  });

  it("shows the server's error with a remedy", async () => {
    answer = ({ method }) =>
      method === 'GET'
        ? { code: 200, body: {} }
        : status(404, 'NotFound', 'virtualmachine.kubevirt.io "web" not found');
    assert.deepEqual(await run('start', 'web'), {
      code: 1,
      out: '',
      err:
        'error: cannot start VirtualMachine web: virtualmachine.kubevirt.io "web" not found\n' +
        'See what there is: kubectl get virtualmachines -n default\n',
    });
    answer = () => status(409, 'Conflict', 'VM is already running');
    assert.match(
      (await run('start', 'web')).err,
      /VM is already running\nSee its state: kubectl get virtualmachines web/,
    );
    answer = () => status(403, 'Forbidden', 'is forbidden');
    assert.match((await run('stop', 'web')).err, /virtualmachines\/stop in subresources\.kubevirt\.io/);
    answer = () => ({ code: 502, body: '<html>bad gateway' });
    assert.match((await run('stop', 'web')).err, /the server answered 502: <html>bad gateway/);
    answer = () => status(404, 'NotFound', 'the server could not find the requested resource');
    assert.match((await run('stop', 'web')).err, /kubectl-virt is not installed in this cluster/);
  });

  it('says that the namespace does not exist, where the user may know', async () => {
    answer = ({ method, path }) =>
      path === '/api/v1/namespaces/nope'
        ? status(404, 'NotFound', 'namespaces "nope" not found')
        : method === 'PUT'
          ? status(404, 'NotFound', 'virtualmachine.kubevirt.io "web" not found')
          : { code: 200, body: { items: [] } };
    const said = 'namespace "nope" does not exist\nName another with -n. See which there are: kubectl get namespaces\n';
    assert.equal((await run('stop', 'web', '-n', 'nope')).err, `error: cannot stop VirtualMachine web: ${said}`);
    assert.equal((await run('stop', '--all', '-n', 'nope')).err, `error: ${said}`);
    answer = ({ path }) =>
      path.startsWith('/api/v1/namespaces/') ? status(403, 'Forbidden', 'no') : status(404, 'NotFound', 'vm not found');
    assert.match((await run('stop', 'web', '-n', 'nope')).err, /cannot stop VirtualMachine web: vm not found\n/);
  });

  it('acts on several, by names, by labels or on all, and says of each what came of it', async () => {
    answer = ({ method, path }) => {
      if (method === 'GET')
        return path.includes('continue=')
          ? { code: 200, body: { items: [{ metadata: { name: 'c' } }] } }
          : { code: 200, body: { metadata: { continue: 'more' }, items: [{ metadata: { name: 'a' } }] } };
      return path.endsWith('/b/stop') ? status(409, 'Conflict', 'VM is not running') : { code: 202 };
    };
    const { code, out, err } = await run('stop', 'a', 'b', 'vm/c/prod');
    assert.deepEqual([code, out], [1, 'VM a was scheduled to stop\nVM c was scheduled to stop\n']);
    assert.match(err, /^error: cannot stop VirtualMachine b: VM is not running\nSee its state.*\n$/);
    assert.deepEqual(
      server.seen.map(({ path }) => path),
      ['default/virtualmachines/a/stop', 'default/virtualmachines/b/stop', 'prod/virtualmachines/c/stop'].map(
        subresource,
      ),
    );
    server.seen.length = 0;
    const chosen = await run('stop', '-l', 'app=web,tier!=db', '-n', 'prod');
    assert.deepEqual([chosen.code, chosen.out], [0, 'VM a was scheduled to stop\nVM c was scheduled to stop\n']);
    const list =
      '/apis/kubevirt.io/v1/namespaces/prod/virtualmachines?limit=500&labelSelector=app%3Dweb%2Ctier%21%3Ddb';
    assert.deepEqual(
      server.seen.slice(0, 2).map(({ path }) => path),
      [list, `${list}&continue=more`],
    );
    server.seen.length = 0;
    assert.equal((await run('stop', '-lapp=web,tier!=db', '-nprod')).code, 0);
    assert.equal(server.seen[0]?.path, list);
    assert.match((await run('pause', 'vmi', 'a', 'b')).out, /^VMI a was scheduled to pause\nVMI b was/);
    assert.equal(JSON.parse((await run('start', 'a', 'c', '-o', 'json')).out).items.length, 2);
    answer = () => ({ code: 200, body: { items: [] } });
    const none = await run('start', '--all');
    assert.deepEqual([none.code, none.out], [0, '']);
    assert.match(none.err, /^No VirtualMachine of namespace default is chosen: nothing to do\.\n$/);
  });

  it('changes a few at a time, and cuts none of them off when another is refused', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `vm${String(index).padStart(2, '0')}`);
    const waiting: (() => void)[] = [];
    let most = 0;
    let under = 0;
    const busy = createServer((request, response) => {
      request.resume();
      under += 1;
      most = Math.max(most, under);
      const refused = request.url!.includes('/vm03/');
      const end = (): void => {
        under -= 1;
        response.writeHead(refused ? 409 : 202, { 'Content-Type': 'application/json' });
        response.end(refused ? JSON.stringify(status(409, 'Conflict', 'VM is not running').body) : '');
      };
      // The refused one is answered at once, all others of its time when some are there.
      if (refused) end();
      else if (waiting.push(end) >= 4) for (const each of waiting.splice(0)) setImmediate(each);
      else
        setTimeout(() => {
          for (const each of waiting.splice(0)) each();
        }, 100);
    });
    await new Promise<void>((resolve) => void busy.listen(0, '127.0.0.1', resolve));
    const io = fakeIo();
    const url = `http://127.0.0.1:${(busy.address() as AddressInfo).port}`;
    const code = await main(['stop', ...names, '--server', url], io);
    busy.close();
    assert.equal(code, 1);
    const stopped = names.filter((name) => name !== 'vm03');
    assert.equal(io.out(), stopped.map((name) => `VM ${name} was scheduled to stop\n`).join(''));
    assert.match(io.err(), /^error: cannot stop VirtualMachine vm03: VM is not running\nSee its state.*\n$/);
    assert.ok(most > 1 && most <= 8, `${most} at a time`);
  });

  describe('--wait', () => {
    /** An API server whose instance goes through these states, one for each look. */
    const going = (...states: readonly (object | undefined)[]): ((request: SeenRequest) => Answer) => {
      let look = 0;
      return ({ method, path }) => {
        if (method === 'PUT') return { code: 202 };
        if (path.includes('/virtualmachines/')) return { code: 200, body: { status: { printableStatus: 'Starting' } } };
        const state = states[Math.min(look, states.length - 1)];
        look += 1;
        return state === undefined ? status(404, 'NotFound', 'not found') : { code: 200, body: state };
      };
    };
    const vmi = (phase: string, uid = '1', paused = false): object => ({
      metadata: { uid },
      status: { phase, conditions: paused ? [{ type: 'Paused', status: 'True' }] : [] },
    });
    const cases: [command: string, states: (object | undefined)[], done: string][] = [
      ['start', [undefined, vmi('Scheduling'), vmi('Running')], 'VM web is running'],
      ['stop', [vmi('Running'), undefined], 'VM web is stopped'],
      ['restart', [vmi('Running'), vmi('Running'), undefined, vmi('Running', '2')], 'VM web is running again'],
      ['pause', [vmi('Running'), vmi('Running', '1', true)], 'VMI web is paused'],
      ['unpause', [vmi('Running', '1', true), vmi('Running')], 'VMI web is unpaused'],
    ];
    for (const [command, states, done] of cases)
      it(`${command} returns when it is done`, async () => {
        answer = going(...states);
        const { code, out } = await run(command, 'web', '--wait');
        assert.deepEqual([code, out.split('\n')[1]], [0, done]);
        assert.equal(
          server.seen.filter(({ path }) => path.includes('instances/web') && !path.includes('sub')).length,
          states.length,
        );
      });
    it('gives up after --timeout, and says what it saw', async () => {
      answer = going(undefined);
      const { code, err } = await run('start', 'web', '--wait', '--timeout=100ms');
      assert.equal(code, 1);
      assert.match(
        err,
        /error: web is not running after 100ms: its status is Starting\nSee why: kubectl describe vm,vmi web/,
      );
    });
  });

  it('says that the VM is not running when vm/x has no instance to pause', async () => {
    answer = ({ method }) =>
      method === 'PUT' ? status(404, 'NotFound', 'vmi "web" not found') : { code: 200, body: {} };
    assert.match((await run('pause', 'vm/web')).err, /VirtualMachine web is not running/);
  });

  it('asks for --force and --grace-period together', async () => {
    for (const args of [['--force'], ['--grace-period=5']]) {
      const { code, err } = await run('stop', 'web', ...args);
      assert.equal(code, 1);
      assert.match(err, /--force and --grace-period belong together/);
    }
  });

  it('refuses an instance where a VM is needed', async () => {
    assert.match((await run('start', 'vmi/web')).err, /start acts on a VirtualMachine/);
  });

  it('passes credentials and impersonation on, and shows warnings of the server', async () => {
    answer = () => ({ code: 202, headers: { Warning: '299 - "this \\"thing\\" is old"' } });
    const { err } = await run('start', 'web', '--token', 't', '--as', 'jane', '--as-group', 'a', '--as-group=b');
    const { headers } = server.seen[0]!;
    assert.equal(headers.authorization, 'Bearer t');
    assert.equal(headers['impersonate-user'], 'jane');
    assert.equal(headers['impersonate-group'], 'a, b');
    assert.match(headers['user-agent']!, /^kubectl-virt\/v/);
    assert.equal(err, 'Warning: this "thing" is old\n');
  });

  it('gives up after --request-timeout', async () => {
    const silent = await fakeApiServer({ answer: () => 'silence' });
    try {
      await assert.rejects(
        main(['start', 'web', '--request-timeout=50ms', ...silent.flags], fakeIo()),
        /was not answered within 0\.05 s/,
      );
    } finally {
      await silent.close();
    }
  });

  it('says that no server is there', async () => {
    await assert.rejects(
      main(['start', 'web', '--server=http://127.0.0.1:1'], fakeIo()),
      /cannot reach the API server/,
    );
    await assert.rejects(main(['start', 'web'], fakeIo()), /no cluster is configured/);
  });
});

describe('kubectl virt: usage', () => {
  const wrong: [string[], RegExp][] = [
    [['bogus'], /unknown command "bogus"/],
    [['start'], /start: an argument is missing\nName a virtual machine, or .* See: kubectl virt start --help/],
    [['pending'], /pending: an argument is missing\nSee: kubectl virt pending --help/],
    [['pending', 'a', 'b'], /pending: unknown argument b/],
    [['start', 'a', '--nope'], /start: unknown flag --nope/],
    [['pending', '-l', 'a=b'], /pending: unknown flag -l\nSee: kubectl virt pending --help/],
    [['start', '--selectr', 'a=b'], /start: unknown flag --selectr\nDid you mean --selector\?/],
    [['start', '--timout=3s', 'a'], /start: unknown flag --timout\nDid you mean --timeout\?/],
    [['--nmespace', 'x', 'start', 'a'], /unknown flag --nmespace\nDid you mean --namespace\?/],
    [['stop', 'a', '--force', '--grace-period=abc'], /invalid --grace-period "abc"\nIt is a number: Seconds/],
    [['stop', 'a', '--force', '--grace-period', ''], /invalid --grace-period ""/],
    [['stop', 'a', '--v=x'], /invalid --v "x"/],
    [['stop', 'a', '--grace-period', '--force'], /flag --grace-period needs a value/],
    [['stop', 'a', '-n'], /flag -n needs a value/],
    [['consle', 'a'], /unknown command "consle"\nDid you mean "console"\?/],
    [['-n', 'prod', 'strat', 'a'], /unknown command "strat"\nDid you mean "start"\?/],
    [['usbredir', 'a'], /"usbredir" is virtctl’s, and is not here yet\nThere is nothing in its place/],
    [['start', 'a', '--all'], /start: names stand beside --all/],
    [['stop', '-l', 'a=b', '-n', 'prod', '--force'], /For example: .* stop -l a=b -n prod --force --grace-period=0/],
    [['stop', '-l', ''], /stop: the selector is empty, which would choose every virtual machine\n.*say --all/],
    [['stop', '-l='], /the selector is empty/],
    [['stop', '--selector='], /the selector is empty/],
    [['restart', '-l', ' \t'], /the selector is empty/],
    [['start', '-l', 'a=b', '--all'], /--selector and --all exclude each other/],
    [['start', 'a', '--wait', '--dry-run'], /--wait and --dry-run exclude each other/],
    [['stop', 'a', '--wait', '--timeout=soon'], /invalid --timeout "soon"/],
    [['start', 'a', '--dry-run=maybe'], /invalid --dry-run "maybe"/],
    [['completion', 'tcsh'], /"tcsh"/],
  ];
  for (const [args, message] of wrong) {
    it(`${args.join(' ')}: exit code 1`, async () => {
      const { code, err } = await run(...args);
      assert.equal(code, 1);
      assert.match(err, message);
    });
  }

  it('does not offer what it has, and says of each command of virtctl what to do instead', async () => {
    for (const word of VIRTCTL_ONLY) {
      assert.ok(!COMMANDS.some(({ name }) => name === word), `${word} is here: take it from the list`);
      const { code, err } = await run(word, 'web', '--what', 'ever');
      assert.equal(code, 1);
      assert.match(err, /is virtctl’s, and is not here yet\n\S.{10,}\n$/);
    }
  });

  it('takes the flags that everybody tries for the version', async () => {
    for (const flags of [['--version'], ['-v'], ['-n', 'team-a', '--version'], ['--context=x', '-v']]) {
      const io = fakeIo();
      assert.equal(await main(flags, io), 0);
      assert.match(io.out(), /^Client Version: v/);
    }
  });

  it('breaks no word of help, however wide the terminal, and wraps nothing in a pipe', async () => {
    for (const { name } of COMMANDS) {
      const plain = fakeIo();
      await main([...name.split(' '), '--help'], plain);
      for (const columns of [40, 60, 80, 110, 200]) {
        const io = fakeIo({ columns });
        await main([...name.split(' '), '--help'], io);
        assert.deepEqual(io.out().split(/\s+/), plain.out().split(/\s+/), `${name} ${columns}`);
        for (const line of io.out().split('\n'))
          assert.ok(columns < 80 || line.length <= Math.min(columns, 110), `${columns}: ${line}`);
      }
    }
  });

  it('prints help without arguments, and per command with examples', async () => {
    const io = fakeIo();
    assert.equal(await main([], io), 0);
    for (const { name, hidden } of COMMANDS) {
      assert.equal(new RegExp(`^ {2}kubectl virt ${name} `, 'm').test(io.out()), hidden !== true, name);
    }
    const start = fakeIo();
    assert.equal(await main(['start', '--help'], start), 0);
    assert.match(start.out(), /Examples:\n +kubectl virt start web/);
    assert.doesNotMatch(start.out(), /--kubeconfig/);
    const options = fakeIo();
    assert.equal(await main(['options'], options), 0);
    assert.match(options.out(), /-n, --namespace/);
  });

  it('is called as the user calls it', () => {
    assert.equal(programName('/usr/local/bin/kubectl-virt'), 'kubectl virt');
    assert.equal(programName('/home/x/.krew/bin/oc-virt'), 'oc virt');
    assert.equal(programName('/x/main.ts'), 'kubectl virt');
  });

  it('reads durations', () => {
    assert.equal(parseDuration('timeout', '5', 'm'), 300_000);
    assert.equal(parseDuration('timeout', '1m30s', 's'), 90_000);
    assert.throws(() => parseDuration('timeout', 'soon', 's'), /invalid --timeout "soon"/);
    assert.throws(() => parseDuration('timeout', '5x', 's'), /invalid --timeout/);
  });

  it('reads --dry-run as kubectl and as virtctl', () => {
    assert.deepEqual([undefined, 'none', 'false', 'client', 'server', 'true', ''].map(parseDryRun), [
      'none',
      'none',
      'none',
      'client',
      'server',
      'server',
      'server',
    ]);
  });
});

describe('kubectl virt version', () => {
  it('prints both versions', async () => {
    answer = () => ({ code: 200, body: { gitVersion: 'v9.9.9', platform: 'linux/amd64' } });
    assert.match((await run('version')).out, /^Client Version: v.*\nServer Version: v9\.9\.9 \(linux\/amd64\)\n$/);
    assert.equal(server.seen[0]!.path, '/apis/subresources.kubevirt.io/v1/version');
    assert.equal(JSON.parse((await run('version', '-o', 'json')).out).serverVersion.gitVersion, 'v9.9.9');
  });

  it('prints its own when the server does not answer, with exit code 1', async () => {
    answer = () => ({ code: 503, body: 'unavailable' });
    const { code, out, err } = await run('version');
    assert.equal(code, 1);
    assert.match(out, /^Client Version/);
    assert.match(err, /503/);
    assert.equal((await run('version', '--client')).code, 0);
  });
});

describe('kubectl virt: completion', () => {
  const complete = async (...words: string[]): Promise<string[]> => {
    const io = fakeIo();
    assert.equal(await main(['__complete', ...words], io), 0);
    assert.equal(io.err(), '');
    return io.out().trimEnd().split('\n');
  };
  const list = (...names: string[]): Answer => ({
    code: 200,
    body: { items: names.map((name) => ({ metadata: { name } })) },
  });

  it('completes commands, with descriptions', async () => {
    assert.deepEqual(await complete('st'), ['start\tStart a virtual machine', 'stop\tStop a virtual machine', ':4']);
    assert.ok((await complete('')).length > 10);
  });

  it('completes names from the cluster that the flags name', async () => {
    answer = () => list('web-1', 'web-2', 'db');
    assert.deepEqual(await complete('start', '-n', 'prod', ...server.flags, 'web'), ['web-1', 'web-2', ':4']);
    assert.match(server.seen[0]!.path, /namespaces\/prod\/virtualmachines\?limit=500/);
    assert.deepEqual(await complete('console', ...server.flags, 'vm/d'), ['vm/db', ':4']);
    assert.deepEqual(await complete('pause', 'vmi', ...server.flags, 'd'), ['db', ':4']);
    assert.deepEqual(await complete('start', 'web-1', ...server.flags, ''), ['web-2', 'db', ':4']);
    assert.deepEqual(await complete('console', 'web-1', ...server.flags, ''), [':4']);
    server.seen.length = 0;
    assert.deepEqual(await complete('expose', 'vmirs', ...server.flags, 'w'), ['web-1', 'web-2', ':4']);
    assert.deepEqual(await complete('expose', ...server.flags, 'vmirs/d'), ['vmirs/db', ':4']);
    for (const { path } of server.seen) assert.match(path, /virtualmachineinstancereplicasets\?limit/);
  });

  it('completes flags and their values', async () => {
    answer = () => list('default', 'prod');
    assert.deepEqual(await complete('start', ...server.flags, '-n', 'p'), ['prod', ':4']);
    assert.deepEqual(await complete('start', ...server.flags, '--namespace=p'), ['--namespace=prod', ':4']);
    assert.deepEqual(await complete('start', '-o', ''), ['json', 'yaml', 'name', ':4']);
    assert.deepEqual(await complete('start', '--pau'), ['--paused\tStart with the vCPUs stopped', ':4']);
    assert.deepEqual(await complete('completion', 'z'), ['zsh', ':4']);
    assert.deepEqual(await complete('lint', '-f', ''), [':0']);
  });

  it('is silent on errors', async () => {
    answer = () => ({ code: 500 });
    assert.deepEqual(await complete('start', ...server.flags, ''), [':5']);
  });

  it('prints a script for each shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
      const io = fakeIo();
      assert.equal(await main(['completion', shell], io), 0);
      assert.match(io.out(), /kubectl-virt __complete/);
    }
  });
});

describe('kubectl virt lint and render', () => {
  let directory: string;
  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  const GOOD = `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata:
  name: good
spec:
  domain:
    memory: { guest: 64Mi }
    devices: {}
`;
  const BAD = `# comment
apiVersion: v1
kind: Secret
metadata: { name: s }
---
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata:
  name: bad
spec:
  domain:
    memory: { guest: 64Mi }
    devices:
      disks:
        - name: a
          floppy: {}
  volumes:
    - name: a
      containerDisk: { image: x }
`;
  before(() => (directory = mkdtempSync(join(tmpdir(), 'lint-'))));
  after(() => rmSync(directory, { recursive: true }));

  it('ends with 0 without findings', async () => {
    const { code, out, err } = await run('lint', '-f', file('good.yaml', GOOD));
    assert.deepEqual([code, out, err], [0, '', '1 object checked, 0 errors, 0 warnings\n']);
  });

  it('has nothing to say about the examples that come with the product', async () => {
    // Those of KubeVirt's page are what they are: test/unit/manifests/page-examples.test.ts.
    const examples = ownExamples();
    assert.ok(examples.length > 5);
    // Some need a feature gate, and say so in their first line.
    const gates = 'spec: { configuration: { developerConfiguration: { featureGates: [DownwardMetrics, HostDisk] } } }';
    const config = file(
      'gates.yaml',
      `apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata: { name: kubevirt }\n${gates}\n`,
    );
    const { code, out } = await run('lint', ...examples.flatMap((example) => ['-f', example]), '--config', config);
    assert.deepEqual([code, out], [0, '']);
  });

  it('says a warning that repeats once, with its places, and counts by rule', async () => {
    const vm = (index: number): string =>
      GOOD.replace('good', `good-${index}`).replace('domain:', 'domain:\n    cpu: { cores: 2 }');
    const path = file('many.yaml', [1, 2, 3, 4, 5, 6].map(vm).join('---\n'));
    const { code, out, err } = await run('lint', path);
    assert.equal(code, 0);
    const [first, others, ...rest] = out.trimEnd().split('\n');
    assert.match(first ?? '', /many\.yaml:7:5: warning: .* \[W-CPU-1\]$/);
    assert.match(others ?? '', /^ {2}and at 5 more places: .*many\.yaml:17:5, .*:27:5, .*:37:5, …$/);
    assert.deepEqual(rest, []);
    assert.match(err, /^6 objects checked, 0 errors, 6 warnings\nBy rule: W-CPU-1 6\n/);
    assert.equal(JSON.parse((await run('lint', path, '-o', 'json')).out).findings.length, 6);
    assert.deepEqual(await run('lint', '--quiet', path), { code: 0, out: '', err: '' });
    const bad = await run('lint', '-q', path, file('bad.yaml', BAD));
    assert.deepEqual([bad.code, bad.err, bad.out.trimEnd().split('\n').length], [1, '', 1]);
  });

  it('colours errors and warnings on a terminal, and nowhere else', async () => {
    const path = file('bad.yaml', BAD);
    const seen = async (options: Parameters<typeof fakeIo>[0]): Promise<string> => {
      const io = fakeIo(options);
      await main(['lint', path], io);
      return io.out();
    };
    const plain = await seen({});
    assert.ok(!plain.includes('\x1b'));
    const coloured = await seen({ columns: 80 });
    assert.ok(coloured.includes(': \x1b[31merror:\x1b[39m spec'), JSON.stringify(coloured));
    assert.equal(coloured.replace('\x1b[31m', '').replace('\x1b[39m', ''), plain);
    assert.equal(await seen({ columns: 80, env: { NO_COLOR: '1' } }), plain);
    assert.equal(await seen({ columns: 80, env: { TERM: 'dumb' } }), plain);
    const io = fakeIo({ columns: 80 });
    noteError(io, new Error('x'));
    warn(io, 'y \x1b[31m');
    assert.equal(io.err(), '\x1b[31merror:\x1b[39m x\n\x1b[33mWarning:\x1b[39m y \\x1b[31m\n');
  });

  it('ends with 1 and names file, line, column, rule and remedy', async () => {
    const path = file('bad.yaml', BAD);
    const { code, out, err } = await run('lint', path);
    assert.equal(code, 1);
    assert.match(
      out,
      new RegExp(
        `^${path}:16:11: error: spec\\.domain\\.devices\\.disks\\[0\\]\\.floppy: floppy .* \\[disk\\.floppy\\]\n$`,
      ),
    );
    assert.match(err, /bad\.yaml:2: not checked: v1 Secret is of another API/);
    const json = JSON.parse((await run('lint', path, '-o', 'json')).out);
    assert.deepEqual([json.findings[0].line, json.findings[0].column, json.findings[0].rule], [16, 11, 'disk.floppy']);
    assert.deepEqual(parse((await run('lint', path, '-o', 'yaml')).out), json);
  });

  it('prints warnings by their ids: they are no failure, and --config may switch them off', async () => {
    const path = file('several.yaml', GOOD.replace('domain:', 'domain:\n    cpu: { cores: 2 }'));
    const { code, out, err } = await run('lint', '-f', path);
    assert.equal(code, 0);
    assert.match(
      out,
      new RegExp(`^${path}:\\d+:5: warning: spec\\.domain\\.cpu: 2 vCPUs share 200m of CPU.* \\[W-CPU-1\\]\n$`),
    );
    assert.match(err, /1 object checked, 0 errors, 1 warning\n/);
    const config = file(
      'kubevirt.yaml',
      'apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata:\n  name: kubevirt\n  annotations:\n    admission.kubectl-virt.io/disabled-warnings: W-CPU-*\nspec: {}\n',
    );
    assert.equal((await run('lint', '-f', path, '--config', config)).out, '');
  });

  it('takes a directory, and reports what is no YAML', async () => {
    file('broken.yaml', 'a: [1\n');
    const { code, out } = await run('lint', '-f', directory);
    assert.equal(code, 1);
    assert.match(out, /broken\.yaml:2:1: error: .*\[yaml\.syntax\]/);
    assert.match(out, /bad\.yaml:16:11/);
  });

  it('takes Lists, also those of a kind, and tells of items that are no objects at their own places', async () => {
    const item = GOOD.replaceAll(/^/gm, '    ').replace('   ', '  -').trimEnd();
    for (const kind of ['List', 'VirtualMachineInstanceList']) {
      const path = file('list.yaml', `apiVersion: v1\nkind: ${kind}\nitems:\n  - text\n${item}\n      flavour: x\n`);
      const { code, out, err } = await run('lint', '-f', path);
      assert.equal(code, 1);
      assert.match(out, /^.*list\.yaml:4:5: error: items\[0\] is not an object: write apiVersion.* \[yaml\.syntax\]$/m);
      assert.match(out, /^.*list\.yaml:13:7: error: spec\.flavour is not a known field.*$/m);
      assert.match(err, /^1 object checked, 2 errors/m);
    }
    const { code, err } = await run('lint', '-f', file('list.yaml', 'apiVersion: v1\nkind: List\nitems: []\n'));
    assert.deepEqual([code, err.includes('there is no object in')], [2, true]);
  });

  it('suggests the kind that was meant', async () => {
    const path = file('kind.yaml', GOOD.replace('kind: VirtualMachineInstance', 'kind: VirtualMachinInstance'));
    assert.match(
      (await run('lint', path)).out,
      /:2:1: error: kind "VirtualMachinInstance".*did you mean "VirtualMachineInstance"\?/,
    );
    const other = file('kind.yaml', GOOD.replace('kind: VirtualMachineInstance', 'kind: Datacenter'));
    assert.match(
      (await run('lint', other)).out,
      /kind "Datacenter" is not known: write one of VirtualMachine, VirtualMachineInstance, /,
    );
  });

  it('ends with 2 where there is nothing to check: what should have made the manifest has failed', async () => {
    for (const text of ['', '---\n---\n', '# nothing\n']) {
      for (const command of ['lint', 'explain-admission']) {
        const { code, out, err } = await run(command, file('nothing.yaml', text));
        assert.deepEqual([code, out], [2, '']);
        assert.match(err, /^error: there is no object in .*nothing\.yaml\nName files that hold manifests/);
      }
    }
    assert.match(
      (await run('lint', '/nonexistent.yaml')).err,
      /^error: cannot read \/nonexistent\.yaml: no such file or directory\n/,
    );
  });

  it('ends with 2 on wrong usage', async () => {
    for (const args of [
      ['lint'],
      ['lint', '/nonexistent.yaml'],
      ['lint', '--nope'],
      ['lint', '-o', 'xml', '-f', 'x'],
    ]) {
      assert.equal((await run(...args)).code, 2, args.join(' '));
    }
    assert.equal((await run('lint', file('good.yaml', GOOD), '--config', file('bad.yaml', BAD))).code, 2);
  });

  it('renders the defaulted object, the pod and the domain, always the same', async () => {
    const path = file('good.yaml', GOOD);
    assert.match((await run('render', '-f', path)).out, /machine:\n +type: q35/);
    assert.match((await run('render', '-f', path, '-o', 'pod')).out, /kind: Pod/);
    const domain = await run('render', '-f', path, '-o', 'domain');
    assert.match(domain.out, /^<domain type="kvm"/);
    assert.equal(domain.out, (await run('render', '-f', path, '-o', 'domain')).out);
    const refused = await run('render', '-f', file('bad.yaml', BAD));
    assert.equal(refused.code, 1);
    assert.match(refused.err, /disk\.floppy/);
  });

  it('renders a VM with dedicated CPUs: it assumes CPUs and says so, and no error is a stack trace', async () => {
    const pinned = (more: string): string =>
      file(
        'pinned.yaml',
        `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: pinned}
spec:
  domain:
    cpu: {dedicatedCpuPlacement: true, threads: 2, cores: 2${more}}
    resources: {limits: {cpu: 4, memory: 2Gi}}
    devices: {}
`,
      );
    const { code, out, err } = await run('render', '-f', pinned(''), '-o', 'domain');
    assert.equal(code, 0, err);
    assert.equal(out.match(/<vcpupin /g)?.length, 4);
    assert.match(err, /Assumed: the pod has the CPUs 0 to 3 for itself\./);
    const isolated = await run('render', '-f', pinned(', isolateEmulatorThread: true'), '-o', 'domain');
    assert.match(isolated.out, /<emulatorpin cpuset="4"\/>/);
  });
});
