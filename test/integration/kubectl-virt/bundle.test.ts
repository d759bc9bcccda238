import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, plugin, root } from './plugin.js';
import { buildPrograms } from '../../support/built-program.js';

const MEBIBYTE = 1024 * 1024;
const env = cleanEnvironment();

describe('the bundled plugin', function () {
  this.timeout(300_000);
  before(() => buildPrograms('kubectl-virt'));

  it('has every command read at most 1 MiB; what only some need lies packed beside it', () => {
    assert.ok(statSync(`${root}dist/kubectl-virt.cjs`).size <= MEBIBYTE);
  });

  it('does not contain what would make every start slow', () => {
    const meta = JSON.parse(readFileSync(`${root}dist/kubectl-virt.meta.json`, 'utf8')) as { inputs: object };
    const inputs = Object.keys(meta.inputs);
    assert.ok(inputs.includes('cmd/kubectl-virt/offline/run/run.ts'), 'the metafile covers the chunks');
    for (const heavy of ['@kubernetes/client-node', '@peculiar/x509', 'express', 'pino', 'prom-client']) {
      assert.deepEqual(
        inputs.filter((input) => input.includes(`node_modules/${heavy}/`)),
        [],
        heavy,
      );
    }
  });

  it('runs by the name it is called, also by a symlink as krew makes', () => {
    const directory = mkdtempSync(join(tmpdir(), 'krew-'));
    try {
      symlinkSync(plugin, join(directory, 'oc-virt'));
      assert.match(execFileSync(join(directory, 'oc-virt'), ['--help'], { env, encoding: 'utf8' }), /oc virt start/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('completes through kubectl_complete-virt', () => {
    const path = `${root}bin:${env.PATH ?? ''}`;
    const out = execFileSync(`${root}bin/kubectl_complete-virt`, ['sto'], {
      env: { ...env, PATH: path },
      encoding: 'utf8',
    });
    assert.equal(out, 'stop\tStop a virtual machine\n:4\n');
  });

  it('loads its chunks', () => {
    const out = execFileSync(plugin, ['lint', '-f', `${root}manifests/examples/demo-vmi.yaml`], {
      env,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    assert.equal(out, '');
    assert.match(
      execFileSync(plugin, ['version', '--client', '-o', 'yaml'], { env, encoding: 'utf8' }),
      /gitVersion: v/,
    );
  });

  it('loads the engine of policies for those who have some', () => {
    const policies = `${root}manifests/examples/policies`;
    const call = (...args: string[]) => execFileSync(plugin, args, { env, encoding: 'utf8', stdio: 'pipe' });
    assert.match(call('policy', 'test', policies), /^ {2}ok +nine are one too many$/m);
    const vm = ['-f', `${policies}/vm.yaml`];
    const given = ['--policy', policies, '--namespace-labels', 'env=prod'];
    assert.doesNotMatch(call('lint', ...vm, ...given), /error/);
    assert.match(call('policy', 'explain', 'vm-size', ...vm, ...given), /Nothing is violated/);
  });

  it('explains rules and admissions', () => {
    const call = (...args: string[]) => execFileSync(plugin, args, { env, encoding: 'utf8', stdio: 'pipe' });
    assert.match(call('explain', 'disk.lun-source'), /^REFUSED:\n[^]*→ spec\.domain\.devices\.disks\[0\]\.lun: /m);
    assert.match(call('explain'), /^ {2}mut\.disk-bus /m);
    assert.match(call('__complete', 'explain', 'disk.flo'), /^disk\.floppy\t/);
    const example = `${root}manifests/examples/demo-vmi.yaml`;
    assert.match(
      call('explain-admission', '-f', example),
      /^ {4}mut\.machine: .*\n {6}spec\.domain\.machine: absent → /m,
    );
    assert.equal(JSON.parse(call('explain-admission', '-f', example, '-o', 'json')).objects[0].accepted, true);
  });

  it('has a completion script that bash can read', () => {
    const script = execFileSync(plugin, ['completion', 'bash'], { env });
    execFileSync('bash', ['-n'], { input: script });
    const typed =
      'source <(kubectl-virt completion bash); COMP_LINE="kubectl-virt st"; COMP_WORDS=(kubectl-virt st); COMP_CWORD=1; _kubectl_virt; echo "${COMPREPLY[@]}"';
    const path = `${root}bin:${env.PATH ?? ''}`;
    const out = execFileSync('bash', ['-c', typed], { input: script, env: { ...env, PATH: path }, encoding: 'utf8' });
    assert.equal(out, 'start stop\n');
  });
});
