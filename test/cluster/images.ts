/** Images into the test bed's containerd: each is imported once per content. */
import { readFileSync } from 'node:fs';
import { ctr } from './ctr.js';

/** Imports an archive of images/archive.ts unless its image, by content, is there already. Returns whether it was imported. */
export const importImage = async (tag: string, archive: string): Promise<boolean> => {
  const id = readFileSync(`${archive}.id`, 'utf8').trim();
  const name = `docker.io/${tag}`;
  const known = await ctr(['images', 'list', `name==${name}`]);
  if (known.includes(`kubectl-virt/id=${id}`)) return false;
  await ctr(['images', 'import', archive]);
  await ctr(['images', 'label', name, `kubectl-virt/id=${id}`]);
  return true;
};
