import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A static import or re-export; types too, because two files that need each other's types are one file or three. */
const IMPORT = /^(?:import|export)\b[^;'"]*?\bfrom\s+'(\.[^']+)'|^import '(\.[^']+)'/gm;

const sources = (): string[] =>
  ['src', 'cmd', 'scripts', 'images', 'test'].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|mjs)$/.test(name) && !/node_modules|(?:^|\/)dist\//.test(name))
      .map((name) => join(root, directory, name)),
  );

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)]
    .map(([, from, plain]) => join(dirname(file), from ?? plain ?? ''))
    .map((path) => (existsSync(path) ? path : path.replace(/\.js$/, '.ts')))
    .filter((path) => existsSync(path));

/** A way from a file through its imports back to itself, or undefined. */
const findCycle = (graph: ReadonlyMap<string, readonly string[]>): string[] | undefined => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): string[] | undefined => {
    const at = way.indexOf(file);
    if (at >= 0) return [...way.slice(at), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next, [...way, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
};

describe('imports', () => {
  it('never lead back to the file that they are in', () => {
    const files = sources();
    const cycle = findCycle(new Map(files.map((file) => [file, importsOf(file)])));
    const names = cycle?.map((file) => relative(root, file)).join(' → ');
    assert.equal(names, undefined, 'move what both need to a file of its own');
    assert.ok(files.length > 500);
  });

  it('are found to lead back where they do', () => {
    assert.deepEqual(
      findCycle(
        new Map([
          ['a', ['b', 'c']],
          ['b', ['d']],
          ['c', ['a']],
          ['d', []],
        ]),
      ),
      ['a', 'c', 'a'],
    );
    assert.equal(
      findCycle(
        new Map([
          ['a', ['b', 'b']],
          ['b', []],
        ]),
      ),
      undefined,
    );
  });
});
