import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderError } from '../../../cmd/kubectl-virt/errors.js';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { visibleJson } from '../../../src/api/visible-text.js';
import { hiddenIn, PAYLOAD } from '../../support/hidden-characters.js';
import { fakeApiServer, type Answer, type FakeApiServer } from '../../unit/kubectl-virt/fake-api-server.js';
import { fakeIo } from '../../unit/kubectl-virt/fake-io.js';
import { exception, machine } from '../../unit/kubectl-virt/policies/files.js';
import { policyWith } from '../../unit/policies/support.js';

/*
 * The commands of policies, with what a terminal, a reader of XML or of SARIF acts on in every text that others give.
 */

const MARK = 'owned';
const XML = `]]><!--</failure></testsuite><testcase name="fake"/>&lt;&#27;'"`;
const HOSTILE = `${MARK}${PAYLOAD}${XML}`;

let directory: string;
let server: FakeApiServer | undefined;
let shown = 0;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hostile-policies-'));
  shown = 0;
});
afterEach(async () => {
  rmSync(directory, { recursive: true });
  await server?.close();
  server = undefined;
});

const write = (name: string, content: object): string => {
  const file = join(directory, name);
  // As it is, the reader refuses such characters; escaped they are texts.
  writeFileSync(file, visibleJson(JSON.stringify(content)));
  return file;
};

const run = async (...args: readonly string[]): Promise<string> => {
  const io = fakeIo();
  try {
    await main(args, io);
  } catch (error) {
    io.stderr.write(renderError(error));
  }
  for (const text of [io.out(), io.err()])
    assert.deepEqual(hiddenIn(text), [], `${args.join(' ')}: ${JSON.stringify(text)}`);
  if ((io.out() + io.err()).includes(MARK)) shown += 1;
  return io.out();
};
const assertSeen = (times: number): void => assert.ok(shown >= times, `hostile text was seen ${shown} times`);

const serve = async (answer: () => Answer): Promise<string[]> => {
  server = await fakeApiServer({ answer });
  return server.flags;
};

const hostile = { name: HOSTILE, expression: 'variables.vcpus <= 8', message: HOSTILE, remedy: HOSTILE };
const QUOTED = HOSTILE.replaceAll(/['\\\n\r]/g, '');
/** A side of it is told of where no case has seen both, and what it does to the product's own rules. */
const side = { name: 'side', expression: `variables.vcpus <= 8 || '${QUOTED}' == ''` };
const builtin = [{ rule: 'net.no-iface', action: 'Warn', reason: HOSTILE }];
/** One whose texts are hostile where the schema admits any, and some where it does not. */
const policies = (): string[] => [
  write(
    'good.json',
    policyWith({ description: HOSTILE, validations: [{ ...hostile, name: 'fine' }, side], builtin }, { name: 'p' }),
  ),
  write('bad.json', policyWith({ [HOSTILE]: HOSTILE, action: HOSTILE, validations: [hostile] }, { name: HOSTILE })),
  write('syntax.json', policyWith({ validations: [{ name: 'a', expression: `variables.vcpus <= '${HOSTILE}` }] })),
  write(
    'unknown.json',
    policyWith({
      validations: [{ name: 'a', expression: `variables['${QUOTED}'] == 1` }],
    }),
  ),
  write('exception.json', exception({ reason: HOSTILE, owner: HOSTILE, match: {}, [HOSTILE]: 1 }, { name: HOSTILE })),
  write('kind.json', { apiVersion: 'policies.kubectl-virt.io/v1alpha1', kind: HOSTILE, metadata: { name: HOSTILE } }),
  write('version.json', { apiVersion: `policies.kubectl-virt.io/${HOSTILE}`, kind: HOSTILE }),
];

describe('attack: hostile texts in policies, exceptions and tests', function () {
  this.timeout(120_000);

  it('policy lint, and lint', async () => {
    for (const file of policies())
      for (const output of ['text', 'json', 'yaml'])
        for (const command of [['policy', 'lint', '--strict'], ['lint']])
          await run(...command, '-f', file, '-o', output);
    assertSeen(24);
  });

  it('lint and policy explain by such policies', async () => {
    const vm = write('vm.json', machine(12, { labels: { a: HOSTILE } }));
    for (const file of policies()) {
      for (const output of ['text', 'json', 'yaml']) {
        await run('lint', '-f', vm, '--policy', file, '-o', output, '--now', HOSTILE);
        await run('lint', '-f', vm, '--policy', file, '-o', output, '--namespace-labels', HOSTILE);
        await run('lint', '-f', vm, '--policy', file, '-o', output);
        await run('policy', 'explain', 'p', '-f', vm, '--policy', file, '-o', output, '--show-values');
        await run('policy', 'explain', HOSTILE, '-f', vm, '--policy', file, '-o', output);
      }
    }
    assertSeen(60);
  });

  it('policy test: tables, and documents that mean what they say', async () => {
    policies();
    write('vm.json', machine(12));
    const cases = [
      { name: HOSTILE, object: { file: 'vm.json' }, expect: { verdict: 'Allow', causes: [] } },
      { name: `${HOSTILE}2`, object: { file: HOSTILE.replaceAll(/[\0/]/g, '') }, expect: { verdict: 'Allow' } },
      { name: `${HOSTILE}3`, object: { file: 'vm.json', set: { [HOSTILE]: HOSTILE } }, expect: { verdict: 'Allow' } },
    ];
    const test = (more: object): string =>
      write('a.policytest.json', {
        apiVersion: 'policies.kubectl-virt.io/v1alpha1',
        kind: 'PolicyTest',
        policies: ['good.json'],
        cases,
        ...more,
      });
    const fine = test({});
    for (const output of ['table', 'json', 'junit', 'sarif'])
      await run('policy', 'test', fine, '--coverage', '-o', output);
    const xml = await run('policy', 'test', fine, '-o', 'junit');
    assert.equal(xml.match(/<testcase /g)?.length, 3, xml);
    assert.doesNotMatch(
      xml.replaceAll(/<\/?(testsuites|testsuite|testcase|failure|error)( [a-z]+="[^"<>]*")*\/?>|<\?xml [^<>]*\?>/g, ''),
      /[<>]/,
    );
    const sarif = JSON.parse(await run('policy', 'test', fine, '-o', 'sarif'));
    assert.equal(sarif.runs[0].results.length, 3);
    for (const more of [
      { policies: [HOSTILE.replaceAll(/[\0/]/g, '')] },
      { [HOSTILE]: 1 },
      { now: HOSTILE },
      { cases: [{ ...cases[0], expect: { verdict: HOSTILE, causes: [{ rule: HOSTILE }] } }] },
      { cases: [{ ...cases[0], expect: { verdict: 'Deny', causes: [{ rule: HOSTILE }] } }] },
      { policies: ['bad.json'] },
      { policies: ['syntax.json'] },
    ])
      for (const output of ['table', 'json', 'junit', 'sarif']) await run('policy', 'test', test(more), '-o', output);
    assertSeen(28);
  });

  it('policy pause, resume and exceptions: what the server says', async () => {
    const item = {
      ...exception(
        { policies: [{ name: HOSTILE, validations: [HOSTILE] }, HOSTILE], owner: HOSTILE, ticket: HOSTILE },
        { name: HOSTILE, namespace: HOSTILE },
      ),
      status: { state: HOSTILE },
    };
    const list = { items: [item, HOSTILE, null, { metadata: HOSTILE, spec: HOSTILE }] };
    const answers: Answer[] = [
      { code: 200, body: list },
      { code: 403, body: { kind: 'Status', message: HOSTILE, reason: HOSTILE, code: 403 } },
      { code: 404, body: { kind: 'Status', message: HOSTILE, code: 404 } },
      { code: 500, body: HOSTILE },
    ];
    for (const answer of answers) {
      const flags = await serve(() => answer);
      for (const output of [[], ['-o', 'json'], ['-o', 'yaml']])
        await run('policy', 'exceptions', '-A', ...output, ...flags);
      await run('policy', 'pause', '--reason', HOSTILE, ...flags);
      await run('policy', 'pause', 'a', '--reason', HOSTILE, ...flags);
      await run('policy', 'pause', HOSTILE, '--reason', 'x', ...flags);
      await run('policy', 'pause', 'a', '--reason', 'x', '--for', HOSTILE, ...flags);
      await run('policy', 'resume', 'a', 'b', ...flags);
      await run('lint', '-f', write('vm.json', machine(1)), '--policy', 'cluster', ...flags);
      await server?.close();
    }
    assertSeen(18);
  });
});
