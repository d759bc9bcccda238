import { CommandError } from '../workspace/command.js';
import type { Workspace } from '../workspace/workspace.js';
import { VolumeError } from './volume-error.js';

export type ImageFormat = 'raw' | 'qcow2';

interface QemuImgInfo {
  readonly format?: unknown;
  readonly 'backing-filename'?: unknown;
  readonly 'format-specific'?: { readonly data?: { readonly 'data-file'?: unknown; readonly encrypt?: unknown } };
}

/** qemu-img reads a header; 10 s of CPU is what only an image made to hurt would take (spec/domain.md §6.2). */
const CPU_SECONDS = 10;
/** Wall clock: a slow registry mount or a cold disk, not more. */
const TIMEOUT_SECONDS = 30;

/**
 * The format of an image that nobody vouches for. Accepted: raw, and qcow2 that stands alone; one that names another file
 * (backing or data file) would have QEMU open that. Source: spec/domain.md §6.2.
 * @throws VolumeError permanent when the image is not accepted
 */
export const imageFormat = async (
  workspace: Workspace,
  volume: string,
  file: string,
  memoryLimitBytes: bigint,
): Promise<ImageFormat> => {
  const refuse = (message: string): VolumeError =>
    new VolumeError(volume, true, `invalid disk image ${file}: ${message}`);
  let output: string;
  try {
    const { stdout } = await workspace.run(['qemu-img', 'info', '--output=json', '--', file], {
      timeoutSeconds: TIMEOUT_SECONDS,
      limits: { cpuSeconds: CPU_SECONDS, memoryBytes: memoryLimitBytes },
    });
    output = stdout.toString('utf8');
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 1) throw refuse(error.stderr.trim());
    throw error;
  }
  return judge(JSON.parse(output) as QemuImgInfo, refuse);
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
