/** A reader of vhostmd's disk as guests have one, written from the format alone: nothing of ours is used. */
export const readDisk = (disk: Buffer): string | undefined => {
  const view = new DataView(disk.buffer, disk.byteOffset, disk.byteLength);
  if (String.fromCharCode(...disk.subarray(0, 4)) !== 'mvbd') throw new Error('no signature');
  if (view.getUint32(4) > 0) return undefined;
  const length = view.getUint32(12);
  if (length > disk.length - 24) throw new Error(`a length of ${length}`);
  let sum = 0;
  for (let at = 16; at < 16 + length; at += 1) sum += view.getUint8(at);
  if ((sum & 0xffff_ffff) >>> 0 !== view.getUint32(8)) return undefined;
  return disk.toString('utf8', 16, 16 + length);
};
