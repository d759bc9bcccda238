/*
 * vhostmd's disk, as guests read it (vm-dump-metrics, SAP's host agent). All numbers are big-endian:
 *
 *     0   "mvbd"
 *     4   int32 flag: 1 while it is written, 0 when it is valid
 *     8   int32 checksum: the sum of the body's bytes
 *     12  int32 length of the body
 *     16  the body
 *
 * A reader gives up on flag 1 and on a wrong checksum. Source: docs/reference/domain.md §7.1.
 */

export const DISK_BYTES = 262_144;
const HEADER_BYTES = 16;
/** The last eight bytes stay free, as in vhostmd. */
const MAX_BODY_BYTES = DISK_BYTES - HEADER_BYTES - 8;
const SIGNATURE = 'mvbd';
const NO_METRICS = '<metrics></metrics>\n';

const checksumOf = (body: Buffer): number => {
  let sum = 0;
  for (const byte of body) sum = (sum + byte) | 0;
  return sum;
};

const header = (body: Buffer, flag: 0 | 1): Buffer => {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write(SIGNATURE, 0, 'ascii');
  bytes.writeInt32BE(flag, 4);
  bytes.writeInt32BE(checksumOf(body), 8);
  bytes.writeInt32BE(body.length, 12);
  return bytes;
};

const bodyOf = (text: string): Buffer => {
  const body = Buffer.from(text);
  if (body.length > MAX_BODY_BYTES)
    throw new RangeError(`${body.length} bytes of metrics are more than the ${MAX_BODY_BYTES} that the disk holds`);
  return body;
};

/** The whole disk before there are metrics. Every block is written, so that later writes need no room. */
export const newDisk = (): Buffer => {
  const disk = Buffer.alloc(DISK_BYTES);
  const body = bodyOf(NO_METRICS);
  header(body, 0).copy(disk);
  body.copy(disk, HEADER_BYTES);
  return disk;
};

/** Where a disk is written: a file, or what stands for one in a test. */
export interface DiskFile {
  write(data: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
}

const writeAt = async (file: DiskFile, data: Buffer, position: number): Promise<void> => {
  const { bytesWritten } = await file.write(data, 0, data.length, position);
  // A regular file writes less only when there is no room; the disk stays marked as being written then.
  if (bytesWritten !== data.length) throw new Error(`only ${bytesWritten} of ${data.length} bytes were written`);
};

/**
 * Replaces the metrics in a disk. At every moment of it, and after a kill at any, the disk is marked as being written
 * or has a body that its header fits. No fsync: the guest's reads come by the same page cache, or make the kernel write
 * first.
 */
export const writeDisk = async (file: DiskFile, text: string): Promise<void> => {
  const body = bodyOf(text);
  await writeAt(file, header(body, 1), 0);
  await writeAt(file, body, HEADER_BYTES);
  await writeAt(file, header(body, 0), 0);
};
