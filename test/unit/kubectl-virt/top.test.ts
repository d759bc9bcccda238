import assert from 'node:assert/strict';
import { renderError } from '../../../cmd/kubectl-virt/errors.js';
import { inParallel } from '../../../cmd/kubectl-virt/client/list.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { fakeApiServer, status, type Answer, type FakeApiServer, type SeenRequest } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

const MIB = 2 ** 20;

const vmi = (name: string, { namespace = 'default', phase = 'Running', node = 'node-1' } = {}) => ({
  metadata: { namespace, name, uid: name },
  spec: { domain: { devices: {}, cpu: { cores: 2 }, memory: { guest: '1Gi' } } },
  status: { phase, nodeName: node },
});

const usage = (cores: number, resident: number, guestUsed?: number) => ({
  timestamp: '2026-01-01T00:00:00Z',
  cpu: { vcpus: 2, cores, windowSeconds: 15 },
  memory: {
    resident: resident * MIB,
    guest: 1024 * MIB,
    ...(guestUsed === undefined ? {} : { guestUsed: guestUsed * MIB }),
  },
});

const VMIS = [vmi('web'), vmi('db'), vmi('starting', { phase: 'Scheduling' })];
const USAGES: Readonly<Record<string, object>> = { web: usage(0.1234, 300, 512), db: usage(1.5, 900) };

describe('kubectl virt top', () => {
  let server: FakeApiServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  const top = async (args: readonly string[], answer: (request: SeenRequest) => Answer) => {
    await server?.close();
    server = await fakeApiServer({ answer });
    const io = fakeIo();
    let code: number;
    try {
      code = await main(['top', ...args, ...server.flags], io);
    } catch (error) {
      io.stderr.write(renderError(error));
      code = 1;
    }
    return { code, out: io.out().split('\n').slice(0, -1), err: io.err(), seen: server.seen };
  };

  const cluster = ({ path }: SeenRequest): Answer => {
    const of = /virtualmachineinstances\/([^/]+)\/usage$/.exec(path)?.[1];
    if (of !== undefined) return { code: 200, body: USAGES[of] };
    const one = /virtualmachineinstances\/([^/?]+)$/.exec(path)?.[1];
    const found = VMIS.find(({ metadata }) => metadata.name === one);
    if (one !== undefined) return found === undefined ? status(404, 'NotFound', 'gone') : { code: 200, body: found };
    return path.includes('virtualmachineinstances')
      ? { code: 200, body: { items: VMIS } }
      : status(404, 'NotFound', 'no');
  };

  it('shows what running VMs use, in the units of kubectl top, aligned; what is not known is said so', async () => {
    const { code, out, seen } = await top(['-n', 'default'], cluster);
    assert.equal(code, 0);
    assert.deepEqual(out, [
      'NAME   CPU(cores)   CPU%   MEMORY(bytes)   GUEST(bytes)   GUEST%      NODE',
      'db     1500m        75%    900Mi           <unknown>      <unknown>   node-1',
      'web    123m         6%     300Mi           512Mi          50%         node-1',
    ]);
    assert.ok(!seen.some(({ path }) => path.includes('starting')), 'who does not run is not asked');
  });

  it('sorts by a column, the largest first, with what is not known last', async () => {
    const names = async (key: string): Promise<string> =>
      (await top(['vm', '--no-headers', `--sort-by=${key}`], cluster)).out.map((line) => line.split(' ')[0]).join();
    assert.equal(await names('cpu'), 'db,web');
    assert.equal(await names('memory'), 'db,web');
    assert.equal(await names('guest'), 'web,db');
    assert.equal(await names('name'), 'db,web');
    const { err } = await top(['--sort-by=size'], cluster);
    assert.match(err, /size/);
  });

  it('asks for all namespaces, a label, a page after the other', async () => {
    const { out, seen } = await top(['vm', '-A', '-l', 'app=web'], (request) =>
      request.path.endsWith('usage')
        ? cluster(request)
        : request.path.includes('continue=')
          ? { code: 200, body: { items: [vmi('db', { namespace: 'other' })] } }
          : { code: 200, body: { metadata: { continue: 'x' }, items: [vmi('web')] } },
    );
    assert.match(
      seen[0]?.path ?? '',
      /^\/apis\/kubevirt\.io\/v1\/virtualmachineinstances\?limit=500&labelSelector=app%3Dweb$/,
    );
    assert.deepEqual(
      out.map((line) => line.split(/ +/).slice(0, 2)),
      [
        ['NAMESPACE', 'NAME'],
        ['default', 'web'],
        ['other', 'db'],
      ],
    );
  });

  it('says of one that does not run what it is, and what to do', async () => {
    const stopped = { metadata: { name: 'off' }, status: { printableStatus: 'Stopped' } };
    const answer = (request: SeenRequest): Answer =>
      request.path.endsWith('/virtualmachines/off') ? { code: 200, body: stopped } : cluster(request);
    const off = await top(['vm', 'off'], answer);
    assert.equal(off.code, 1);
    assert.match(off.err, /error: off does not run: it is Stopped\nStart it: kubectl virt start off/);
    assert.match((await top(['vm', 'starting'], answer)).err, /starting does not run: it is Scheduling/);
    assert.match(
      (await top(['vm', 'none', '-n', 'default'], answer)).err,
      /namespace "default" does not exist|no virtual machine "none"/,
    );
  });

  it('says where nothing runs that nothing does', async () => {
    const { code, out, err } = await top([], () => ({ code: 200, body: { items: [vmi('a', { phase: 'Pending' })] } }));
    assert.deepEqual([code, out], [0, []]);
    assert.match(err, /No virtual machine runs in default; 1 do not run at the moment\./);
  });

  it('shows the others where one cannot be asked, and fails with a remedy where none can', async () => {
    const refuse = (who: RegExp) => (request: SeenRequest) =>
      request.path.endsWith('usage') && who.test(request.path)
        ? status(403, 'Forbidden', 'you may not')
        : cluster(request);
    const some = await top([], refuse(/web/));
    assert.equal(some.code, 0);
    assert.match(some.err, /Warning: default\/web: you may not/);
    assert.match(some.out.join('\n'), /^web +<unknown>/m);
    const none = await top([], refuse(/./));
    assert.equal(none.code, 1);
    assert.match(none.err, /virtualmachineinstances\/usage/);
  });

  it('leaves out one that stopped meanwhile', async () => {
    const { code, out } = await top([], (request) =>
      request.path.endsWith('db/usage') ? status(409, 'Conflict', 'is not running') : cluster(request),
    );
    assert.deepEqual([code, out.length], [0, 2]);
  });

  it('says that the cluster may be older where it knows no such question', async () => {
    const { code, err } = await top([], (request) =>
      request.path.endsWith('usage') ? status(404, 'NotFound', 'there is no usage') : cluster(request),
    );
    assert.equal(code, 1);
    assert.match(err, /error: there is no usage\n.*older than this plugin: kubectl virt version/);
  });

  it('asks a few at a time, and keeps the order', async () => {
    let [now, most] = [0, 0];
    const items = Array.from({ length: 60 }, (_, index) => index);
    const results = await inParallel(items, 16, async (item) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, (item * 7) % 5));
      now -= 1;
      return item * 2;
    });
    assert.equal(most, 16);
    assert.deepEqual(
      results,
      items.map((item) => item * 2),
    );
  });

  it('refuses what makes no sense, and says what to write', async () => {
    assert.match(
      (await top(['pod'], cluster)).err,
      /unsupported resource type 'pod'\nWrite vm or node first: top vm pod/,
    );
    assert.match((await top(['vm', 'web', '-A'], cluster)).err, /a name stands beside --all-namespaces/);
    assert.match((await top(['node', '-A'], cluster)).err, /nodes are in no namespace/);
  });
});

describe('kubectl virt top node', () => {
  const DENSITY = { memoryBytes: 1, swapBytes: 512 * MIB, warnings: ['soft-eviction-missing'] };
  const node = (name: string, changed: object = {}) => ({
    metadata: {
      name,
      labels: { 'kubevirt.io/schedulable': 'true' },
      annotations: { 'kubevirt.io/node-density': JSON.stringify(DENSITY) },
      ...changed,
    },
    status: { capacity: { cpu: '4', memory: '4Gi' } },
  });
  let server: FakeApiServer | undefined;
  afterEach(() => server?.close());
  const topNode = async (
    nodes: readonly object[],
    args: readonly string[] = [],
    vms: Answer = { code: 200, body: { items: VMIS } },
  ) => {
    server = await fakeApiServer({
      answer: ({ path }) => (path.includes('/nodes') ? { code: 200, body: { items: nodes } } : vms),
    });
    const io = fakeIo();
    await main(['top', 'node', ...args, ...server.flags], io);
    return { out: io.out().split('\n').slice(0, -1), err: io.err() };
  };

  it('shows how full nodes are, by what is written of them', async () => {
    const { out } = await topNode([node('node-2'), node('node-1'), node('no-agent', { labels: {} })]);
    assert.deepEqual(out, [
      'NAME     VMS   VCPUS   CPUS   VCPUS/CPU   GUESTS(bytes)   MEMORY(bytes)   OVERCOMMIT   SWAP    WARNINGS',
      'node-1   3     6       4      1.5         3072Mi          4096Mi          75%          512Mi   soft-eviction-missing',
      'node-2   0     0       4      0.0         0Mi             4096Mi          0%           512Mi   soft-eviction-missing',
    ]);
  });

  it('believes no report that is none, and shows what it can to who may not see VMs of others', async () => {
    for (const forged of ['{', 'null', '7', '{"warnings":7,"swapBytes":-1}', `"${'x'.repeat(100_000)}"`]) {
      const { out } = await topNode([node('node-1', { annotations: { 'kubevirt.io/node-density': forged } })]);
      assert.match(out[1] ?? '', /75% +<unknown> +<unknown>$/, forged.slice(0, 20));
      await server?.close();
    }
    const { out } = await topNode([node('node-1')], [], status(403, 'Forbidden', 'no'));
    assert.match(out[1] ?? '', /^node-1 +<unknown> +<unknown> +4 +<unknown> +<unknown> +4096Mi +<unknown> +512Mi/);
  });
});
