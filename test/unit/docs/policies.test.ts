import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { compilePolicy } from '../../../src/policies/compile-policy.js';
import { readException } from '../../../src/policies/exceptions.js';
import { READY_VARIABLES } from '../../../src/policies/ready-variables.js';
import { parse } from 'yaml';
import { machine, newFiles, type Files } from '../kubectl-virt/policies/files.js';

/* What docs/policies.md shows is what happens. */

const read = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const page = read('policies.md');
const yaml = (text: string): string[] => [...text.matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, block = '']) => block);
const sessions = [...page.matchAll(/^```\n\$ ([^\n]*)\n([^]*?)^```/gm)].map(([, line = '', out = '']) => ({
  line,
  out,
}));

describe('docs/policies.md', () => {
  const [policy = '', test = ''] = yaml(page);
  let files: Files;
  before(() => {
    files = newFiles();
    files.write('vm-size.yaml', policy);
    files.write('vm-size.policytest.yaml', test);
    files.write('web.yaml', machine(12));
  });
  after(() => files.remove());

  it('shows what the commands of the first five minutes print', async () => {
    const shown = sessions.filter(({ line }) => !line.includes('pause'));
    assert.equal(shown.length, 3);
    for (const { line, out } of shown) {
      const words = line
        .split(' ')
        .slice(2)
        .map((word) => (/^\.$|\.yaml$/.test(word) ? `@${word === '.' ? '' : word}` : word));
      const said = await files.run(...words);
      for (const each of out.trimEnd().split('\n'))
        assert.ok((said.out + said.err).includes(each), `${each}\n${said.out}${said.err}`);
    }
  });

  it('shows what a misspelt variable gets', async () => {
    files.write('vm-size.yaml', policy.replace('variables.vcpus <=', 'variables.vcpu <='));
    const { out } = await files.run('policy', 'lint', '-f', '@vm-size.yaml');
    assert.ok(page.includes(out), out);
  });

  it('has policies, tests and exceptions that are right', () => {
    const objects = [...yaml(page), ...yaml(read('policies-coming-from.md'))].map((block) => parse(block) as unknown);
    const kinds = new Map<string, number>();
    for (const object of objects) {
      const { kind = '' } = object as { kind?: string };
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (kind === 'VirtualMachineClusterPolicy') assert.deepEqual(compilePolicy(object).causes, []);
      if (kind === 'VirtualMachinePolicyException') assert.ok('spec' in readException(object));
      if (!Array.isArray(object)) continue;
      const spec = { action: 'Warn', validations: object };
      const whole = {
        apiVersion: 'policies.kubectl-virt.io/v1alpha1',
        kind: 'VirtualMachineClusterPolicy',
        metadata: { name: 'a' },
        spec,
      };
      assert.deepEqual(compilePolicy(whole).causes, []);
    }
    assert.deepEqual([kinds.get('VirtualMachineClusterPolicy'), kinds.get('VirtualMachinePolicyException')], [2, 1]);
  });

  it('names every variable that policies have', () => {
    for (const { name } of READY_VARIABLES) assert.match(page, new RegExp(`\`${name}\``), name);
  });
});
