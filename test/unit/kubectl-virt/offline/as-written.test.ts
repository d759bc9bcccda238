import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../../../cmd/kubectl-virt/program.js';
import { isCliError } from '../../../../cmd/kubectl-virt/errors.js';
import { fakeIo } from '../fake-io.js';

const DIRECTORY = join(import.meta.dirname, '../../../corpus/as-written');
const VERDICTS = join(DIRECTORY, 'verdicts.txt');

/** `exit code`, and each finding's place and rule: what a manifest gets, whatever the words. */
const verdictOf = async (file: string): Promise<string> => {
  const io = fakeIo();
  const code = await main(['lint', '-f', join(DIRECTORY, file)], io).catch((error: unknown) => {
    assert.ok(isCliError(error), `${file}: ${String(error)}`);
    return error.exitCode;
  });
  const findings = [...io.out().matchAll(/^.*?:(\d+:\d+): (error|warning): .*\[([^\]]+)\]$/gm)];
  const lines = findings.map(([, place = '', severity = '', rule = '']) => `${severity} ${place} ${rule}`);
  return [`${file}: exit ${code}`, ...lines.map((line) => `    ${line}`)].join('\n');
};

/*
 * Manifests in the styles in which people write, export and generate them, each with what its reader expects in its
 * first line. What each gets was read by a person; `UPDATE_VERDICTS=1 npx mocha FILE` writes it again, to be read.
 */
describe('manifests as people write them', function () {
  // A hundred of them; seconds, on a busy machine more.
  this.timeout(300_000);

  it('get the verdicts that are written down, and no stack trace', async () => {
    const files = readdirSync(DIRECTORY).filter((file) => /\.(ya?ml|json)$/.test(file));
    assert.ok(files.length >= 110, String(files.length));
    const verdicts: string[] = [];
    for (const file of files.toSorted()) verdicts.push(await verdictOf(file));
    const text = `${verdicts.join('\n')}\n`;
    if (process.env['UPDATE_VERDICTS'] !== undefined) writeFileSync(VERDICTS, text);
    assert.equal(text, readFileSync(VERDICTS, 'utf8'));
  });
});
