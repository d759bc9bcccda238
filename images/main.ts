/** `npm run images -- [NAME…]`: builds image archives into dist/images/ and says how to load them. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeArchive } from './archive.js';
import { IMAGE_NAMES, ImageTag, buildImage, discardTopLayers } from './recipes.js';
import type { ImageName } from './recipes.js';

const OUTPUT = fileURLToPath(new URL('../dist/images', import.meta.url));

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const main = async (wanted: readonly string[]): Promise<number> => {
  const unknown = wanted.filter((name) => !IMAGE_NAMES.includes(name as ImageName));
  if (unknown.length > 0) {
    log(`no image ${unknown.join(', ')}; there are ${IMAGE_NAMES.join(', ')}`);
    return 2;
  }
  const names = wanted.length > 0 ? (wanted as readonly ImageName[]) : (['control', 'launcher'] as const);
  mkdirSync(OUTPUT, { recursive: true });
  for (const name of names) {
    const archive = path.join(OUTPUT, `${name}.tar`);
    await writeArchive(await buildImage(name, log), archive);
    process.stdout.write(`${ImageTag[name]}\t${archive}\n`);
  }
  discardTopLayers();
  log(
    'Load them with "docker load -i FILE", "kind load image-archive FILE", "k3s ctr images import FILE" or "ctr -n k8s.io images import FILE".',
  );
  return 0;
};

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    log(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
