import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { debianComponents, imageSbom } from '../../../images/sbom.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Locked {
  /** Of a workspace: its directory has another name. */
  readonly name?: string;
  /** The place in node_modules that leads to a workspace. */
  readonly link?: boolean;
  readonly version: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>;
};
const locked = Object.entries(lock.packages).filter(([directory, { link }]) => directory !== '' && link !== true);
const nameOf = (path: string, { name }: Locked): string => name ?? path.replace(/^.*node_modules\//, '');
/** Packages of this repository: they come with it, so the lock file has no hash of them. */
const WORKSPACES = ['node-libvirt'];

interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly version: number;
  readonly metadata: {
    readonly timestamp: string;
    readonly component: { readonly name: string; readonly type: string };
  };
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly type: string;
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly scope?: string;
    readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  }[];
  readonly dependencies?: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/** What the schema of CycloneDX 1.5 asks for, of what is used here. */
const assertCycloneDx = (bom: Bom): void => {
  assert.equal(bom.bomFormat, 'CycloneDX');
  assert.equal(bom.specVersion, '1.5');
  assert.match(bom.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  assert.ok(Number.isInteger(bom.version) && bom.version >= 1);
  assert.ok(Number.isFinite(Date.parse(bom.metadata.timestamp)));
  const references = bom.components.map((component) => component['bom-ref']);
  assert.equal(new Set(references).size, references.length, 'each reference once');
  for (const { type, name, version, purl, scope, hashes = [] } of bom.components) {
    assert.equal(type, 'library');
    assert.ok(name !== '' && version !== '');
    assert.match(purl, /^pkg:(npm|deb)\/[^\s]+@[^\s]+$/);
    assert.ok([undefined, 'required', 'optional', 'excluded'].includes(scope));
    for (const { alg, content } of hashes) {
      assert.ok(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'].includes(alg));
      assert.match(content, /^([0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/);
    }
  }
  const known = new Set([...references, ...(bom.dependencies ?? []).map(({ ref }) => ref)]);
  for (const { dependsOn = [] } of bom.dependencies ?? []) for (const ref of dependsOn) assert.ok(known.has(ref), ref);
};

describe('the bill of materials', function () {
  this.timeout(300_000);
  const directory = mkdtempSync(join(tmpdir(), 'sbom-'));
  after(() => rmSync(directory, { recursive: true }));

  const make = (name: string): Bom => {
    const file = join(directory, name);
    execFileSync(process.execPath, ['scripts/sbom.mjs', file], {
      cwd: root,
      stdio: 'pipe',
      env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' },
    });
    return JSON.parse(readFileSync(file, 'utf8')) as Bom;
  };

  let bom: Bom;
  before(() => (bom = make('one.json')));

  it('of the programs is CycloneDX 1.5 and names each package that is installed with them, and no other', () => {
    assertCycloneDx(bom);
    assert.deepEqual([bom.metadata.component.name, bom.metadata.component.type], ['kubectl-virt', 'application']);
    const named = new Set(bom.components.map(({ name, version }) => `${name}@${version}`));
    const runtime = locked.filter(([, { dev }]) => dev !== true);
    for (const [path, entry] of runtime) {
      const { version, optional } = entry;
      const name = nameOf(path, entry);
      assert.ok(optional === true || named.has(`${name}@${version}`), `${name}@${version} is missing`);
    }
    const installed = new Set(runtime.map(([path, entry]) => `${nameOf(path, entry)}@${entry.version}`));
    for (const name of named) assert.ok(installed.has(name), `${name} is not installed`);
    // Some that npm itself overlooks, because development uses them too.
    for (const name of ['debug', 'yargs-parser'])
      assert.ok(bom.components.some((component) => component.name === name));
    const unhashed = bom.components.filter(({ hashes = [] }) => hashes.length === 0).map(({ name }) => name);
    assert.deepEqual(unhashed, WORKSPACES);
  });

  it('is the same for the same, by SOURCE_DATE_EPOCH to the byte', () => {
    assert.deepEqual(make('two.json'), bom);
  });

  it('of an image names its Debian packages', () => {
    const status = [
      'Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.41-12\nDescription: GNU\n more',
      'Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1',
      'Package: libstdc++6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:14.2+b1',
    ].join('\n\n');
    const components = debianComponents(`${status}\n`, 'debian-13');
    const now = new Date(1_700_000_000_000);
    const image = imageSbom('localhost/kubectl-virt/control:0.1.0', components, now) as Bom;
    assertCycloneDx(image);
    assert.deepEqual(
      image.components.map(({ purl }) => purl),
      [
        'pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13',
        'pkg:deb/debian/libstdc%2B%2B6@1%3A14.2%2Bb1?arch=amd64&distro=debian-13',
      ],
    );
  });
});

/** Packages that run code of their own when they are installed, and why that is accepted. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  esbuild: 'development only: fetches nothing where the package of the platform is there; checks that its program runs',
};

describe('packages that run code when they are installed', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);

  it('are none of those that ship', () => {
    assert.deepEqual(
      scripted.filter(([, { dev }]) => dev !== true).map(([path]) => path),
      [],
    );
  });

  it('are known, each with a reason', () => {
    const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ''));
    assert.deepEqual([...new Set(names)].toSorted(), Object.keys(INSTALL_SCRIPTS).toSorted());
  });

  it('are marked in the lock file as installed packages say it', () => {
    // npm writes the mark when it resolves; a lock file that was edited by hand would hide a script.
    for (const [path, { hasInstallScript, optional }] of locked) {
      let manifest: { scripts?: Record<string, string> };
      try {
        manifest = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as typeof manifest;
      } catch (error) {
        if (optional === true) continue;
        throw error;
      }
      const { preinstall, install, postinstall } = manifest.scripts ?? {};
      const runs = [preinstall, install, postinstall].some((script) => script !== undefined);
      assert.ok(
        !runs || hasInstallScript === true,
        `${path} runs code when it is installed and the lock file hides it`,
      );
    }
  });
});
