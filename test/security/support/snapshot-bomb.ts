import { closeSync, openSync, writeSync } from 'node:fs';

const CLUSTER = 65_536;
/** The most that qcow2 has. */
export const MAX_SNAPSHOTS = 65_535;
/** Bytes of each entry's name: few in the file once it is compressed, many in the memory of who lists them. */
const NAME_BYTES = 880;

/**
 * A qcow2 image of 1 MiB with as many snapshots as the format allows: `qemu-img info` wants 400 MiB for it and prints
 * tens of MiB.
 * Source: QEMU's docs/interop/qcow2.txt.
 */
export const writeSnapshotBomb = (path: string, count = MAX_SNAPSHOTS): void => {
  const entry = Buffer.alloc(40 + 16 + 8 + NAME_BYTES);
  entry.writeBigUInt64BE(BigInt(CLUSTER), 0);
  entry.writeUInt32BE(1, 8);
  entry.writeUInt16BE(8, 12);
  entry.writeUInt16BE(NAME_BYTES, 14);
  entry.writeUInt32BE(16, 36);
  entry.writeBigUInt64BE(1n << 20n, 48);
  entry.fill('1', 56, 64);
  entry.fill('n', 64);
  const table = Buffer.concat(Array.from({ length: count }, () => entry));
  const header = Buffer.alloc(CLUSTER);
  header.write('QFI\xfb', 0, 'latin1');
  header.writeUInt32BE(3, 4);
  header.writeUInt32BE(16, 20);
  header.writeBigUInt64BE(1n << 20n, 24);
  header.writeUInt32BE(1, 36);
  header.writeBigUInt64BE(BigInt(CLUSTER), 40);
  header.writeBigUInt64BE(BigInt(2 * CLUSTER), 48);
  header.writeUInt32BE(1, 56);
  header.writeUInt32BE(count, 60);
  header.writeBigUInt64BE(BigInt(3 * CLUSTER), 64);
  header.writeUInt32BE(4, 96);
  header.writeUInt32BE(104, 100);
  const file = openSync(path, 'w', 0o444);
  writeSync(file, header, 0, CLUSTER, 0);
  writeSync(file, table, 0, table.length, 3 * CLUSTER);
  closeSync(file);
};
