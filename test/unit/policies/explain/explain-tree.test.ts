import assert from 'node:assert/strict';
import { effectiveSpec } from '../../../../src/admission/effective.js';
import { resolveClusterConfig } from '../../../../src/api/settings/cluster-config.js';
import { Effective } from '../../../../src/policies/effective.js';
import { explainTree, type Part } from '../../../../src/policies/explain/explain-tree.js';
import { PolicyInputs, Subjects } from '../../../../src/policies/inputs.js';
import { compiledPolicy, vmWith } from '../support.js';

const SECRET = 'hunter2-hunter2';
const OBJECT = {
  ...vmWith(12, { annotations: { 'a/b': SECRET } }),
  spec: {
    template: {
      spec: {
        domain: { cpu: { cores: 12 }, devices: {} },
        volumes: [
          { name: 'root', containerDisk: { image: 'registry.example.com/os' } },
          { name: 'seed', cloudInitNoCloud: { userData: SECRET, secretRef: { name: SECRET } } },
        ],
      },
    },
  },
};

const treeOf = (expression: string, showAll = false, spec: object = {}): Part => {
  const policy = compiledPolicy({ validations: [{ name: 'one', expression }], ...spec });
  const effective = new Effective(OBJECT, effectiveSpec('VirtualMachine', { config: resolveClusterConfig() }));
  const roots = { object: OBJECT, oldObject: null, request: {}, namespaceObject: {}, effective };
  const inputs = new PolicyInputs(new Subjects(roots), policy.version, policy.variables, null);
  return explainTree(policy, policy.validations[0]!.program, inputs, { showAll });
};

const lines = ({ text, value, item, parts }: Part, indent = ''): string[] => [
  `${indent}${item === undefined ? '' : `(${item}) `}${text} = ${value ?? 'not looked at'}`,
  ...parts.flatMap((part) => lines(part, `${indent}  `)),
];

describe('how an expression comes to its value', () => {
  it('part by part, and what is not looked at', () => {
    assert.deepEqual(lines(treeOf("variables.vcpus <= 8 && object.metadata.name == 'web'")), [
      "variables.vcpus <= 8 && object.metadata.name == 'web' = false",
      '  variables.vcpus <= 8 = false',
      '    variables.vcpus = 12',
      "  object.metadata.name == 'web' = not looked at",
    ]);
  });
  it('one branch alone', () => {
    assert.deepEqual(lines(treeOf('has(object.spec.running) ? true : variables.vcpus > 1')).slice(1), [
      '  has(object.spec.running) = false',
      '    object.spec = {template}',
      '  true = not looked at',
      '  variables.vcpus > 1 = true',
      '    variables.vcpus = 12',
    ]);
  });
  it('with the item that decides', () => {
    const found = lines(treeOf('variables.volumes.all(v, has(v.containerDisk))'));
    assert.equal(found[1], '  variables.volumes = a list of 2');
    assert.equal(found[2], '  (v is item 1 of 2) has(v.containerDisk) = false');
  });
  it('with the expressions of its own variables, once', () => {
    const spec = { variables: [{ name: 'more', expression: 'variables.vcpus - 8' }] };
    const found = lines(treeOf('variables.more <= 0 || variables.more > 99', false, spec));
    assert.deepEqual(
      found.filter((line) => line.includes('variables.vcpus - 8')),
      ['      variables.vcpus - 8 = 4'],
    );
  });
  it('an error is a value too, and costs are Kubernetes units', () => {
    const { value, cost } = treeOf('variables.instance.evictionStrategy.size() == 1');
    assert.match(value ?? '', /^error: no such key: evictionStrategy/);
    assert.equal(treeOf('variables.labels.size() == 1').cost > 0 && cost > 0, true);
  });
  it('ends where an expression is a bomb', () => {
    const many = '[1,2,3,4,5,6,7,8,9,10]';
    const bomb = `${many}.all(a, ${many}.all(b, ${many}.all(c, ${many}.all(d, a + b + c + d > 0))))`;
    const count = (part: Part): number => 1 + part.parts.reduce((sum, each) => sum + count(each), 0);
    assert.ok(count(treeOf(bomb)) <= 301);
  });
});

describe('attack: a secret that an expression reads', () => {
  const U = 'variables.instance.volumes[1].cloudInitNoCloud';
  for (const expression of [
    `${U}.userData == 'x'`,
    `${U}['userData'] + 'x' == 'x'`,
    `${U}[string(['userData'][0])] == 'x'`,
    `${U}.secretRef.name.startsWith('x')`,
    `object.metadata.annotations['a/b'] == 'x'`,
    `object.metadata.?annotations[?'a/b'].orValue('') == 'x'`,
    "variables.userData.all(u, u == '')",
    "variables.userData.exists(u, u.lowerAscii() == 'x')",
    'variables.userData.map(u, u + u).size() == 0',
    "variables.userData.join(',') == ''",
    `'%s'.format([${U}]) == ''`,
    `'%s'.format([object]) == ''`,
    `'x' + '%s'.format([[object]]) == ''`,
    `${U}.?userData.optMap(u, u + u).orValue('') == ''`,
    `${U}.map(k, ${U}[k]).exists(v, dyn(v) == dyn(''))`,
    `int(${U}.userData) == 1`,
    `dyn(variables.instance.volumes[1]) == dyn('')`,
  ])
    it(`${expression} does not show it`, () => {
      const shown = JSON.stringify(treeOf(expression));
      assert.doesNotMatch(shown, new RegExp(SECRET));
      assert.doesNotMatch(shown, /hunter/);
    });
  it('is shown to who asks for values', () => {
    assert.match(JSON.stringify(treeOf(`${U}.userData == 'x'`, true)), new RegExp(SECRET));
  });
  it('what is no secret is shown', () => {
    assert.match(JSON.stringify(treeOf("variables.images.all(i, i.startsWith('quay.io/'))")), /registry\.example\.com/);
  });
});
