import assert from 'node:assert/strict';
import { readYaml } from '../../../../src/api/yaml/read-yaml.js';

const valueOf = (text: string): unknown => {
  const { documents, problems } = readYaml(text);
  assert.deepEqual(problems, [], text);
  assert.equal(documents.length, 1, text);
  return documents[0]!.value;
};

const problemsOf = (text: string): string[] =>
  readYaml(text).problems.map(({ line, column, kind, message }) => `${line}:${column} ${kind}: ${message}`);

describe('the reader of YAML: values as kubectl has them', () => {
  // What kubectl 1.32.4 and 1.20.2 made of it (kubectl label --local -o json).
  const SCALARS: Readonly<Record<string, unknown>> = {
    ...{ yes: true, Yes: true, YES: true, on: true, On: true, ON: true, y: true, Y: true, true: true, TRUE: true },
    ...{ no: false, No: false, NO: false, off: false, Off: false, OFF: false, n: false, N: false, False: false },
    ...{ yEs: 'yEs', oN: 'oN', tRue: 'tRue', nULL: 'nULL', '~': null, null: null, Null: null, NULL: null },
    ...{
      '0123': 83,
      '-0123': -83,
      '0o17': 15,
      '0x1F': 31,
      '0b11': 3,
      '-0b11': -3,
      '089': 89,
      '0': 0,
      '00': 0,
      '+1': 1,
    },
    ...{
      '1_000': 1000,
      '1__0_': 10,
      '0x_F': 15,
      '685_230.15': 685_230.15,
      '.5': 0.5,
      '._5': '._5',
      '1.': 1,
      '+.5': 0.5,
    },
    ...{
      '1e3': 1000,
      '12e03': 12000,
      '-2E+05': -200000,
      '1e400': '1e400',
      '.5_0': '.5_0',
      '1.10': 1.1,
      '1.5.2': '1.5.2',
    },
    ...{
      '190:20:30': '190:20:30',
      '12:30': '12:30',
      '2001-01-01': '2001-01-01',
      '08:00': '08:00',
      '0x': '0x',
      '0b12': '0b12',
    },
    ...{
      '12345678901234567890': Number('12345678901234567890'),
      '123456789012345678901': Number('123456789012345678901'),
      '-0.0': 0,
    },
    ...{ '"yes"': 'yes', "'0123'": '0123', '!!str 12': '12', '!!int "12"': 12, '!!float 1': 1, '!!bool yes': true },
    ...{ '!!binary aGVsbG8=': 'hello', '!own text': 'text', '! 12': '12', '': null, '""': '', "'it''s'": "it's" },
    ...{
      'a b  c': 'a b  c',
      'a#b': 'a#b',
      'a # b': 'a',
      'http://x:80/': 'http://x:80/',
    },
  };
  for (const [text, value] of Object.entries(SCALARS)) {
    it(`${text === '' ? '(nothing)' : text} is ${JSON.stringify(value)}`, () => {
      assert.deepEqual(valueOf(`a: ${text}\n`), { a: value });
      if (!text.startsWith('!') && !text.includes('#'))
        assert.deepEqual(valueOf(`[${text === '' ? '~' : text}]\n`), [value]);
    });
  }

  it('keys become texts', () => {
    assert.deepEqual(valueOf('1: a\n1.50: b\nyes: c\n0x10: d\n"2": e\n1e9: f\n.inf: g\n'), {
      ...{ '1': 'a', '1.5': 'b', true: 'c', '16': 'd', '2': 'e', '1e+09': 'f', '.inf': 'g' },
    });
    assert.deepEqual(
      valueOf('__proto__: {a: 1}\nconstructor: 2\n'),
      JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
    );
    assert.match(problemsOf('~: 1\n').join(), /^1:1 syntax: a key must be a text/);
    assert.match(problemsOf('? [a]\n: 1\n').join(), /^1:3 syntax: a key must be a text/);
  });

  it('merges maps, one or several, below each other, each replacing what is above it', () => {
    const base = 'b: &b {p: 1, q: 2}\nc: &c {q: 3, r: 4}\n';
    const merged = (map: string): unknown => (valueOf(`${base}m: ${map}\n`) as { m: unknown }).m;
    assert.deepEqual(merged('{<<: *b, p: 9}'), { p: 9, q: 2 });
    assert.deepEqual(merged('{<<: [*b, *c]}'), { p: 1, q: 2, r: 4 });
    assert.deepEqual(merged('{<<: {p: 5}}'), { p: 5 });
    assert.deepEqual(merged('\n  <<: *b\n  <<: *c\n'), { p: 1, q: 3, r: 4 });
    assert.deepEqual(merged('{"<<": *b}'), { '<<': { p: 1, q: 2 } });
    const { documents, problems } = readYaml(`${base}m: {p: 9, <<: *b}\n`);
    assert.deepEqual((documents[0]!.value as { m: unknown }).m, { p: 1, q: 2 });
    assert.deepEqual(
      problems.map(({ kind, message }) => [kind, message]),
      [['merge-order', '"<<" replaces the "p" of line 3: write "<<" above it']],
    );
    assert.match(problemsOf('a: {<<: 1}\n').join(), /the merge key "<<" takes a map/);
  });

  it('reads texts over several lines, quoted ones indented as they like', () => {
    assert.deepEqual(valueOf('a:\n  b: \'x\ny\'\n  c: "z\n w\\\n   v\n\n  u"\n'), { a: { b: 'x y', c: 'z wv\nu' } });
    assert.deepEqual(valueOf('a: x\n  y\n\n  z\nb: {\nc: 1\n}\nd: [\n1,2\n]\n'), {
      a: 'x y\nz',
      b: { c: 1 },
      d: [1, 2],
    });
    assert.deepEqual(valueOf('a: |\n  x\n   y\n\nb: >-\n  x\n  y\n\n  z\nc: |+\n  x\n\nd: |2\n   x\n'), {
      ...{ a: 'x\n y\n', b: 'x y\nz', c: 'x\n\n', d: ' x\n' },
    });
  });

  it('reads lists at the column of their key, tabs between words, CRLF, a byte order mark', () => {
    assert.deepEqual(valueOf('a:\n- 1\n- b: 2\n  c: 3\n-\n'), { a: [1, { b: 2, c: 3 }, null] });
    assert.deepEqual(valueOf('\ufeffa:\t1\t# c\r\nb: 2\r\n'), { a: 1, b: 2 });
  });

  it('follows aliases', () => {
    assert.deepEqual(valueOf('a: &x {b: 1}\nc: *x\nd: [*x]\n'), { a: { b: 1 }, c: { b: 1 }, d: [{ b: 1 }] });
    assert.match(problemsOf('a: *x\n').join(), /^1:4 syntax: \*x stands for an anchor \(&…\) that is not above/);
    assert.match(problemsOf('a: &x [*x]\n').join(), /an anchor contains itself/);
  });
});

describe('the reader of YAML: documents as kubectl parts them', () => {
  const values = (text: string): unknown[] => readYaml(text).documents.map(({ value }) => value);

  it('parts them at lines of ---, and leaves out empty ones', () => {
    assert.deepEqual(values('---\na: 1\n---\n\n# nothing\n---   \nb: 2\n--- # comment\nc: 3\n'), [
      { a: 1 },
      { b: 2 },
      { c: 3 },
    ]);
    assert.deepEqual(values('# nothing\n'), []);
  });

  it('says what kubectl does not read', () => {
    assert.deepEqual(problemsOf('a: 1\n...\nb: 2\n'), [
      '3:1 unread-document: kubectl does not read what follows here: begin it with a line "---"',
    ]);
    assert.deepEqual(problemsOf('a: 1\n--- {b: 2}\n'), [
      '2:1 unread-document: a line that begins with "---" parts documents: write nothing behind it',
    ]);
    assert.match(problemsOf('%YAML 1.2\n---\na: 1\n').join(), /^1:1 syntax: a line that begins with "%"/);
  });

  it('reads JSON objects that follow each other, with all that JSON has', () => {
    const text = '{"a": "\\ud83d\\ude00\\/"}{"b": 1}\n{"c": "\u2028\u007f"}';
    assert.deepEqual(values(text), [{ a: '😀/' }, { b: 1 }, { c: '\u2028\u007f' }]);
    assert.deepEqual(readYaml(text).documents[1]!.positionOf('b'), { line: 1, column: 25 });
    assert.deepEqual(values('{a: yes, "b": 1,}'), [{ a: true, b: 1 }]);
    const comma =
      'a comma stands behind the last item, which JSON does not allow (kubectl before 1.33 refuses it): remove it';
    assert.deepEqual(problemsOf('{"a": {"b": ",}"},\n "c": [1, 2,\n ],}\n'), [`2:12 syntax: ${comma}`]);
    assert.deepEqual(problemsOf('# read as YAML\n{"a": 1,}\n'), []);
    assert.deepEqual(problemsOf('---\n{"a": 1,}\n---\n{"a": 1,}\n'), []);
    assert.deepEqual(problemsOf('{"a": "x, ]\\", }"}\n'), []);
  });

  it('knows where everything stands, through aliases and merges', () => {
    const [document] = readYaml('a: &x\n  b: 1.10\nc:\n- *x\n- <<: *x\n  d: "e"\n').documents;
    assert.deepEqual(document!.positionOf('c[0].b'), { line: 2, column: 3 });
    assert.deepEqual(document!.positionOf('c[1].b'), { line: 2, column: 3 });
    assert.deepEqual(document!.positionOf('c[1].d'), { line: 6, column: 3 });
    assert.deepEqual(document!.positionOf('c[1].nope.more'), { line: 5, column: 3 });
    assert.deepEqual([document!.sourceOf('c[0].b'), document!.sourceOf('c[1].d')], ['1.10', '"e"']);
    assert.deepEqual([document!.sourceOf('c'), document!.sourceOf('c[0].nope')], [undefined, undefined]);
  });
});

describe('the reader of YAML: what it says of mistakes, each in one message', () => {
  const CASES: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
    ['a key twice', 'a:\n  n: 1\n  n: 2\n', /^3:3 duplicate-key: the key "n" stands in line 2 already/],
    ['a key twice, by another spelling', '{1: a, "1": b}\n', /^1:8 duplicate-key: the key "1" stands in line 1/],
    ['a tab', 'a:\n\tb: 1\n\tc: 1\n', /^2:1 syntax: a tab in the indentation.* \(so does 1 more line\)$/],
    ['no space behind a colon', 'a: 1\nb:2\n', /^2:2 syntax: a space is missing behind the colon: write "b: 2"$/],
    [
      'a full-width colon',
      'a:\n  b： 1\n  c: 2\n',
      /^2:4 syntax: U\+FF1A stands here, which is no ":": write ":" and a space$/,
    ],
    ['an en dash', 'a:\n  – b: 1\n  c: 2\n  - d\n', /^2:3 syntax: U\+2013 stands here, which is no "-": write "-" and/],
    ['a typographic quote', 'a: “b: c”\n', /^1:4 syntax: U\+201C stands here, which is no quote of YAML: write '"'$/],
    ['the same above', 'a:x\n  b: 1\n', /^1:2 syntax: a space is missing behind the colon: write "a: x"$/],
    ['no space behind a dash', 'a:\n  -b\n  - c: 1\n', /^2:3 syntax: a space is missing behind the dash/],
    ['two colons', 'a: b: c\n', /^1:5 syntax: a second ": " in one value/],
    ['too deep', 'a: b\n  c: d\n', /^2:4 syntax: this line is indented below line 1, which has a value/],
    [
      'too shallow',
      'a:\n    b: 1\n  c: 2\n',
      /^3:3 syntax: wrong indentation: 2 spaces, where line 2 has 4 and line 1 has 0/,
    ],
    ['left of the first line', '  a: 1\nb: 2\n', /^2:1 syntax: wrong indentation: 0 spaces, where line 1 has 2/],
    ['an open quote', 'a: "b\nc: d\n', /^1:4 syntax: the quote \("\) is never closed/],
    ['a quote inside', "a: 'it's'\nb: 1\n", /^1:8 syntax: "s'" stands behind the closing quote: .* written twice$/],
    ['text behind a quote', 'a: "b" c\n', /^1:8 syntax: "c" stands behind the closing quote/],
    ['an at sign', 'a: @b\n', /^1:4 syntax: "@" cannot begin a value: put the value in quotes$/],
    ['a per cent sign', 'a: %b\n', /^1:4 syntax: "%" cannot begin/],
    ['a backtick', 'a: `b`\n', /^1:4 syntax: "`" cannot begin/],
    ['a star', 'a: *.b\n', /^1:4 syntax: "\*" begins the name of an anchor/],
    ['an open bracket', 'a: [1, 2\nb: 3\n', /^2:2 syntax: .* inside the "\[" of line 1: a comma is missing/],
    ['an open brace', 'a: {b: 1\n', /^2:1 syntax: the "\{" of line 1 is never closed/],
    ['a list in the line of its key', 'a: - b\n', /^1:4 syntax: a list begins in a line of its own/],
    ['an item among keys', 'a: 1\n- b\n', /^2:1 syntax: a list item \("- "\) stands beside the keys of the map/],
    ['a key among items', '- a: 1\nb: 2\n', /^2:1 syntax: a "- " is missing, or more indentation/],
    ['no colon', 'a: 1\nb\nc: 1\n', /^2:1 syntax: "b" has no colon: write "key: value"$/],
    ['an escape', 'a: "\\d"\n', /^1:5 syntax: \\d is no escape/],
    ['text behind |', 'a: | b\n', /^1:6 syntax: "b" cannot stand behind "\|"/],
    ['infinity', 'a: .inf\n', /^1:4 syntax: JSON has no number/],
    ['a control character', 'a: \u0007\n', /^1:4 syntax: the character U\+0007 is not allowed/],
    ['a page', '<!DOCTYPE html>\n<p>a: b: c</p>\n', /^1:1 syntax: this is a page of HTML/],
    [
      'a space that is none, in the indentation',
      'a:\n\u00a0 b: 1\n\u00a0 c: 2\n',
      /^2:1 invisible-character: U\+00A0 NO-BREAK SPACE .*; 1 more line has/,
    ],
    ['… behind a colon', 'a:\u00a0b\nc: 1\n', /^1:3 invisible-character: U\+00A0/],
    ['… behind a value', 'a: b\u3000\n', /^1:5 invisible-character: U\+3000 IDEOGRAPHIC SPACE/],
    ['no width in a key', 'a\u200bb: 1\n', /^1:2 invisible-character: U\+200B ZERO WIDTH SPACE/],
    ['no width in a quoted key', '"a\u200bb": 1\n', /^1:3 invisible-character: U\+200B/],
    ['a turned value', 'a: \u202eb\n', /^1:4 invisible-character: U\+202E RIGHT-TO-LEFT OVERRIDE/],
    ['a mark in the second document', 'a: 1\n---\n\ufeffb: 1\n', /^3:1 invisible-character: U\+FEFF/],
    [
      'a Helm template',
      'a: {{ .Values.a }}\n{{- if .Values.b }}\nb: {{ x }}\n{{- end }}\n',
      /^1:4 template: this is a Helm template: render it first: helm template … \|/,
    ],
    ['one that is YAML by chance', 'a: {{ .Values.a }}\n', /^1:4 template: this is a Helm template/],
    ['a Go template', '{{ range .Items }}\na: 1\n{{ end }}\n', /^1:1 template: this is a Go template/],
    [
      'a Jinja template',
      '{% for i in x %}\na: {{ i }}\n{% endfor %}\n',
      /^1:1 template: this is a Jinja template: render it first/,
    ],
    ['one of either', 'a: {{ name }}\n', /^1:4 template: this is a template/],
    [
      'a template in one document of several',
      'a: 1\n---\nb: {{ .Values.a }}\n',
      /^3:4 template: this is a Helm template/,
    ],
    ['a variable', 'a: {b: ${B}}\n', /^1:9 template: \$\{B\} is a variable to be replaced first: envsubst/],
  ];
  for (const [what, text, problem] of CASES) {
    it(what, () => {
      const found = problemsOf(text);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, problem);
      assert.ok(found[0]!.length < 300, found[0]);
    });
  }

  it('nothing of texts in which such characters and braces belong', () => {
    const text = [
      'a: "b\u00a0"',
      "t: '{{ x }}'",
      'f: «\u00a05\u00a0€\u00a0»',
      'm: 👩\u200d💻 a',
      'u: |',
      '  ## template: jinja',
      '  {% if a %}',
      '  \u00a0name: {{ ds.name }}',
      '  {% endif %}',
      '# \u00a0{{ comment }}',
      '',
    ].join('\n');
    assert.deepEqual(problemsOf(text), []);
  });

  it('the right cause where a text has braces and the mistake is elsewhere', () => {
    assert.match(problemsOf('u: |\n  {{ name }}\na: b: c\n').join(), /^3:5 syntax: a second ": "/);
    assert.match(problemsOf("u: '{{ name }}'\na: b: c\n").join(), /^2:5 syntax: a second ": "/);
  });

  it('each document has its own mistakes, and the others are read', () => {
    const { documents, problems } = readYaml('a: 1\n---\nb: c: d\n---\ne: [\n---\nf: 2\n');
    assert.deepEqual(
      documents.map(({ value }) => value),
      [{ a: 1 }, { f: 2 }],
    );
    assert.deepEqual(
      problems.map(({ line }) => line),
      [3, 6],
    );
  });

  it('the last of two keys counts, as kubectl has it', () => {
    assert.deepEqual(readYaml('a: 1\nb: 1\na: 2\n').documents[0]!.value, { a: 2, b: 1 });
  });
});
