/** Images into the test bed's containerd: each is imported once per content. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { packLayer, writeArchive } from '../../images/archive.js';
import { PAUSE_IMAGE } from './node.js';
import { CACHE_DIR, KUBERNETES_BIN } from './settings.js';
import { ctr } from './up.js';

export const IMAGE_CACHE = path.join(CACHE_DIR, 'images');

/** Imports an archive of images/archive.ts unless its image, by content, is there already. */
export const importImage = async (tag: string, archive: string): Promise<boolean> => {
  const id = readFileSync(`${archive}.id`, 'utf8').trim();
  const name = `docker.io/${tag}`;
  const known = await ctr(['images', 'list', `name==${name}`]);
  if (known.includes(`kubectl-virt/id=${id}`)) return false;
  await ctr(['images', 'import', archive]);
  await ctr(['images', 'label', name, `kubectl-virt/id=${id}`]);
  return true;
};

export const loadPauseImage = async (): Promise<void> => {
  const archive = path.join(IMAGE_CACHE, 'pause.tar');
  if (!existsSync(`${archive}.id`)) {
    const root = path.join(IMAGE_CACHE, 'pause');
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    cpSync(path.join(KUBERNETES_BIN, 'pause'), path.join(root, 'pause'));
    const layer = path.join(IMAGE_CACHE, 'pause-layer.tar');
    await packLayer(root, layer);
    await writeArchive(
      { tag: PAUSE_IMAGE, layers: [layer], config: { entrypoint: ['/pause'], user: '65535:65535' } },
      archive,
    );
  }
  await importImage(PAUSE_IMAGE, archive);
};
