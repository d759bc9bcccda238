import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { age } from '../../../cmd/kubectl-virt/age.js';
import { isCliError, renderError } from '../../../cmd/kubectl-virt/errors.js';
import { printRows } from '../../../cmd/kubectl-virt/list/print.js';
import type { Row } from '../../../cmd/kubectl-virt/list/rows.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { fakeApiServer, status, type Answer, type FakeApiServer, type SeenRequest } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

let server: FakeApiServer;
let answer: (request: SeenRequest) => Answer;
before(async () => (server = await fakeApiServer({ answer: (request) => answer(request) })));
beforeEach(() => (server.seen.length = 0));
after(() => server.close());

const runWith = async (options: Parameters<typeof fakeIo>[0], ...args: string[]) => {
  const io = fakeIo(options);
  try {
    return { code: await main(['list', ...args, ...server.flags], io), out: io.out(), err: io.err() };
  } catch (error) {
    assert.ok(isCliError(error), error instanceof Error ? error.stack : String(error));
    return { code: error.exitCode, out: io.out(), err: io.err() + renderError(error) };
  }
};
const run = (...args: string[]) => runWith({}, ...args);

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000 - 200).toISOString();

interface Made {
  readonly conditions?: object[];
  readonly lastTermination?: object;
}
const vm = (name: string, printableStatus: string, { conditions = [], ...rest }: Made = {}, namespace = 'default') => ({
  metadata: { name, namespace, uid: `vm-${name}`, creationTimestamp: ago(3 * 86_400 + 3 * 3600) },
  status: { printableStatus, conditions, ...rest },
});
const vmi = (name: string, rest: object = {}, owner?: string, namespace = 'default') => ({
  metadata: {
    name,
    namespace,
    creationTimestamp: ago(90),
    ownerReferences: owner === undefined ? [] : [{ kind: 'VirtualMachine', uid: `vm-${owner}` }],
  },
  status: {
    phase: 'Running',
    nodeName: 'n1',
    interfaces: [{ ipAddress: '10.0.0.1', ipAddresses: ['10.0.0.1', 'fd00::1'] }, { ipAddress: '10.1.0.1' }],
    ...rest,
  },
});

/** Lists, a page of `size` at a time. */
const serving =
  (vms: object[], vmis: object[], size = 500): ((request: SeenRequest) => Answer) =>
  ({ path }) => {
    const url = new URL(path, 'http://x');
    if (url.pathname.startsWith('/api/v1/namespaces/')) return { code: 200, body: {} };
    const all = url.pathname.endsWith('/virtualmachines') ? vms : vmis;
    const from = Number(url.searchParams.get('continue') ?? 0);
    const more = from + size < all.length ? String(from + size) : undefined;
    return { code: 200, body: { metadata: { continue: more }, items: all.slice(from, from + size) } };
  };

describe('kubectl virt list', () => {
  it('shows what each does, where, and why not', async () => {
    const message = 'image quay.io/nope cannot be pulled';
    answer = serving(
      [
        vm('bad', 'ErrImagePull', { conditions: [{ type: 'Synchronized', status: 'False', message }] }),
        vm('crashed', 'Stopped', {
          lastTermination: { reason: 'Crashed', message: 'QEMU died', time: ago(300) },
          conditions: [{ type: 'Failure', status: 'True', message: 'The guest crashed: QEMU died' }],
        }),
        vm('off', 'Stopped', { lastTermination: { reason: 'PoweredOff', message: 'it powered off', time: ago(7200) } }),
        vm('web', 'Running', { conditions: [{ type: 'RestartRequired', status: 'True' }] }),
      ],
      [
        vmi('alone', { phase: 'Scheduling', interfaces: [] }),
        vmi('crashed', { phase: 'Failed', nodeName: undefined }, 'crashed'),
        vmi('web', {}, 'web'),
      ],
    );
    const { code, out, err } = await run();
    assert.deepEqual([code, err], [0, '']);
    assert.equal(
      out,
      [
        'NAME        STATUS         AGE    IP         NODE     RESTART   ENDED                 REASON',
        'vmi/alone   Scheduling     90s    <none>     n1',
        `bad         ErrImagePull   3d3h   <none>     <none>                                   ${message}`,
        'crashed     Stopped        3d3h   <none>     <none>             Crashed 5m ago        The guest crashed: QEMU died',
        'off         Stopped        3d3h   <none>     <none>             PoweredOff 120m ago',
        'web         Running        3d3h   10.0.0.1   n1       pending',
        '',
      ].join('\n'),
    );
    assert.match((await run('-o', 'wide')).out, /10\.0\.0\.1,fd00::1,10\.1\.0\.1/);
    assert.doesNotMatch((await run('--no-headers')).out, /NAME/);
  });

  it('prints the same for scripts', async () => {
    answer = serving(
      [vm('web', 'Running', { lastTermination: { reason: 'Crashed', time: 't' } })],
      [vmi('web', {}, 'web')],
    );
    const json = JSON.parse((await run('-o', 'json')).out);
    assert.deepEqual(
      { ...json.items[0], created: '' },
      {
        namespace: 'default',
        name: 'web',
        created: '',
        kind: 'VirtualMachine',
        status: 'Running',
        ip: '10.0.0.1',
        ips: ['10.0.0.1', 'fd00::1', '10.1.0.1'],
        node: 'n1',
        pendingRestart: false,
        lastTermination: { reason: 'Crashed', time: 't' },
      },
    );
    assert.deepEqual(parse((await run('-o', 'yaml')).out), json);
    assert.equal((await run('-o', 'name')).out, 'virtualmachine.kubevirt.io/web\n');
    answer = serving([], []);
    assert.deepEqual(JSON.parse((await run('-o', 'json')).out), { items: [] });
    assert.deepEqual(parse((await run('-o', 'yaml')).out), { items: [] });
  });

  it('shows an instance beside a VM of its name that it is not of', async () => {
    answer = serving([vm('web', 'Starting')], [vmi('web', {}, 'older')]);
    const { out } = await run('--no-headers');
    assert.deepEqual(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/)[0]),
      ['web', 'vmi/web'],
    );
  });

  it('reads all namespaces page by page, and holds no more than a page of each list', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `vm${String(index).padStart(5, '0')}`);
    const pages: number[] = [];
    const all = serving(
      names.map((name) => vm(name, 'Running', {}, 'a')),
      names.map((name) => vmi(name, {}, name, 'a')),
    );
    let printed = 0;
    const io = fakeIo();
    answer = (request) => {
      pages.push(io.out().split('\n').length - 1 - printed);
      printed = io.out().split('\n').length - 1;
      return all(request);
    };
    assert.equal(await main(['list', '-A', ...server.flags], io), 0);
    const lines = io.out().trimEnd().split('\n');
    assert.equal(lines.length, 3001);
    for (const [index, name] of names.entries())
      assert.match(lines[index + 1]!, new RegExp(`^a +${name} +Running +\\S+ +10\\.0\\.0\\.1 +n1$`));
    assert.match(server.seen[0]!.path, /^\/apis\/kubevirt\.io\/v1\/virtualmachines\?limit=500$/);
    assert.equal(server.seen.length, 12, 'each page once');
    assert.ok(Math.max(...pages) <= 501 && pages.filter((lines) => lines > 0).length >= 4, 'printed while it reads');
  });

  it('chooses VMs and lone instances by their labels, and shows where the chosen VMs run', async () => {
    const chosen = serving([vm('web', 'Running')], [vmi('lone'), vmi('web', {}, 'web')]);
    const all = serving([], [vmi('lone'), vmi('other', {}, 'other'), vmi('rs1'), vmi('web', {}, 'web')]);
    answer = (request) => (request.path.includes('labelSelector=app%3Dshop') ? chosen : all)(request);
    const { out } = await run('-l', 'app=shop', '--no-headers');
    assert.deepEqual(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/).slice(0, 2).join(' ')),
      ['vmi/lone Running', 'web Running'],
    );
    assert.match(out, /web .*10\.0\.0\.1/);
  });

  it('cuts the reason at the edge of a terminal, and nowhere else', async () => {
    const message = 'x'.repeat(300);
    answer = serving(
      [vm('bad', 'ErrImagePull', { conditions: [{ type: 'Synchronized', status: 'False', message }] })],
      [],
    );
    for (const line of (await runWith({ columns: 100 })).out.trimEnd().split('\n')) assert.ok(line.length <= 100, line);
    assert.match((await runWith({ columns: 100 }, '-o', 'wide')).out, /x{300}/);
    assert.match((await run()).out, /x{300}/);
  });

  it('says where nothing is, what may not be seen, and what is refused', async () => {
    answer = serving([], []);
    assert.deepEqual(await run('-n', 'prod'), {
      code: 0,
      out: '',
      err: 'No virtual machine found in namespace prod.\n',
    });
    answer = ({ path }) =>
      path.includes('/virtualmachineinstances')
        ? status(403, 'Forbidden', 'you may not')
        : serving([vm('web', 'Running')], [])({ path } as SeenRequest);
    const blind = await run();
    assert.equal(blind.code, 0);
    assert.match(blind.out, /web +Running/);
    assert.equal(blind.err, 'Warning: addresses and nodes are not shown: you may not\n');
    answer = () => status(403, 'Forbidden', 'you may not');
    const refused = await run('-o', 'json');
    assert.deepEqual([refused.code, refused.out], [1, '']);
    answer = ({ path }) =>
      path.startsWith('/api/v1/')
        ? status(404, 'NotFound', 'namespaces "x" not found')
        : { code: 200, body: { items: [] } };
    assert.match((await run('-n', 'x')).err, /namespace "x" does not exist/);
    assert.match((await run('-o', 'xml')).err, /unsupported output format "xml"/);
    assert.match((await run('-w', '-o', 'json')).err, /--watch shows a table/);
  });

  it('counts time as kubectl does', () => {
    const now = Date.parse('2026-01-10T00:00:00Z');
    const at = (seconds: number) => age(new Date(now - seconds * 1000).toISOString(), now);
    const cases: [number, string][] = [
      [0, '0s'],
      [119, '119s'],
      [120, '2m'],
      [190, '3m10s'],
      [600, '10m'],
      [3 * 3600, '3h'],
      [4 * 3600 + 60, '4h1m'],
      [26 * 3600, '26h'],
      [3 * 86_400 + 3600, '3d1h'],
      [100 * 86_400, '100d'],
      [3 * 365 * 86_400, '3y'],
      [-5, '0s'],
    ];
    for (const [seconds, text] of cases) assert.equal(at(seconds), text);
    assert.equal(age('soon', now), undefined);
    assert.equal(age(undefined, now), undefined);
  });
});

describe('kubectl virt list --watch', () => {
  it('clears the screen when the last VM has gone too', async () => {
    const none = async function* (): AsyncGenerator<Row> {};
    const io = fakeIo({ columns: 80 });
    const printing = { output: undefined, all: false, headers: true };
    assert.equal(await printRows(io, none(), { ...printing, clear: true }), 0);
    assert.ok(io.out().includes('\x1b['), JSON.stringify(io.out()));
    const once = fakeIo({ columns: 80 });
    await printRows(once, none(), { ...printing, clear: false });
    assert.equal(once.out(), '');
  });
});
