import assert from 'node:assert/strict';
import { compilePolicy, describePolicyCause } from '../../../src/policies/compile-policy.js';
import { policyWith, problemsOf } from './support.js';

const validation = (expression: string): object => ({ validations: [{ name: 'one', expression }] });

describe('A policy that is wrong', () => {
  it('is told with the place of the mistake, the kind, and what is meant', () => {
    const { causes } = compilePolicy(policyWith(validation('object.spec.template.spec.domain.cpu.coers <= 8')));
    assert.equal(
      causes.map(describePolicyCause).join('\n'),
      [
        'spec.validations[0].expression:1:38: VirtualMachine has no field "coers" in spec.template.spec.domain.cpu; did you mean "cores"?',
        '  object.spec.template.spec.domain.cpu.coers <= 8',
        '                                       ^~~~~',
      ].join('\n'),
    );
  });

  it('says all of it at once', () => {
    const problems = problemsOf({
      matchConditions: [{ name: 'odd', expression: 'object.metadata.nam == "x"' }],
      params: { values: { maxVcpus: 8 } },
      validations: [
        { name: 'a', expression: 'variables.vcpu <= 8', messageExpression: '1' },
        { name: 'a', expression: 'params.maxVcpu > 1' },
        { name: 'c', expression: 'variables.vcpus' },
        { name: 'd', expression: '1 +' },
      ],
    });
    assert.deepEqual(problems, [
      'spec.validations[1].name is "a", as another is; give each a name of its own',
      'spec.matchConditions[0].expression: 1:17: VirtualMachine has no field "nam" in metadata; did you mean "name"?',
      'spec.validations[0].expression: 1:11: variables has no field "vcpu"; did you mean "vcpus"?',
      'spec.validations[0].messageExpression: 1:1: the expression must give string, and gives int',
      'spec.validations[1].expression: 1:8: params has no field "maxVcpu"; did you mean "maxVcpus"?',
      'spec.validations[2].expression: 1:1: the expression must give bool, and gives int',
      'spec.validations[3].expression: 1:4: the expression ends where a value should stand',
    ]);
  });

  for (const [expression, message] of [
    [
      'variables.volumes.all(v, v.hostdisk == null)',
      'VirtualMachineInstance has no field "hostdisk" in v; did you mean "hostDisk"?',
    ],
    ['variables.instance.domain.cpu.cores == "4"', "found no matching overload for '==' applied to (int, string)"],
    [
      "semver('1.2.3').major() == 1",
      'semver() may be used from Kubernetes 1.34 on; the policy says compatibility 1.30',
    ],
    ["'x'.matches('(?=a)')", 'not a regular expression of RE2'],
    ['authorizer != null', 'a check of rights would need calls to the API server'],
    ['params.x == 1', 'the policy has no params'],
    ['quantity(2).isInteger()', 'write quantity(string(x)) for a number'],
    ["quantity('1').sign() == 1", 'write sign(x)'],
    ['has(object.metadata.labels["a"])', "for a key write 'key' in map"],
    ['object.spec = null', 'write == to compare'],
    ["int('8Gi') > 1", "type conversion error from 'string' to 'int': \"8Gi\""],
    ["[1, 'a'].size() > 0", 'expected type int but found string'],
  ] as const) {
    it(`is told so: ${expression}`, () => {
      const problems = problemsOf(validation(expression));
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.ok(problems[0]!.includes(message), problems[0]);
      assert.ok(problems[0]!.length < 400);
    });
  }

  it('has its schema looked at first', () => {
    assert.deepEqual(problemsOf({ action: 'Deny', validatons: [] }).sort(), [
      'spec.action is "Deny"; write one of Enforce, Warn, Audit, Off',
      'spec.validatons is not a known field; did you mean "validations"?',
    ]);
    assert.match(problemsOf({ compatibility: '1.99' })[0]!, /^spec\.compatibility is "1\.99"; write 1\.26 to 1\.36$/);
    assert.match(problemsOf({ match: { operations: ['DELETE'] } })[0]!, /^spec\.match\.operations\[0\] is "DELETE"/);
  });

  it('may not take the names of variables that every policy has, nor use later ones', () => {
    assert.match(problemsOf({ variables: [{ name: 'vcpus', expression: '1' }] })[0]!, /every policy has already/);
    assert.match(
      problemsOf({
        variables: [
          { name: 'a', expression: 'variables.b' },
          { name: 'b', expression: 'variables.a' },
        ],
      })[0]!,
      /variables has no field "b"/,
    );
  });
});

describe('A policy that will probably fail', () => {
  const warningsOf = (expression: string, kinds?: readonly string[]): string[] =>
    compilePolicy(policyWith({ ...validation(expression), ...(kinds && { match: { kinds } }) })).warnings.map(
      ({ message }) => message,
    );

  it('is warned of fields that may be absent', () => {
    assert.deepEqual(warningsOf('variables.instance.domain.cpu.cores <= 8'), [
      '1:27: cpu may be absent: write .?cpu, or has(variables.instance.domain.cpu) && before it',
    ]);
    for (const guarded of [
      'has(variables.instance.domain.cpu) && has(variables.instance.domain.cpu.cores) && variables.instance.domain.cpu.cores <= 8',
      '!has(variables.instance.domain.cpu) || !has(variables.instance.domain.cpu.cores) || variables.instance.domain.cpu.cores <= 8',
      'has(variables.instance.domain.cpu) && has(variables.instance.domain.cpu.cores) ? variables.instance.domain.cpu.cores <= 8 : true',
      'variables.instance.domain.?cpu.?cores.orValue(1) <= 8',
      'variables.volumes.filter(v, has(v.containerDisk)).all(v, v.containerDisk.image != "")',
      'variables.volumes.all(v, !has(v.hostDisk) || v.hostDisk.path != "")',
    ]) {
      assert.deepEqual(warningsOf(guarded), [], guarded);
    }
  });

  it('is warned of fields that not all kinds have', () => {
    assert.deepEqual(warningsOf('object.spec.?running.orValue(true)'), []);
    const [first] = warningsOf('object.spec.template.spec.domain.devices != null');
    assert.equal(first, '1:13: VirtualMachineInstance has no field "template" in spec');
    assert.deepEqual(
      warningsOf('object.spec.template.spec.domain.devices != null', ['VirtualMachine'])[0]?.includes('template'),
      true,
    );
  });
});
