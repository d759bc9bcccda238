import assert from 'node:assert/strict';
import { parseKind, parseNamespace, parseTarget } from '../../../cmd/kubectl-virt/target.js';

describe('target grammar (docs/reference/control.md §1.2)', () => {
  it('accepts every form', () => {
    const namespace = undefined;
    assert.deepEqual(parseTarget('web'), { kind: undefined, name: 'web', namespace });
    assert.deepEqual(parseTarget('vm/web'), { kind: 'vm', name: 'web', namespace });
    assert.deepEqual(parseTarget('VMIS/web'), { kind: 'vmi', name: 'web', namespace });
    assert.deepEqual(parseTarget('virtualmachines/web/prod'), { kind: 'vm', name: 'web', namespace: 'prod' });
    assert.deepEqual(parseTarget('virtualmachineinstance/a.b/prod'), { kind: 'vmi', name: 'a.b', namespace: 'prod' });
  });

  const refused: [string, RegExp][] = [
    ['', /target cannot be empty/],
    ['vm/', /name cannot be empty/],
    ['vm//ns', /name cannot be empty/],
    ['vm/x/', /namespace cannot be empty/],
    ['vm/x/y/z', /more than two '\/'/],
    ['pod/x', /unsupported resource type 'pod'/],
    ['../../secrets', /unsupported resource type/],
    ['..', /not a valid name/],
    ['x?y=z', /not a valid name/],
    ['vm/x/%2e%2e', /not a valid namespace/],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseTarget(text), message));
  }

  it('strips the prefix of a namespace', () => {
    for (const text of ['prod', 'ns/prod', 'namespace/prod', 'namespaces/prod'])
      assert.equal(parseNamespace(text), 'prod');
    assert.throws(() => parseNamespace('a/b'), /not a valid namespace/);
  });

  it('knows the kinds as words of their own', () => {
    assert.equal(parseKind('VirtualMachine'), 'vm');
    assert.throws(() => parseKind('node'), /Use vm or vmi|unsupported/);
  });
});
