import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startSessionLibvirtd, type SessionLibvirtd } from '../support/session-libvirtd.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const source = path.join(root, 'src/libvirt');
const OFFLINE = ['--offline', '--no-audit', '--no-fund', '--loglevel=error'];

/** What somebody would write who has read the README only. */
const PROGRAM = `
import { connect, DomainState, isLibvirtError } from 'node-libvirt';
const connection = await connect({ socketPath: process.argv[2], uri: 'test:///default' });
const [domain] = await connection.domains.listAll();
const { state } = await connection.domains.getState(domain);
const missing = await connection.domains.lookupByName('nobody').catch((error) => error);
await connection.close();
console.log(JSON.stringify([domain.name, state === DomainState.RUNNING, isLibvirtError(missing, 'NO_DOMAIN')]));
`;

const TYPED = `
import { connect, type Connection, type Domain } from 'node-libvirt';
export const nameOfFirst = async (socketPath: string): Promise<string | undefined> => {
  const connection: Connection = await connect({ socketPath, limits: { frameBytes: 1 << 20 } });
  const domains: readonly Domain[] = await connection.domains.listAll();
  // @ts-expect-error: a domain has a name, which is a string.
  const wrong: number | undefined = domains[0]?.name;
  return wrong === undefined ? undefined : domains[0]?.name;
};
`;

describe('node-libvirt, packed and installed in an empty project', function () {
  this.timeout(600_000);
  const directory = mkdtempSync(path.join(tmpdir(), 'node-libvirt-'));
  const project = path.join(directory, 'project');
  let daemon: SessionLibvirtd | undefined;

  const run = async (program: string, args: readonly string[], cwd = project): Promise<string> => {
    const { stdout } = await promisify(execFile)(program, args, { cwd, encoding: 'utf8' }).catch((error: unknown) => {
      const { stdout: out, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${program} ${args.join(' ')}:\n${out}${stderr}`, { cause: error });
    });
    return stdout;
  };

  before(async () => {
    mkdirSync(project);
    writeFileSync(path.join(project, 'package.json'), '{ "private": true, "type": "module" }');
    const packed = run('npm', ['pack', '--json', '--pack-destination', directory, '--loglevel=error'], source);
    [daemon] = await Promise.all([startSessionLibvirtd(), packed]);
    const tarball = readdirSync(directory).find((file) => file.endsWith('.tgz'));
    await run('npm', ['install', ...OFFLINE, path.join(directory, tarball!)]);
  });
  after(async () => {
    await daemon?.stop();
    rmSync(directory, { recursive: true });
  });

  it('brings what it needs and nothing of ours: code, types, README, changelog and licence', () => {
    const installed = path.join(project, 'node_modules/node-libvirt');
    assert.deepEqual(
      readdirSync(path.join(project, 'node_modules')).filter((name) => !name.startsWith('.')),
      ['node-libvirt'],
    );
    assert.deepEqual(readdirSync(installed).toSorted(), [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'package.json',
    ]);
    assert.equal(
      readFileSync(path.join(installed, 'LICENSE'), 'utf8'),
      readFileSync(path.join(root, 'LICENSE'), 'utf8'),
    );
    const sources = readdirSync(source).filter((file) => file.endsWith('.ts'));
    const compiled = sources.flatMap((file) => [file.replace(/ts$/, 'd.ts'), file.replace(/ts$/, 'js')]);
    assert.deepEqual(readdirSync(path.join(installed, 'dist')).toSorted(), compiled.toSorted());
  });

  it('has its version in the changelog', () => {
    const { version } = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8')) as { version: string };
    assert.ok(readFileSync(path.join(source, 'CHANGELOG.md'), 'utf8').includes(`\n## ${version}\n`), version);
  });

  it('speaks to a real libvirtd from plain JavaScript', async () => {
    writeFileSync(path.join(project, 'main.js'), PROGRAM);
    const output = await run(process.execPath, ['main.js', daemon!.socketPath]);
    assert.deepEqual(JSON.parse(output), ['test', true, true]);
  });

  it('can be required from CommonJS', async () => {
    const program = "console.log(typeof require('node-libvirt').connect)";
    writeFileSync(path.join(project, 'main.cjs'), program);
    assert.equal((await run(process.execPath, ['main.cjs'])).trim(), 'function');
  });

  it('has types that a strict TypeScript project uses', async () => {
    writeFileSync(path.join(project, 'typed.ts'), TYPED);
    const compilerOptions = {
      ...{ module: 'NodeNext', target: 'ES2023', strict: true, noEmit: true, exactOptionalPropertyTypes: true },
      // Of the project's own dependencies it has only what a test without network can give it.
      ...{ typeRoots: [path.join(root, 'node_modules/@types')], types: ['node'] },
    };
    writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }));
    await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', '.']);
  });
});
