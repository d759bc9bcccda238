/**
 * `npm run images -- [NAME…]`: builds image archives into dist/images/, each with its SBOM, and says how to load them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeArchive, type Image } from './archive.js';
import { IMAGE_NAMES, ImageTag, buildImage, discardTopLayers } from './recipes.js';
import type { ImageName } from './recipes.js';
import { bundledComponents, debianComponents, imageSbom, readStatus } from './sbom.js';

const OUTPUT = fileURLToPath(new URL('../dist/images', import.meta.url));

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Of the images that ship; those of guests are for tests. */
const PROGRAMS: { readonly [Name in ImageName]?: readonly string[] } = {
  control: ['virt-webhook', 'virt-controller', 'virt-agent'],
  launcher: [],
};

const writeSbom = async (name: ImageName, { tag, layers: [rootFs = ''] }: Image): Promise<void> => {
  const programs = PROGRAMS[name];
  if (programs === undefined) return;
  const components = [
    ...debianComponents(await readStatus(rootFs), 'debian-13'),
    ...bundledComponents(path.join(OUTPUT, '..', 'sbom.cdx.json'), programs),
  ];
  const file = path.join(OUTPUT, `${name}.cdx.json`);
  writeFileSync(file, `${JSON.stringify(imageSbom(tag, components, new Date()), null, 2)}\n`);
  log(`${file}: ${components.length} packages`);
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
    const image = await buildImage(name, log);
    await writeArchive(image, archive);
    await writeSbom(name, image);
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
