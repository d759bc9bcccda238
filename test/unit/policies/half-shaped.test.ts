import assert from 'node:assert/strict';
import { describeCause } from '../../../src/api/cause.js';
import { compilePolicy } from '../../../src/policies/compile-policy.js';
import { policyWith, problemsOf } from './support.js';

const COERS = 'VirtualMachine has no field "coers" in spec.template.spec.domain.cpu; did you mean "cores"?';
const WRONG = 'object.spec.template.spec.domain.cpu.coers <= 8';

describe('A policy that has not its form', () => {
  it('is told what is wrong with its expressions too', () => {
    assert.deepEqual(
      problemsOf({ action: 'Deny', descripton: 'a', validations: [{ name: 'a', expression: WRONG, remedy: 5 }] }),
      [
        'spec.action is "Deny"; write one of Enforce, Warn, Audit, Off',
        'spec.validations[0].remedy is 5, which is not a text; write "5" in quotes',
        'spec.descripton is not a known field; did you mean "description"?',
        `spec.validations[0].expression: 1:38: ${COERS}`,
      ],
    );
  });

  it('is read as it was meant, and told at the places where it stands', () => {
    assert.deepEqual(
      problemsOf({
        validations: null,
        validatons: [
          { name: 'a', expresion: WRONG },
          { nam: 'b', expression: 'variables.tooMany > 1 && variables.to > 1' },
        ],
        varables: [{ name: 'tooMany', expresson: 'object.metadata.nam' }],
        match: { kind: ['VirtualMachine'] },
      }),
      [
        'spec.validatons is not a known field; did you mean "validations"?',
        'spec.varables is not a known field; did you mean "variables"?',
        'spec.match.kind is not a known field; did you mean "kinds"?',
        'spec.validatons[0].expresion is not a known field; did you mean "expression"?',
        'spec.validatons[1].nam is not a known field; did you mean "name"?',
        'spec.varables[0].expresson is not a known field; did you mean "expression"?',
        'spec.varables[0].expresson: 1:17: VirtualMachine has no field "nam" in metadata; did you mean "name"?',
        `spec.validatons[0].expresion: 1:38: ${COERS}`,
        'spec.validatons[1].expression: 1:36: variables has no field "to"',
      ],
    );
  });

  it('has the place within the expression also where the field is misspelt', () => {
    const { causes } = compilePolicy(
      policyWith({ validations: [{ name: 'a', expresion: '\n  object.spec.tmplate' }] }),
    );
    assert.deepEqual(
      causes.map(({ field, line, column }) => [field, line, column]),
      [
        ['spec.validations[0].expresion', undefined, undefined],
        ['spec.validations[0].expresion', 2, 15],
      ],
    );
  });

  it('gets one cause for one mistake', () => {
    const uses = { validations: [{ name: 'a', expression: 'params.max > variables.mine && variables.vcpus > 1' }] };
    for (const [spec, said] of [
      [{ ...uses, params: 5, variables: 'x' }, 2],
      [{ ...uses, params: { values: 5 }, variables: [{ expression: 'true' }] }, 2],
      [{ ...uses, whatever: { values: { max: 1 } }, params: { values: { max: 1 } } }, 1],
      [{ ...uses, params: { values: { max: 1 } }, variables: [{ name: 'mine', expression: 5 }] }, 1],
      [{ ...uses, params: { values: { max: 1 } }, variables: [{ name: 'mine', expression: '1 +' }] }, 1],
      [{ validations: [{ name: 'a', expression: '' }] }, 1],
      [{ validations: [{ name: 'a', expression: 'x'.repeat(10_241) }] }, 1],
      [{ validations: [{ name: 'a' }, { name: 'b' }] }, 2],
      [{ validations: [null, 5, 'true', []] }, 4],
      [{ validations: 'true' }, 1],
      [{ compatibility: '1.99', validations: [{ name: 'a', expression: 'true' }] }, 1],
      [{ match: { kinds: ['VirtualMachin'] }, validations: [{ name: 'a', expression: 'object.spec.running' }] }, 1],
    ] as const)
      assert.equal(problemsOf(spec).length, said, `${JSON.stringify(spec)}\n${problemsOf(spec).join('\n')}`);
  });

  it('keeps nobody busy, whatever it is', () => {
    const hostile: object[] = [
      { validations: [{ name: 'a', expresion: `variables.${' '.repeat(10_200)}` }], action: 5 },
      { validations: Array.from({ length: 5000 }, () => ({ name: 'a', expression: 'variables.'.repeat(5) })) },
      Object.fromEntries(Array.from({ length: 8000 }, (_, i) => [`validations${i}`, []])),
      { variables: Array.from({ length: 32 }, () => ({ expression: 'variables.__proto__.constructor' })), action: 5 },
      JSON.parse('{"__proto__": {"expression": "1"}, "validations": [{"__proto__": 1}], "action": 1}') as object,
    ];
    for (const spec of hostile) {
      const before = process.cpuUsage();
      const { policy, causes } = compilePolicy(policyWith(spec));
      const { user } = process.cpuUsage(before);
      assert.equal(policy, undefined);
      assert.ok(causes.length > 0 && causes.every((cause) => describeCause(cause).length < 800));
      assert.ok(user < 500_000, `${user / 1000} ms: ${JSON.stringify(spec).slice(0, 80)}`);
    }
    assert.deepEqual(Object.keys(Object.prototype), []);
  });
});
