import assert from 'node:assert/strict';
import { isCliError, renderError } from '../../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../../cmd/kubectl-virt/program.js';
import { policyWith } from '../../policies/support.js';
import { fakeApiServer, status, type Answer, type FakeApiServer, type SeenRequest } from '../fake-api-server.js';
import { fakeIo } from '../fake-io.js';
import { exception, machine, newFiles } from '../policies/files.js';

const BASE = '/apis/policies.kubectl-virt.io/v1alpha1';
const UNTIL = 'policies.kubectl-virt.io/paused-until';
const BY = 'policies.kubectl-virt.io/paused-by';
const REASON = 'policies.kubectl-virt.io/pause-reason';
const DAY = 86_400_000;

let server: FakeApiServer;
let answer: (request: SeenRequest) => Answer;
before(async () => (server = await fakeApiServer({ answer: (request) => answer(request) })));
after(() => server.close());
beforeEach(() => {
  answer = () => ({ code: 200, body: {} });
  server.seen.length = 0;
});

const run = async (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> => {
  const io = fakeIo();
  try {
    const code = await main([...args, ...server.flags], io);
    return { code, out: io.out(), err: io.err() };
  } catch (error) {
    if (!isCliError(error)) throw error;
    return { code: error.exitCode, out: io.out(), err: io.err() + renderError(error) };
  }
};

describe('policy pause', () => {
  it('writes until when and why, never who', async () => {
    const before = Date.now();
    const { code, out } = await run('policy', 'pause', 'vm-size', '--for', '90m', '--reason', ' INFRA-17 ');
    assert.equal(code, 0);
    const [{ method, path, body, headers }] = server.seen as [SeenRequest];
    assert.equal(`${method} ${path}`, `PATCH ${BASE}/virtualmachineclusterpolicies/vm-size`);
    assert.equal(headers['content-type'], 'application/merge-patch+json');
    const { annotations } = (body as { metadata: { annotations: Record<string, string> } }).metadata;
    assert.deepEqual(Object.keys(annotations).toSorted(), [REASON, UNTIL].toSorted());
    assert.equal(annotations[REASON], 'INFRA-17');
    const ahead = Date.parse(annotations[UNTIL]!) - before;
    assert.ok(ahead > 89 * 60_000 && ahead <= 91 * 60_000, String(ahead));
    assert.equal(out, `policy vm-size paused until ${annotations[UNTIL]}\n`);
  });

  it('names a policy of a namespace, and several', async () => {
    await run('policy', 'pause', 'vmpol/a', 'vmcpol/b', 'virtualmachinepolicies/c', '-n', 'shop', '--reason', 'x');
    assert.deepEqual(
      server.seen.map(({ path }) => path.slice(BASE.length + 1)),
      [
        'namespaces/shop/virtualmachinepolicies/a',
        'virtualmachineclusterpolicies/b',
        'namespaces/shop/virtualmachinepolicies/c',
      ],
    );
  });

  it('stands on the KubeVirt object for all', async () => {
    answer = ({ method }) =>
      method === 'GET'
        ? { code: 200, body: { items: [{ metadata: { name: 'kv', namespace: 'virt' } }] } }
        : { code: 200 };
    const { code, out } = await run('policy', 'pause', '--reason', 'x');
    assert.deepEqual([code, /^all policies paused until /.test(out)], [0, true]);
    assert.equal(server.seen.at(-1)?.path, '/apis/kubevirt.io/v1/namespaces/virt/kubevirts/kv');
    answer = () => ({ code: 200, body: { items: [] } });
    assert.match((await run('policy', 'pause', '--reason', 'x')).err, /there is no KubeVirt object/);
  });

  for (const [args, said] of [
    [['a'], /--reason is missing\nSay why/],
    [['a', '--reason', '  '], /--reason is missing/],
    [['a', '--reason', 'x'.repeat(501)], /--reason has 501 characters/],
    [['a', '--reason', 'x', '--for', '4h1s'], /invalid --for "4h1s"\nA pause is longer than nothing, at most 4h/],
    [['a', '--reason', 'x', '--for', '0'], /invalid --for "0"/],
    [['a', '--reason', 'x', '--for', '87600h'], /invalid --for "87600h"/],
    [['a', '--reason', 'x', '--for', 'long'], /invalid --for "long"\nWrite a duration/],
    [['vm/a', '--reason', 'x'], /invalid policy "vm\/a"\nWrite NAME/],
    [['../../secrets', '--reason', 'x'], /invalid policy "\.\.\/\.\.\/secrets"/],
    [['a?b', '--reason', 'x'], /invalid policy "a\?b"/],
    [['constructor/a', '--reason', 'x'], /invalid policy "constructor\/a"/],
  ] as const)
    it(`refuses ${args.join(' ').slice(0, 40)} before it asks anybody`, async () => {
      const { code, err } = await run('policy', 'pause', ...args);
      assert.equal(code, 1);
      assert.match(err, said);
      assert.deepEqual(server.seen, []);
    });

  it('says which rights it takes, and goes on with the others', async () => {
    answer = ({ path }) => (path.endsWith('/a') ? status(403, 'Forbidden', 'may not') : { code: 200 });
    const one = await run('policy', 'pause', 'a', '--reason', 'x');
    assert.equal(one.code, 1);
    assert.match(
      one.err,
      /cannot pause policy a: may not\nIt takes the verbs patch and pause on virtualmachineclusterpolicies\/a/,
    );
    const { code, out } = await run('policy', 'pause', 'a', 'b', '--reason', 'x');
    assert.deepEqual([code, /^policy b paused/.test(out)], [1, true]);
    answer = () => status(404, 'NotFound', 'no such');
    assert.match((await run('policy', 'resume', 'a')).err, /cannot resume policy a: no such\nSee what there is/);
  });

  it('is ended by resume, which takes everything of it away', async () => {
    const { code, out } = await run('policy', 'resume', 'vm-size');
    assert.deepEqual([code, out], [0, 'policy vm-size resumed\n']);
    assert.deepEqual(server.seen[0]?.body, {
      metadata: { annotations: { [UNTIL]: null, [BY]: null, [REASON]: null } },
    });
  });
});

describe('policy exceptions', () => {
  const at = (days: number): string => new Date(Date.now() + days * DAY + 30 * 60_000).toISOString();
  const items = [
    {
      ...exception({ expiresAt: at(30), policies: [{ name: 'a', validations: ['x', 'y'] }] }, { name: 'late' }),
      status: { state: 'Active' },
    },
    { ...exception({ expiresAt: at(3), ticket: 'T-1' }, { name: 'soon' }), status: { state: 'Active' } },
    {
      ...exception({ expiresAt: at(-2), policies: [{ kind: 'VirtualMachinePolicy', name: 'b' }] }, { name: 'gone' }),
      status: { state: 'Active' },
    },
    { ...exception({ expiresAt: at(9) }, { name: 'new' }) },
  ];
  beforeEach(() => {
    answer = ({ path }) =>
      path.includes('continue=')
        ? { code: 200, body: { items: items.slice(2) } }
        : { code: 200, body: { items: items.slice(0, 2), metadata: { continue: 'more/' } } };
  });
  const rows = (out: string): string[][] =>
    out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));

  it('lists all, the first to end first; the time counts, not an old status', async () => {
    const { code, out } = await run('policy', 'exceptions', '-n', 'shop');
    assert.equal(code, 0);
    assert.deepEqual(rows(out), [
      ['NAME', 'POLICIES', 'STATE', 'EXPIRES', 'OWNER', 'TICKET'],
      ['gone', 'vmpol/b', 'Expired', '47h ago', 'team-db@example.com'],
      ['soon', 'vm-size', 'Active', '3d', 'team-db@example.com', 'T-1'],
      ['new', 'vm-size', 'Unknown', '9d', 'team-db@example.com'],
      ['late', 'a(x,y)', 'Active', '30d', 'team-db@example.com'],
    ]);
    const path = `${BASE}/namespaces/shop/virtualmachinepolicyexceptions?limit=500`;
    assert.deepEqual(
      server.seen.map((request) => request.path),
      [path, `${path}&continue=more%2F`],
    );
  });
  it('those that end soon, of all namespaces, for programs', async () => {
    const { out } = await run('policy', 'exceptions', '-A', '--expiring', '7d', '-o', 'json');
    assert.deepEqual(
      (JSON.parse(out) as { exceptions: { name: string }[] }).exceptions.map(({ name }) => name),
      ['gone', 'soon'],
    );
    assert.equal(server.seen[0]?.path, `${BASE}/virtualmachinepolicyexceptions?limit=500`);
    assert.match((await run('policy', 'exceptions', '--expiring', 'soon')).err, /invalid --expiring "soon"/);
  });
  it('says that there is none, and that an older product has none', async () => {
    answer = () => ({ code: 200, body: { items: [] } });
    assert.match(
      (await run('policy', 'exceptions', '--expiring', '14d')).err,
      /No exception ends within 14d in namespace default\./,
    );
    answer = () => status(404, 'NotFound', 'the server could not find the requested resource');
    const { code, err } = await run('policy', 'exceptions');
    assert.equal(code, 2);
    assert.match(err, /the cluster has no policies of this kind: its kubectl-virt is older/);
  });
});

describe('lint --policy cluster', () => {
  it('judges by the policies of the cluster, read by who runs it, for whom --as says', async () => {
    const files = newFiles();
    try {
      const file = files.write('vm.yaml', machine(12));
      answer = ({ path }) => {
        if (path.includes('virtualmachineclusterpolicies'))
          return { code: 200, body: { items: [{ ...policyWith({}), kind: undefined, apiVersion: undefined }] } };
        return {
          code: 200,
          body: { items: path.includes('exceptions') ? [exception({ expiresAt: '2020-01-01T00:00:00Z' })] : [] },
        };
      };
      const { code, out } = await run('lint', '-f', file, '--policy', 'cluster', '--as', 'alice');
      assert.equal(code, 1);
      assert.match(out, /: error: .*\[policy\/vm-size\/vcpus\]/);
      assert.equal(server.seen.length, 4);
      await run('lint', '-f', file, files.write('b.yaml', machine(1, { namespace: 'shop' })), '--policy', 'cluster');
      const namespaces = server.seen.slice(4).map(({ path }) => /namespaces\/([^/]*)/.exec(path)?.[1]);
      assert.deepEqual(namespaces, [undefined, 'default', 'default', 'shop', 'shop', undefined]);
      assert.ok(server.seen.every(({ headers }) => headers['impersonate-user'] === undefined));
    } finally {
      files.remove();
    }
  });

  it('sees pauses, of one policy and of all, and until when', async () => {
    const files = newFiles();
    const until = `${new Date(Date.now() + 30 * 60_000).toISOString().slice(0, 19)}Z`;
    const annotations = { [UNTIL]: until };
    const [one, all] = [{ policy: {}, settings: {} } as { policy: object; settings: Answer }, {}];
    answer = ({ path }) => {
      if (path.endsWith('/kubevirts')) return one.settings;
      const items = path.includes('clusterpolicies') ? [policyWith({}, one.policy)] : [];
      return { code: 200, body: { items } };
    };
    const kubevirts = (...items: object[]): Answer => ({ code: 200, body: { items } });
    const settings = (name: string, more: object = {}): object => ({
      metadata: { name, namespace: 'kubevirt', ...more },
    });
    const lint = (...args: string[]) => run('lint', '-f', file, '--policy', 'cluster', ...args);
    const file = files.write('vm.yaml', machine(12));
    try {
      Object.assign(one, { policy: { annotations }, settings: kubevirts(settings('kubevirt', all)) });
      const said = `vm.yaml:1:1: warning: policy vm-size is paused until ${until}: it refuses nothing now [policy/vm-size]`;
      const own = await lint();
      assert.equal(own.code, 0, own.out);
      assert.ok(own.out.includes(said), own.out);
      Object.assign(one, { policy: {}, settings: kubevirts(settings('kubevirt', { annotations }), settings('z')) });
      const every = await lint();
      assert.equal(every.code, 0, every.out);
      assert.ok(every.out.includes(said), every.out);
      const explained = await run('policy', 'explain', 'vm-size', '-f', file, '--policy', 'cluster');
      assert.match(explained.out, /VirtualMachine web, action Audit\n[^]*policy vm-size is paused until /);
      // What is over, and what is longer than a pause may be, is none.
      for (const end of ['2020-01-01T00:00:00Z', '2099-01-01T00:00:00Z']) {
        one.settings = kubevirts(settings('kubevirt', { annotations: { [UNTIL]: end } }));
        assert.equal((await lint()).code, 1);
      }
      // The time that is asked about counts.
      one.settings = kubevirts(settings('kubevirt', { annotations }));
      assert.equal((await lint('--now', '2099-01-01T00:00:00Z')).code, 1);
      one.settings = status(403, 'Forbidden', 'may not');
      const blind = await lint();
      assert.equal(blind.code, 1);
      assert.match(blind.err, /not checked: whether all policies are paused: may not/);
    } finally {
      files.remove();
    }
  });
});
