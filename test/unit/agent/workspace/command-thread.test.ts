import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { commandThread } from '../../../../src/agent/workspace/command-thread.js';
import { runPlan, type CommandRunner, type RunOptions } from '../../../../src/agent/workspace/command.js';
import { buildPrograms } from '../../../support/built-program.js';

describe('commands from a thread of their own', function () {
  this.timeout(60_000);
  const { spawn } = childProcess;
  let run: CommandRunner;
  before(() => {
    buildPrograms('virt-agent');
    run = commandThread(console);
  });
  afterEach(() => {
    childProcess.spawn = spawn;
    syncBuiltinESMExports();
  });

  const sh = (script: string) => ({ name: 'sh', argv: ['sh', '-c', script] as const });
  const ending = async (by: CommandRunner, script: string, options: RunOptions): Promise<unknown> => {
    try {
      return await by(sh(script), options);
    } catch (error) {
      return { ...(error as object), message: (error as Error).message, type: (error as Error).constructor.name };
    }
  };

  it('end as those of this thread do', async () => {
    const input = Buffer.from('through a pipe\u0000');
    for (const [script, options] of [
      ['cat; echo and more >&2', { stdin: input }],
      ['echo why >&2; exit 3', {}],
      ['kill -9 $$', {}],
      ['head -c 2000 /dev/zero', { maxOutputBytes: 1000 }],
      ['printf a\u0000b', {}],
    ] as const)
      assert.deepEqual(await ending(run, script, options), await ending(runPlan, script, options), script);
    await assert.rejects(run({ name: 'none', argv: ['/none/such'] }, {}), /^CommandError: none could not be started/);
  });

  it('are many at a time, each with its own output', async () => {
    const outputs = await Promise.all(Array.from({ length: 20 }, (_, index) => run(sh(`echo ${index}`), {})));
    assert.deepEqual(
      outputs.map(({ stdout }) => stdout.toString().trim()),
      outputs.map((_, index) => String(index)),
    );
  });

  it('begin without this thread, whose loop a new process would hold', async () => {
    childProcess.spawn = () => assert.fail('a process was started by this thread');
    syncBuiltinESMExports();
    await assert.rejects(runPlan(sh('true'), {}), /by this thread/);
    assert.equal((await run(sh('echo there'), {})).stdout.toString(), 'there\n');
  });
});
