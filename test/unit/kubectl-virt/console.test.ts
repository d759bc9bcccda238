import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { WebSocket } from 'ws';
import { ApiStatusError, statusError } from '../../../cmd/kubectl-virt/client/status.js';
import { endingOf } from '../../../cmd/kubectl-virt/console/close-codes.js';
import { raceAbort } from '../../../cmd/kubectl-virt/console/console.js';
import { describeEscape, parseEscape, splitAtEscape } from '../../../cmd/kubectl-virt/console/escape.js';
import { runSession } from '../../../cmd/kubectl-virt/console/session.js';
import { isStateError, openWhenRunning } from '../../../cmd/kubectl-virt/console/wait.js';
import { isCliError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { fakeApiServer, status, type FakeApiServer, type Handlers } from './fake-api-server.js';
import { fakeIo } from './fake-io.js';

describe('console: escape', () => {
  it('reads caret notation, characters and none', () => {
    assert.equal(parseEscape('^]'), 0x1d);
    assert.equal(parseEscape('^a'), 1);
    assert.equal(parseEscape('^A'), 1);
    assert.equal(parseEscape('~'), 0x7e);
    assert.equal(parseEscape('none'), undefined);
    assert.throws(() => parseEscape('ab'), /invalid --escape "ab"/);
    assert.throws(() => parseEscape('é'), /invalid --escape/);
    assert.equal(describeEscape(0x1d), 'Ctrl+]');
  });

  it('sends what precedes the escape byte and nothing after it', () => {
    const { send, leave } = splitAtEscape(Buffer.from('exit\x1drest'), 0x1d);
    assert.equal(send.toString(), 'exit');
    assert.equal(leave, true);
    assert.equal(splitAtEscape(Buffer.from('a\x1db'), undefined).leave, false);
  });
});

describe('console: close codes (docs/reference/control.md §3.6)', () => {
  it('tells a good end from a bad one', () => {
    assert.deepEqual(endingOf(1000, '', 'x'), {});
    assert.deepEqual(endingOf(4002, '', 'x'), { notice: 'x was powered off' });
    assert.match(endingOf(4001, '', 'x').error!.message, /another user connected to the console of x/);
    assert.match(endingOf(1001, '', 'x').error!.message, /shutting down/);
    assert.match(endingOf(1006, '', 'x').error!.message, /lost/);
    assert.equal(endingOf(1011, 'agent gone', 'x').error!.message, 'agent gone');
    assert.match(endingOf(4999, '', 'x').error!.message, /4999/);
  });
});

describe('console: which refusals are worth waiting for', () => {
  const cases: [number, string, boolean][] = [
    [409, 'VMI is not running', true],
    [409, 'VMI is in failed status', false],
    [409, 'VMI has ended: its guest was shut down', false],
    [400, 'no virt-agent is ready on its node node-a', true],
    [400, 'VMI is not running', true],
    [400, 'Unable to connect to VirtualMachineInstance because phase is Scheduled instead of Running', true],
    [400, 'No serial consoles are present.', false],
    [403, 'forbidden', false],
    [500, 'VMI is not running', false],
  ];
  for (const [code, message, expected] of cases) {
    it(`${code} ${message}: ${expected}`, () =>
      assert.equal(isStateError(new ApiStatusError(code, '', message)), expected));
  }

  it('are told apart by their cause, where the server names one, whatever the words are', () => {
    const refused = (detail: string, code = 400): boolean =>
      isStateError(new ApiStatusError(code, '', 'VMI is not running: the last start has failed', undefined, detail));
    assert.deepEqual(
      ['NotRunningYet', 'AgentNotReady'].map((cause) => refused(cause)),
      [true, true],
    );
    assert.deepEqual([refused('HasEnded', 409), refused('NoSerialConsole')], [false, false]);
    assert.equal(refused('constructor'), false);
    const body = { kind: 'Status', code: 400, message: 'x', details: { causes: [{ reason: 'NotRunningYet' }] } };
    assert.equal(isStateError(statusError(400, JSON.stringify(body))), true);
  });

  const opening = (timeout: number, answers: (ApiStatusError | WebSocket)[]) =>
    openWhenRunning({
      ...{ name: 'web', timeout, say: () => undefined },
      client: { namespace: 'default', get: () => Promise.reject(new Error('nothing is asked')) },
      signal: new AbortController().signal,
      open: () => {
        const answer = answers.shift();
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer!);
      },
    });
  const unavailable = () => new ApiStatusError(503, 'ServiceUnavailable', 'error dialing backend');
  it('503 of a webhook that has just died is waited for, but not where one attempt was asked for', async () => {
    const socket = new EventEmitter() as unknown as WebSocket;
    assert.equal(await opening(60_000, [unavailable(), socket]), socket);
    await assert.rejects(opening(0, [unavailable(), socket]), /error dialing backend/);
  });
});

describe('console: leaving', () => {
  const fakeSocket = (): { socket: WebSocket; terminated: Promise<unknown> } => {
    const events = new EventEmitter();
    const nothing = (): void => undefined;
    const socket = Object.assign(events, {
      ...{ OPEN: 1, readyState: 1, bufferedAmount: 0 },
      ...{ close: nothing, pause: nothing, resume: nothing, ping: nothing, send: nothing },
      terminate: () => events.emit('terminated'),
    });
    return { socket: socket as unknown as WebSocket, terminated: once(events, 'terminated') };
  };

  it('cuts a server that does not answer the close', async () => {
    const { socket, terminated } = fakeSocket();
    const { stdin, guestScreen } = fakeIo({ tty: true });
    const leave = new AbortController();
    const session = { socket, name: 'web', stdin, guestScreen, isTty: true, escape: 0x1d, drainTimeout: 0 };
    const ended = runSession({ ...session, signal: leave.signal });
    leave.abort();
    assert.deepEqual(await ended, {});
    // The timer alone does not keep a process alive; the plugin's open socket does.
    const alive = setInterval(() => undefined, 1000);
    await terminated;
    clearInterval(alive);
  });

  it('closes a console that opens after ^C', async () => {
    const { socket, terminated } = fakeSocket();
    const interrupt = new AbortController();
    let open: (socket: WebSocket) => void = () => undefined;
    const result = raceAbort(new Promise((resolve) => (open = resolve)), interrupt.signal);
    interrupt.abort(new Error('interrupted'));
    await assert.rejects(result, /interrupted/);
    open(socket);
    await terminated;
  });
});

describe('console: the command', () => {
  let server: FakeApiServer;
  const serve = async (handlers: Handlers): Promise<FakeApiServer> => (server = await fakeApiServer(handlers));
  afterEach(() => server.close());
  const outcome = async (run: Promise<number>): Promise<{ code: number; message: string; remedy?: string }> => {
    try {
      return { code: await run, message: '' };
    } catch (error) {
      assert.ok(isCliError(error), String(error));
      return { code: error.exitCode, message: error.message, ...(error.remedy ? { remedy: error.remedy } : {}) };
    }
  };

  it('copies both ways through a pipe and reads on after the end of stdin', async () => {
    await serve({
      upgrade: () => (socket) => {
        socket.on('message', (data: Buffer, isBinary) => {
          assert.equal(isBinary, true);
          setTimeout(() => socket.send(Buffer.from(`<${data.toString()}>`)), 20);
          setTimeout(() => socket.close(1000), 60);
        });
      },
    });
    // 0x1d in a pipe is data.
    const io = fakeIo({ stdin: 'ls\x1d\n' });
    assert.equal(await main(['console', 'vm/web/prod', ...server.flags], io), 0);
    assert.equal(io.out(), '<ls\x1d\n>');
    const [request] = server.seen;
    assert.equal(
      request!.path,
      '/apis/subresources.kubevirt.io/v1/namespaces/prod/virtualmachineinstances/web/console',
    );
    assert.equal(request!.headers['sec-websocket-protocol'], 'plain.kubevirt.io');
  });

  it('leaves a terminal at the escape byte, in raw mode between, with what was typed before it sent', async () => {
    const received: string[] = [];
    await serve({
      upgrade: () => (socket) => {
        socket.on('message', (data: Buffer) => received.push(data.toString()));
        socket.send(Buffer.from('login: '));
      },
    });
    const io = fakeIo({ tty: true });
    io.guestScreen.on('data', () => (io.stdin as unknown as NodeJS.WritableStream).write('root\x1d'));
    assert.equal(await main(['console', 'web', ...server.flags], io), 0);
    assert.equal(io.out(), 'login: ');
    assert.deepEqual(io.rawModes, [true, false]);
    assert.match(io.err(), /Connected to the console of web\. Ctrl\+\] leaves it/);
    while (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(received, ['root']);
  });

  it('waits until the guest runs', async () => {
    let attempts = 0;
    await serve({
      upgrade: () => {
        attempts += 1;
        if (attempts < 2) return status(409, 'Conflict', 'VMI is not running: phase Scheduling');
        return (socket) => socket.close(1000);
      },
    });
    const io = fakeIo();
    assert.equal(await main(['console', 'web', ...server.flags], io), 0);
    assert.equal(attempts, 2);
    assert.match(io.err(), /Waiting for web to run \(VMI is not running: phase Scheduling\)/);
  });

  it('tries once with --timeout=0', async () => {
    await serve({ upgrade: () => status(409, 'Conflict', 'VMI is not running') });
    const { code, message } = await outcome(main(['console', 'web', '--timeout=0', ...server.flags], fakeIo()));
    assert.deepEqual([code, message], [1, 'VMI is not running']);
  });

  it('says that the VM is stopped when there is a VM and no instance', async () => {
    await serve({
      upgrade: () => status(404, 'NotFound', 'virtualmachineinstance.kubevirt.io "web" not found'),
      answer: () => ({ code: 200, body: { spec: { runStrategy: 'Halted' }, status: { printableStatus: 'Stopped' } } }),
    });
    const { code, message, remedy } = await outcome(main(['console', 'web', ...server.flags], fakeIo()));
    assert.deepEqual([code, message], [1, 'VirtualMachine web is stopped']);
    assert.match(remedy!, /kubectl virt start web -n default/);
  });

  it('says why a VM fails to start, between its tries, and waits on once a start was asked for', async () => {
    const message = 'failed to start 3 times in a row: the image has no directory /disk';
    const conditions = [{ type: 'Failure', status: 'True', reason: 'FailedToStart', message }];
    const looping = { printableStatus: 'CrashLoopBackOff', conditions, startFailure: { consecutiveFailCount: 3 } };
    let state: object = looping;
    let attempts = 0;
    await serve({
      upgrade: () => {
        attempts += 1;
        if (attempts === 3) return (socket) => socket.close(1000);
        return status(404, 'NotFound', 'virtualmachineinstance.kubevirt.io "web" not found');
      },
      answer: () => ({ code: 200, body: { spec: { runStrategy: 'Always' }, status: state } }),
    });
    const failed = await outcome(main(['console', 'web', ...server.flags], fakeIo()));
    assert.deepEqual([failed.code, failed.message], [1, `VirtualMachine web does not run: ${message}`]);
    assert.match(failed.remedy!, /try at once: kubectl virt start web -n default/);
    const paused = await outcome(main(['pause', 'web', ...server.flags], fakeIo()));
    assert.doesNotMatch(paused.remedy ?? '', /vmi/);
    state = { ...looping, startFailure: { consecutiveFailCount: 0 } };
    assert.equal(await main(['console', 'web', ...server.flags], fakeIo()), 0);
  });

  it('says what keeps a VM that is on its way', async () => {
    const message = 'volume d: Secret nope does not exist';
    const conditions = [{ type: 'Synchronized', status: 'False', message }];
    await serve({
      upgrade: () => status(409, 'Conflict', 'VMI is not running: phase Scheduling'),
      answer: () => ({ code: 200, body: { status: { printableStatus: 'ErrorSecretNotFound', conditions } } }),
    });
    const { message: said } = await outcome(main(['console', 'web', '--timeout=0', ...server.flags], fakeIo()));
    assert.equal(said, `ErrorSecretNotFound: ${message}`);
  });

  it('asks the VM why an instance has ended, which the server does not say', async () => {
    const failure = [{ type: 'Failure', status: 'True', message: 'failed to start once: no directory /disk' }];
    const ended = {
      printableStatus: 'CrashLoopBackOff',
      conditions: failure,
      startFailure: { consecutiveFailCount: 1 },
    };
    let vm: ReturnType<typeof status> | { code: number; body: object } = { code: 200, body: { status: ended } };
    await serve({
      upgrade: () => status(409, 'Conflict', 'VMI is in failed status'),
      answer: () => vm,
    });
    const told = await outcome(main(['console', 'web', ...server.flags], fakeIo()));
    assert.equal(told.message, 'VirtualMachine web does not run: failed to start once: no directory /disk');
    assert.match(told.remedy!, /kubectl virt start web/);
    vm = status(404, 'NotFound', 'no VM');
    const alone = await outcome(main(['console', 'web', ...server.flags], fakeIo()));
    assert.match(alone.message, /VMI is in failed status/);
    assert.match(alone.remedy!, /kubectl describe vmi web -n default/);
  });

  it('says while a try is under way why the one before it failed', async () => {
    const lastTermination = { reason: 'FailedToStart', message: 'no directory /disk' };
    const body = {
      status: { printableStatus: 'Starting', startFailure: { consecutiveFailCount: 2 }, lastTermination },
    };
    await serve({
      upgrade: () => status(400, 'BadRequest', 'VMI is not running: its phase is Scheduling'),
      answer: () => ({ code: 200, body }),
    });
    const { message } = await outcome(main(['console', 'web', '--timeout=0', ...server.flags], fakeIo()));
    assert.match(message, /phase is Scheduling: the last start failed: no directory \/disk/);
  });

  it('gives up at once on an unknown or forbidden instance', async () => {
    await serve({
      upgrade: ({ path }) =>
        path.includes('secret') ? status(403, 'Forbidden', 'is forbidden') : status(404, 'NotFound', '"web" not found'),
      answer: () => status(404, 'NotFound', 'no VM'),
    });
    assert.match((await outcome(main(['console', 'web', ...server.flags], fakeIo()))).message, /"web" not found/);
    const forbidden = await outcome(main(['console', 'secret', ...server.flags], fakeIo()));
    assert.match(forbidden.remedy!, /virtualmachineinstances\/console/);
  });

  it('tells the loser of a take-over why, with exit code 1 and the terminal restored', async () => {
    await serve({ upgrade: () => (socket) => socket.close(4001, 'another user connected to the console of web') });
    const io = fakeIo({ tty: true });
    const { code, message } = await outcome(main(['console', 'web', ...server.flags], io));
    assert.deepEqual([code, message], [1, 'another user connected to the console of web']);
    assert.deepEqual(io.rawModes, [true, false]);
  });

  it('ends with 130 when interrupted while waiting', async () => {
    await serve({ upgrade: () => status(409, 'Conflict', 'VMI is not running') });
    const io = fakeIo();
    io.onError(() => process.emit('SIGINT'));
    assert.equal((await outcome(main(['console', 'web', ...server.flags], io))).code, 130);
  });
});
