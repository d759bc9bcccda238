/*
 * Bundles every program to one CommonJS file under dist/ (CommonJS starts faster than ESM: research §1.7), with esbuild's
 * metafile beside it, which tests read (size, forbidden modules).
 *
 *     npm run build                 everything
 *     node scripts/build.mjs kubectl-virt virt-agent
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
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
  // Optional native helpers of ws and of https-proxy-agent; they work without them. client-node reads kubeconfigs with an old `auth-provider`, which
  // no pod has; bundled it costs each program 14 MB of file and 40 MiB of memory.
  external: ['bufferutil', 'utf-8-validate', '@kubernetes/client-node', 'kerberos'],
  alias: { 'body-parser': './scripts/no-body-parser.cjs' },
  define: {
    __VERSION__: JSON.stringify(version),
    __COMMIT__: JSON.stringify(commit()),
    __BUILD_DATE__: JSON.stringify(buildDate()),
    // Sources are ESM and find files beside them by import.meta.url.
    'import.meta.url': '__importMetaUrl',
  },
  banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
};

/**
 * V8 reads every function of a file before it runs the first, so what `start` does not need must not be code. These parts
 * of the plugin are kept in the one file as strings, and compiled when they are imported: 1 ms instead of 30 (measured
 * in docs/kubectl-virt.md). Path within cmd/kubectl-virt, or a package → name of the chunk.
 */
const chunks = new Map([
  ['offline/index.ts', 'offline'],
  ['console/command.ts', 'console'],
  ['completion/complete.ts', 'complete'],
  ['yaml', 'yaml'],
  ['https-proxy-agent', 'proxy'],
]);
/** Those that are packages, as they are imported. */
const packages = [...chunks.keys()].filter((entry) => !entry.endsWith('.ts'));
const pluginSource = new URL('cmd/kubectl-virt/', root).pathname;

const chunkName = async ({ path: specifier, resolveDir, kind }) => {
  if (packages.includes(specifier)) return chunks.get(specifier);
  if (kind !== 'dynamic-import' || !resolveDir.startsWith(pluginSource.slice(0, -1))) return undefined;
  const file = path.relative(pluginSource, path.resolve(resolveDir, specifier.replace(/\.js$/, '.ts')));
  return chunks.get(file);
};

/** Turns an import of a chunk into a look-up by name; a chunk's own entry is bundled as usual. */
const lookUpChunks = (self) => ({
  name: 'chunks',
  setup: (build) => {
    build.onResolve({ filter: new RegExp(`^(${packages.join('|')})$|\\.js$`) }, async (args) => {
      const name = await chunkName(args);
      return name === undefined || name === self ? undefined : { path: name, namespace: 'chunk' };
    });
    build.onLoad({ filter: /.*/, namespace: 'chunk' }, ({ path: name }) => ({
      contents: `module.exports = __chunk(${JSON.stringify(name)});`,
    }));
  },
});

/** Compiles a chunk at its first import. The file name shows in stack traces. */
const loader = (sources) => `
const __chunks = ${JSON.stringify(sources)};
const __loaded = {};
const __chunk = (name) => {
  if (!(name in __loaded)) {
    const chunk = { exports: {} };
    const parameters = ['require', 'module', 'exports', '__chunk', '__importMetaUrl'];
    const compiled = require('node:vm').compileFunction(__chunks[name], parameters, { filename: __filename + '#' + name });
    compiled(require, chunk, chunk.exports, __chunk, __importMetaUrl);
    __loaded[name] = chunk.exports;
  }
  return __loaded[name];
};`;

const buildPlugin = async (outfile) => {
  const sources = {};
  const inputs = {};
  for (const [entry, name] of chunks) {
    const entryPoint = packages.includes(entry) ? entry : `cmd/kubectl-virt/${entry}`;
    const chunk = await build({
      ...shared,
      banner: {},
      minify: true,
      entryPoints: [entryPoint],
      write: false,
      outfile,
      plugins: [lookUpChunks(name)],
    });
    sources[name] = chunk.outputFiles[0].text;
    Object.assign(inputs, chunk.metafile.inputs);
  }
  const { metafile } = await build({
    ...shared,
    banner: { js: `${shared.banner.js}${loader(sources)}` },
    minify: true,
    entryPoints: ['cmd/kubectl-virt/main.ts'],
    outfile,
    plugins: [lookUpChunks(undefined)],
  });
  Object.assign(metafile.inputs, inputs);
  return metafile;
};

/** The plugin is minified, because it is read at every call; the servers keep readable stack traces. */
const programs = {
  'kubectl-virt': buildPlugin,
  'virt-webhook': undefined,
  'virt-controller': undefined,
  'virt-agent': undefined,
};

const wanted = process.argv.slice(2);
mkdirSync(new URL('dist/', root), { recursive: true });
for (const [name, special] of Object.entries(programs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const entry = `cmd/${name}/main.ts`;
  if (!existsSync(new URL(entry, root))) {
    console.error(`${name}: ${entry} does not exist`);
    process.exitCode = 1;
    continue;
  }
  const outfile = `dist/${name}.cjs`;
  const metafile = special
    ? await special(outfile)
    : (await build({ ...shared, entryPoints: [entry], outfile })).metafile;
  writeFileSync(new URL(`dist/${name}.meta.json`, root), JSON.stringify(metafile));
  console.log(`${outfile} ${Math.round(statSync(new URL(outfile, root)).size / 1024)} KiB`);
}
// Of single programs, which is for whoever works on them, it would be half a one.
if (wanted.length === 0 && process.exitCode === undefined) writeSbom();
