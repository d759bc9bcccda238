import assert from 'node:assert/strict';
import { readYaml } from '../../../../src/api/yaml/read-yaml.js';

/** Line and column of what is marked by `@` in the value, in a text in which it is marked by `@` too. */
const assertPlaced = (marked: string): void => {
  const at = marked.indexOf('@');
  const lines = marked.slice(0, at).split('\n');
  const wanted = { line: lines.length, column: lines.at(-1)!.length + 1 };
  const [document] = readYaml(marked.replace('@', '')).documents;
  const value = (readYaml(marked).documents[0]!.value as { e: string }).e;
  assert.ok(value.includes('@'), value);
  assert.deepEqual(document!.positionWithin('e', value.indexOf('@')), wanted, marked);
};

describe('a place inside of a YAML text', () => {
  for (const marked of [
    'e: a.b @cc <= 8\n',
    'e:   a.b\n  @cc <= 8\n',
    'x: 1\ne: &anchor !!str a.b @cc\n',
    "e: 'it''s @here'\n",
    "e: 'it''s\n\n   @here'\n",
    'e: "tab\\t, \\u0041\\x42 and \\"@here\\""\n',
    'e: "a line \\\n   and @another"\n',
    'e: "\\n\\n@x"\n',
    'e: |\n  one\n  two @three\n',
    'e: |2-\n    one\n  two @three\n',
    'e: >- # why\n  one\n  two @three\n\n  four\n',
    'e: >\n  one\n\n    two\n  @three\n',
    'e: "😀 😀 @x"\n',
    'a: &x |\n  one @two\nb: 1\ne: *x\n',
  ])
    it(JSON.stringify(marked), () => assertPlaced(marked));

  it('is the field where the value is no text, and the end where it is too far', () => {
    const [document] = readYaml('a: {b: 1}\ne: abc\n').documents;
    assert.deepEqual(document!.positionWithin('a', 3), { line: 1, column: 1 });
    assert.deepEqual(document!.positionWithin('none', 3), { line: 1, column: 1 });
    assert.deepEqual(document!.positionWithin('e', 99), { line: 2, column: 7 });
  });
});
