import assert from 'node:assert/strict';
import { LEFT_OUT } from './conformance-left-out.js';
import { SPEC_TESTS, failureOf, type SpecTest } from './conformance-run.js';
import { NoValue } from './conformance-values.js';

const LEFT = new Set(
  LEFT_OUT.flatMap(({ tests }) =>
    Object.entries(tests).flatMap(([section, names]) => names.map((name) => `${section}/${name}`)),
  ),
);

const failure = (test: SpecTest): string | undefined => {
  try {
    return failureOf(test);
  } catch (error) {
    if (error instanceof NoValue) return `only protobuf has ${error.message}`;
    throw error;
  }
};

describe("Expressions and cel-spec's conformance tests", () => {
  const results = SPEC_TESTS.map((test) => ({ test, failure: failure(test) }));

  it('all pass whose features Kubernetes has', () => {
    const failed = results.filter((one) => one.failure !== undefined && !LEFT.has(one.test.path));
    assert.deepEqual(
      failed.map((one) => `${one.test.path}: ${one.test.expr}: ${one.failure!}`),
      [],
    );
    assert.ok(results.length - LEFT.size > 1400, 'they are more than 1,400');
  });

  it('the rest is listed by name and reason, and none that passes', () => {
    const passed = results.filter((one) => one.failure === undefined && LEFT.has(one.test.path));
    assert.deepEqual(
      passed.map(({ test }) => test.path),
      [],
    );
    const known = new Set(SPEC_TESTS.map(({ path }) => path));
    assert.deepEqual(
      [...LEFT].filter((path) => !known.has(path)),
      [],
    );
  });
});
