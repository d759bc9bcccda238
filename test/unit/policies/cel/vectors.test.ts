import assert from 'node:assert/strict';
import { compile, isProgram } from '../../../../src/policies/cel/program.js';
import { CelError } from '../../../../src/policies/cel/values/errors.js';
import { admissionEnvironment, compiled, inputsOf, shown } from './evaluate.js';
import { BARE, NAMESPACE, ODD, PARAMS, REQUEST, VM } from './objects.js';
import { VECTORS, type Vector } from './vectors.js';

const OBJECTS: Readonly<Record<Vector['on'], readonly [object: unknown, old: unknown]>> = {
  vm: [VM, null],
  bare: [BARE, null],
  odd: [ODD, null],
  'vm, old vm': [VM, VM],
};

const answer = ({ text, on }: Vector): string => {
  const [object, old] = OBJECTS[on];
  return shown(compiled(text).evaluate(inputsOf(object, old, REQUEST, PARAMS, NAMESPACE)));
};

describe("Expressions and Kubernetes' answers", () => {
  for (const vector of VECTORS) {
    const { id, text, value, error, from } = vector;
    it(`${id} ${text.slice(0, 80)}`, () => {
      if (value === undefined && error === undefined) {
        assert.equal(isProgram(compile(text, admissionEnvironment())), false, 'it compiles');
        return;
      }
      if (value !== undefined) assert.equal(answer(vector), value);
      if (error !== undefined) assert.equal(answer(vector), `error: ${error}`);
      if (from === undefined) return;
      assert.equal(isProgram(compile(text, admissionEnvironment(from))), true, `it compiles from 1.${from} on`);
      assert.equal(isProgram(compile(text, admissionEnvironment(from - 1))), false, `it is not in 1.${from - 1}`);
    });
  }

  it('are 131, of all kinds', () => {
    assert.equal(VECTORS.length, 131);
    assert.deepEqual([...new Set(VECTORS.map(({ id }) => id.charAt(0)))].sort(), 'A B C D E F G H I'.split(' '));
  });

  it('are errors as values, never exceptions', () => {
    assert.ok(compiled('1 / 0').evaluate(inputsOf()) instanceof CelError);
  });
});
