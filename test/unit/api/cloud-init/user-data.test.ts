import assert from 'node:assert/strict';
import fc from 'fast-check';
import { userDataProblems } from '../../../../src/api/cloud-init/user-data.js';

const said = (text: string): string[] =>
  userDataProblems(text).map(({ kind, line, column, message }) => `${kind} ${line}:${column} ${message}`);

describe('user data for cloud-init', () => {
  it('are known by their beginning, whatever is in them', () => {
    for (const text of [
      '',
      ' \n',
      '#cloud-config',
      '\n  #Cloud-Config\npassword: x\n',
      '#cloud-config\n---\nusers:\n- default\n',
      '#!/bin/sh\necho "',
      '## template: jinja\n#cloud-config\nhostname: {{ v1.local_hostname }}\n',
      '#cloud-boothook\n\tx: [',
      '#include\nhttps://example.com/x',
      'Content-Type: multipart/mixed; boundary="=="\nMIME-Version: 1.0\n\n--==\n',
      '#ps1_sysnative\nGet-Date',
      'rem cmd\ndir',
      '{"ignition": {"version": "3.4.0"}}',
    ])
      assert.deepEqual(said(text), [], JSON.stringify(text));
  });

  const yaml: [text: string, place: string, words: RegExp][] = [
    ['#cloud-config\nusers:\n\t- name: a', '3:1', /a tab stands there: write spaces$/],
    ['#cloud-config\npassword: "secret\nssh_pwauth: true', '2:11', /a quote is not closed$/],
    ['#cloud-config\npassword: a: b', '2:12', /a second colon/],
    // The reader takes a key that is indented too far for a part of the text above it.
    ['#cloud-config\nhostname: a\n users: b', '3:7', /indent the line as the one above$/],
    ['#cloud-config\nruncmd:\n  - a\n - b', '4:2', /indented/],
    ['#cloud-config\nusers: [a', '', /bracket or brace/],
    ['#cloud-config\nhostname: {{ v1.name }}', '', /begins with \{ or \[/],
    ['#cloud-config\npassword: @home', '2:11', /begins with @/],
    ['#cloud-config\nruncmd:\n  - echo a\tb # c\td', '3:11', /a tab stands there/],
    ['#cloud-config\n# a\tb\nbootcmd: ["a\tb"]\nruncmd:\n  - |\n    a\tb\n  - a\t', '7:6', /a tab stands there/],
    ['#cloud-config\npassword: !home', '2:11', /begins with !/],
    ['#cloud-config\n- users', '2:1', /no key with a colon stands at the top/],
    ['#cloud-config\nhostname: a\n---\nhostname: b', '3:1', /a second document/],
    ['#cloud-config\nruncmd: []\nhostname: a\nruncmd: []', '4:1', /the key "runcmd" of line 2 again/],
  ];
  for (const [text, place, words] of yaml)
    it(`that are no YAML are told with line and column: ${JSON.stringify(text)}`, () => {
      const [first = '', ...rest] = said(text);
      assert.deepEqual(rest, []);
      assert.ok(first.startsWith(`yaml ${place}`), first);
      assert.match(first, words);
      assert.doesNotMatch(first, /secret|home|v1/);
    });

  it('have keys that cloud-init knows, or the one that was meant is named', () => {
    assert.deepEqual(said('#cloud-config\npasword: x\nnetwork: {}\n'), [
      'key 2:1 the key "pasword" is none of cloud-config, and is ignored; did you mean "password"?',
      'key 3:1 the key "network" is none of cloud-config, and is ignored',
    ]);
    assert.deepEqual(said('#cloud-config\ncoreos:\n  units: []\nother: 1'), []);
    assert.deepEqual(said(`#cloud-config\n${'abc def: 1\n'.repeat(1)}`), [
      'key 2:1 the key is none of cloud-config, and is ignored',
    ]);
  });

  it('that were meant for cloud-init and miss its first line are told what is missing', () => {
    assert.match(said('# cloud-config\npassword: x').join(), /^format 1:1 not the first line/);
    assert.match(said('#cloud_config\npassword: x').join(), /^format 1:1 not the first line/);
    assert.match(said('\ufeff#cloud-config\npassword: x').join(), /^format 1:1 not the first line/);
    assert.match(
      said('# mine\n#cloud-config\npassword: x').join(),
      /^format 2:1 #cloud-config has to be the first line/,
    );
    assert.match(said('password: x\nssh_pwauth: true').join(), /^format 1:1 not #cloud-config/);
    assert.match(said('Content-Type: multipart/mixed; boundary=x\n\n--x').join(), /^format 1:1 no MIME-Version/);
    assert.match(said('SGkuXG4').join(), /^unknown-format 1:1 nothing that cloud-init knows/);
    assert.match(said('apt-get update').join(), /^unknown-format/);
  });

  it('are never repeated, and never make it throw', () => {
    const secret = 'S3cr3t';
    const piece = fc.constantFrom(
      '#cloud-config\n',
      '\n',
      '  ',
      '\t',
      '- ',
      ': ',
      '"',
      '{',
      '[',
      '*a',
      '&a ',
      '<<: ',
      secret,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 6 })), { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        for (const { message } of userDataProblems(`#cloud-config\n${text}`)) {
          // The name of a key alone may be shown.
          assert.ok(message.length < 170 && !message.replace(/the key "[\w-]+"/, '').includes(secret), message);
        }
        userDataProblems(text);
      }),
      { numRuns: 500 },
    );
  });

  it('cost little, whatever they are', () => {
    const worst = ['[', '- ', 'a: &a [*a', '? ', '{a: ', '"\\', '#cloud-config\n'].map((part) =>
      `#cloud-config\n${part.repeat(2048)}`.slice(0, 2048),
    );
    const begin = process.cpuUsage();
    for (const text of worst) for (let i = 0; i < 10; i += 1) userDataProblems(text);
    const { user } = process.cpuUsage(begin);
    // Some milliseconds for 70 texts; a quadratic walk takes seconds.
    assert.ok(user < 1_500_000, `${user} µs`);
  });
});
