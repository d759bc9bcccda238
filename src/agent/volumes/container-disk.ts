import { imageFormat, inImage } from './image-info.js';
import { findImageFile, type ImageFile } from './image-file.js';
import { inspectVolume } from './inspect.js';
import { cutLook, isImagesFault } from './look.js';
import type { Preparation, Preparer } from './preparation.js';
import { makeQcow2 } from './qcow2.js';

const imageFile = async (preparation: Preparation): Promise<ImageFile> => {
  const { volume, index, workspace, options } = preparation;
  const source = await options.imageSource(volume.name, index);
  if ('root' in source) return findImageFile(workspace, volume.name, source.root, volume.containerDisk?.path);
  const { directIo } = await inspectVolume(workspace, volume.name, source.file, source.file);
  return { path: source.file, directIo };
};

/** The guest writes to a qcow2 overlay; the image stays as it is. */
export const containerDisk: Preparer = {
  files: ({ name }, index, paths) => [paths.overlay(name), paths.containerDisk(name, index)],
  prepare: async (preparation) => {
    const { volume, index, workspace, options, own } = preparation;
    const { paths } = workspace;
    const file = await imageFile(preparation);
    const format = await imageFormat(workspace, volume.name, file.path, options.memoryLimitBytes);
    // The image's process may be another one than at the last attempt, so the link is always created again.
    const link = paths.containerDisk(volume.name, index);
    try {
      await makeQcow2(workspace, paths.overlay(volume.name), { file: link, format, target: file.path });
    } catch (error) {
      // It reads the image again.
      if (!isImagesFault(error)) throw error;
      throw cutLook(volume.name, `disk image ${inImage(file.path)}`, error) ?? error;
    }
    // QEMU opens overlay and image in the same way.
    return { format, directIo: own.directIo && file.directIo };
  },
};
