/*
 * What ships, as a CycloneDX 1.5 document: dist/sbom.cdx.json. npm makes it from the lock file, without network; added
 * here is which packages are in which program (by the metafiles beside the bundles), and that two runs give the same.
 *
 *     npm run sbom                  after npm run build, which does it too
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const PROGRAMS = ['kubectl-virt', 'virt-webhook', 'virt-controller', 'virt-agent'];
/** Our own properties of a component begin with it, as CycloneDX wants it. */
const PROPERTY = 'kubectl-virt:bundled-in';

const lock = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'));

/** npm's own document, of all packages of the lock file. */
const npmDocument = () => {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
  // Under `npm run` it is that npm; otherwise the one on PATH.
  const npm = process.env.npm_execpath;
  const [program, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const output = execFileSync(program, [...first, ...args, '--package-lock-only', '--offline'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(output.toString('utf8'));
};

/** A package's name; of a workspace's (a directory of this repository) the lock file says it. */
const nameOf = (directory, { name }) => name ?? directory.replace(/^.*node_modules\//, '');

/** The packages of this repository that programs import by name: directory → package. */
const workspaces = Object.entries(lock.packages).filter(
  ([directory]) => directory !== '' && !directory.startsWith('node_modules/'),
);

/**
 * `name@version` of what an installation without development dependencies gets. Not by npm's `--omit dev`: that leaves
 * out whatever development uses as well (of ours debug and yargs-parser, for example).
 */
const installed = new Set(
  Object.entries(lock.packages)
    .filter(([directory, { dev, link }]) => directory !== '' && dev !== true && link !== true)
    .map(([directory, locked]) => `${nameOf(directory, locked)}@${locked.version}`),
);

/**
 * `name@version` of the package that a file is of: two versions of one package may be installed, one inside another's
 * directory.
 */
const packageOf = (file) => {
  const workspace = workspaces.find(([directory]) => file.startsWith(`${directory}/`));
  if (workspace !== undefined) return `${workspace[1].name}@${workspace[1].version}`;
  const [, directory, name] = /(node_modules\/(?:.*node_modules\/)?((?:@[^/]+\/)?[^/]+))\//.exec(file) ?? [];
  return name === undefined ? undefined : `${name}@${lock.packages[directory]?.version}`;
};

/** Program → packages in its bundle. Programs that are not built are left out. */
const bundled = () =>
  PROGRAMS.flatMap((program) => {
    const file = `${root}/dist/${program}.meta.json`;
    if (!existsSync(file)) return [];
    const { inputs } = JSON.parse(readFileSync(file, 'utf8'));
    return [[program, new Set(Object.keys(inputs).map(packageOf).filter(Boolean))]];
  });

/** A UUID that is the same for the same content: a document that says the same is the same document. */
const uuidOf = (text) => {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(hex[16], 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Sets what npm takes from the clock and from chance. Reproducible where SOURCE_DATE_EPOCH is set. */
const settle = (document) => {
  const epoch = process.env.SOURCE_DATE_EPOCH;
  const content = JSON.stringify([document.metadata.component, document.components, document.dependencies]);
  return {
    ...document,
    serialNumber: `urn:uuid:${uuidOf(content)}`,
    metadata: {
      ...document.metadata,
      timestamp: (epoch ? new Date(Number(epoch) * 1000) : new Date()).toISOString(),
    },
  };
};

const makeSbom = () => {
  const document = npmDocument();
  const programs = bundled();
  // npm takes a directory's name for the package's, of a workspace as of the whole.
  const named = document.components.map((component) => {
    const workspace = workspaces.find(([, { name, version }]) => component['bom-ref'] === `${name}@${version}`);
    return workspace === undefined ? component : { ...component, name: workspace[1].name };
  });
  const kept = named.filter(({ name, version }) => installed.has(`${name}@${version}`));
  const components = kept.map((component) => {
    const where = programs
      .filter(([, packages]) => packages.has(`${component.name}@${component.version}`))
      .map(([program]) => program);
    return {
      ...component,
      // In a bundle: runs. Otherwise it comes with the npm package and is loaded in rare cases only, or never.
      scope: where.length > 0 ? 'required' : 'optional',
      properties: [...(component.properties ?? []), ...where.map((value) => ({ name: PROPERTY, value }))],
    };
  });
  const { name } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const metadata = { ...document.metadata, component: { ...document.metadata.component, name } };
  const references = new Set([metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  const dependencies = document.dependencies
    .filter(({ ref }) => references.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => references.has(other)) }));
  return settle({ ...document, metadata, components, dependencies });
};

export const writeSbom = (file = `${root}/dist/sbom.cdx.json`) => {
  const document = makeSbom();
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  const inBundles = document.components.filter(({ scope }) => scope === 'required').length;
  console.log(`${file} ${document.components.length} packages, ${inBundles} of them in the programs`);
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) writeSbom(process.argv[2]);
