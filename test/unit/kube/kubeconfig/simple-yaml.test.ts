import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { parseSimpleYaml } from '../../../../src/kube/kubeconfig/simple-yaml.js';

const KUBECONFIG = `apiVersion: v1
# made by kubectl config
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTi0tLS0tCg==
    server: https://127.0.0.1:6443
  name: kind-kind
contexts:
- context:
    cluster: kind-kind
    user: kind-kind
    namespace: "prod"
  name: kind-kind
current-context: kind-kind
kind: Config
preferences: {}
users:
- name: kind-kind
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      args:
      - --region
      - eu-central-1
      command: aws
      env: null
      provideClusterInfo: false
`;

describe('kubeconfig: the simple YAML reader', () => {
  it('reads what kubectl writes', () => {
    assert.deepEqual(parseSimpleYaml(KUBECONFIG), { value: parse(KUBECONFIG) });
  });

  it('leaves to the library what it does not know', () => {
    const others = [
      'a: {b: c}',
      'a: |\n  text\n',
      'a: &x b\nc: *x\n',
      'a: b # comment',
      'a: 1',
      'a: 0x10',
      'a: ~',
      'a: b\na: c\n',
      'a: "x\\n"',
      "a: 'it''s'",
      'a: b\n c: d\n',
      '---\na: b\n',
      'a:\tb',
      'a: b\r\n',
      '- - a',
      '? a\n: b',
      'a: b: c',
      'a:\n- b\nc',
      'a: b\n  continued\n',
      '- a\n  b\n',
      '- -a',
    ];
    for (const text of others) assert.equal(parseSimpleYaml(text), undefined, JSON.stringify(text));
  });

  const scalar = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '',
      'yes',
      'null',
      '1',
      '1e3',
      '.5',
      '-',
      '- a',
      'a: b',
      'a #b',
      'https://h:1',
      'x:',
      '0o7',
      '~',
      '::',
    ),
    fc.boolean(),
    fc.integer(),
    fc.constant(null),
  );
  const key = fc.oneof(fc.constantFrom('name', 'user', 'cluster', 'as-groups'), fc.string());
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  }));

  it('never reads what the library writes otherwise than the library', () => {
    fc.assert(
      fc.property(value, fc.boolean(), (object, indentSeq) => {
        const text = stringify(object, { indentSeq });
        const simple = parseSimpleYaml(text);
        if (simple !== undefined) assert.deepEqual(simple.value, parse(text), text);
      }),
      { numRuns: 3000 },
    );
  });

  it('never reads lines thrown together otherwise than the library', () => {
    const line = fc
      .tuple(
        fc.constantFrom('', ' ', '  ', '    '),
        fc.constantFrom('', '- ', '-'),
        fc.constantFrom('', 'a:', 'b: ', 'a: ', 'b', "'", '"x"', '[]', 'no', '-x', '12', '#', 'a b', 'x: y'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        const text = lines.join('\n');
        const simple = parseSimpleYaml(text);
        if (simple !== undefined) assert.deepEqual(simple.value, parse(text), JSON.stringify(text));
      }),
      { numRuns: 20_000 },
    );
  });
});
