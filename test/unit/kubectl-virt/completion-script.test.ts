import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { fakeIo } from './fake-io.js';

/* The script for bash, in bash, with the plugin as a function that says what it was asked. */

const QUOTE = "'";
const quoted = (text: string): string => `${QUOTE}${text}${QUOTE}`;

/**
 * What bash would insert. `words` are the line's as bash parts it.
 * @returns what the plugin was asked, then what is offered
 */
const completed = async (line: string, words: readonly string[], offered: readonly string[]): Promise<string[]> => {
  const io = fakeIo();
  await main(['completion', 'bash'], io);
  const script = [
    `kubectl-virt() { printf '<%s>' "$@" >&3; printf '%s\\n' ${offered.map(quoted).join(' ')} ':4'; }`,
    io.out(),
    `COMP_LINE=${quoted(line)} COMP_CWORD=${words.length - 1}`,
    `COMP_WORDS=(${words.map(quoted).join(' ')})`,
    // The script itself throws away what the plugin says on stderr.
    '{ _kubectl_virt; } 3>&1',
    `printf '\\n%s' "\${COMPREPLY[@]}"`,
  ].join('\n');
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n');
};

describe('kubectl virt completion bash', () => {
  it('asks for a word that bash has parted as one, and offers what stands behind the part', async () => {
    const json = ['--output=json\tabout'];
    const parted = ['kubectl-virt', 'list', '--output', '=', 'j'];
    assert.deepEqual(await completed('kubectl-virt list --output=j', parted, json), [
      '<__complete><list><--output=j>',
      'json',
    ]);
    assert.deepEqual(await completed('kubectl-virt list --output=', parted.slice(0, -1), json), [
      '<__complete><list><--output=>',
      'json',
    ]);
    // Where "=" parts nothing.
    assert.deepEqual(await completed('kubectl-virt list --output=j', ['kubectl-virt', 'list', '--output=j'], json), [
      '<__complete><list><--output=j>',
      '--output=json',
    ]);
    assert.deepEqual(
      await completed('kubectl-virt ssh root@w', ['kubectl-virt', 'ssh', 'root', '@', 'w'], ['root@web']),
      ['<__complete><ssh><root@w>', 'web'],
    );
  });

  it('leaves words that stand apart as they are', async () => {
    assert.deepEqual(await completed('kubectl-virt  start ', ['kubectl-virt', 'start', ''], ['web-1', 'web-2']), [
      '<__complete><start><>',
      'web-1',
      'web-2',
    ]);
    assert.deepEqual(
      await completed('kubectl-virt stop -l app=web -n p', 'kubectl-virt stop -l app = web -n p'.split(' '), ['prod']),
      ['<__complete><stop><-l><app=web><-n><p>', 'prod'],
    );
  });
});
