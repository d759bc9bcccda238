/*
 * Bundles every program to one CommonJS file under dist/ (CommonJS starts faster than ESM: research §1.7), with esbuild's
 * metafile beside it, which tests read (size, forbidden modules).
 *
 *     npm run build                 everything
 *     node scripts/build.mjs kubectl-virt virt-agent
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

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
  // Optional native helpers of ws; it works without them.
  external: ['bufferutil', 'utf-8-validate'],
  define: {
    __VERSION__: JSON.stringify(version),
    __COMMIT__: JSON.stringify(commit()),
    __BUILD_DATE__: JSON.stringify(buildDate()),
    // Sources are ESM and find files beside them by import.meta.url.
    'import.meta.url': '__importMetaUrl',
  },
  banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
};

/** The plugin is minified, because it is parsed at every call; the servers keep readable stack traces. */
const programs = {
  'kubectl-virt': { minify: true, keepNames: false },
  'virt-webhook': { keepNames: true },
  'virt-controller': { keepNames: true },
  'virt-agent': { keepNames: true },
};

const wanted = process.argv.slice(2);
mkdirSync(new URL('dist/', root), { recursive: true });
for (const [name, options] of Object.entries(programs)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const entry = `cmd/${name}/main.ts`;
  if (!existsSync(new URL(entry, root))) {
    console.error(`${name}: ${entry} does not exist`);
    process.exitCode = 1;
    continue;
  }
  const outfile = `dist/${name}.cjs`;
  const { metafile } = await build({ ...shared, ...options, entryPoints: [entry], outfile });
  writeFileSync(new URL(`dist/${name}.meta.json`, root), JSON.stringify(metafile));
  console.log(`${outfile} ${Math.round(statSync(new URL(outfile, root)).size / 1024)} KiB`);
}
