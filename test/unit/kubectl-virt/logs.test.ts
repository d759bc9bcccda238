import assert from 'node:assert/strict';
import { isCliError, renderError } from '../../../cmd/kubectl-virt/errors.js';
import { GuestText } from '../../../cmd/kubectl-virt/logs/guest-text.js';
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
    return { code: await main(['logs', ...args, ...server.flags], io), out: io.out(), err: io.err() };
  } catch (error) {
    assert.ok(isCliError(error), error instanceof Error ? error.stack : String(error));
    return { code: error.exitCode, out: io.out(), err: io.err() + renderError(error) };
  }
};
const run = (...args: string[]) => runWith({}, ...args);

interface World {
  devices?: object;
  template?: object;
  vmStatus?: object;
  /** No VMI. */
  isOff?: boolean;
  phase?: string;
  noVm?: boolean;
  pods?: object[];
  log?: Answer;
}
const pod = (uid: string, state: object = { running: {} }, labels: object = {}) => ({
  metadata: { name: `virt-launcher-web-${uid}`, uid, labels, ownerReferences: [{ name: 'web', uid: 'vmi-1' }] },
  spec: { containers: [{ name: 'compute' }, { name: 'guest-console-log' }] },
  status: { containerStatuses: [{ name: 'guest-console-log', state }] },
});

const world =
  ({ devices = { logSerialConsole: true }, template = devices, vmStatus, isOff, phase, noVm, pods, log }: World) =>
  ({ path }: SeenRequest): Answer => {
    const at = new URL(path, 'http://x').pathname;
    if (at.endsWith('/log')) return log ?? { code: 200, body: 'hello\r\n' };
    if (at.endsWith('/pods')) return { code: 200, body: { items: pods ?? [pod('p1')] } };
    if (at.startsWith('/api/v1/namespaces/')) return { code: 200, body: {} };
    if (at.endsWith('/virtualmachines/web'))
      return noVm === true
        ? status(404, 'NotFound', 'not found')
        : {
            code: 200,
            body: { spec: { template: { spec: { domain: { devices: template } } } }, status: vmStatus ?? {} },
          };
    return isOff === true
      ? status(404, 'NotFound', 'not found')
      : {
          code: 200,
          body: {
            metadata: { name: 'web', uid: 'vmi-1' },
            spec: { domain: { devices } },
            status: { phase: phase ?? 'Running', activePods: { p1: 'n1' } },
          },
        };
  };

/** The request for the log. */
const asked = (): URL => new URL(server.seen.find(({ path }) => path.includes('/log?'))!.path, 'http://x');

describe('kubectl virt logs', () => {
  it("prints what the pod's container has kept, as it is in a pipe", async () => {
    answer = world({ log: { code: 200, body: '\x1b[0;32mOK\x1b[0m\r\nlogin: \x1b]0;x\x07' } });
    const { code, out, err } = await run('web', '-n', 'prod', '--since=90s', '--tail', '5', '--timestamps');
    assert.deepEqual([code, out, err], [0, '\x1b[0;32mOK\x1b[0m\r\nlogin: \x1b]0;x\x07', '']);
    assert.equal(asked().pathname, '/api/v1/namespaces/prod/pods/virt-launcher-web-p1/log');
    assert.deepEqual(Object.fromEntries(asked().searchParams), {
      container: 'guest-console-log',
      timestamps: 'true',
      tailLines: '5',
      sinceSeconds: '90',
    });
  });

  it('takes --tail=-1 for all, as kubectl does, and joined letters', async () => {
    answer = world({});
    assert.equal((await run('web', '--tail=-1', '-nprod')).code, 0);
    assert.equal(asked().pathname, '/api/v1/namespaces/prod/pods/virt-launcher-web-p1/log');
    assert.equal(asked().searchParams.has('tailLines'), false);
  });

  it('shows on a terminal what the terminal would act on, and no colours', async () => {
    answer = world({ log: { code: 200, body: '\x1b[0;32mOK\x1b[0m\r\nlogin: \x1b]0;x\x07\x1b[2J' } });
    const { out } = await runWith({ columns: 80 }, 'vm/web');
    assert.equal(out, 'OK\nlogin: \\x1b]0;x\\x07\\x1b[2J');
  });

  it('asks the pod that virt-controller wrote down, not one that says that it is it', async () => {
    const forged = { ...pod('p2'), metadata: { ...pod('p2').metadata, creationTimestamp: '2026-01-02T00:00:00Z' } };
    answer = world({ pods: [forged, pod('p1')] });
    await run('web');
    assert.match(asked().pathname, /virt-launcher-web-p1\/log$/);
  });

  it('follows over a restart, and ends when nothing is due', async () => {
    let logs = 0;
    answer = (request) => {
      if (request.path.includes('/log?')) {
        logs += 1;
        return { code: 200, body: `guest ${logs}\n` };
      }
      if (logs < 1) return world({})(request);
      // The next instance, then none.
      const second = { ...pod('p2', { terminated: {} }), metadata: { ...pod('p2').metadata } };
      if (logs === 1) {
        if (request.path.includes('/pods'))
          return { code: 200, body: { items: [second, pod('p1', { terminated: {} })] } };
        if (request.path.includes('instances/web')) {
          const body = world({})(request).body as { status: object };
          return { code: 200, body: { ...body, status: { phase: 'Running', activePods: { p2: 'n1' } } } };
        }
      }
      return world({ isOff: logs > 1, vmStatus: { printableStatus: logs > 1 ? 'Stopped' : 'Running' } })(request);
    };
    const { code, out, err } = await run('web', '-f', '--tail=3');
    assert.deepEqual([code, out], [0, 'guest 1\nguest 2\n']);
    assert.match(err, /web was started again: this is the log of pod virt-launcher-web-p2\./);
    const [first, second] = server.seen.filter(({ path }) => path.includes('/log?')).map(({ path }) => path);
    assert.match(first!, /follow=true&tailLines=3/);
    assert.doesNotMatch(second!, /tailLines/);
  });

  const refused: [what: string, world: World, args: string[], message: RegExp][] = [
    [
      'keeps nothing',
      { devices: {} },
      [],
      /nothing is kept of what web says: logSerialConsole is not set\nSet spec\.template.*restart it.*kubectl virt console web -n default/,
    ],
    [
      'keeps nothing yet',
      { devices: {}, template: { logSerialConsole: true } },
      [],
      /logSerialConsole is newer than the guest\nRestart it: kubectl virt restart web -n default/,
    ],
    ['has no console', { devices: { autoattachSerialConsole: false } }, [], /web has no serial console/],
    ['is off and keeps nothing', { isOff: true, template: {} }, [], /logSerialConsole is not set/],
    [
      'is off',
      { isOff: true, vmStatus: { printableStatus: 'Stopped' } },
      [],
      /web does not run: it is Stopped\nIts log went with its last pod\. Start it: kubectl virt start web -n default/,
    ],
    [
      'has not started',
      { pods: [pod('p1', { waiting: {} })] },
      [],
      /the guest of web has not started yet\nWait for it with -f, or see why: kubectl virt doctor web -n default/,
    ],
    [
      'is not there',
      { isOff: true, noVm: true },
      [],
      /there is no virtual machine "web" in default\nSee what there is: kubectl virt list/,
    ],
    [
      'had none before',
      {},
      ['--previous'],
      /nothing is kept of the instance of web before this one\nIts log goes with its pod/,
    ],
    [
      'may not be read',
      { log: status(403, 'Forbidden', 'no logs for you') },
      [],
      /no logs for you\nYou need the verb get on pods\/log in default/,
    ],
  ];
  for (const [what, made, args, message] of refused)
    it(`says so of one that ${what}`, async () => {
      answer = world(made);
      const { code, out, err } = await run('web', ...args);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, message);
    });

  it('shows the instance before while its pod is there', async () => {
    answer = world({ pods: [pod('p1'), pod('p0', { terminated: {} })] });
    assert.equal((await run('web', '-p')).code, 0);
    assert.match(asked().pathname, /virt-launcher-web-p0\/log$/);
  });

  it('refuses what makes no sense', async () => {
    assert.match((await run('web', '--tail=-2')).err, /invalid --tail -2/);
    assert.match((await run('web', '--since=soon')).err, /invalid --since "soon"/);
    assert.match((await run('web', '-f', '-p')).err, /--follow and --previous exclude each other/);
  });

  it('cleans what is cut anywhere, and holds little of it', () => {
    const whole = Buffer.from('a\x1b[1;31mé\x1b[0m\r\nb\r\r\nc\rd\x1b[');
    const want = 'aé\nb\nc\rd\x1b[';
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const text = new GuestText();
      assert.equal(
        text.add(whole.subarray(0, cut)) + text.add(whole.subarray(cut)) + text.end(),
        want,
        `cut at ${cut}`,
      );
    }
    const text = new GuestText();
    const endless = text.add(Buffer.from(`\x1b[${'1;'.repeat(1000)}`));
    assert.ok(endless.length >= 2000, 'what is no colour is not kept');
  });

  it('takes and keeps no more time and memory, whatever a guest repeats', () => {
    const MEBIBYTE = 1024 * 1024;
    const text = new GuestText();
    const before = process.cpuUsage();
    for (const piece of ['\r', '\x1b[', '\r\x1b', '\x1b[1;', '\r\r\n']) {
      text.add(Buffer.from(piece.repeat(MEBIBYTE / piece.length)));
      text.add(Buffer.from(piece.repeat(64)));
      assert.ok(text.held <= 34, `${JSON.stringify(piece)}: ${text.held} kept`);
    }
    const { user, system } = process.cpuUsage(before);
    // A mebibyte of returns alone took the better part of an hour.
    assert.ok(user + system < 5_000_000, `${(user + system) / 1000} ms`);
    assert.equal(text.add(Buffer.from('\ra\r\r')) + text.add(Buffer.from('\r\nb')), '\ra\nb');
  });
});
