/**
 * Writes the archive format that Linux unpacks as its initial file system ("newc",
 * Documentation/driver-api/early-userspace).
 */

export interface CpioEntry {
  /** Path without a leading slash. */
  readonly path: string;
  readonly mode: number;
  /** File content, or the target of a symbolic link. */
  readonly data?: Buffer | string;
}

export const FileMode = { directory: 0o040755, file: 0o100644, executable: 0o100755, symlink: 0o120777 } as const;

const pad4 = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);
const hex8 = (value: number): string => value.toString(16).padStart(8, '0');

const entry = ({ path, mode, data = '' }: CpioEntry, inode: number): Buffer => {
  const content = Buffer.from(data);
  const name = Buffer.from(`${path}\0`);
  // inode, mode, uid, gid, links, mtime, size, device (2), device number (2), name size, checksum
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${fields.map(hex8).join('')}`);
  return Buffer.concat([header, name, pad4(header.length + name.length), content, pad4(content.length)]);
};

/** The archive of these entries; directories must come before what lies in them. */
export const cpioArchive = (entries: readonly CpioEntry[]): Buffer =>
  Buffer.concat([...entries, { path: 'TRAILER!!!', mode: 0 }].map((each, index) => entry(each, index + 1)));
