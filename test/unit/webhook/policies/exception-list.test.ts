import assert from 'node:assert/strict';
import { ExceptionList } from '../../../../src/webhook/policies/exception-list.js';
import { exceptionWith } from '../../policies/support.js';

const named = (name: string, spec: object = {}, namespace = 'shop') => ({ ...exceptionWith(spec, namespace), name });
const long = (length: number) => ({ conditions: [{ name: 'c', expression: `true || ${'x'.repeat(length)}` }] });

describe('The exceptions that count', () => {
  it('are of their namespace, and the same list until one of them changes', () => {
    const list = new ExceptionList();
    list.set(named('a'));
    list.set(named('b', {}, 'other'));
    const before = list.byNamespace();
    assert.equal(list.byNamespace().get('shop'), before.get('shop'));
    list.set(named('c'));
    assert.notEqual(list.byNamespace().get('shop'), before.get('shop'));
    assert.equal(list.byNamespace().get('other'), before.get('other'));
    list.delete({ metadata: { namespace: 'other', name: 'b' } });
    assert.deepEqual([...list.byNamespace().keys()], ['shop']);
  });

  it('are as many as admission takes, and their conditions as long: what is beyond is not in force', () => {
    const list = new ExceptionList();
    for (let i = 0; i < 500; i += 1) assert.equal(list.set(named(`e${i}`)), undefined);
    assert.match(list.set(named('more')) ?? '', /500 exceptions already/);
    assert.equal(list.set(named('e7')), undefined);
    assert.equal(list.set(named('more', {}, 'other')), undefined);
    for (let i = 0; i < 40; i += 1) list.set(named(`l${i}`, long(2000), 'long'));
    const kept = list.byNamespace().get('long')?.length ?? 0;
    assert.ok(kept > 25 && kept < 33, `${kept}`);
    assert.match(list.set(named('l39', long(2000), 'long')) ?? '', /too long together/);
    list.delete({ metadata: { namespace: 'long', name: 'l0' } });
    assert.equal(list.set(named('l39', long(2000), 'long')), undefined);
  });
});
