import assert from 'node:assert/strict';
import fc from 'fast-check';
import { element, writeXml, XmlError, type XmlElement } from '../../../src/domain/xml.js';
import { readXml } from './read-xml.js';

const isAllowed = (character: string): boolean => {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return code === 9 || code === 10 || code === 13;
  return !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff;
};
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/).filter((n) => !/^xml/i.test(n));
/** Any text that XML can hold, rich in what it must escape. */
const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('<', '>', '&', '"', "'", '\r', '\n', '\t', ']]>', ' '),
      fc.string({ unit: 'binary', maxLength: 1 }),
    ),
  })
  .map((s) => Array.from(s).filter(isAllowed).join(''));
const attributes = fc.dictionary(name, text, { maxKeys: 4 });

const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
  tree: fc
    .tuple(
      name,
      attributes,
      fc.oneof(
        text.filter((t) => t !== '').map((t) => [t]),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
    )
    .map(([n, a, children]) => element(n, a, children)),
}));

describe('XML writer', () => {
  it('writes what a parser reads back as the same tree, whatever the strings', () => {
    fc.assert(
      fc.property(tree, (root) => {
        assert.deepEqual(readXml(writeXml(root)), root);
      }),
      { numRuns: 1000 },
    );
  });

  it('either writes well-formed XML or throws, for strings of any code units', () => {
    const anything = fc.string({ unit: 'binary' }).chain((s) => fc.constantFrom(s, `${s}\ud800`, `${s}\u0000`, s));
    fc.assert(
      fc.property(anything, anything, anything, (n, attribute, content) => {
        let written: string;
        try {
          written = writeXml(element('a', { b: attribute }, content, element(n)));
        } catch (error) {
          assert.ok(error instanceof XmlError);
          return;
        }
        readXml(written);
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves out attributes and children that are undefined', () => {
    assert.equal(writeXml(element('a', { b: undefined, c: 0 }, undefined, [])), '<a c="0"/>\n');
  });

  it('indents elements and leaves text alone', () => {
    assert.equal(writeXml(element('a', {}, element('b', {}, ' x '))), '<a>\n  <b> x </b>\n</a>\n');
  });

  for (const [what, root, message] of [
    ['a control character in text', element('title', {}, 'a\u0001'), /U\+0001 in the text of <title>/],
    ['half a surrogate pair in an attribute', element('a', { b: '\udc00' }), /U\+DC00 in attribute "b" of <a>/],
    ['U+FFFE', element('a', {}, '\ufffe'), /U\+FFFE/],
    ['an element name with a space', element('a b'), /"a b" cannot name an element/],
    ['an attribute name with a quote', element('a', { '"': '' }), /cannot name an attribute of <a>/],
  ] as const) {
    it(`refuses ${what}, naming the place`, () => {
      assert.throws(() => writeXml(root), { name: 'XmlError', message });
    });
  }
});
