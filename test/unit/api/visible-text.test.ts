import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describeCause } from '../../../src/api/cause.js';
import { describeValue } from '../../../src/api/schema-check/describe-value.js';
import {
  boundedText,
  isVisibleLine,
  visibleJson,
  visibleLine,
  visibleText,
  visibleXml,
} from '../../../src/api/visible-text.js';
import { yamlText } from '../../../cmd/kubectl-virt/yaml-text.js';
import { parse } from 'yaml';
import { hiddenIn, PAYLOAD, PAYLOADS } from '../../support/hidden-characters.js';

/** Texts with something hidden in them as often as not. */
const text = fc
  .array(
    fc.oneof(fc.constantFrom(...PAYLOADS, '\n', '\t', '"', '\\', ' ', ': ', '# ', '- '), fc.string({ unit: 'binary' })),
  )
  .map((parts) => parts.join(''));
const json = fc.letrec((tie) => ({
  value: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  // A key like __proto__ is no property of a literal.
  object: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    tie('value'),
    { maxKeys: 3, noNullPrototype: true },
  ),
})).object;

describe('visible text', () => {
  it('shows what is hidden as one would write it, and leaves the rest', () => {
    assert.equal(visibleText('a\x1b[2Jb'), 'a\\x1b[2Jb');
    assert.equal(visibleText('\x9b \x7f \r \u202e \u{e0041} \ud800'), '\\x9b \\x7f \\r \\u202e \\u{e0041} \\ud800');
    assert.equal(visibleText('one\n\ttwo é → 漢 😀'), 'one\n\ttwo é → 漢 😀');
    assert.equal(visibleLine('one\n\ttwo'), 'one\\n\\ttwo');
  });

  it('has nothing hidden in it, whatever goes in, and changes nothing that is plain', () => {
    fc.assert(
      fc.property(text, (each) => {
        assert.deepEqual(hiddenIn(visibleText(each)), []);
        assert.deepEqual(hiddenIn(visibleLine(each)), []);
        assert.doesNotMatch(visibleLine(each), /[\n\t]/);
        assert.ok(isVisibleLine(visibleLine(each)));
        assert.equal(visibleText(visibleText(each)), visibleText(each));
        if (hiddenIn(each).length === 0 && isVisibleLine(each)) assert.equal(visibleText(each), each);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same data when JSON and YAML are read again', () => {
    fc.assert(
      fc.property(json, (value) => {
        const asJson = visibleJson(JSON.stringify(value, null, 2));
        assert.deepEqual(hiddenIn(asJson), []);
        assert.deepEqual(JSON.parse(asJson), value);
        const asYaml = yamlText(value);
        assert.deepEqual(hiddenIn(asYaml), []);
        assert.deepEqual(parse(asYaml), value);
      }),
      { numRuns: 500 },
    );
  });

  it('writes XML by references', () => {
    assert.equal(visibleXml('<a b="\x85\u202e"/>'), '<a b="&#x85;&#x202e;"/>');
  });

  it('is bounded where we store it, escapes included', () => {
    assert.equal(boundedText('\x1b'.repeat(10), 10), '\\x1b\\x1b\\x');
    assert.equal(boundedText('x'.repeat(100_000)).length, 32_768);
  });

  it('is what messages say of values and fields', () => {
    assert.deepEqual(hiddenIn(describeValue(PAYLOAD)), []);
    assert.deepEqual(
      hiddenIn(describeCause({ field: `spec[${PAYLOAD}]`, message: `is ${PAYLOAD}\nvm.yaml:1:1: ok` })),
      [],
    );
    assert.doesNotMatch(describeCause({ field: '', message: 'one\ntwo' }), /\n/);
  });
});
