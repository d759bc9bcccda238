/*
 * Bundles every program to one CommonJS file under dist/ (CommonJS starts faster than ESM: ADR 6), with esbuild's
 * metafile beside it, which tests read (size, forbidden modules).
 *
 *     npm run build                 everything
 *     node scripts/build.mjs kubectl-virt virt-agent
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildPage } from './build-page.mjs';
import { writeSbom } from './sbom.mjs';

const root = new URL('..', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

/** The commit, where there is a checkout; an npm package has none. */
const commit = () => {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return '';
  }
};

/** Reproducible where SOURCE_DATE_EPOCH is set. */
const buildDate = () => {
  const epoch = process.env.SOURCE_DATE_EPOCH;
  return (epoch ? new Date(Number(epoch) * 1000) : new Date()).toISOString().replace(/\.\d+Z$/, 'Z');
};

const shared = {
  absWorkingDir: root.pathname,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Optional native helpers of ws and of https-proxy-agent; they work without them. client-node reads kubeconfigs with
  // an old `auth-provider`, which no pod has; bundled it costs each program 14 MB of file and 40 MiB of memory.
  external: ['bufferutil', 'utf-8-validate', '@kubernetes/client-node', 'kerberos'],
  alias: { 'body-parser': './scripts/no-body-parser.cjs' },
  define: {
    __VERSION__: JSON.stringify(version),
    __COMMIT__: JSON.stringify(commit()),
    __BUILD_DATE__: JSON.stringify(buildDate()),
    // A script that the plugin runs: it has no file of it beside it.
    __KVM_SELF_TEST__: JSON.stringify(readFileSync(new URL('src/agent/node/kvm-self-test.sh', root), 'utf8')),
    // Sources are ESM and find files beside them by import.meta.url.
    'import.meta.url': '__importMetaUrl',
  },
  banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
};

/**
 * V8 reads every function of a file before it runs the first, so what `start` does not need must not be code. What the
 * plugin's commands import when they are called (`await import('../FOLDER/FILE.js')`) is kept in a second file, packed,
 * a chunk for each folder, and read and compiled at the first import: 1 ms instead of 30 (measured in
 * docs/kubectl-virt.md).
 */
const pluginSource = new URL('cmd/kubectl-virt/', root).pathname;
/** Folders that stay code: they need little besides the client, which `start` needs anyway. */
const inMainFile = new Set(['lifecycle', 'version']);
/** Folders that share a chunk, because each would have a copy of the client. */
const sharedChunks = new Map([
  ['console', 'cluster'],
  ['completion', 'cluster'],
  ['pending', 'offline'],
  ['create', 'offline'],
  ['list', 'cluster'],
  ['logs', 'cluster'],
  ['doctor', 'cluster'],
  ['expose', 'cluster'],
  ['permitted-devices', 'cluster'],
  ['policy-objects', 'cluster'],
  ['forward', 'cluster'],
  ['ssh', 'cluster'],
  ['credentials', 'cluster'],
]);
/** Libraries that most commands do without. */
const PACKAGES = ['yaml', 'https-proxy-agent', 'typebox', 're2js'];
/** Of these those that are compiled when something of them is first used, and not when they are imported. */
const LAZY = new Map(await Promise.all(['re2js'].map(async (name) => [name, Object.keys(await import(name))])));

/** The reader of YAML: most commands do without, and those that read manifests or a kubeconfig share it. */
const YAML_READER = '../../src/api/yaml/read-yaml.ts';

/** The schemas, which admission and policies share. */
const SCHEMAS = /^\.\.\/\.\.\/src\/api\/(schema\/|schema-check\/check-schema\.ts$)/;

/** What policies ask of admission: the commands that judge by them have it in their own chunk already. */
const ADMISSION = /^\.\.\/\.\.\/src\/admission\/(effective|warnings\/own-rules)\.ts$/;

/** The folder and file that a dynamic import of the plugin's sources leads to; undefined: it stays code. */
const chunkImport = (self, { path: specifier, resolveDir, kind }) => {
  if (PACKAGES.includes(specifier)) return { chunk: specifier };
  const source = path.relative(pluginSource, path.resolve(resolveDir, specifier.replace(/\.js$/, '.ts')));
  if (source === YAML_READER) return { chunk: 'yaml-reader', file: source };
  if (SCHEMAS.test(source)) return { chunk: 'schemas', file: source };
  if (self === 'policies' && ADMISSION.test(source)) return { chunk: 'offline', file: source };
  if (kind !== 'dynamic-import' || !`${resolveDir}/`.startsWith(pluginSource)) return undefined;
  const file = path.relative(pluginSource, path.resolve(resolveDir, specifier.replace(/\.js$/, '.ts')));
  const [folder] = file.split('/');
  if (folder === file || folder === '..' || inMainFile.has(folder)) return undefined;
  return { chunk: sharedChunks.get(folder) ?? folder, file };
};

const lookUp = (chunk, file) => `__chunk(${JSON.stringify(chunk)})${file ? `[${JSON.stringify(file)}]` : ''}`;

/** A module whose members are looked up one by one, each when it is used. */
const lazily = (chunk) => {
  const members = LAZY.get(chunk).map((name) => `get ${name}() { return ${lookUp(chunk)}.${name}; }`);
  return `module.exports = { __esModule: true, ${members.join(', ')} };`;
};

/** Turns an import of a chunk's file into a look-up, and notes it; within the chunk it is bundled as usual. */
const lookUpChunks = (self, note) => ({
  name: 'chunks',
  setup: (build) => {
    build.onResolve({ filter: new RegExp(`^(${PACKAGES.join('|')})$|\\.js$`) }, (args) => {
      const found = chunkImport(self, args);
      if (found === undefined || found.chunk === self) return undefined;
      note(found);
      return { path: found.file ?? found.chunk, pluginData: found, namespace: 'chunk' };
    });
    build.onLoad({ filter: /.*/, namespace: 'chunk' }, ({ pluginData: { chunk, file } }) => ({
      contents: LAZY.has(chunk) ? lazily(chunk) : `module.exports = ${lookUp(chunk, file)};`,
    }));
  },
});

/** The entry of a chunk: its files by their names. */
const chunkEntry = (files) =>
  files.map((file) => `export * as ${JSON.stringify(file)} from ${JSON.stringify(`./${file}`)};`).join('\n');

/**
 * All chunks in one file, packed: unpacking costs a command that needs one 5 ms.
 * @returns the file, and where in it each chunk is: [offset, length]
 */
const pack = (sources) => {
  const places = {};
  const parts = [];
  let offset = 0;
  for (const [name, text] of Object.entries(sources)) {
    const part = deflateRawSync(text, { level: 9 });
    places[name] = [offset, part.length];
    parts.push(part);
    offset += part.length;
  }
  return { content: Buffer.concat(parts), places };
};

/** Compiles a chunk at its first import. The file name shows in stack traces. */
const loader = (file, places) => `
const __places = ${JSON.stringify(places)};
// Opened at once: who upgrades the plugin while it runs takes the file's name away, and not its content.
const __file = (() => {
  try {
    return require('node:fs').openSync(require('node:path').join(__dirname, ${JSON.stringify(file)}), 'r');
  } catch {
    return undefined;
  }
})();
const __read = (name) => {
  const [offset, length] = __places[name];
  const bytes = Buffer.alloc(length);
  if (__file !== undefined && require('node:fs').readSync(__file, bytes, 0, length, offset) === length) return bytes;
  // Whoever caught it would call it a fault of what he wanted to read.
  process.stderr.write(${JSON.stringify(`error: kubectl-virt is not complete: ${file} is missing beside the program, or cut off. Install it again.
`)});
  process.exit(1);
};
const __loaded = {};
const __chunk = (name) => {
  if (!(name in __loaded)) {
    const chunk = { exports: {} };
    const parameters = ['require', 'module', 'exports', '__chunk', '__importMetaUrl'];
    const source = require('node:zlib').inflateRawSync(__read(name)).toString();
    const compiled = require('node:vm').compileFunction(source, parameters, { filename: __filename + '#' + name });
    compiled(require, chunk, chunk.exports, __chunk, __importMetaUrl);
    __loaded[name] = chunk.exports;
  }
  return __loaded[name];
};`;

/** In one step: a program that is started meanwhile reads the old file or the new one, never half of it. */
const place = (outfile, content) => {
  const temporary = `${outfile}.${process.pid}.tmp`;
  writeFileSync(new URL(temporary, root), content);
  renameSync(new URL(temporary, root), new URL(outfile, root));
};

const buildProgram = async (entry, outfile) => {
  const { outputFiles, metafile } = await build({ ...shared, entryPoints: [entry], outfile, write: false });
  place(outfile, outputFiles[0].contents);
  return metafile;
};

/** What was built a day ago runs no more. */
const isOld = (file) => Date.now() - statSync(new URL(`dist/${file}`, root)).mtimeMs > 86_400_000;

const buildPlugin = async (entry, outfile) => {
  const inputs = {};
  /** Name of a chunk → the files that are imported of it. */
  const chunks = new Map();
  const note = ({ chunk, file }) => {
    const files = chunks.get(chunk) ?? new Set();
    chunks.set(chunk, files);
    if (file !== undefined) files.add(file);
  };
  const bundle = async (self, options) => {
    const result = await build({
      ...shared,
      ...options,
      alias: { ...shared.alias, debug: './scripts/no-debug.cjs' },
      minify: true,
      write: false,
      outfile,
      plugins: [lookUpChunks(self, note)],
    });
    Object.assign(inputs, result.metafile.inputs);
    return { text: result.outputFiles[0].text, metafile: result.metafile };
  };
  const main = await bundle(undefined, { entryPoints: [entry] });
  const sources = {};
  // A chunk may import files of another, so as many rounds as it takes until no new one is named.
  const built = new Map();
  const pending = () => [...chunks].filter(([name, files]) => built.get(name) !== files.size);
  for (let round = pending(); round.length > 0; round = pending()) {
    for (const [name, files] of round) {
      built.set(name, files.size);
      const contents = PACKAGES.includes(name) ? `export * from '${name}';` : chunkEntry([...files].sort());
      const chunk = await bundle(name, { banner: {}, stdin: { contents, resolveDir: pluginSource } });
      sources[name] = chunk.text;
    }
  }
  // Before the program, and under a name of its own: one that was built earlier finds its own chunks meanwhile.
  const { content, places } = pack(sources);
  const file = `kubectl-virt.${createHash('sha256').update(content).digest('hex').slice(0, 12)}.chunks`;
  place(`dist/${file}`, content);
  place(outfile, loader(file, places) + main.text);
  for (const other of readdirSync(new URL('dist/', root)))
    if (other.endsWith('.chunks') && other !== file && isOld(other)) rmSync(new URL(`dist/${other}`, root));
  Object.assign(inputs, (await buildPage()).inputs);
  return { ...main.metafile, inputs };
};

/** The plugin is minified, because it is read at every call; the servers keep readable stack traces. */
const programs = {
  'kubectl-virt': buildPlugin,
  'virt-webhook': buildProgram,
  'virt-controller': buildProgram,
  'virt-agent': buildProgram,
};

const wanted = process.argv.slice(2);
mkdirSync(new URL('dist/', root), { recursive: true });
for (const [name, bundled] of Object.entries(programs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const entry = `cmd/${name}/main.ts`;
  if (!existsSync(new URL(entry, root))) {
    console.error(`${name}: ${entry} does not exist`);
    process.exitCode = 1;
    continue;
  }
  const outfile = `dist/${name}.cjs`;
  place(`dist/${name}.meta.json`, JSON.stringify(await bundled(entry, outfile)));
  console.log(`${outfile} ${Math.round(statSync(new URL(outfile, root)).size / 1024)} KiB`);
}
/** Threads of the servers: each begins with a file. */
const workers = {
  'liveness-worker': 'src/kube/program/liveness/worker.ts',
  'command-worker': 'src/agent/workspace/command-worker.ts',
  'network-worker': 'src/agent/network/network-worker.ts',
  // Programs of virt-agent's, which run in the network namespace of a pod.
  'network-set-up': 'src/agent/network/set-up.ts',
  'network-dial': 'src/agent/network/dial.ts',
};
if (wanted.length === 0 || wanted.some((name) => name.startsWith('virt-')))
  for (const [name, entry] of Object.entries(workers)) await buildProgram(entry, `dist/${name}.cjs`);
// Of single programs, which is for whoever works on them, it would be half a one.
if (wanted.length === 0 && process.exitCode === undefined) writeSbom();
