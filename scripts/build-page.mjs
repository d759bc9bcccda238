/*
 * The page of `kubectl virt ui`: its files in dist/ui/, beside the plugin's bundle, so that no other command reads
 * them.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const root = new URL('..', import.meta.url);
const source = new URL('cmd/kubectl-virt/ui/page/', root);
const target = new URL('dist/ui/', root);

const words = (cell) => [...cell.matchAll(/`([A-Za-z]+)`/g)].map(([, word]) => word);

/**
 * What docs/troubleshooting.md says of each status, condition and reason: `{ word: { meaning, remedy } }`. Its tables
 * end with meaning and remedy; the column before them has the words.
 */
export const meanings = (markdown) => {
  const found = {};
  for (const line of markdown.split('\n')) {
    const cells = line.startsWith('| `') ? line.slice(2, -1).split(' | ') : [];
    if (cells.length < 3) continue;
    const [remedy = '', meaning = '', ...before] = cells.map((cell) => cell.trim()).reverse();
    const plain = (text) => text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/\.$/, '');
    for (const word of words(before[0] ?? ''))
      found[word] ??= { meaning: plain(meaning), remedy: plain(remedy.replace(/\|$/, '').trim()) };
  }
  return found;
};

/** The licences of the libraries in the page, which they want to be beside it. */
const licences = ({ inputs }) => {
  const directories = new Set(
    Object.keys(inputs).flatMap((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  return [...directories].sort().map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(new URL(`${directory}/package.json`, root), 'utf8'));
    const file = readdirSync(new URL(`${directory}/`, root)).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? '' : readFileSync(new URL(`${directory}/${file}`, root), 'utf8');
    return `${name} ${version}, ${license}: https://www.npmjs.com/package/${name}\n\n${text}`;
  });
};

/** In one step each; the page's first file last, so that a plugin that starts meanwhile has all that it names. */
const place = (name, content) => {
  const temporary = new URL(`${name}.${process.pid}.tmp`, target);
  writeFileSync(temporary, content);
  renameSync(temporary, new URL(name, target));
};

export const buildPage = async () => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root.pathname,
    entryPoints: { main: new URL('main.ts', source).pathname },
    outdir: 'dist/ui',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    tsconfig: new URL('tsconfig.json', source).pathname,
  });
  mkdirSync(target, { recursive: true });
  const files = [
    ...outputFiles.map(({ path: file, contents }) => [path.basename(file), contents]),
    ['meanings.json', JSON.stringify(meanings(readFileSync(new URL('docs/troubleshooting.md', root), 'utf8')))],
    ['licences.txt', licences(metafile).join('\n\n')],
    ['index.html', readFileSync(new URL('index.html', source))],
  ];
  for (const [name, content] of files) place(name, content);
  const names = new Set(files.map(([name]) => name));
  for (const name of readdirSync(target)) if (!names.has(name) && !name.endsWith('.tmp')) rmSync(new URL(name, target));
  const bytes = files.reduce((sum, [, content]) => sum + content.length, 0);
  console.log(`dist/ui/ ${Math.round(bytes / 1024)} KiB`);
  return metafile;
};
