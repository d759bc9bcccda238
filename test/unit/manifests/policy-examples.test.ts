import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { main } from '../../../cmd/kubectl-virt/program.js';
import { fakeIo } from '../kubectl-virt/fake-io.js';

const DIRECTORY = fileURLToPath(new URL('../../../manifests/examples/policies', import.meta.url));

describe('the examples of policies', () => {
  it('do what their tests say, each validation both ways', async () => {
    const io = fakeIo();
    const code = await main(['policy', 'test', DIRECTORY, '--min-coverage', '100'], io);
    assert.equal(code, 0, io.out() + io.err());
  });
  it('have a test each', () => {
    const files = readdirSync(DIRECTORY);
    const policies = files.filter((name) => name.startsWith('vm-') && !name.includes('.policytest.'));
    assert.equal(policies.length, 10);
    for (const name of policies) assert.ok(files.includes(name.replace('.yaml', '.policytest.yaml')), name);
  });
  it('compile without a warning', async () => {
    const io = fakeIo();
    assert.equal(await main(['policy', 'lint', '--strict', DIRECTORY], io), 0, io.out());
  });
  it('accept their machine, which admission accepts', async () => {
    const io = fakeIo();
    const args = [
      'lint',
      '-f',
      `${DIRECTORY}/vm.yaml`,
      '--policy',
      DIRECTORY,
      '--namespace-labels',
      'env=prod',
      '--strict',
    ];
    assert.equal(await main(args, io), 0, io.out());
    assert.doesNotMatch(io.out(), /policy\//);
  });
});
