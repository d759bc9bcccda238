/** Images into the test bed's containerd: each is imported once per content. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { imageContent, writeArchive } from '../../images/archive.js';
import type { Image } from '../../images/archive.js';
import { ctr } from './ctr.js';
import { CLUSTER_DIR } from './settings.js';

/** Imports the image unless it is there already with this content. Returns whether it was imported. */
export const importImage = async (image: Image): Promise<boolean> => {
  const label = `kubectl-virt/id=${(await imageContent(image)).id}`;
  const name = image.tag;
  if ((await ctr(['images', 'list', `name==${name}`])).includes(label)) return false;
  const archive = path.join(CLUSTER_DIR, 'import.tar');
  await writeArchive(image, archive);
  await ctr(['images', 'import', archive]);
  rmSync(archive);
  await ctr(['images', 'label', name, label]);
  return true;
};
