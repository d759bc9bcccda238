import assert from 'node:assert/strict';
import fc from 'fast-check';
import fastJsonPatch from 'fast-json-patch';
import { jsonPatch, mergePatch, pointer, sameValue } from '../../../../src/kube/client/patch.js';
import { resourcePath, vmiPath, vmPath } from '../../../../src/kube/client/resources.js';

/** RFC 7386 §2. */
const applyMerge = (target: unknown, patch: unknown): unknown => {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  const result = base as Record<string, unknown>;
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result[key] = undefined;
    else result[key] = applyMerge(result[key], value);
  }
  return plain(result);
};

/** JSON without null: the API drops those. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
})).value;
const record = fc.dictionary(
  fc.string().filter((key) => key !== '__proto__'),
  json,
  { maxKeys: 5 },
);

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('patches', () => {
  it('merge: leads from before to after, and is absent when they mean the same', () => {
    fc.assert(
      fc.property(record, record, (before, after) => {
        const patch = mergePatch(before, after);
        assert.deepEqual(applyMerge(plain(before), patch === undefined ? {} : plain(patch)), plain(after));
        assert.equal(mergePatch(before, { ...before }), undefined);
      }),
    );
  });

  it('merge: knows keys that every object inherits', () => {
    assert.deepEqual(mergePatch({ valueOf: '' }, {}), { valueOf: null });
    assert.deepEqual(mergePatch({}, { constructor: 'x', toString: { a: 1 } }), {
      constructor: 'x',
      toString: { a: 1 },
    });
    assert.ok(!sameValue({ toString: undefined, a: 1 }, { a: 2 }) && !sameValue({ valueOf: 1 }, { a: 1 }));
  });

  it('merge: holds only what differs', () => {
    const before = { metadata: { labels: { a: '1', b: '2' } }, status: { list: [1, 2], keep: { x: 1 } } };
    const after = { metadata: { labels: { a: '1', c: '3' } }, status: { list: [2], keep: { x: 1 }, gone: undefined } };
    assert.deepEqual(mergePatch(before, after), {
      metadata: { labels: { b: null, c: '3' } },
      status: { list: [2] },
    });
    assert.deepEqual(mergePatch({ a: 1 }, { a: undefined }), { a: null });
  });

  it('json: leads from before to after', () => {
    fc.assert(
      fc.property(record, record, (before, after) => {
        const patch = jsonPatch(before, after);
        assert.deepEqual(fastJsonPatch.applyPatch(plain(before), patch).newDocument, plain(after));
        assert.deepEqual(jsonPatch(before, { ...before }), []);
      }),
    );
  });

  it('compares as JSON does', () => {
    assert.equal(sameValue({ a: 1, b: undefined }, { a: 1 }), true);
    assert.equal(sameValue({ a: 1, b: 2 }, { b: 2, a: 1 }), true);
    assert.equal(sameValue([1, 2], [2, 1]), false);
    assert.equal(sameValue([], {}), false);
    assert.equal(sameValue(undefined, null), false);
  });

  it('escapes pointers and paths', () => {
    assert.equal(pointer('metadata', 'labels', 'a/b~c', 0), '/metadata/labels/a~1b~0c/0');
    assert.equal(vmiPath('ns', 'a', 'console'), '/apis/kubevirt.io/v1/namespaces/ns/virtualmachineinstances/a/console');
    assert.equal(vmPath(), '/apis/kubevirt.io/v1/virtualmachines');
    const hostile = resourcePath({ group: '', version: 'v1', resource: 'pods', namespace: '../x', name: 'a?b#c' });
    assert.equal(hostile, '/api/v1/namespaces/..%2Fx/pods/a%3Fb%23c');
  });
});
