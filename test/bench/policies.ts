import { createRequire } from 'node:module';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Promised } from './report.js';

/** As the programs are built: what runs tests from their source gives each closure a name when it is made. */
const built = async (entry: string, { minify }: { minify: boolean }): Promise<Uint8Array> => {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return file.contents;
};

const size = async (): Promise<Promised> => {
  const kib = gzipSync(await built('src/policies/verdict.ts', { minify: true })).length / 1024;
  return {
    name: 'the engine with all that it needs, gzip',
    limit: '160 KiB',
    figure: `${kib.toFixed(0)} KiB`,
    kept: kib <= 160,
  };
};

/** `npm run bench:policies`. */
export const benchPolicies = async (): Promise<Promised[]> => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-policies-'));
  try {
    const file = join(directory, 'engine.cjs');
    writeFileSync(file, await built('test/bench/policy-engine.ts', { minify: false }));
    const { benchEngine } = createRequire(import.meta.url)(file) as { benchEngine: () => Promised[] };
    return [...benchEngine(), await size()];
  } finally {
    rmSync(directory, { recursive: true });
  }
};
