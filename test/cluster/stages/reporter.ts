/** Mocha's usual report, and the record of each test and hook. Runs in Mocha's main process, side by side or not. */
import path from 'node:path';
import Mocha from 'mocha';
import { record, type Entry } from './record.js';

const { EVENT_HOOK_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants;

/** A test or hook; from a worker of a parallel run it comes as a copy that lacks `type` where it is neither. */
type Runnable = Mocha.Runnable & { readonly type?: string; readonly file?: string };

const entryOf = (runnable: Runnable, state: Entry['state'], error?: Error): Entry => ({
  kind: runnable.type === 'hook' ? 'hook' : 'test',
  title: runnable.titlePath().join(' › '),
  state,
  ms: runnable.duration ?? 0,
  ...(error === undefined ? {} : { error: error.message }),
  ...(runnable.file === undefined ? {} : { file: path.relative(process.cwd(), runnable.file) }),
});

class RecordingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on(EVENT_TEST_PASS, (test) => record(entryOf(test, 'passed')));
    runner.on(EVENT_TEST_PENDING, (test) => record(entryOf(test, 'skipped')));
    runner.on(EVENT_HOOK_END, (hook) => record(entryOf(hook, 'passed')));
    // Of a hook too: it is given as the test that failed.
    runner.on(EVENT_TEST_FAIL, (test, error: Error) => record(entryOf(test, 'failed', error)));
  }
}

// Mocha takes a reporter by its default export.
export { RecordingReporter as default };
