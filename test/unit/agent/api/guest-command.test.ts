import assert from 'node:assert/strict';
import { ConnectionClosedError, LibvirtError } from 'node-libvirt';
import { runInGuest } from '../../../../src/agent/api/guest-command.js';
import type { RunningGuest } from '../../../../src/agent/api/running-guest.js';
import { AnswerTooLong } from '../../../../src/agent/hypervisor/answer-too-long.js';
import { GuestExecutions } from '../../../../src/agent/vm/guest-executions.js';
import { NodeCommands } from '../../../../src/agent/vm/node-commands.js';
import type { Options } from '../../../../src/agent-api/options.js';
import { FakeClock } from '../../kube/fake-clock.js';

interface Asked {
  readonly execute: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A guest, what was asked of its agent, and who was told what. */
const guestWith = (answer: (asked: Asked) => unknown, connected = true) => {
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const told: string[] = [];
  let open = 0;
  const hypervisor = {
    guestAgent: async (command: string) => {
      const one = JSON.parse(command) as Asked;
      asked.push(one);
      const said = await answer(one);
      if (said instanceof Error) throw said;
      return { return: said };
    },
    close: () => Promise.resolve(void (open -= 1)),
  };
  const guest = {
    key: 'default/web',
    vmi: { metadata: { name: 'web' }, spec: { domain: { devices: {} } } },
    view: { xml: { guestAgentConnected: connected } },
    clock,
    commands: new NodeCommands(clock),
    session: {
      executions: new GuestExecutions(clock),
      launcher: { connect: () => Promise.resolve((open += 1) > 0 ? hypervisor : undefined) },
    },
    tell: (_type: string, reason: string, message: string) => void told.push(`${reason}: ${message}`),
  } as unknown as RunningGuest;
  const run = (options: Options) => runInGuest(guest, { options, user: 'jane' });
  return { run, asked, told, clock, open: () => open };
};
/** Ends with these, after so many questions. */
const ending =
  (ended: object, after = 0) =>
  ({ execute }: Asked) =>
    execute === 'guest-exec' ? { pid: 42 } : after-- > 0 ? { exited: false } : { exited: true, ...ended };

const libvirtError = (code: number, message: string) =>
  new LibvirtError({ code, domain: 10, message, level: 2 }, 'qemuAgentCommand');

const LS = { command: ['ls', '-l', 's3cret'] };

describe('a command in a guest', () => {
  it('is run by its agent, and its end is what the agent says', async () => {
    const { run, asked, told, open } = guestWith(ending({ exitcode: 7, 'out-data': 'aGk=', 'err-data': '' }));
    const { id, ...answer } = await run({ ...LS, stdin: 'eA==' });
    assert.deepEqual(answer, { exited: true, exitCode: 7, stdout: 'aGk=' });
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(asked, [
      {
        execute: 'guest-exec',
        arguments: { path: 'ls', arg: ['-l', 's3cret'], 'capture-output': true, 'input-data': 'eA==' },
      },
      { execute: 'guest-exec-status', arguments: { pid: 42 } },
    ]);
    assert.deepEqual(told, ['GuestExec: User "jane" runs "ls" in the guest, with 2 arguments']);
    assert.equal(open(), 0, 'connections left open');
    await assert.rejects(run({ id: 'another' }), { code: 404, message: /no command of this id/ });
  });

  it('is waited for a little, and then by its id', async () => {
    const { run, clock, told } = guestWith(ending({ signal: 9 }, 9));
    const first = run({ command: ['sleep'] });
    for (let step = 0; step < 100; step += 1) await clock.advance(50);
    const { id, exited } = await first;
    assert.equal(exited, false);
    const second = run({ id });
    for (let step = 0; step < 100; step += 1) await clock.advance(50);
    assert.deepEqual(await second, { id, exited: true, signal: 9 });
    assert.equal(told.length, 1);
  });

  it('can be had again for a minute: its answer may have been lost on its way', async () => {
    const { run, clock } = guestWith(ending({ exitcode: 7, 'out-data': 'aGk=' }));
    const answer = await run(LS);
    await clock.advance(59_000);
    assert.deepEqual(await run({ id: answer.id }), answer);
    await clock.advance(1_000);
    await assert.rejects(run({ id: answer.id }), { code: 404 });
  });

  it('is not forgotten because the guest’s agent did not answer once, but where that does not know it', async () => {
    let said: unknown = { exited: false };
    const { run, clock } = guestWith(({ execute }) => (execute === 'guest-exec' ? { pid: 42 } : said));
    const started = run(LS);
    for (let step = 0; step < 100; step += 1) await clock.advance(50);
    const { id } = await started;
    for (const error of [
      libvirtError(86, 'Guest agent is not responding'),
      new ConnectionClosedError('lost', 'gone'),
    ]) {
      said = error;
      await assert.rejects(run({ id }), { code: 409 });
    }
    said = { exited: true, exitcode: 5 };
    assert.deepEqual(await run({ id }), { id, exited: true, exitCode: 5 });
    for (const words of ["Invalid parameter 'pid'", 'PID 42 does not exist']) {
      said = { exited: false };
      const another = run(LS);
      for (let step = 0; step < 100; step += 1) await clock.advance(50);
      const gone = (await another).id;
      said = libvirtError(1, `unable to execute QEMU agent command 'guest-exec-status': ${words}`);
      await assert.rejects(run({ id: gone }), { code: 409 });
      await assert.rejects(run({ id: gone }), { code: 404 });
    }
  });

  it('is told of once it is let in and before it runs, and again where it may not have started', async () => {
    const { run, told } = guestWith(() => libvirtError(86, 'no answer'));
    await assert.rejects(run(LS), { code: 409 });
    assert.equal(told.length, 2);
    assert.match(told[1] ?? '', /^GuestExecFailed: It was not said that "ls" of user "jane" has started: .*no answer/);
    assert.ok(!told.join().includes('s3cret'));
  });

  it('runs with so many others and no more; one that nobody asks for makes room', async () => {
    const { run, clock, told } = guestWith(ending({}, Infinity));
    const ids = new Set<string>();
    for (let count = 0; count < 16; count += 1) {
      const started = run(LS);
      for (let step = 0; step < 100; step += 1) await clock.advance(50);
      ids.add((await started).id);
    }
    await clock.advance(15_000);
    const again = run(LS);
    for (let step = 0; step < 100; step += 1) await clock.advance(50);
    const { id, exited } = await again;
    assert.equal(exited, false);
    assert.deepEqual([ids.size, told.length], [16, 17]);
    const statuses = [...ids, id].map(async (one) => {
      const asked = run({ id: one }).then(
        () => 200,
        (error: unknown) => (error as { code: number }).code,
      );
      return asked;
    });
    for (let step = 0; step < 200; step += 1) await clock.advance(50);
    assert.deepEqual(
      (await Promise.all(statuses)).filter((code) => code === 404),
      [404],
    );
  });

  it('is asked for by so many requests at a time', async () => {
    const { run } = guestWith(() => new Promise(() => undefined));
    for (let count = 0; count < 16; count += 1) run(LS).catch(() => undefined);
    await assert.rejects(run(LS), { code: 429 });
  });

  it('is refused before the guest hears of it where it is none', async () => {
    const { run, asked, told, open } = guestWith(ending({}));
    const wrong: Options[] = [
      {},
      { command: [] },
      { command: [''] },
      { command: ['a\0b'] },
      { command: ['a'], id: 'x' },
      { command: ['x'.repeat(70_000)] },
      { command: Array.from({ length: 300 }, () => 'a') },
      { command: 'ls' },
      { command: ['a'], stdin: 'not base64' },
      { command: ['a'], stdin: 'AAAA'.repeat(100_000) },
      { command: ['a'], env: ['B=c'] },
    ];
    for (const options of wrong)
      await assert.rejects(run(options), { name: 'StatusError', code: 400 }, JSON.stringify(options).slice(0, 80));
    assert.deepEqual([asked, told, open()], [[], [], 0]);
  });

  it('is refused with what to do where the agent is away or may not, and where there is too much output', async () => {
    const disabled = new LibvirtError(
      {
        code: 1,
        domain: 10,
        level: 2,
        message: 'Command guest-exec has been disabled: the command is not allowed',
      },
      'qemuAgentCommand',
    );
    await assert.rejects(guestWith(ending({}), false).run(LS), { code: 409, message: /install qemu-guest-agent/ });
    await assert.rejects(guestWith(() => disabled).run(LS), { code: 409, message: /take it out of block-rpcs/ });
    for (const error of [new AnswerTooLong(1), new ConnectionClosedError('limit', 'too much')]) {
      const { run } = guestWith(({ execute }) => (execute === 'guest-exec' ? { pid: 1 } : error));
      await assert.rejects(run(LS), { code: 409, message: /wrote more than 655360 bytes: have it write into a file/ });
    }
  });

  it('has of a hostile agent nothing that is not of its form', async () => {
    for (const pid of [undefined, null, '1', 1.5, 1e300, {}])
      await assert.rejects(guestWith(() => ({ pid })).run(LS), { code: 409, message: /gave no pid/ });
    const hostile = {
      exitcode: '0',
      signal: -1,
      'out-data': '\u001b[2J',
      'err-data': { a: 1 },
      'out-truncated': 'yes',
    };
    const { id, ...answer } = await guestWith(ending(hostile)).run(LS);
    assert.deepEqual(answer, { exited: true }, id);
  });
});
