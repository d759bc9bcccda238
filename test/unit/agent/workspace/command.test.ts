import assert from 'node:assert/strict';
import {
  type Command,
  CommandError,
  type RunOptions,
  runPlan,
  withLimits,
} from '../../../../src/agent/workspace/command.js';

const failureOf = async (command: Command, options: RunOptions): Promise<CommandError> => {
  const plan = { name: command[0], argv: withLimits(command, options) };
  const error: unknown = await runPlan(plan, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CommandError, String(error));
  return error;
};

describe('how a command failed', function () {
  this.timeout(60_000);

  it('by the clock alone: nothing is known of what it was fed', async () => {
    const error = await failureOf(['sleep', '50'], { timeoutSeconds: 1, limits: { cpuSeconds: 10 } });
    assert.equal(error.end, 'timed-out');
    assert.equal(error.message, 'sleep did not end within 1 s');
  });

  it('by its processor time', async () => {
    const error = await failureOf(['sh', '-c', 'while :; do :; done'], { limits: { cpuSeconds: 1 } });
    assert.deepEqual([error.end, error.message], ['killed', 'sh used up its processor time']);
  });

  it('by its processor time, where it ignores the signal', async () => {
    const script = "trap '' XCPU; while :; do :; done";
    const error = await failureOf(['sh', '-c', script], { limits: { cpuSeconds: 1 } });
    assert.deepEqual([error.end, error.message], ['killed', 'sh was killed']);
  });

  it('by what it printed', async () => {
    const error = await failureOf(['yes'], { maxOutputBytes: 1000 });
    assert.deepEqual([error.end, error.message], ['killed', 'yes printed more than 1000 bytes']);
  });

  it('by itself', async () => {
    const error = await failureOf(['sh', '-c', 'echo why >&2; exit 1'], {});
    assert.deepEqual([error.end, error.message], ['failed', 'sh failed (exit code 1): why']);
  });

  it('before it began', async () => {
    assert.equal((await failureOf(['no-such-program'], {})).end, 'not-started');
  });
});
