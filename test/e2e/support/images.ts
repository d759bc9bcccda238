/** Images that no sane person builds, put into the test bed's containerd: what users get wrong. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packLayer } from '../../../images/archive.js';
import { importImage } from '../../cluster/images.js';
import { imageName } from '../../../src/api/images.js';
import { GUEST_ID } from '../../../src/api/pod-layout.js';

export interface ImageFile {
  /** In the image, without a slash at the front. */
  readonly path: string;
  readonly content: Buffer | string;
  readonly mode?: number;
  /** Instead of content: the numbers of a block device, which a layer may hold like any file. */
  readonly device?: readonly [major: number, minor: number];
}

/** The tag of a test's own image. */
export const testImage = (name: string): string => imageName(`test-${name}`, 'latest');

/** Puts an image of one layer with these files, all of `owner`, where kubelet finds it. Once per content. */
export const provideImage = async (
  name: string,
  files: readonly ImageFile[],
  owner = `${GUEST_ID}:${GUEST_ID}`,
): Promise<string> => {
  const work = mkdtempSync(path.join(tmpdir(), 'kubectl-virt-image-'));
  try {
    const root = path.join(work, 'root');
    mkdirSync(root, { mode: 0o755 });
    for (const { path: file, content, mode, device } of files) {
      const target = path.join(root, file);
      mkdirSync(path.dirname(target), { recursive: true, mode: 0o755 });
      if (device === undefined) writeFileSync(target, content);
      else execFileSync('mknod', [target, 'b', String(device[0]), String(device[1])]);
      chmodSync(target, mode ?? 0o440);
    }
    const layer = path.join(work, 'layer.tar');
    await packLayer(root, layer, owner);
    await importImage({ tag: testImage(name), layers: [layer], config: {} });
    return testImage(name);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};
