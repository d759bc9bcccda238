import { inflateSync } from 'node:zlib';
import type { Picture } from './rfb.js';

/* As much of PNG as QEMU's pictures need: 8 bits a channel, red, green and blue, no interlacing. */

const SIGNATURE = '89504e470d0a1a0a';
const CHANNELS = 3;

/** The chunks of a kind, joined. */
const chunksOf = (png: Buffer, kind: string): Buffer => {
  const found: Buffer[] = [];
  for (let at = 8; at + 8 <= png.length;) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === kind) found.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return Buffer.concat(found);
};

const paeth = (left: number, up: number, upLeft: number): number => {
  const estimate = left + up - upLeft;
  const [a, b, c] = [left, up, upLeft].map((value) => Math.abs(estimate - value)) as [number, number, number];
  return a <= b && a <= c ? left : b <= c ? up : upLeft;
};

/** Of a byte, from those around it: none, left, up, their mean, Paeth's choice. */
const PREDICTED: readonly ((left: number, up: number, upLeft: number) => number)[] = [
  () => 0,
  (left) => left,
  (_left, up) => up,
  (left, up) => Math.floor((left + up) / 2),
  paeth,
];

/** Pixels as an RFB server of QEMU's sends them: 0xRRGGBB. @throws Error for what is no such PNG */
export const readPng = (png: Buffer): Picture => {
  if (png.toString('hex', 0, 8) !== SIGNATURE) throw new Error(`no PNG: ${png.toString('latin1', 0, 40)}`);
  const head = chunksOf(png, 'IHDR');
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  if (head.toString('hex', 8, 13) !== '0802000000') throw new Error(`a PNG of form ${head.toString('hex', 8)}`);
  const data = inflateSync(chunksOf(png, 'IDAT'));
  const stride = width * CHANNELS;
  const pixels = new Uint32Array(width * height);
  let before = Buffer.alloc(stride);
  for (let row = 0; row < height; row += 1) {
    const start = row * (stride + 1);
    const predicted = PREDICTED[data[start]!];
    if (predicted === undefined) throw new Error(`row ${row} has filter ${data[start]}`);
    const line = Buffer.from(data.subarray(start + 1, start + 1 + stride));
    for (let at = 0; at < stride; at += 1)
      line[at] = line[at]! + predicted(line[at - CHANNELS] ?? 0, before[at]!, before[at - CHANNELS] ?? 0);
    for (let column = 0; column < width; column += 1) pixels[row * width + column] = line.readUIntBE(column * 3, 3);
    before = line;
  }
  return { width, height, pixels };
};
