import type { Workspace } from '../workspace/workspace.js';
import { cutLook, isImagesFault, LOOK_CPU_SECONDS, LOOK_TIMEOUT_SECONDS, lookMemory } from './look.js';
import { VolumeError } from './volume-error.js';

export type ImageFormat = 'raw' | 'qcow2';

interface QemuImgInfo {
  readonly format?: unknown;
  readonly 'backing-filename'?: unknown;
  readonly 'format-specific'?: { readonly data?: { readonly 'data-file'?: unknown; readonly encrypt?: unknown } };
}

/** What is reported of an image is 2 KB; each of its snapshots adds 300 bytes. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/**
 * The format of an image that nobody vouches for. Accepted: raw, and qcow2 that stands alone; one that names another
 * file (backing or data file) would have QEMU open that.
 * @throws VolumeError permanent when the image is not accepted, or cannot be looked at within the limits
 */
export const imageFormat = async (
  workspace: Workspace,
  volume: string,
  file: string,
  memoryLimitBytes: bigint,
): Promise<ImageFormat> => {
  const refuse = (message: string): VolumeError =>
    new VolumeError(volume, 'permanent', `invalid disk image ${inImage(file)}: ${message}`);
  let output: string;
  try {
    const { stdout } = await workspace.run(['qemu-img', 'info', '--output=json', '--', file], {
      timeoutSeconds: LOOK_TIMEOUT_SECONDS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      limits: { cpuSeconds: LOOK_CPU_SECONDS, memoryBytes: lookMemory(memoryLimitBytes) },
    });
    output = stdout.toString('utf8');
  } catch (error) {
    if (!isImagesFault(error)) throw error;
    throw cutLook(volume, `disk image ${inImage(file)}`, error) ?? refuse(complaint(error.stderr));
  }
  return judge(JSON.parse(output) as QemuImgInfo, refuse);
};

/** As the image's owner knows it: we reach it through a process of the container. */
export const inImage = (file: string): string => file.replace(/^\/proc\/\d+\/root(?=\/)/, '');

/** What qemu-img says, without its name and the path, which stand before it already. */
const complaint = (stderr: string): string => {
  const said = stderr.trim().replace(/^qemu-img: (?:Could not open '[^']*': )?/, '');
  return `${said}; put a disk in its place that qemu-img check finds whole, raw or qcow2`;
};

const judge = (info: QemuImgInfo, refuse: (message: string) => VolumeError): ImageFormat => {
  if (info.format === 'raw') return 'raw';
  if (info.format !== 'qcow2')
    throw refuse(
      `the format is ${typeof info.format === 'string' ? info.format : 'unknown'}; give it as raw or qcow2 (qemu-img convert -O qcow2)`,
    );
  const backing = info['backing-filename'];
  if (backing !== undefined)
    throw refuse(
      `it needs the backing file ${typeof backing === 'string' ? backing : '?'}; flatten it (qemu-img convert -O qcow2)`,
    );
  const data = info['format-specific']?.data;
  if (data?.['data-file'] !== undefined)
    throw refuse('its data lies in another file; put all into one (qemu-img convert -O qcow2)');
  if (data?.encrypt !== undefined) throw refuse('it is encrypted, and no key can be given for it');
  return 'qcow2';
};
